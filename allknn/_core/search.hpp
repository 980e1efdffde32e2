// Points whose candidates prove nothing: their neighbors looked for among all points.
#pragma once

#include "distances.hpp"
#include "join.hpp"

namespace {

// Some points, LEAF at most, and their answers: `ids` and `lengths` (squared), (rows, k).
class Search {
  public:
    Search(const OrderedPoints& all, const int64_t* positions, int64_t n_positions, int64_t k, int32_t* ids,
           double* lengths, Workspace& work)
        : all_(all), positions_(positions), n_(n_positions), k_(k), ids_(ids), lengths_(lengths), work_(work) {}

    // The answers hold as many points as near as `settle` found them, and are replaced by the nearest. Nothing is
    // left out here but what is proven to be farther.
    void run() {
        const double radius = place_all();
        for (int64_t i = 0; i < n_ * k_; ++i) {
            ids_[i] = -1;
            lengths_[i] = __builtin_inf();
        }
        for (int64_t slot = 0; slot < LEAF; ++slot) work_.y.bound[slot] = INFINITE;
        for (int64_t leaf = 0; leaf < all_.n_leaves; ++leaf) {
            const double loosest = static_cast<double>(least(work_.x.bound, LEAF));
            if (nearest_possible(all_, work_.center, radius, leaf) < loosest) continue;
            pack<COLUMNS>(all_, leaf, work_.center, work_.y, 0);
            search_leaf(leaf);
        }
    }

  private:
    const float* point(int64_t i) const { return all_.points + all_.order[positions_[i]] * all_.n_features; }

    // Lay the points out around their mean; returns their radius, never too small.
    double place_all() {
        const int64_t n_features = all_.n_features;
        for (int64_t f = 0; f < n_features; ++f) work_.center[f] = 0;
        for (int64_t i = 0; i < n_; ++i) {
            for (int64_t f = 0; f < n_features; ++f) {
                work_.center[f] += static_cast<double>(point(i)[f]) / static_cast<double>(n_);
            }
        }
        double farthest = 0;
        for (int64_t i = 0; i < n_; ++i) {
            place<ROWS>(all_, all_.order[positions_[i]], work_.center, work_.x, i);
            work_.x.bound[i] = below(-allknn_half_scaled(&all_, lengths_[i * k_ + k_ - 1]));
            farthest = most_of(farthest, squared_distance_in_lanes(point(i), work_.center, n_features));
        }
        for (int64_t i = n_; i < LEAF; ++i) leave_empty<ROWS>(n_features, work_.x, i);
        return square_root(farthest) * NEVER_LESS;
    }

    void search_leaf(int64_t leaf) {
        const int64_t begin = all_.leaf_at[leaf], size = all_.leaf_at[leaf + 1] - begin;
        const Side &x = work_.x, &y = work_.y;
        for (int64_t j = 0; j < size; j += COLUMNS) {
            for (int64_t i = 0; i < n_; i += ROWS) {
                if (run_tile(x.panels + i * all_.n_features, y.panels + j * all_.n_features, all_.n_features,
                             x.bias + i, x.bound + i, y.bias + j, y.bound + j, work_.output)) {
                    measure_hits(i, begin + j);
                }
            }
        }
    }

    // Measure what passed in a tile, and look for what is nearer than the best known from now on.
    void measure_hits(int64_t first, int64_t begin) {
        for_each_hit(work_.output, [=, this](int row, int column, float) {
            const int64_t i = first + row, other = begin + column;
            if (i >= n_ || other == positions_[i]) return;
            const int32_t id = all_.order[other];
            double* lengths = lengths_ + i * k_;
            const double length =
                allknn_squared_distance(point(i), all_.points + id * all_.n_features, all_.n_features);
            enter(ids_ + i * k_, lengths, k_, id, length);
            if (lengths[k_ - 1] == __builtin_inf()) return;
            work_.x.bound[i] = most_of(work_.x.bound[i], below(-allknn_half_scaled(&all_, lengths[k_ - 1])));
        });
    }

    const OrderedPoints& all_;
    const int64_t* positions_;
    int64_t n_, k_;
    int32_t* ids_;
    double* lengths_;
    Workspace& work_;
};

}  // namespace
