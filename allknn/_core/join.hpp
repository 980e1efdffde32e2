// Two ranges of leaves joined: each pair of points computed once, offered to both.
#pragma once

#include "bounds.hpp"
#include "lists.hpp"

namespace {

// What one thread works in.
struct Workspace {
    Side x, y;
    TileOutput output;
    Projections projections;
    double* center;  // (n_features,)

    static Workspace in(Arena& arena, int64_t leaves, int64_t n_features) {
        return {Side::in(arena, leaves, n_features),
                Side::in(arena, leaves, n_features),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)},
                Projections::in(arena, n_features),
                arena.take<double>(n_features)};
    }
};

// A point amid the leaves: any would do, the nearer the less rounding.
inline void find_middle(const OrderedPoints& all, LeafRange p, LeafRange q, double* middle) {
    for (int64_t f = 0; f < all.n_features; ++f) middle[f] = 0;
    const LeafRange ranges[] = {p, q};
    for (const LeafRange range : ranges) {
        const double share = 1 / static_cast<double>(2 * (range.stop - range.first));
        for (int64_t leaf = range.first; leaf < range.stop; ++leaf) {
            for (int64_t f = 0; f < all.n_features; ++f) middle[f] += all.centers[leaf * all.n_features + f] * share;
        }
    }
}

class Join {
  public:
    Join(const OrderedPoints& all, LeafRange p, LeafRange q, const Lists& lists, Workspace& work)
        : all_(all), p_(p), q_(q), lists_(lists), work_(work), itself_(p.first == q.first) {
        find_middle(all, p, q, work.center);
        for (int64_t leaf = 0; leaf < p.stop - p.first; ++leaf) work.x.ready[leaf] = 0;
        for (int64_t leaf = 0; leaf < q.stop - q.first; ++leaf) work.y.ready[leaf] = 0;
        if (itself_) work.y.bound = work.x.bound;  // of the same points there is one bound
    }

    // Returns how many pairs of points had to be computed.
    int64_t run() {
        const int64_t n_leaves = p_.stop - p_.first;
        for (int64_t step = 0; itself_ && step < n_leaves;
             ++step) {  // each leaf with itself first: bounds soon are tight
            for (int64_t a = p_.first; a < p_.stop - step; ++a) join_leaves(a, a + step);
        }
        for (int64_t a = p_.first; !itself_ && a < p_.stop; ++a) {
            for (int64_t b = q_.first; b < q_.stop; ++b) join_leaves(a, b);
        }
        return tiles_ * ROWS * COLUMNS;
    }

  private:
    Meeting of(int64_t leaf, LeafRange range) const {
        return {leaf, (leaf - range.first) * LEAF, all_.leaf_at[leaf + 1] - all_.leaf_at[leaf],
                all_.centers + leaf * all_.n_features, all_.radii[leaf]};
    }

    // Lay out a leaf where that has not been done yet; many never meet another.
    template <int64_t WIDTH>
    void prepare(Meeting leaf, const Side& side) {
        if (side.ready[leaf.slot / LEAF]) return;
        side.ready[leaf.slot / LEAF] = 1;
        pack<WIDTH>(all_, leaf.leaf, work_.center, side, leaf.slot);
        set_bounds(all_, leaf.leaf, lists_, side.bound + leaf.slot);
    }

    void join_leaves(int64_t first, int64_t second) {
        const bool same = first == second;
        const double loosest = static_cast<double>(least_of(lists_.loosest[first], lists_.loosest[second]));
        if (!same) {
            const double* center = all_.centers + first * all_.n_features;
            if (nearest_possible(all_, center, all_.radii[first], second) < loosest) return;
        }
        const Meeting a = of(first, p_), b = of(second, q_);
        prepare<ROWS>(a, work_.x);
        prepare<COLUMNS>(b, work_.y);
        const bool projected = !same && loosest > -static_cast<double>(INFINITE) && work_.projections.pays();
        if (projected &&
            projects_apart(a, b, work_.center, all_.scale, all_.n_features, work_.x, work_.y, work_.projections)) {
            return;
        }
        bool exchanged = false;
        for (int64_t j = 0; j < b.size; j += COLUMNS) {
            const int64_t rows = same ? least_of(a.size, j + COLUMNS) : a.size;
            for (int64_t i = 0; i < rows; i += ROWS) {
                if (projected && work_.projections.panels_are_apart(i / ROWS, j / COLUMNS)) continue;
                exchanged |= join_panels(all_.leaf_at[first] + i, all_.leaf_at[second] + j, a.slot + i, b.slot + j);
            }
        }
        if (!exchanged) return;
        lists_.loosest[first] = least(work_.x.bound + a.slot, LEAF);
        lists_.loosest[second] = least(work_.y.bound + b.slot, LEAF);
    }

    // Join the points from positions `first` and `second` on, which lie in slots from `row` and `column` on.
    bool join_panels(int64_t first, int64_t second, int64_t row, int64_t column) {
        ++tiles_;
        const int64_t n_features = all_.n_features;
        const Side &x = work_.x, &y = work_.y;
        if (!run_tile(x.panels + row * n_features, y.panels + column * n_features, n_features, x.bias + row,
                      x.bound + row, y.bias + column, y.bound + column, work_.output)) {
            return false;
        }
        exchange(first, second, x.bound + row, y.bound + column);
        return true;
    }

    // Offer to each other what passed in a tile.
    void exchange(int64_t first, int64_t second, float* x_bound, float* y_bound) {
        for_each_hit(work_.output, [=, this](int row, int column, float value) {
            const int64_t one = first + row, other = second + column;
            if (one >= other) return;  // a leaf meets itself: each pair is seen twice
            if (value > x_bound[row]) x_bound[row] = offer_at(one, other, value);
            if (value > y_bound[column]) y_bound[column] = offer_at(other, one, value);
        });
    }

    float offer_at(int64_t position, int64_t other, float value) {
        const int64_t at = position * lists_.kept;
        return offer(lists_.nearness + at, lists_.others + at, lists_.kept, static_cast<int32_t>(other), value);
    }

    const OrderedPoints& all_;
    LeafRange p_, q_;
    const Lists& lists_;
    Workspace& work_;
    bool itself_;
    int64_t tiles_ = 0;
};

}  // namespace
