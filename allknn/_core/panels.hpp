// Leaves made ready for tiles: centered, scaled, feature by feature, with what rounding may take.
#pragma once

#include "api.hpp"
#include "arena.hpp"
#include "numbers.hpp"
#include "tile.hpp"

namespace {

// Some leaves, LEAF slots each, in panels of so many points as a tile has rows or columns.
struct Side {
    float* panels;   // (slots / width, n_features, width)
    float* bias;     // (slots,): minus half the squared norm, raised by all that rounding may take; -inf in empty slots
    float* bound;    // (slots,): a nearness has to exceed it to be of use to a point; inf in empty slots
    uint8_t* ready;  // (leaves,): whether a leaf has been laid out
    float* row;      // (n_features,): one point on its way

    static Side in(Arena& arena, int64_t leaves, int64_t n_features) {
        const int64_t slots = leaves * LEAF;
        return {arena.take<float>(slots * n_features), arena.take<float>(slots), arena.take<float>(slots),
                arena.take<uint8_t>(leaves), arena.take<float>(n_features)};
    }
};

// Where the values of a slot begin; they are `width` apart.
inline float* values_of(const Side& side, int64_t slot, int64_t width, int64_t n_features) {
    return side.panels + slot / width * width * n_features + slot % width;
}

// Center and scale a point into its slot of panels of `WIDTH`, with its bias.
//
// The bias covers what float32 may underestimate a nearness by. With u = 2^-24 that is at most, as shares of the
// sum of both half squared norms: for the sum of n_features products and two biases 2(n_features + 2)u (Higham,
// Accuracy and Stability of Numerical Algorithms, 2002, section 3.1), for the biases' rounding u, for that of the
// coordinates 4u; and what underflows, a tiny number for each feature.
template <int64_t WIDTH>
inline void place(const OrderedPoints& all, int64_t point, const double* center, const Side& side, int64_t slot) {
    const int64_t n_features = all.n_features;
    const float* from = all.points + point * n_features;
    for (int64_t f = 0; f < n_features; ++f) {
        side.row[f] = static_cast<float>((static_cast<double>(from[f]) - center[f]) * all.scale);
    }
    float* to = values_of(side, slot, WIDTH, n_features);
    for (int64_t f = 0; f < n_features; ++f) to[f * WIDTH] = side.row[f];
    const double terms = static_cast<double>(n_features);
    const double share = 1.01 * (2 * terms + 16) * 0x1p-24, floor = terms * 0x1p-123;
    side.bias[slot] = above(floor - 0.5 * product(side.row, side.row, n_features) * (1 - share));
}

// Make a slot one that nothing is near to and that is near to nothing.
template <int64_t WIDTH>
inline void leave_empty(int64_t n_features, const Side& side, int64_t slot) {
    float* to = values_of(side, slot, WIDTH, n_features);
    for (int64_t f = 0; f < n_features; ++f) to[f * WIDTH] = 0;
    side.bias[slot] = -INFINITE;
    side.bound[slot] = INFINITE;
}

// Put the points of a leaf into the slots from `slot` on.
template <int64_t WIDTH>
inline void pack(const OrderedPoints& all, int64_t leaf, const double* center, const Side& side, int64_t slot) {
    const int64_t begin = all.leaf_at[leaf], size = all.leaf_at[leaf + 1] - begin;
    for (int64_t i = 0; i < size; ++i) place<WIDTH>(all, all.order[begin + i], center, side, slot + i);
    for (int64_t i = size; i < LEAF; ++i) leave_empty<WIDTH>(all.n_features, side, slot + i);
}

// Note for the points of a leaf how near another must be to be among those kept.
inline void set_bounds(const OrderedPoints& all, int64_t leaf, const Lists& lists, float* bounds) {
    const int64_t begin = all.leaf_at[leaf], size = all.leaf_at[leaf + 1] - begin;
    for (int64_t i = 0; i < size; ++i) bounds[i] = lists.nearness[(begin + i) * lists.kept + lists.kept - 1];
    for (int64_t i = size; i < LEAF; ++i) bounds[i] = INFINITE;
}

}  // namespace
