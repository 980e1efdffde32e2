// Points put into an order in which near ones come together, by halving.
#pragma once

#include "api.hpp"
#include "arena.hpp"
#include "numbers.hpp"
#include "vectors.hpp"

namespace {

constexpr int64_t SAMPLE = 512;
constexpr int64_t PANELS[] = {LEAF, 48, 8};  // the same on all instruction sets, so that the order is

// Where the halving of a range works.
struct Halving {
    float* keys;        // (size,)
    double* sample;     // (SAMPLE, n_features)
    double* mean;       // (n_features,)
    double* direction;  // (n_features,)
    double* turned;     // (n_features,)

    static Halving in(Arena& arena, int64_t size, int64_t n_features) {
        return {arena.take<float>(size), arena.take<double>(SAMPLE * n_features), arena.take<double>(n_features),
                arena.take<double>(n_features), arena.take<double>(n_features)};
    }
};

// The largest of some absolute values.
inline double largest(const double* values, int64_t n) {
    Doubles found{};
    int64_t f = 0;
    for (; f + DOUBLE_LANES <= n; f += DOUBLE_LANES) {
        const Doubles value = InLanes::at(values + f), size = value < 0 ? -value : value;
        found = size > found ? size : found;
    }
    double all = 0;
    for (int lane = 0; lane < DOUBLE_LANES; ++lane) all = most_of(all, found[lane]);
    for (; f < n; ++f) all = most_of(all, __builtin_fabs(values[f]));
    return all;
}

// Divide values by the largest of them, if that is not 0.
inline void normalize(double* values, int64_t n) {
    const double most = largest(values, n);
    for (int64_t f = 0; most > 0 && f < n; ++f) values[f] /= most;
}

class Order {
  public:
    // `rows` says in which row of `points` each point of the order is; null: in that of its number.
    Order(const float* points, int64_t n_features, int32_t* order, const Halving& work, const int32_t* rows = nullptr)
        : points_(points), n_features_(n_features), order_(order), work_(work), rows_(rows) {}

    // Halve until panels are left.
    void halve_all(int64_t start, int64_t stop) {
        while (stop - start > PANELS[2]) {  // the lesser half first: so deep as the logarithm, no deeper
            const int64_t middle = halve(start, stop);
            if (middle - start < stop - middle) {
                halve_all(start, middle);
                start = middle;
            } else {
                halve_all(middle, stop);
                stop = middle;
            }
        }
    }

    // Part a range across its longest direction; returns where: whole leaves or panels lie before.
    int64_t halve(int64_t start, int64_t stop) {
        const int64_t size = stop - start;
        const int64_t whole = size > PANELS[0] ? PANELS[0] : size > PANELS[1] ? PANELS[1] : PANELS[2];
        find_longest(start, stop, size > LEAF ? 4 : 1);
        const double origin = product(work_.mean, work_.direction, n_features_);
        for (int64_t i = 0; i < size; ++i) {
            const double key = product(point(start + i), work_.direction, n_features_);
            work_.keys[i] = static_cast<float>(key - origin);  // far from 0, float32 would tell few apart
        }
        const int64_t within = (size + whole - 1) / whole / 2 * whole;
        part(order_ + start, size, within);
        return start + within;
    }

  private:
    const float* point(int64_t position) const {
        const int32_t number = order_[position];
        return points_ + (rows_ == nullptr ? number : rows_[number]) * n_features_;
    }

    // Bring the points of the `within` smallest keys before all others (Hoare, Algorithm 65: FIND, 1961).
    void part(int32_t* order, int64_t size, int64_t within) {
        float* keys = work_.keys;
        int64_t first = 0, last = size - 1;
        while (first < last) {
            const float pivot = keys[(first + last) / 2];
            int64_t i = first, j = last;
            while (i <= j) {
                while (keys[i] < pivot) ++i;
                while (pivot < keys[j]) --j;
                if (i > j) break;
                const float key = keys[i];
                keys[i] = keys[j];
                keys[j] = key;
                const int32_t other = order[i];
                order[i++] = order[j];
                order[j--] = other;
            }
            if (within <= j) {
                last = j;
            } else if (within >= i) {
                first = i;
            } else {
                return;
            }
        }
    }

    // The direction in which a sample spreads most: the first principal component, by power iteration.
    void find_longest(int64_t start, int64_t stop, int rounds) {
        const int64_t size = least_of(SAMPLE, stop - start), n = n_features_;
        double *mean = work_.mean, *direction = work_.direction;
        for (int64_t f = 0; f < n; ++f) mean[f] = 0;
        for (int64_t i = 0; i < size; ++i) {
            const float* from = point(start + (stop - start) * i / size);
            double* to = work_.sample + i * n;
            for (int64_t f = 0; f < n; ++f) {
                to[f] = static_cast<double>(from[f]);
                mean[f] += to[f];
            }
        }
        for (int64_t f = 0; f < n; ++f) mean[f] /= static_cast<double>(size);
        double farthest = -1;
        for (int64_t i = 0; i < size; ++i) {
            double* row = work_.sample + i * n;
            for (int64_t f = 0; f < n; ++f) row[f] -= mean[f];
            const double reach = largest(row, n);
            if (reach <= farthest) continue;
            farthest = reach;
            for (int64_t f = 0; f < n; ++f) direction[f] = row[f];
        }
        for (int round = 0; round < rounds && farthest > 0; ++round) turn(size, farthest);
        normalize(direction, n);
    }

    void turn(int64_t size, double farthest) {
        const int64_t n = n_features_;
        normalize(work_.direction, n);
        double* __restrict turned = work_.turned;
        for (int64_t f = 0; f < n; ++f) turned[f] = 0;
        for (int64_t i = 0; i < size; ++i) {
            const double* row = work_.sample + i * n;
            const double weight = product(row, work_.direction, n) / farthest;
            for (int64_t f = 0; f < n; ++f) turned[f] += row[f] * weight;
        }
        for (int64_t f = 0; f < n; ++f) work_.direction[f] = turned[f];
    }

    const float* points_;
    int64_t n_features_;
    int32_t* order_;
    const Halving& work_;
    const int32_t* rows_;
};

// Mean and radius of each leaf, the radius never too small.
inline void measure_leaves(const float* points, int64_t n_features, const int32_t* order, const int64_t* leaf_at,
                           int64_t n_leaves, double* centers, double* radii) {
    for (int64_t leaf = 0; leaf < n_leaves; ++leaf) {
        double* center = centers + leaf * n_features;
        const int64_t begin = leaf_at[leaf], stop = leaf_at[leaf + 1];
        for (int64_t f = 0; f < n_features; ++f) center[f] = 0;
        for (int64_t i = begin; i < stop; ++i) {
            const float* point = points + order[i] * n_features;
            for (int64_t f = 0; f < n_features; ++f) center[f] += static_cast<double>(point[f]);
        }
        for (int64_t f = 0; f < n_features; ++f) center[f] /= static_cast<double>(stop - begin);
        double farthest = 0;
        for (int64_t i = begin; i < stop; ++i) {
            farthest = most_of(farthest, squared_distance_in_lanes(points + order[i] * n_features, center, n_features));
        }
        radii[leaf] = square_root(farthest) * NEVER_LESS;
    }
}

}  // namespace
