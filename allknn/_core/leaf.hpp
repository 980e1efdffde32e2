// A leaf: each pair of its points computed once and offered to both.
#pragma once

#include "leaders.hpp"
#include "locked.hpp"
#include "measure.hpp"

namespace {

// The points of a bucket, gathered, and what is known of the neighbors of each.
struct Bucket {
    float* points;     // (size, n_features)
    int32_t* ids;      // (size,)
    int32_t* others;   // (size, k)
    float* distances;  // (size, k)
    int64_t n_features, k;
    double scale;  // a power of two that brings coordinates around any of the points below 1

    const float* point(int64_t member) const { return points + member * n_features; }

    // How near another has to be to be of use, in the scale: what is as near as the last of a list may be, by its id.
    //
    // A distance was rounded twice, in float64 and to float32, which may have taken 2^-24 of it and the least number.
    float bound(int64_t member) const {
        const float last = distances[(member + 1) * k - 1];
        if (last == INFINITE) return -INFINITE;
        const double length = (static_cast<double>(last) * (1 + 0x1p-22) + 0x1p-148) * scale;
        return below(-0.5 * length * length * (1 + static_cast<double>(n_features) * 0x1p-50));
    }

    void offer_to(int64_t member, int32_t id, float distance) const {
        enter(others + member * k, distances + member * k, k, id, distance);
    }
};

// Where a leaf is solved.
struct LeafWork {
    float* x;      // (slots / ROWS, n_features, ROWS)
    float* y;      // (slots / COLUMNS, n_features, COLUMNS)
    float* bias;   // (slots,): minus half the squared norm, raised by all that rounding may take
    float* bound;  // (slots,)
    float* row;    // (n_features,)
    TileOutput output;

    static LeafWork in(Arena& arena, int64_t most, int64_t n_features) {
        const int64_t slots = (most + COLUMNS - 1) / COLUMNS * COLUMNS;
        return {arena.take<float>(slots * n_features),
                arena.take<float>(slots * n_features),
                arena.take<float>(slots),
                arena.take<float>(slots),
                arena.take<float>(n_features),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)}};
    }
};

class Leaf {
  public:
    // `members` of a bucket are centered on one of them: products say little far from the origin, and the mean is
    // where outliers draw it.
    Leaf(const Bucket& bucket, const int32_t* members, int64_t size, int64_t center, const LeafWork& work)
        : bucket_(bucket), members_(members), size_(size), work_(work) {
        const int64_t slots = (size + COLUMNS - 1) / COLUMNS * COLUMNS;
        for (int64_t i = 0; i < size; ++i) place(bucket.point(center), i);
        for (int64_t i = size; i < slots; ++i) leave_empty(i);
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
        const double share = 1.01 * (2 * terms + 16) * 0x1p-24, floor = terms * 0x1p-123;
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

    // Measure what passed in a tile, and offer it to each other. A pair that meets again is in the lists already.
    void exchange(int64_t first, int64_t second) {
        const Bucket& all = bucket_;
        for_each_hit(work_.output, [&, this](int row, int column, float value) {
            const int64_t i = first + row, j = second + column;
            if (i >= j) return;
            const int32_t one = members_[i], other = members_[j];
            const bool to_one = value > work_.bound[i] && !holds(all.others + one * all.k, all.k, all.ids[other]);
            const bool to_other = value > work_.bound[j] && !holds(all.others + other * all.k, all.k, all.ids[one]);
            if (!to_one && !to_other) return;
            const float length = ALLKNN_KERNEL(distance)(all.point(one), all.point(other), all.n_features);
            if (to_one) {
                all.offer_to(one, all.ids[other], length);
                work_.bound[i] = all.bound(one);
            }
            if (to_other) {
                all.offer_to(other, all.ids[one], length);
                work_.bound[j] = all.bound(other);
            }
        });
    }

    const Bucket& bucket_;
    const int32_t* members_;
    int64_t size_;
    const LeafWork& work_;
};

}  // namespace
