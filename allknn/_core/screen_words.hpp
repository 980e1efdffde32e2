// A screen in whole numbers: most pairs are left out by these, where the processor has VNNI.
#pragma once

#include "screen.hpp"
#include "word_tile.hpp"

namespace {

constexpr int32_t TURNED = static_cast<int32_t>(0x80808080);  // adds 128 to each of four bytes

// How rows become whole numbers.
struct Rounding {
    const int64_t* stages;  // (n_stages,): columns after each
    int64_t n_stages, width;
    int64_t n_fine;  // columns of two bytes, a multiple of 4
    double steps;    // in a unit of the rows: such that no row is longer than 2^14 steps, or sums could overflow

    static constexpr float BYTE_LIMIT = 127, FINE_LIMIT = 0x1p14F;  // what is beyond them is brought to them

    int64_t words() const { return n_fine / 2 + (width - n_fine + 3) / 4; }
};

// Put rows into whole numbers; raise the errors of all stages to theirs. `off` is as `arrange_rows` has it.
//
// To bring a coordinate into a range never takes it farther from another's, so the points in their ranges are no
// farther apart than in truth; from there, each lies as far as rounding took it. What float32 takes of a coordinate,
// 2^-23 of it, is less than `lost` in all. So whole numbers are no farther apart than the points, in steps, and both
// errors; as are those of leading columns.
inline void round_rows(const float* rows, const float* off, int64_t n_rows, const Rounding& how, int32_t* words,
                       int32_t* x_bias, int32_t* y_bias, float* errors) {
    const int64_t width = how.width, n_words = how.words();
    const auto steps = static_cast<float>(how.steps);
    const float lost = __builtin_sqrtf(static_cast<float>(width)) * Rounding::FINE_LIMIT * 0x1p-22F;
    typedef int16_t Short __attribute__((may_alias));
    for (int64_t i = 0; i < n_rows; ++i) {
        int32_t* row = words + i * n_words;
        for (int64_t w = 0; w < n_words; ++w) row[w] = 0;
        auto* fine = reinterpret_cast<Short*>(row);
        auto* bytes = reinterpret_cast<int8_t*>(row + how.n_fine / 2);
        float squared_rest = 0;
        int32_t norm = 0, before = 0;
        for (int64_t stage = 0, f = 0; stage < how.n_stages; ++stage) {
            int32_t sum = 0;
            for (; f < how.stages[stage]; ++f) {
                const float limit = f < how.n_fine ? Rounding::FINE_LIMIT : Rounding::BYTE_LIMIT;
                const float value = least_of(most_of(rows[i * width + f] * steps, -limit), limit);
                const float rounded = __builtin_rintf(value), rest = value - rounded;
                const auto whole = static_cast<int32_t>(rounded);
                squared_rest += rest * rest;
                norm += whole * whole;
                if (f < how.n_fine) {
                    fine[f] = static_cast<Short>(whole);
                } else {
                    bytes[f - how.n_fine] = static_cast<int8_t>(whole);
                    sum += whole;
                }
            }
            y_bias[i * how.n_stages + stage] = before - norm / 2;
            x_bias[i * how.n_stages + stage] = before - norm / 2 - 128 * sum;
            before = norm / 2;
            const float error = (__builtin_sqrtf(squared_rest) + off[i] * steps + lost) * 1.001F;
            errors[stage] = most_of(errors[stage], error);
        }
    }
}

// Leaves in words made ready for tiles.
struct WordSide {
    int32_t* panels;  // (slots / width, n_words, width)
    int32_t* bias;    // (n_stages, slots)
    int32_t* bound;   // (n_stages, slots): a sum has to exceed it to be of use to a point
    int64_t slots;

    static WordSide in(Arena& arena, int64_t leaves, int64_t n_words) {
        const int64_t slots = n_words == 0 ? 0 : leaves * LEAF;
        return {arena.take<int32_t>(slots * n_words), arena.take<int32_t>(slots * MOST_STAGES),
                arena.take<int32_t>(slots * MOST_STAGES), slots};
    }

    // Lay out a leaf, from `slot` on. Those of COLUMNS are turned.
    template <int64_t WIDTH>
    void place(const OrderedPoints& all, const ScreenWords& from, int64_t leaf, int64_t slot) const {
        const int64_t begin = all.leaf_at[leaf], size = all.leaf_at[leaf + 1] - begin, n_words = from.n_words;
        const int32_t* biases = WIDTH == COLUMNS ? from.y_bias : from.x_bias;
        for (int64_t i = 0; i < LEAF; ++i) {
            const bool is_there = i < size;
            const int32_t* row = from.words + (begin + i) * n_words;
            int32_t* to = panels + (slot + i) / WIDTH * WIDTH * n_words + (slot + i) % WIDTH;
            for (int64_t w = 0; w < n_words; ++w) {
                const int32_t turned = WIDTH == COLUMNS && w >= from.n_fine ? TURNED : 0;
                to[w * WIDTH] = (is_there ? row[w] : 0) ^ turned;
            }
            for (int64_t stage = 0; stage < from.n_stages; ++stage) {
                bias[stage * slots + slot + i] = is_there     ? biases[(begin + i) * from.n_stages + stage]
                                                 : stage == 0 ? FARTHEST
                                                              : 0;
            }
        }
    }

    // Note for a slot how near another must be to be of use; inf where nothing is.
    //
    // Two points that are nearer than a nearness says lie no farther apart in whole numbers than that and both errors.
    void set_bound(const ScreenWords& how, int64_t slot, float nearness) const {
        const double length = square_root(-2 * static_cast<double>(nearness)) * how.steps * NEVER_LESS;
        for (int64_t stage = 0; stage < how.n_stages; ++stage) {
            const double most = length + 2 * static_cast<double>(how.errors[stage]);
            const double half = 0.5 * most * most * NEVER_LESS;
            int32_t found = -FARTHEST;
            if (nearness < INFINITE) {
                found = half < -static_cast<double>(FARTHEST) - 1 ? -static_cast<int32_t>(half) - 1 : FARTHEST;
            }
            bound[stage * slots + slot] = found;
        }
    }
};

#if defined(__AVX512F__)

constexpr int64_t TEST = 3;  // to test a tile once more takes as long as so many words

// Look at a tile stage by stage until few pairs are left; writes their bits, and returns how many there are.
ALLKNN_VNNI inline int look_at_words(const ScreenWords& how, const WordSide& x, const WordSide& y, int64_t row,
                                     int64_t column, int few, uint64_t* masks, int64_t& words) {
    const int32_t *x_panel = x.panels + row * how.n_words, *y_panel = y.panels + column * how.n_words;
    WordTile tile;
    tile.begin(x.bias + row, y.bias + column);
    for (int64_t stage = 0, at = 0;; ++stage) {
        const int64_t x_at = stage * x.slots + row, y_at = stage * y.slots + column, stop = how.stages[stage];
        if (stage > 0) tile.raise(x.bias + x_at, y.bias + y_at);
        if (at < how.n_fine) {
            const int64_t more = least_of(stop, how.n_fine) - at;
            tile.add_products<true>(x_panel + at * ROWS, y_panel + at * COLUMNS, more);
            at += more;
        }
        tile.add_products<false>(x_panel + at * ROWS, y_panel + at * COLUMNS, stop - at);
        at = stop;
        if (!tile.any_exceeds(x.bound + x_at, y.bound + y_at)) {
            words += at + stage * TEST;
            return 0;
        }
        tile.mark(x.bound + x_at, y.bound + y_at, masks);
        int found = 0;
        for (int i = 0; i < ROWS; ++i) found += __builtin_popcountll(masks[i]);
        if (found <= few || stage == how.n_stages - 1) {
            words += at + stage * TEST;
            return found;
        }
    }
}

#else

inline int look_at_words(const ScreenWords&, const WordSide&, const WordSide&, int64_t, int64_t, int, uint64_t*,
                         int64_t&) {
    return 0;
}

#endif

}  // namespace
