// What Python passes: arrays of NumPy's, described. `allknn/_native.py` has the same structures.
#pragma once

#include <stdint.h>

#define ALLKNN_EXPORT extern "C" __attribute__((visibility("default")))

// Points that lie together, at most: a multiple of any tile's rows and columns.
constexpr int64_t LEAF = 192;

// Leaders that lie together: a multiple of any tile's rows.
constexpr int64_t PANEL = 8;

constexpr int64_t LOCKS = 1 << 16;

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

// Rows of a screen in whole numbers of steps: words of two columns, then of four.
struct ScreenWords {
    const int32_t* words;   // (n, n_words)
    const int32_t* x_bias;  // (n, n_stages): what a stage adds to minus half the squared norm, for rows of tiles
    const int32_t* y_bias;  // (n, n_stages): the same for their columns
    const float* errors;    // (n_stages,): no point is farther from where its words put it, in steps
    const int64_t* stages;  // (n_stages,): how many words have been looked at after each; the last are all
    int64_t n_stages;
    int64_t n_words;  // 0 where words are not looked at
    int64_t n_fine;   // of them are of two columns
    double steps;     // in a unit of the rows
};

// What a part of the principal components tells of each point: enough to see that most pairs are far apart.
//
// Leaves are halved until each is alone; these ranges are the nodes of a tree, numbered in preorder. The leaves from
// `n_first` on, where there are any, are a tree of their own, whose nodes come after those of the first.
struct Screen {
    const float* rows;  // (n, width): of the point at each position, scaled
    const float* bias;  // (n, n_stages): minus half the squared norm of what a stage adds of a row; that of the first
                        // is raised by all that rounding may take
    const double* centers;  // (n_nodes, width): means of the nodes' rows
    const double* radii;    // (n_nodes,): no point of a node is projected farther from its mean, in truth
    const int64_t* stages;  // (n_stages,): how many columns have been looked at after each; the last is the width
    int64_t n_stages;
    int64_t width;
    int64_t n_first;
    ScreenWords words;
};

constexpr int64_t MOST_STAGES = 6;

// Leaves `first` to `stop`.
struct LeafRange {
    int64_t first;
    int64_t stop;
};

// Some points, drawn at random, in levels: each level is found through the one above it.
//
// A leader lies in a slot; slots are filled up to whole panels below each leader, level after level.
struct LeaderTree {
    const float* panels;   // (n_slots / PANEL, n_features, PANEL)
    const float* bias;     // (n_slots,): 0, -inf where there is no leader
    const int64_t* below;  // (n_slots + 1,): where the slots below each begin
    int64_t n_slots;
    int64_t root;  // slots of the first level
    int64_t n_levels;
};

// All points that are joined, each at its position, and the nearest known of each.
struct LeafJoin {
    const float* points;  // (n, n_features)
    const int32_t* rows;  // (n,): in which row of `points` each position's point is; null: in that of its number
    const int32_t* ids;   // (n,): the id of the point at each position
    int32_t* others;      // (n, k): ids by (distance, id), -1 where there is none yet
    float* distances;     // (n, k): inf where there is none yet
    uint8_t* locks;       // (LOCKS,): 0; position p is held by number p % LOCKS
    int64_t n_features;
    int64_t k;
};

// How a bucket is divided.
struct Division {
    int64_t leaf_size;  // points of a leaf, on average
    int64_t fan_out;    // leaves that each point is in
    int64_t most;       // points of a leaf, at most
    uint64_t seed;
};

}  // extern "C"
