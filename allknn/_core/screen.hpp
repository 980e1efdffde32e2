// Points seen in a few dimensions: their leading principal components, and a tree of balls over them.
//
// A projection onto orthonormal directions never lengthens a difference, so that what is far apart there is at least
// as far apart in truth.
#pragma once

#include "api.hpp"
#include "arena.hpp"
#include "numbers.hpp"
#include "vectors.hpp"

namespace {

// Half-open ranges of leaves, halved until one is left: as `Order` halves them.
struct Node {
    int64_t number;  // in preorder: a node's first half follows it, then come all nodes of the second
    int64_t first, stop;

    bool is_leaf() const { return stop - first == 1; }
    int64_t middle() const { return first + (stop - first) / 2; }
    Node left() const { return {number + 1, first, middle()}; }
    Node right() const { return {number + 2 * (middle() - first), middle(), stop}; }

    // Of the first tree, which has `n_first` leaves, and of the one after it.
    static Node first_root(int64_t n_first) { return {0, 0, n_first}; }
    static Node second_root(int64_t n_first, int64_t n_leaves) { return {2 * n_first - 1, n_first, n_leaves}; }

    // The node of just these leaves.
    static Node of(LeafRange leaves, int64_t n_first, int64_t n_leaves) {
        Node node = leaves.first < n_first ? first_root(n_first) : second_root(n_first, n_leaves);
        while (node.first != leaves.first || node.stop != leaves.stop) {
            node = leaves.first < node.middle() ? node.left() : node.right();
        }
        return node;
    }
};

// How points are projected: onto `width` directions, around `mean`.
struct Projection {
    const double* mean;        // (n_features,)
    const double* directions;  // (width, n_features): no combination of them is longer than were they orthonormal
    double scale;              // a power of two that brings all distances from the mean to 1 at most
    int64_t n_features, width;
};

constexpr int POINTS_AT_ONCE = 4, DIRECTIONS_AT_ONCE = 4;

// The products of some points with some directions: they do not wait for each other, and each is read once for all.
template <int POINTS, int DIRECTIONS>
inline void project_on(const double* centered, const double* directions, int64_t n_features, float* rows,
                       int64_t width) {
    Doubles sums[POINTS][DIRECTIONS] = {};
    int64_t f = 0;
    for (; f + DOUBLE_LANES <= n_features; f += DOUBLE_LANES) {
        Doubles values[POINTS];
        ALLKNN_UNROLL for (int i = 0; i < POINTS; ++i) values[i] = InLanes::at(centered + i * n_features + f);
        ALLKNN_UNROLL for (int j = 0; j < DIRECTIONS; ++j) {
            const Doubles direction = InLanes::at(directions + j * n_features + f);
            ALLKNN_UNROLL for (int i = 0; i < POINTS; ++i) sums[i][j] += values[i] * direction;
        }
    }
    for (int i = 0; i < POINTS; ++i) {
        for (int j = 0; j < DIRECTIONS; ++j) {
            double sum = 0;
            for (int lane = 0; lane < DOUBLE_LANES; ++lane) sum += sums[i][j][lane];
            for (int64_t rest = f; rest < n_features; ++rest) {
                sum += centered[i * n_features + rest] * directions[j * n_features + rest];
            }
            rows[i * width + j] = static_cast<float>(sum);
        }
    }
}

template <int POINTS>
inline void project_some(const float* points, const int32_t* ids, const Projection& how, double* centered, float* rows,
                         float* squared) {
    const int64_t n_features = how.n_features, width = how.width;
    for (int i = 0; i < POINTS; ++i) {
        const float* from = points + ids[i] * n_features;
        double* to = centered + i * n_features;
        for (int64_t f = 0; f < n_features; ++f) to[f] = (static_cast<double>(from[f]) - how.mean[f]) * how.scale;
        squared[i] = above(product(to, to, n_features) * NEVER_LESS);
    }
    int64_t j = 0;
    for (; j + DIRECTIONS_AT_ONCE <= width; j += DIRECTIONS_AT_ONCE) {
        project_on<POINTS, DIRECTIONS_AT_ONCE>(centered, how.directions + j * n_features, n_features, rows + j, width);
    }
    for (; j < width; ++j)
        project_on<POINTS, 1>(centered, how.directions + j * n_features, n_features, rows + j, width);
}

// Project some points; write their rows, and how far each is from the mean, squared, not below the truth.
// `centered`, (POINTS_AT_ONCE, n_features), is memory to work in.
inline void project(const float* points, const int32_t* ids, int64_t n_rows, const Projection& how, double* centered,
                    float* rows, float* squared) {
    int64_t i = 0;
    for (; i + POINTS_AT_ONCE <= n_rows; i += POINTS_AT_ONCE) {
        project_some<POINTS_AT_ONCE>(points, ids + i, how, centered, rows + i * how.width, squared + i);
    }
    for (; i < n_rows; ++i) project_some<1>(points, ids + i, how, centered, rows + i * how.width, squared + i);
}

// Put rows into an order; write how far each may be from the truth, and its bias at each stage.
//
// With u = 2^-24, and z a point less the mean, scaled: a coordinate is a sum of n_features products in float64, off by
// at most (n_features + 4)2^-53 |z| (Higham, as in `panels.hpp`), and then rounded to float32; so a row is off by no
// more than off = (u + sqrt(width) (n_features + 4)2^-53)|z|, and what underflows. The distance of two rows exceeds
// that of the points by no more than off + off', half of its square then by no more than (|z| + |z'|)(off + off'),
// which is at most twice the sum of |z| off and |z'| off'. The sums in a tile take their share as in `panels.hpp`, with
// two terms more a stage. After any stage a sum is at least the nearness, for what is left could only lessen it.
inline void arrange_rows(const float* from_rows, const float* squared, const int32_t* order, int64_t n_rows,
                         int64_t n_features, const int64_t* stages, int64_t n_stages, float* rows, float* off,
                         float* bias) {
    const int64_t width = stages[n_stages - 1];
    const auto terms = static_cast<double>(width);
    const double error = 0x1p-24 + square_root(terms) * static_cast<double>(n_features + 4) * 0x1p-53;
    for (int64_t i = 0; i < n_rows; ++i) {
        const float* from = from_rows + order[i] * width;
        float* row = rows + i * width;
        for (int64_t f = 0; f < width; ++f) row[f] = from[f];
        const auto length = static_cast<double>(squared[order[i]]);
        off[i] = above(1.01 * error * square_root(length) + terms * 0x1p-140);
        double rounding = terms * 0x1p-120 + 1.01 * ((terms + 8 + 4 * MOST_STAGES) * 0x1p-24 + 2 * error) * length;
        for (int64_t stage = 0, begin = 0; stage < n_stages; begin = stages[stage++]) {
            bias[i * n_stages + stage] =
                above(rounding - 0.5 * product(row + begin, row + begin, stages[stage] - begin));
            rounding = 0;
        }
    }
}

constexpr int64_t MEASURED_LEAVES = 16;  // nodes of more get their radius from their halves

// Mean and radius of each node.
class Balls {
  public:
    Balls(const float* rows, const float* off, const int64_t* leaf_at, int64_t width, double* centers, double* radii)
        : rows_(rows), off_(off), leaf_at_(leaf_at), width_(width), centers_(centers), radii_(radii) {}

    void measure(Node node) {
        if (!node.is_leaf()) {
            measure(node.left());
            measure(node.right());
        }
        double* center = centers_ + node.number * width_;
        if (node.stop - node.first > MEASURED_LEAVES) {
            join_halves(node, center);
            return;
        }
        const int64_t begin = leaf_at_[node.first], stop = leaf_at_[node.stop];
        for (int64_t f = 0; f < width_; ++f) center[f] = 0;
        for (int64_t i = begin; i < stop; ++i) {
            for (int64_t f = 0; f < width_; ++f) center[f] += static_cast<double>(rows_[i * width_ + f]);
        }
        for (int64_t f = 0; f < width_; ++f) center[f] /= static_cast<double>(stop - begin);
        double farthest = 0;
        for (int64_t i = begin; i < stop; ++i) {
            const double squared = squared_distance_in_lanes(rows_ + i * width_, center, width_);
            farthest = most_of(farthest, square_root(squared) * NEVER_LESS + static_cast<double>(off_[i]));
        }
        radii_[node.number] = farthest;
    }

  private:
    // A ball around two balls.
    void join_halves(Node node, double* center) {
        const Node halves[] = {node.left(), node.right()};
        for (int64_t f = 0; f < width_; ++f) {
            center[f] = 0.5 * (centers_[halves[0].number * width_ + f] + centers_[halves[1].number * width_ + f]);
        }
        double farthest = 0;
        for (const Node half : halves) {
            const double squared = squared_distance_in_lanes(centers_ + half.number * width_, center, width_);
            farthest = most_of(farthest, square_root(squared) * NEVER_LESS + radii_[half.number]);
        }
        radii_[node.number] = farthest * NEVER_LESS;
    }

    const float *rows_, *off_;
    const int64_t* leaf_at_;
    int64_t width_;
    double *centers_, *radii_;
};

}  // namespace
