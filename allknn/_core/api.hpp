// What Python passes: arrays of NumPy's, described. `allknn/_native.py` has the same structures.
#pragma once

#include <stdint.h>

#define ALLKNN_EXPORT extern "C" __attribute__((visibility("default")))

// Points that lie together, at most: a multiple of any tile's rows and columns.
constexpr int64_t LEAF = 192;

extern "C" {

// The points in their order, leaf by leaf.
struct OrderedPoints {
    const float* points;     // (n_samples, n_features)
    const int32_t* order;    // (n,): the point at each position
    const int64_t* leaf_at;  // (n_leaves + 1,): the position where each leaf begins
    const double* centers;   // (n_leaves, n_features): means of the leaves
    const double* radii;     // (n_leaves,): no point of a leaf lies farther from its mean
    double scale;            // a power of two that brings all distances below 4
    int64_t n_features;
    int64_t n_leaves;
};

// For each position the nearest others known, nearest first. A nearness is minus half the squared distance,
// scaled, and never underestimated.
struct Lists {
    float* nearness;  // (n, kept), -inf where there is none yet
    int32_t* others;  // (n, kept): positions, -1 where there is none yet
    float* loosest;   // (n_leaves,): no point of a leaf can use another that is less near than this
    int64_t kept;
};

// Leaves `first` to `stop`.
struct LeafRange {
    int64_t first;
    int64_t stop;
};

}  // extern "C"
