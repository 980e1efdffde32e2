// What need not be computed: bounds on how near the points of two leaves, or of two panels, can be.
#pragma once

#include "panels.hpp"

namespace {

// The nearness of two points on both sides of a gap, at most.
inline double across(double gap) {
    return gap > 0 ? -0.5 * gap * gap * NEVER_MORE : 0.0;
}

// No point within `radius` of `center` is nearer to one of a leaf than this nearness: the distance of two points
// in two balls is at least that of the centers less both radii.
inline double nearest_possible(const OrderedPoints& all, const double* center, double radius, int64_t leaf) {
    const double squared = squared_distance_in_lanes(center, all.centers + leaf * all.n_features, all.n_features);
    return across((square_root(squared) * NEVER_MORE - radius - all.radii[leaf]) * all.scale);
}

// What is seen when the points of two leaves are projected onto the line between their centers. The distance of
// two points is at least that of their projections.
struct Projections {
    float* direction;    // (n_features,): from one leaf to the other
    float* values;       // (COLUMNS,): of the points of one panel
    double* x_far;       // (LEAF / ROWS,): how far each panel of the one leaf reaches, toward the other
    double* y_near;      // (LEAF / COLUMNS,): where each panel of the other begins
    float* x_loosest;    // (LEAF / ROWS,): the least bound of each panel
    float* y_loosest;    // (LEAF / COLUMNS,)
    int64_t tried;       // how often it was looked,
    int64_t successful;  // and how often that spared a pair of leaves

    static Projections in(Arena& arena, int64_t n_features) {
        return {arena.take<float>(n_features),
                arena.take<float>(COLUMNS),
                arena.take<double>(LEAF / ROWS),
                arena.take<double>(LEAF / COLUMNS),
                arena.take<float>(LEAF / ROWS),
                arena.take<float>(LEAF / COLUMNS),
                0,
                0};
    }

    // Whether projecting has spared enough so far: fewer successes than one in 16 do not pay.
    bool pays() const { return tried < 16 * (1 + successful); }

    // Whether the last look showed that no point of panel `i` and none of `j` can use the other.
    bool panels_are_apart(int64_t i, int64_t j) const {
        return across(y_near[j] - x_far[i]) < static_cast<double>(least_of(x_loosest[i], y_loosest[j]));
    }
};

// How many of `size` points are in a panel of `width`, the `number`th.
inline int within_panel(int64_t size, int64_t number, int64_t width) {
    return static_cast<int>(least_of(width, size - number * width));
}

// One of two leaves that meet.
struct Meeting {
    int64_t leaf;
    int64_t slot;  // its first
    int64_t size;
    const double* center;  // (n_features,): the mean of its points
    double radius;
};

// Project the points of leaves `a` and `b`, laid out around `center`; true where that shows them to be apart.
//
// A projection in float32 is off by at most (n_features + 3)u times the point's norm, which is at most 2 here
// (Higham, as in `place`).
inline bool projects_apart(Meeting a, Meeting b, const double* center, double scale, int64_t n_features, const Side& x,
                           const Side& y, Projections& at) {
    double length = 0, own = 0;
    for (int64_t f = 0; f < n_features; ++f) {
        at.direction[f] = static_cast<float>((b.center[f] - a.center[f]) * scale);
        const double step = static_cast<double>(at.direction[f]);
        length += step * step;
        own += step * (a.center[f] - center[f]) * scale;
    }
    length = square_root(length) * NEVER_LESS;
    ++at.tried;
    if (length < 0x1p-60) {  // nothing to see, and what underflows could matter
        for (int64_t i = 0; i < LEAF / ROWS; ++i) at.x_far[i] = static_cast<double>(INFINITE);
        for (int64_t j = 0; j < LEAF / COLUMNS; ++j) at.y_near[j] = -static_cast<double>(INFINITE);
        for (int64_t i = 0; i < LEAF / ROWS; ++i) at.x_loosest[i] = -INFINITE;  // what was left there may exceed 0
        return false;
    }
    const double off = static_cast<double>(n_features + 3) * 0x1p-22;
    float loosest = INFINITE;
    double near = static_cast<double>(INFINITE);
    for (int64_t j = 0; j * COLUMNS < b.size; ++j) {
        const int64_t slot = b.slot + j * COLUMNS;
        const int within = within_panel(b.size, j, COLUMNS);
        project_panel<Floats, COLUMNS / LANES>(y.panels + slot * n_features, n_features, at.direction, at.values);
        at.y_near[j] = static_cast<double>(least(at.values, within)) / length - off;
        near = least_of(near, at.y_near[j]);
        at.y_loosest[j] = least(y.bound + slot, within);
        loosest = least_of(loosest, at.y_loosest[j]);
    }
    for (int64_t i = 0; i * ROWS < a.size; ++i) {
        at.x_loosest[i] = least(x.bound + a.slot + i * ROWS, within_panel(a.size, i, ROWS));
        loosest = least_of(loosest, at.x_loosest[i]);
    }
    const double ball_ends = own / length + a.radius * scale + off;
    if (across(near - ball_ends) < static_cast<double>(loosest)) {
        ++at.successful;
        return true;
    }
    double far = -static_cast<double>(INFINITE);
    for (int64_t i = 0; i * ROWS < a.size; ++i) {
        const int64_t slot = a.slot + i * ROWS;
        project_panel<HalfFloats, ROWS / DOUBLE_LANES>(x.panels + slot * n_features, n_features, at.direction,
                                                       at.values);
        at.x_far[i] = static_cast<double>(most(at.values, within_panel(a.size, i, ROWS))) / length + off;
        far = most_of(far, at.x_far[i]);
    }
    const bool apart = across(near - far) < static_cast<double>(loosest);
    at.successful += apart;
    return apart;
}

}  // namespace
