// A leaf in one byte a feature, or two: what they cannot rule out is measured.
#pragma once

#include "leaf.hpp"

namespace {

class CoarseLeaf {
  public:
    CoarseLeaf(const Bucket& bucket, const int32_t* members, int64_t size, LeafWork& work)
        : bucket_(bucket),
          coarse_(work.coarse),
          members_(members),
          size_(size),
          x_(reinterpret_cast<Word*>(work.x)),
          y_(reinterpret_cast<Word*>(work.y)),
          x_bias_(reinterpret_cast<Word*>(work.bias)),
          y_bias_(y_ + LeafWork::slots_of(size) * ((bucket.n_features + 1) / 2)),  // words leave room for it
          bound_(reinterpret_cast<Word*>(work.bound)),
          values_(reinterpret_cast<Word*>(work.output.values)),
          masks_(work.output.masks) {}

    // How the points of a bucket are looked at first.
    static Look first_look(int64_t n_features) {
        return has_byte_products() && n_features >= FEWEST_FEATURES && n_features <= MOST_FEATURES ? BYTES : FLOATS;
    }

    // Lay the points out, in more than bytes where these say too little; returns what they are looked at in.
    Look place_all() {
        float reach = bucket_.is_whole ? center_on(0) : center_on_mean();
        coarse_.is_exact = bucket_.is_whole && reach <= 127.5F * bucket_.unit;  // differences were rounded
        coarse_.steps = 1 / bucket_.unit;
        if (bucket_.is_whole && !coarse_.is_exact) reach = center_on_mean();
        if (!(reach > 1e-17F && reach < 1e17F)) return FLOATS;  // squares have to be normal numbers
        bucket_.look == SHORTS ? coarse_.choose_shorts(bucket_.n_features, reach, longest())
                               : coarse_.choose_bytes(bucket_.n_features, reach);
        if (is_too_coarse() && !coarse_.is_fine) coarse_.choose_shorts(bucket_.n_features, reach, longest());
        if (is_too_coarse()) return FLOATS;
        for (int64_t i = 0; i < size_; ++i) place(i);
        for (int64_t i = size_; i < LeafWork::slots_of(size_); ++i) leave_empty(i);
        for (int64_t i = 0; i < size_; ++i) most_ = most_of(most_, coarse_.errors[i]);
        int64_t n_unknown = 0;
        for (int64_t i = 0; i < size_; ++i) {
            bound_[i] = FARTHEST;
            set_bound(i);
            n_unknown += bound_[i] == FARTHEST;
        }
        if (4 * n_unknown > size_ && bucket_.k < COLUMNS / 2) bound_unknown();
        return coarse_.is_fine ? SHORTS : BYTES;
    }

    // Returns how many pairs were computed; `pays` becomes false, and the leaf is left half done, where too many are
    // measured in vain: the steps are too coarse for points that are so near to one another.
    int64_t run(bool& pays) { return coarse_.is_fine ? run_tiles<true>(pays) : run_tiles<false>(pays); }

  private:
    typedef int32_t Word __attribute__((may_alias));

    // To measure a pair takes as long as bytes spare in so many.
    static constexpr int64_t WORTH = 24, FEW = 256;
    static constexpr int STEPS = 22;
    static constexpr int64_t SAMPLE = 64;  // points that a mean is taken of
    static constexpr int64_t AHEAD = 4;
    static constexpr double COARSE = 0.05;

    // Whether two errors, of a twelfth of a squared step a feature, are too large a share of how far the last
    // neighbors are that are known, on average.
    bool is_too_coarse() const {
        if (coarse_.is_exact) return false;
        double sum = 0;
        int64_t full = 0;
        for (int64_t i = 0; i < size_; ++i) {
            const float last = bucket_.last(members_[i]);
            if (last == INFINITE) continue;
            sum += static_cast<double>(last);
            ++full;
        }
        const double error = square_root(static_cast<double>(bucket_.n_features) / 12);
        return 2 * full > size_ &&
               sum / static_cast<double>(full) * static_cast<double>(coarse_.steps) * COARSE < 2 * error;
    }

    // Returns how far the farthest coordinate is from that of a member, or from its mean.
    float center_on(int64_t slot) {
        const float* from = bucket_.point(members_[slot]);
        for (int64_t f = 0; f < bucket_.n_features; ++f) coarse_.center[f] = from[f];
        return farthest();
    }

    float center_on_mean() {
        const int64_t every = most_of<int64_t>(1, size_ / SAMPLE);
        const float share = static_cast<float>(every) / static_cast<float>(size_);
        for (int64_t f = 0; f < bucket_.n_features; ++f) coarse_.center[f] = 0;
        for (int64_t i = 0; i < size_; i += every) {
            const float* from = bucket_.point(members_[i]);
            for (int64_t f = 0; f < bucket_.n_features; ++f) coarse_.center[f] += from[f] * share;
        }
        return farthest();
    }

    float farthest() const {
        Reach reach;
        for (int64_t i = 0; i < size_; ++i) {
            if (i + AHEAD < size_) fetch(bucket_.point(members_[i + AHEAD]), bucket_.n_features);
            reach.add(bucket_.point(members_[i]), coarse_.center, bucket_.n_features);
        }
        return reach.most();
    }

    // How far the farthest member is from the center.
    float longest() const {
        float found = 0;
        for (int64_t i = 0; i < size_; ++i) {
            const float* from = bucket_.point(members_[i]);
            found = most_of(found, rough_squared_distance(from, coarse_.center, bucket_.n_features));
        }
        return __builtin_sqrtf(found);
    }

    // Where a list is not full, bound it by those that the leaf holds, before any is measured.
    //
    // The nearest of each of COLUMNS parts of the others are known at once; so many of them are as near as one.
    void bound_unknown() {
        const int64_t words = coarse_.words, slots = LeafWork::slots_of(size_);
        for (int64_t i = 0; i < size_; i += ROWS) {
            (coarse_.is_fine ? run_word_maxima<true> : run_word_maxima<false>)(x_ + i * words, y_, words, x_bias_ + i,
                                                                               y_bias_, slots, values_);
            for (int64_t row = 0; row < ROWS && i + row < size_; ++row) {
                if (bound_[i + row] != FARTHEST) continue;
                const int32_t nearness = exceeded_by(values_ + row * COLUMNS, bucket_.k + 1);  // itself among them
                if (nearness > FARTHEST / 2) bound_[i + row] = coarse_.bound_by(i + row, nearness, most_);
            }
        }
    }

    // A value that at least so many of COLUMNS are not below, and about as large as that can be.
    static int32_t exceeded_by(const Word* values, int64_t count) {
        int32_t low = FARTHEST, high = 1;
        for (int step = 0; step < STEPS; ++step) {
            const int32_t middle = low + (high - low) / 2;
            int found = 0;
            for (int64_t i = 0; i < COLUMNS; ++i) found += values[i] >= middle;
            (found >= count ? low : high) = middle;
        }
        return low;
    }

    template <bool FINE>
    int64_t run_tiles(bool& pays) {
        int64_t tiles = 0, in_vain = 0;
        const int64_t words = coarse_.words;
        for (int64_t j = 0; j < size_; j += COLUMNS) {
            for (int64_t i = 0; i < least_of(size_, j + COLUMNS); i += ROWS) {
                ++tiles;
                if (run_word_tile<FINE>(x_ + i * words, y_ + j * words, words, x_bias_ + i, bound_ + i, y_bias_ + j,
                                        bound_ + j, values_, masks_)) {
                    in_vain += exchange(i, j);
                }
            }
            pays = in_vain <= FEW + tiles * ROWS * COLUMNS / WORTH;
            if (!pays) break;
        }
        return tiles * ROWS * COLUMNS;
    }

    void place(int64_t slot) {
        const int64_t words = coarse_.words;
        coarse_.round(bucket_.point(members_[slot]), bucket_.n_features, slot);
        const int32_t shift = coarse_.is_fine ? 0 : 128,
                      turned = coarse_.is_fine ? 0 : static_cast<int32_t>(0x80808080);
        Word* x = x_ + slot / ROWS * ROWS * words + slot % ROWS;
        Word* y = y_ + slot / COLUMNS * COLUMNS * words + slot % COLUMNS;
        const int32_t* row = coarse_.row;
        for (int64_t g = 0; g < words; ++g) {
            x[g * ROWS] = row[g];
            y[g * COLUMNS] = row[g] ^ turned;
        }
        x_bias_[slot] = -coarse_.halves[slot] - shift * coarse_.sums[slot];
        y_bias_[slot] = -coarse_.halves[slot];
    }

    void leave_empty(int64_t slot) {
        const int64_t words = coarse_.words;
        Word* x = x_ + slot / ROWS * ROWS * words + slot % ROWS;
        Word* y = y_ + slot / COLUMNS * COLUMNS * words + slot % COLUMNS;
        for (int64_t g = 0; g < words; ++g) x[g * ROWS] = y[g * COLUMNS] = 0;
        x_bias_[slot] = y_bias_[slot] = FARTHEST;
        bound_[slot] = -FARTHEST;
    }

    // Bounds are never loosened: where a list is not full, the leaf may have bounded it.
    void set_bound(int64_t slot) {
        const int32_t bound = coarse_.bound(slot, bucket_.last(members_[slot]), most_);
        bound_[slot] = most_of<int32_t>(bound_[slot], bound);
    }

    // Returns how many were measured in vain.
    int64_t exchange(int64_t first, int64_t second) {
        int64_t in_vain = 0;
        for (int row = 0; row < ROWS; ++row) {
            const int64_t i = first + row;
            for (uint64_t mask = masks_[row]; mask != 0; mask &= mask - 1) {
                const int column = __builtin_ctzll(mask);
                const int64_t j = second + column;
                if (i >= j || j >= size_) continue;
                const int32_t one = members_[i], other = members_[j], value = values_[row * COLUMNS + column];
                bool to_one = value > bound_[i], to_other = value > bound_[j];
                if (coarse_.is_exact) {
                    const double squared = exact_square(i, j, value);
                    to_one = to_one && bucket_.can_use(one, bucket_.ids[other], squared);
                    to_other = to_other && bucket_.can_use(other, bucket_.ids[one], squared);
                }
                const int met = bucket_.meet(one, other, to_one, to_other);
                in_vain += met == Bucket::MEASURED;
                if (met & Bucket::BY_ONE) set_bound(i);
                if (met & Bucket::BY_OTHER) set_bound(j);
            }
        }
        return in_vain;
    }

    // Halves were rounded down.
    double exact_square(int64_t one, int64_t other, int32_t value) const {
        return -2.0 * value + (coarse_.sums[one] & 1) + (coarse_.sums[other] & 1);
    }

    const Bucket& bucket_;
    Quantized& coarse_;
    const int32_t* members_;
    int64_t size_;
    Word *x_, *y_, *x_bias_, *y_bias_, *bound_, *values_;
    uint64_t* masks_;
    float most_ = 0;
};

}  // namespace
