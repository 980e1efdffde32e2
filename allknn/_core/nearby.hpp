// Bounds from the start: how far the neighbors of a leaf's points are that lie in leaves nearby.
#pragma once

#include "distances.hpp"
#include "screened.hpp"

namespace {

// What one thread works in.
struct NearbyWork {
    ScreenedSide x, y;
    TileOutput output;
    int64_t* numbers;  // (n_leaves,): the node of each leaf
    int32_t* leaves;   // (n_nearby,)
    double* squared;   // (n_nearby,)
    float* nearness;   // (LEAF, kept)
    int32_t* others;   // (LEAF, kept): positions
    int32_t* ids;      // (k,)
    double* lengths;   // (k,)

    static NearbyWork in(Arena& arena, int64_t n_leaves, int64_t width, int64_t n_nearby, int64_t kept) {
        return {ScreenedSide::in(arena, 1, width),
                ScreenedSide::in(arena, 1, width),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)},
                arena.take<int64_t>(n_leaves),
                arena.take<int32_t>(n_nearby),
                arena.take<double>(n_nearby),
                arena.take<float>(LEAF * kept),
                arena.take<int32_t>(LEAF * kept),
                arena.take<int32_t>(kept),
                arena.take<double>(kept)};
    }
};

// The candidates are those that look nearest on the screen; what they are good for is measured between the points.
class Nearby {
  public:
    Nearby(const OrderedPoints& all, const Screen& screen, int64_t n_nearby, int64_t k, int64_t kept, float* bounds,
           NearbyWork& work)
        : all_(all),
          screen_(screen),
          n_nearby_(n_nearby),
          k_(k),
          kept_(kept),
          bounds_(bounds),
          work_(work),
          rows_(screen, all.n_features) {
        number(Node::first_root(screen.n_first));
        if (screen.n_first < all.n_leaves) number(Node::second_root(screen.n_first, all.n_leaves));
        while (stages_ < screen.n_stages && screen.stages[stages_] <= COLUMNS_SEEN) ++stages_;
    }

    // Write how near another has to be to be among the k nearest of each point of a leaf.
    void run(int64_t leaf) {
        find_leaves(leaf);
        const int64_t begin = all_.leaf_at[leaf], size = all_.leaf_at[leaf + 1] - begin;
        lay_out<ROWS>(work_.x, leaf);
        for (int64_t i = 0; i < LEAF; ++i) work_.x.first.bound[i] = i < size ? -INFINITE : INFINITE;
        for (int64_t i = 0; i < LEAF; ++i) work_.y.first.bound[i] = INFINITE;
        for (int64_t c = 0; c < size * kept_; ++c) {
            work_.nearness[c] = -INFINITE;
            work_.others[c] = -1;
        }
        for (int64_t i = 0; i < n_nearby_; ++i) {
            lay_out<COLUMNS>(work_.y, work_.leaves[i]);
            look_at(begin, size, work_.leaves[i]);
        }
        for (int64_t i = 0; i < size; ++i) bounds_[begin + i] = bound(begin + i, work_.others + i * kept_);
    }

  private:
    void number(Node node) {
        if (node.is_leaf()) {
            work_.numbers[node.first] = node.number;
        } else {
            number(node.left());
            number(node.right());
        }
    }

    // The leaves whose means look nearest by a few columns, itself among them.
    void find_leaves(int64_t leaf) {
        const int64_t seen = least_of<int64_t>(screen_.width, 16);
        const double* own = screen_.centers + work_.numbers[leaf] * screen_.width;
        for (int64_t i = 0; i < n_nearby_; ++i) {
            work_.leaves[i] = -1;
            work_.squared[i] = static_cast<double>(INFINITE);
        }
        for (int64_t other = 0; other < all_.n_leaves; ++other) {
            const double* center = screen_.centers + work_.numbers[other] * screen_.width;
            enter(work_.leaves, work_.squared, n_nearby_, static_cast<int32_t>(other),
                  squared_distance_in_lanes(own, center, seen));
        }
    }

    // Lay out a leaf, the stages that are looked at in one.
    template <int64_t WIDTH>
    void lay_out(const ScreenedSide& side, int64_t leaf) {
        side.template place<WIDTH>(all_, screen_, leaf, 0, screen_.width);
        for (int64_t stage = 1; stage < stages_; ++stage) {
            for (int64_t i = 0; i < LEAF; ++i) side.first.bias[i] += side.bias(stage)[i];
        }
    }

    void look_at(int64_t begin, int64_t size, int64_t leaf) {
        const Side &x = work_.x.first, &y = work_.y.first;
        const int64_t width = screen_.width, other_begin = all_.leaf_at[leaf], seen = screen_.stages[stages_ - 1];
        for (int64_t j = 0; j < all_.leaf_at[leaf + 1] - other_begin; j += COLUMNS) {
            for (int64_t i = 0; i < size; i += ROWS) {
                if (!run_tile(x.panels + i * width, y.panels + j * width, seen, x.bias + i, x.bound + i, y.bias + j,
                              y.bound + j, work_.output)) {
                    continue;
                }
                for_each_hit(work_.output, [=, this](int row, int column, float value) {
                    const int64_t one = i + row, other = other_begin + j + column;
                    if (begin + one == other || !(value > x.bound[one])) return;
                    x.bound[one] = offer(work_.nearness + one * kept_, work_.others + one * kept_, kept_,
                                         static_cast<int32_t>(other), value);
                });
            }
        }
    }

    // What is as near as the k-th nearest of some others exceeds this by a nearness that is not below the true one:
    // it lies below that by more than what rounding, also to float32, may take.
    float bound(int64_t position, const int32_t* others) const {
        const float* own = all_.points + all_.order[position] * all_.n_features;
        for (int64_t c = 0; c < k_; ++c) {
            work_.ids[c] = -1;
            work_.lengths[c] = __builtin_inf();
        }
        for (int64_t c = 0; c < kept_; ++c) {
            if (others[c] < 0) continue;
            if (rows_.are_whole) {
                const double longest = rows_.longest(rows_.squared(screen_, position, others[c]));
                enter(work_.ids, work_.lengths, k_, others[c], longest * longest);
            } else {
                const float* theirs = all_.points + all_.order[others[c]] * all_.n_features;
                enter(work_.ids, work_.lengths, k_, others[c], squared_distance_in_lanes(own, theirs, all_.n_features));
            }
        }
        const double last = work_.lengths[k_ - 1],
                     half = rows_.are_whole ? 0.5 * last : allknn_half_scaled(&all_, last);
        return static_cast<float>(-half * (1 + 0x1p-20) - 0x1p-140);
    }

    static constexpr int64_t COLUMNS_SEEN = 32;  // what more would show of the candidates does not pay

    const OrderedPoints& all_;
    const Screen& screen_;
    int64_t n_nearby_, k_, kept_, stages_ = 1;
    float* bounds_;
    NearbyWork& work_;
    RowDistances rows_;
};

}  // namespace
