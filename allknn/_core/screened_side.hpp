// Leaves as a screen shows them, made ready for tiles.
#pragma once

#include "panels.hpp"
#include "screen.hpp"

namespace {

// Leaves made ready for tiles: their rows, panel by panel, and their biases at each stage.
struct ScreenedSide {
    Side first;     // with the bias of the first stage
    float* biases;  // (n_stages - 1, slots): of the others
    int64_t slots;

    static ScreenedSide in(Arena& arena, int64_t leaves, int64_t width) {
        return {Side::in(arena, leaves, width), arena.take<float>((MOST_STAGES - 1) * leaves * LEAF), leaves * LEAF};
    }

    // Where the biases of a stage begin.
    float* bias(int64_t stage) const { return stage == 0 ? first.bias : biases + (stage - 1) * slots; }

    // Lay out a leaf, from `slot` on.
    template <int64_t WIDTH>
    void place(const OrderedPoints& all, const Screen& screen, int64_t leaf, int64_t slot) const {
        const int64_t begin = all.leaf_at[leaf], size = all.leaf_at[leaf + 1] - begin, width = screen.width;
        for (int64_t i = 0; i < LEAF; ++i) {
            const bool is_there = i < size;
            if (!is_there) leave_empty<WIDTH>(width, first, slot + i);
            const float* row = screen.rows + (begin + i) * width;
            float* to = values_of(first, slot + i, WIDTH, width);
            for (int64_t f = 0; is_there && f < width; ++f) to[f * WIDTH] = row[f];
            for (int64_t stage = is_there ? 0 : 1; stage < screen.n_stages; ++stage) {
                bias(stage)[slot + i] = is_there ? screen.bias[(begin + i) * screen.n_stages + stage] : 0;
            }
        }
    }
};

// Squared distance in float32, off by less than (n_features + 3)u of it.
inline float roughly_squared(const float* one, const float* other, int64_t n_features) {
    Floats sums{};
    int64_t f = 0;
    for (; f + LANES <= n_features; f += LANES) {
        const Floats difference = load(one + f) - load(other + f);
        sums += difference * difference;
    }
    float sum = total(sums);
    for (; f < n_features; ++f) sum += (one[f] - other[f]) * (one[f] - other[f]);
    return sum;
}

}  // namespace
