// Two nodes of the tree joined where bounds are known: only pairs that few dimensions leave are computed.
#pragma once

#include "bounds.hpp"
#include "lists.hpp"
#include "screened_side.hpp"

namespace {

class ScreenedJoin {
  public:
    ScreenedJoin(const OrderedPoints& all, const Screen& screen, LeafRange p, LeafRange q, const Lists& lists,
                 ScreenedWork& work)
        : all_(all),
          screen_(screen),
          p_(Node::of(p, screen.n_first, all.n_leaves)),
          q_(Node::of(q, screen.n_first, all.n_leaves)),
          lists_(lists),
          work_(work),
          rows_(screen, all.n_features),
          in_words_(screen.words.n_words != 0),
          laid_out_(ScreenedWork::columns_laid_out(screen.width, screen.words.n_words)),
          rough_((1 + static_cast<double>(all.n_features + 16) * 0x1p-23) * -2 / (all.scale * all.scale)),
          exact_((1 - static_cast<double>(all.n_features + 8) * 0x1p-52) * -0.5 * all.scale * all.scale) {}

    Effort run() {
        const bool itself = p_.first == q_.first;
        for (int64_t leaf = 0; leaf < p_.stop - p_.first; ++leaf) work_.x.first.ready[leaf] = 0;
        for (int64_t leaf = 0; leaf < q_.stop - q_.first; ++leaf) work_.y.first.ready[leaf] = 0;
        for (int64_t f = 0; f < screen_.width; ++f) work_.zero[f] = 0;
        find_loosest(p_, p_.number, work_.x_loosest);
        if (itself) {  // of the same points there is one bound
            work_.y.first.bound = work_.x.first.bound;
            work_.y_words.bound = work_.x_words.bound;
            work_.y_loosest = work_.x_loosest;
            join_with_itself(p_);
        } else {
            find_loosest(q_, q_.number, work_.y_loosest);
            join_nodes(p_, q_);
        }
        return effort_;
    }

  private:
    float find_loosest(Node node, int64_t first, float* loosest) {
        float& found = loosest[node.number - first];
        found = node.is_leaf()
                    ? lists_.loosest[node.first]
                    : least_of(find_loosest(node.left(), first, loosest), find_loosest(node.right(), first, loosest));
        return found;
    }

    void join_with_itself(Node node) {
        if (node.is_leaf()) return join_leaves(node, node);
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
            join_leaves(a, b);
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
    Meeting prepare(Node leaf, Node range, const ScreenedSide& side, const WordSide& words) {
        const int64_t slot = (leaf.first - range.first) * LEAF;
        if (!side.first.ready[leaf.first - range.first]) {
            side.first.ready[leaf.first - range.first] = 1;
            side.template place<WIDTH>(all_, screen_, leaf.first, slot, laid_out_);
            set_bounds(all_, leaf.first, lists_, side.first.bound + slot);
            if (in_words_) {
                words.template place<WIDTH>(all_, screen_.words, leaf.first, slot);
                for (int64_t i = slot; i < slot + LEAF; ++i) {
                    words.set_bound(screen_.words, i, side.first.bound[i]);
                }
            }
        }
        return {leaf.first, slot, all_.leaf_at[leaf.stop] - all_.leaf_at[leaf.first],
                screen_.centers + leaf.number * screen_.width, screen_.radii[leaf.number]};
    }

    void join_leaves(Node first, Node second) {
        const bool same = first.first == second.first;
        const Meeting a = prepare<ROWS>(first, p_, work_.x, work_.x_words),
                      b = prepare<COLUMNS>(second, q_, work_.y, work_.y_words);
        const bool projected = !same && work_.projections.pays();
        if (projected &&
            projects_apart(a, b, work_.zero, 1, laid_out_, work_.x.first, work_.y.first, work_.projections)) {
            return;
        }
        bool exchanged = false;
        for (int64_t j = 0; j < b.size; j += COLUMNS) {
            const int64_t rows = same ? least_of(a.size, j + COLUMNS) : a.size;
            for (int64_t i = 0; i < rows; i += ROWS) {
                if (projected && work_.projections.panels_are_apart(i / ROWS, j / COLUMNS)) continue;
                ++effort_.tiles;
                const bool any = in_words_ ? look_at_words(screen_.words, work_.x_words, work_.y_words, a.slot + i,
                                                           b.slot + j, FEW, work_.output.masks, effort_.columns) != 0
                                           : look(a.slot + i, b.slot + j);
                if (!any) continue;
                exchanged |= measure_hits(all_.leaf_at[a.leaf] + i, all_.leaf_at[b.leaf] + j, a.slot + i, b.slot + j);
            }
        }
        if (!exchanged) return;
        lists_.loosest[a.leaf] = least(work_.x.first.bound + a.slot, LEAF);
        lists_.loosest[b.leaf] = least(work_.y.first.bound + b.slot, LEAF);
    }

    // Look at a tile stage by stage, as long as most of its rows have something left, then at these; whether there is
    // any.
    bool look(int64_t row, int64_t column) {
        const int64_t width = screen_.width;
        const Side &x = work_.x.first, &y = work_.y.first;
        const float *x_panel = x.panels + row * width, *y_panel = y.panels + column * width;
        const float *x_bound = x.bound + row, *y_bound = y.bound + column;
        JoinTile tile;
        tile.begin(x.bias + row, y.bias + column);
        tile.add_products(x_panel, y_panel, screen_.stages[0]);
        effort_.columns += screen_.stages[0];
        if (!tile.any_exceeds(x_bound, y_bound)) [[likely]]
            return false;
        int64_t stage = 1;
        for (; stage < screen_.n_stages && tile.rows_exceeding(x_bound, y_bound) > ROWS / 2; ++stage) {
            const int64_t begin = screen_.stages[stage - 1], more = screen_.stages[stage] - begin;
            tile.raise(work_.x.bias(stage) + row, work_.y.bias(stage) + column);
            tile.add_products(x_panel + begin * ROWS, y_panel + begin * COLUMNS, more);
            effort_.columns += more;
            if (!tile.any_exceeds(x_bound, y_bound)) return false;
        }
        tile.write(x_bound, y_bound, work_.output.values, work_.output.masks);
        bool any = stage == screen_.n_stages;
        for (int i = 0; i < ROWS && stage < screen_.n_stages; ++i) {
            if (work_.output.masks[i] != 0) any |= look_on(row, column, i, stage);
        }
        return any;
    }

    // Look at one row of a tile at further stages; whether anything is left.
    bool look_on(int64_t row, int64_t column, int i, int64_t stage) {
        const int64_t width = screen_.width;
        constexpr int vectors = COLUMNS / LANES;
        const float *x = work_.x.first.panels + row * width, *y = work_.y.first.panels + column * width;
        const float* y_bound = work_.y.first.bound + column;
        const Floats x_bound = spread(work_.x.first.bound[row + i]);
        Floats sums[vectors];
        ALLKNN_UNROLL for (int v = 0; v < vectors; ++v) sums[v] = load(work_.output.values + i * COLUMNS + v * LANES);
        uint64_t mask = 0;
        for (; stage < screen_.n_stages; ++stage) {
            const float* biases = work_.y.bias(stage) + column;
            const Floats bias = spread(work_.x.bias(stage)[row + i]);
            ALLKNN_UNROLL for (int v = 0; v < vectors; ++v) sums[v] += bias + load(biases + v * LANES);
            for (int64_t f = screen_.stages[stage - 1]; f < screen_.stages[stage]; ++f) {
                const Floats factor = spread(x[f * ROWS + i]);
                ALLKNN_UNROLL for (int v = 0; v < vectors; ++v) sums[v] += factor * load(y + f * COLUMNS + v * LANES);
            }
            effort_.rows += screen_.stages[stage] - screen_.stages[stage - 1];
            mask = 0;
            ALLKNN_UNROLL for (int v = 0; v < vectors; ++v) {
                mask |= bits(exceeding(sums[v], lesser(x_bound, load(y_bound + v * LANES)))) << (v * LANES);
            }
            if (mask == 0) break;
        }
        work_.output.masks[i] = mask;
        return mask != 0;
    }

    const float* point(int64_t position) const { return all_.points + all_.order[position] * all_.n_features; }

    // What of two points passed in a tile is compared first by their rows, then measured, unless the rows are all there
    // is of them, and offered to each other; whether that changed a list.
    bool measure_hits(int64_t first, int64_t second, int64_t x_slot, int64_t y_slot) {
        bool exchanged = false;
        float *x_bound = work_.x.first.bound + x_slot, *y_bound = work_.y.first.bound + y_slot;
        for_each_hit(work_.output, [&, this](int row, int column, float) {
            const int64_t one = first + row, other = second + column;
            if (one >= other) return;  // a leaf meets itself: each pair is seen twice
            const float loosest = least_of(x_bound[row], y_bound[column]);
            float squared = 0;
            if (in_words_ || rows_.are_whole) {
                ++effort_.compared;
                squared = rows_.squared(screen_, one, other);
                if (rows_.are_apart(squared, loosest)) return;
            }
            ++effort_.measured;
            const float value = rows_.are_whole ? rows_.nearness(squared) : nearness(one, other, loosest);
            exchanged |= offer_to(x_bound[row], work_.x_words, x_slot + row, one, other, value);
            exchanged |= offer_to(y_bound[column], work_.y_words, y_slot + column, other, one, value);
        });
        return exchanged;
    }

    // The nearness of two points, or -inf where it is less than the loosest bound.
    float nearness(int64_t one, int64_t other, float loosest) const {
        const float *own = point(one), *theirs = point(other);
        const auto roughly = static_cast<double>(roughly_squared(own, theirs, all_.n_features));
        // Infinity may be an overflow; the least numbers what underflowed.
        if (roughly > rough_ * static_cast<double>(loosest) + 0x1p-120 && roughly < static_cast<double>(INFINITE)) {
            return -INFINITE;
        }
        return above(exact_ * squared_distance_in_lanes(own, theirs, all_.n_features));
    }

    bool offer_to(float& bound, const WordSide& words, int64_t slot, int64_t position, int64_t other, float value) {
        if (!(value > bound)) return false;
        const int64_t at = position * lists_.kept;
        bound = offer(lists_.nearness + at, lists_.others + at, lists_.kept, static_cast<int32_t>(other), value);
        if (in_words_) words.set_bound(screen_.words, slot, bound);
        return true;
    }

    static constexpr int FEW = 4;  // so many pairs of a tile are compared one by one

    const OrderedPoints& all_;
    const Screen& screen_;
    Node p_, q_;
    const Lists& lists_;
    ScreenedWork& work_;
    RowDistances rows_;
    bool in_words_;
    int64_t laid_out_;
    double rough_, exact_;  // from a nearness to a squared distance, never too near; and back, never too far
    Effort effort_ = {};
};

}  // namespace
