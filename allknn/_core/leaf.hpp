// A leaf: each pair of its points computed once and offered to both.
#pragma once

#include "leaders.hpp"
#include "locked.hpp"
#include "measure.hpp"
#include "quantized.hpp"

namespace {

// In what the points of a leaf are looked at.
enum Look { BYTES, SHORTS, FLOATS };

// The points of a bucket, and what is known of the neighbors of each, gathered.
struct Bucket {
    const float* points;  // (rows, n_features)
    int32_t* rows;        // (size,): the row of `points` with each
    int32_t* ids;         // (size,)
    int32_t* others;      // (size, k)
    float* distances;     // (size, k)
    uint8_t* changed;     // (size,): whether anyone entered the list since it was gathered
    int64_t n_features, k;
    double scale;   // a power of two that brings coordinates around any of the points below 1
    bool is_whole;  // all coordinates are whole multiples of a unit
    float unit;
    double most_exact;  // in squared units: up to so much, squared distances are exact in float64
    bool is_exact;      // the unit is 1, and they are so small that products of float32 are exact
    Look look;          // leaves are looked at in this first, or in what is finer

    const float* point(int64_t member) const { return points + rows[member] * n_features; }
    float last(int64_t member) const { return distances[(member + 1) * k - 1]; }

    // How near another has to be to be of use, in the scale: what is as near as the last of a list may be, by its id.
    // The share is more than rounding takes here and took from the distance, the least number more than underflow.
    float bound(int64_t member) const {
        const float length = last(member) * static_cast<float>(scale);
        return -(length * length * (0.5F + 0x1p-21F) + 0x1p-126F);
    }

    // Whether another can be of use to a member, where the number of squared units between them is known: as near as
    // the last one is often all of them, and the least ids stay. What is exact in float64 is what would be measured.
    bool can_use(int64_t member, int32_t id, double squared_units) const {
        if (squared_units > most_exact) return true;
        const double wide = static_cast<double>(unit);
        const float length = static_cast<float>(square_root(squared_units * (wide * wide)));
        return length < last(member) || (length == last(member) && id < others[(member + 1) * k - 1]);
    }

    // What came of a pair that met: bits.
    enum Met { KNOWN = 0, MEASURED = 1, BY_ONE = 2, BY_OTHER = 4 };

    // Measure two members, and offer each to the other if that may be of use.
    int meet(int64_t one, int64_t other, bool to_one, bool to_other) const {
        to_one = to_one && !holds(others + one * k, k, ids[other]);
        to_other = to_other && !holds(others + other * k, k, ids[one]);
        if (!to_one && !to_other) return KNOWN;
        const float length = ALLKNN_KERNEL(distance)(point(one), point(other), n_features);
        return MEASURED | (to_one && offer_to(one, ids[other], length) ? BY_ONE : 0) |
               (to_other && offer_to(other, ids[one], length) ? BY_OTHER : 0);
    }

  private:
    bool offer_to(int64_t member, int32_t id, float length) const {
        const bool entered = enter(others + member * k, distances + member * k, k, id, length);
        changed[member] |= entered;
        return entered;
    }
};

// Where a leaf is solved; in bytes, the same arrays hold whole numbers.
struct LeafWork {
    float* x;      // (slots / ROWS, n_features, ROWS)
    float* y;      // (slots / COLUMNS, n_features, COLUMNS)
    float* bias;   // (slots,): minus half the squared norm, raised by all that rounding may take
    float* bound;  // (slots,)
    float* row;    // (n_features,)
    TileOutput output;
    Quantized coarse;

    static LeafWork in(Arena& arena, int64_t most, int64_t n_features) {
        const int64_t slots = slots_of(most);
        return {arena.take<float>(slots * n_features),
                arena.take<float>(slots * n_features),
                arena.take<float>(slots),
                arena.take<float>(slots),
                arena.take<float>(n_features),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)},
                Quantized::in(arena, slots, n_features)};
    }

    static int64_t slots_of(int64_t size) { return (size + COLUMNS - 1) / COLUMNS * COLUMNS; }
};

class Leaf {
  public:
    // `members` of a bucket are centered on one of them: products say little far from the origin, and the mean is
    // where outliers draw it.
    Leaf(const Bucket& bucket, const int32_t* members, int64_t size, int64_t center, const LeafWork& work)
        : bucket_(bucket), members_(members), size_(size), work_(work) {
        for (int64_t i = 0; i < size; ++i) place(bucket.point(center), i);
        for (int64_t i = size; i < LeafWork::slots_of(size); ++i) leave_empty(i);
    }

    // Returns how many pairs were computed.
    int64_t run() {
        int64_t tiles = 0;
        const int64_t n_features = bucket_.n_features;
        for (int64_t j = 0; j < size_; j += COLUMNS) {
            for (int64_t i = 0; i < least_of(size_, j + COLUMNS); i += ROWS) {
                ++tiles;
                if (run_tile(work_.x + i * n_features, work_.y + j * n_features, n_features, work_.bias + i,
                             work_.bound + i, work_.bias + j, work_.bound + j, work_.output)) {
                    exchange(i, j);
                }
            }
        }
        return tiles * ROWS * COLUMNS;
    }

  private:
    // The bias covers what float32 may underestimate a nearness by: as in `panels.hpp`, where the shares stand.
    void place(const float* center, int64_t slot) {
        const int64_t n_features = bucket_.n_features;
        const float* from = bucket_.point(members_[slot]);
        const auto scale = static_cast<float>(bucket_.scale);
        float* x = work_.x + slot / ROWS * ROWS * n_features + slot % ROWS;
        float* y = work_.y + slot / COLUMNS * COLUMNS * n_features + slot % COLUMNS;
        for (int64_t f = 0; f < n_features; ++f) work_.row[f] = (from[f] - center[f]) * scale;
        for (int64_t f = 0; f < n_features; ++f) x[f * ROWS] = y[f * COLUMNS] = work_.row[f];
        const double terms = static_cast<double>(n_features);
        const double share = bucket_.is_exact ? 0 : 1.01 * (2 * terms + 16) * 0x1p-24;
        const double floor = bucket_.is_exact ? 0 : terms * 0x1p-123;
        work_.bias[slot] = above(floor - 0.5 * product(work_.row, work_.row, n_features) * (1 - share));
        work_.bound[slot] = bucket_.bound(members_[slot]);
    }

    void leave_empty(int64_t slot) {
        const int64_t n_features = bucket_.n_features;
        float* x = work_.x + slot / ROWS * ROWS * n_features + slot % ROWS;
        float* y = work_.y + slot / COLUMNS * COLUMNS * n_features + slot % COLUMNS;
        for (int64_t f = 0; f < n_features; ++f) x[f * ROWS] = y[f * COLUMNS] = 0;
        work_.bias[slot] = -INFINITE;
        work_.bound[slot] = INFINITE;
    }

    // A pair that meets again is in the lists already.
    void exchange(int64_t first, int64_t second) {
        const double unit = 1 / (bucket_.scale * bucket_.scale);
        for_each_hit(work_.output, [=, this](int row, int column, float value) {
            const int64_t i = first + row, j = second + column;
            if (i >= j) return;
            const int32_t one = members_[i], other = members_[j];
            bool to_one = value > work_.bound[i], to_other = value > work_.bound[j];
            if (bucket_.is_exact) {
                const double squared = -2 * static_cast<double>(value) * unit;
                to_one = to_one && bucket_.can_use(one, bucket_.ids[other], squared);
                to_other = to_other && bucket_.can_use(other, bucket_.ids[one], squared);
            }
            const int met = bucket_.meet(one, other, to_one, to_other);
            if (met & Bucket::BY_ONE) work_.bound[i] = bucket_.bound(one);
            if (met & Bucket::BY_OTHER) work_.bound[j] = bucket_.bound(other);
        });
    }

    const Bucket& bucket_;
    const int32_t* members_;
    int64_t size_;
    const LeafWork& work_;
};

}  // namespace
