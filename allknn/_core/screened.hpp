// Two nodes of the tree joined where bounds are known: only pairs that few dimensions leave are computed.
#pragma once

#include "bounds.hpp"
#include "lists.hpp"
#include "refine.hpp"
#include "screen.hpp"

namespace {

// What one thread works in.
struct ScreenedWork {
    Side x, y;
    TileOutput output;
    float* x_loosest;  // (nodes,): the least bound below each
    float* y_loosest;

    static ScreenedWork in(Arena& arena, int64_t leaves, int64_t width) {
        return {Side::in(arena, leaves, width),
                Side::in(arena, leaves, width),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)},
                arena.take<float>(2 * leaves),
                arena.take<float>(2 * leaves)};
    }
};

class ScreenedJoin {
  public:
    ScreenedJoin(const OrderedPoints& all, const Screen& screen, LeafRange p, LeafRange q, const Lists& lists,
                 ScreenedWork& work)
        : all_(all),
          screen_(screen),
          p_(Node::root(all.n_leaves).find(p)),
          q_(Node::root(all.n_leaves).find(q)),
          lists_(lists),
          work_(work),
          rough_((1 + static_cast<double>(all.n_features + 16) * 0x1p-23) * -2 / (all.scale * all.scale)),
          exact_((1 - static_cast<double>(all.n_features + 8) * 0x1p-52) * -0.5 * all.scale * all.scale) {}

    // Returns how many pairs of points had to be looked at.
    int64_t run() {
        const bool itself = p_.first == q_.first;
        for (int64_t leaf = 0; leaf < p_.stop - p_.first; ++leaf) work_.x.ready[leaf] = 0;
        for (int64_t leaf = 0; leaf < q_.stop - q_.first; ++leaf) work_.y.ready[leaf] = 0;
        find_loosest(p_, p_.number, work_.x_loosest);
        if (itself) {  // of the same points there is one bound
            work_.y.bound = work_.x.bound;
            work_.y_loosest = work_.x_loosest;
            join_with_itself(p_);
        } else {
            find_loosest(q_, q_.number, work_.y_loosest);
            join_nodes(p_, q_);
        }
        return tiles_ * ROWS * COLUMNS;
    }

  private:
    float find_loosest(Node node, int64_t first, float* loosest) {
        float& found = loosest[node.number - first];
        found = node.is_leaf() ? lists_.loosest[node.first]
                               : least_of(find_loosest(node.left(), first, loosest),
                                          find_loosest(node.right(), first, loosest));
        return found;
    }

    void join_with_itself(Node node) {
        if (node.is_leaf()) return join_leaves(node.first, node.first);
        join_with_itself(node.left());
        join_with_itself(node.right());
        join_nodes(node.left(), node.right());
    }

    // The distance of points in two balls is at least that of the centers less both radii.
    bool are_apart(Node a, Node b, float loosest) const {
        const int64_t width = screen_.width;
        const double squared =
            squared_distance_in_lanes(screen_.centers + a.number * width, screen_.centers + b.number * width, width);
        const double gap = square_root(squared) * NEVER_MORE - screen_.radii[a.number] - screen_.radii[b.number];
        return across(gap) < static_cast<double>(loosest);
    }

    void join_nodes(Node a, Node b) {
        if (are_apart(a, b, least_of(work_.x_loosest[a.number - p_.number], work_.y_loosest[b.number - q_.number]))) {
            return;
        }
        if (a.is_leaf() && b.is_leaf()) {
            join_leaves(a.first, b.first);
        } else if (b.is_leaf() || a.stop - a.first > b.stop - b.first) {
            join_nodes(a.left(), b);
            join_nodes(a.right(), b);
        } else {
            join_nodes(a, b.left());
            join_nodes(a, b.right());
        }
    }

    // Lay out a leaf where that has not been done yet; many never meet another.
    template <int64_t WIDTH>
    Meeting prepare(int64_t leaf, int64_t first, const Side& side) {
        const int64_t begin = all_.leaf_at[leaf], size = all_.leaf_at[leaf + 1] - begin, slot = (leaf - first) * LEAF;
        const Meeting meeting = {leaf, slot, size};
        if (side.ready[leaf - first]) return meeting;
        side.ready[leaf - first] = 1;
        const int64_t width = screen_.width;
        for (int64_t i = 0; i < size; ++i) {
            const float* row = screen_.rows + (begin + i) * width;
            float* to = values_of(side, slot + i, WIDTH, width);
            for (int64_t f = 0; f < width; ++f) to[f * WIDTH] = row[f];
            side.bias[slot + i] = screen_.bias[begin + i];
        }
        for (int64_t i = size; i < LEAF; ++i) leave_empty<WIDTH>(width, side, slot + i);
        set_bounds(all_, leaf, lists_, side.bound + slot);
        return meeting;
    }

    void join_leaves(int64_t first, int64_t second) {
        const Meeting a = prepare<ROWS>(first, p_.first, work_.x), b = prepare<COLUMNS>(second, q_.first, work_.y);
        const Side &x = work_.x, &y = work_.y;
        const int64_t width = screen_.width;
        bool exchanged = false;
        for (int64_t j = 0; j < b.size; j += COLUMNS) {
            const int64_t rows = first == second ? least_of(a.size, j + COLUMNS) : a.size;
            for (int64_t i = 0; i < rows; i += ROWS) {
                ++tiles_;
                const int64_t row = a.slot + i, column = b.slot + j;
                if (!run_tile(x.panels + row * width, y.panels + column * width, width, x.bias + row, x.bound + row,
                              y.bias + column, y.bound + column, work_.output)) {
                    continue;
                }
                exchanged |= measure_hits(all_.leaf_at[first] + i, all_.leaf_at[second] + j, x.bound + row,
                                          y.bound + column);
            }
        }
        if (!exchanged) return;
        lists_.loosest[first] = least(x.bound + a.slot, LEAF);
        lists_.loosest[second] = least(y.bound + b.slot, LEAF);
    }

    const float* point(int64_t position) const { return all_.points + all_.order[position] * all_.n_features; }

    // Measure what passed in a tile, and offer it to each other; whether that changed a list.
    bool measure_hits(int64_t first, int64_t second, float* x_bound, float* y_bound) {
        bool exchanged = false;
        for_each_hit(work_.output, [&, this](int row, int column, float) {
            const int64_t one = first + row, other = second + column;
            if (one >= other) return;  // a leaf meets itself: each pair is seen twice
            ++measured_;
            const float loosest = least_of(x_bound[row], y_bound[column]);
            const float *own = point(one), *theirs = point(other);
            const auto roughly = static_cast<double>(rough_squared_distance(own, theirs, all_.n_features));
            // Infinity may be an overflow; the least numbers what underflowed.
            if (roughly > rough_ * static_cast<double>(loosest) + 0x1p-120 &&
                roughly < static_cast<double>(INFINITE)) {
                return;
            }
            const float value = above(exact_ * squared_distance_in_lanes(own, theirs, all_.n_features));
            if (value > x_bound[row]) {
                x_bound[row] = offer_at(one, other, value);
                exchanged = true;
            }
            if (value > y_bound[column]) {
                y_bound[column] = offer_at(other, one, value);
                exchanged = true;
            }
        });
        return exchanged;
    }

    float offer_at(int64_t position, int64_t other, float value) {
        const int64_t at = position * lists_.kept;
        return offer(lists_.nearness + at, lists_.others + at, lists_.kept, static_cast<int32_t>(other), value);
    }

    const OrderedPoints& all_;
    const Screen& screen_;
    Node p_, q_;
    const Lists& lists_;
    ScreenedWork& work_;
    double rough_, exact_;  // from a nearness to a squared distance, never too near; and back, never too far
    int64_t tiles_ = 0, measured_ = 0;
};

}  // namespace
