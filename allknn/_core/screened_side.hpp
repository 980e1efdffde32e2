// Leaves as a screen shows them, made ready for tiles.
#pragma once

#include "bounds.hpp"
#include "screen_words.hpp"

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

    // Lay out the leading columns of a leaf, from `slot` on.
    template <int64_t WIDTH>
    void place(const OrderedPoints& all, const Screen& screen, int64_t leaf, int64_t slot, int64_t width) const {
        const int64_t begin = all.leaf_at[leaf], size = all.leaf_at[leaf + 1] - begin;
        for (int64_t i = 0; i < LEAF; ++i) {
            const bool is_there = i < size;
            if (!is_there) leave_empty<WIDTH>(width, first, slot + i);
            const float* row = screen.rows + (begin + i) * screen.width;
            float* to = values_of(first, slot + i, WIDTH, width);
            for (int64_t f = 0; is_there && f < width; ++f) to[f * WIDTH] = row[f];
            for (int64_t stage = is_there ? 0 : 1; stage < screen.n_stages; ++stage) {
                bias(stage)[slot + i] = is_there ? screen.bias[(begin + i) * screen.n_stages + stage] : 0;
            }
        }
    }
};

// What one thread works in.
struct ScreenedWork {
    ScreenedSide x, y;
    WordSide x_words, y_words;
    TileOutput output;
    Projections projections;
    double* zero;      // (width,)
    float* x_loosest;  // (nodes,): the least bound below each
    float* y_loosest;

    // Where words are looked at, `n_words` of them, the columns only serve projections.
    static ScreenedWork in(Arena& arena, int64_t leaves, int64_t width, int64_t n_words) {
        const int64_t laid_out = columns_laid_out(width, n_words);
        return {ScreenedSide::in(arena, leaves, laid_out),
                ScreenedSide::in(arena, leaves, laid_out),
                WordSide::in(arena, leaves, n_words),
                WordSide::in(arena, leaves, n_words),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)},
                Projections::in(arena, width),
                arena.take<double>(width),
                arena.take<float>(2 * leaves),
                arena.take<float>(2 * leaves)};
    }

    static int64_t columns_laid_out(int64_t width, int64_t n_words) {
        return n_words == 0 ? width : least_of<int64_t>(width, 16);
    }
};

// What was done, in the order of what it costs: to say how many pairs were looked at, and whether that pays.
struct Effort {
    int64_t tiles;     // begun
    int64_t columns;   // that they added up, or words
    int64_t rows;      // columns that single rows of a tile added up
    int64_t measured;  // pairs
    int64_t compared;  // pairs whose rows were compared, where words left them
};

// Squared distance in float32, off by less than (n_features + 3)u of it.
inline float roughly_squared(const float* one, const float* other, int64_t n_features) {
    Floats sums{}, others{};  // two, which do not wait for each other
    int64_t f = 0;
    for (; f + 2 * LANES <= n_features; f += 2 * LANES) {
        const Floats difference = load(one + f) - load(other + f);
        const Floats further = load(one + f + LANES) - load(other + f + LANES);
        sums += difference * difference;
        others += further * further;
    }
    sums += others;
    for (; f + LANES <= n_features; f += LANES) {
        const Floats difference = load(one + f) - load(other + f);
        sums += difference * difference;
    }
    float sum = total(sums);
    for (; f < n_features; ++f) sum += (one[f] - other[f]) * (one[f] - other[f]);
    return sum;
}

// What the rows of two points tell of their distance.
//
// A row is off by less than `off_` / 2 (`arrange_rows`, of a point no farther than 1 from the mean). So rows are no
// farther apart than the points and `off_`; squared, that is less than 1 + 2^-15 of the one and 1 + 2^15 of the other.
// Where they have all components, the points are no farther apart than they and `off_` either, but for what directions
// were shortened by.
class RowDistances {
  public:
    const bool are_whole;  // all components are there

    RowDistances(const Screen& screen, int64_t n_features)
        : are_whole(screen.width == n_features),
          off_(2.04 * (0x1p-24 +
                       square_root(static_cast<double>(screen.width)) * static_cast<double>(n_features + 4) * 0x1p-53)),
          off_squared_(above(off_ * off_ * 0x1.1p15)),
          rounding_(static_cast<double>(screen.width + 4) * 0x1p-23) {}

    float squared(const Screen& screen, int64_t one, int64_t other) const {
        return roughly_squared(screen.rows + one * screen.width, screen.rows + other * screen.width, screen.width);
    }

    // Whether points are less near than a nearness. Up to a thousand components rounding takes less than 2^-13.
    bool are_apart(float squared, float nearness) const {
        return squared > -2 * (1 + 0x1p-12F) * nearness + off_squared_;
    }

    // How near they are at most,
    float nearness(float squared) const {
        const double length = square_root(static_cast<double>(squared) * (1 - rounding_)) - off_;
        return length > 0 ? above(-0.5 * length * length) : 0;
    }

    // and how far apart at most.
    double longest(float squared) const {
        return square_root(static_cast<double>(squared) * (1 + rounding_)) * (1 + 1e-8) + off_;
    }

  private:
    double off_;
    float off_squared_;
    double rounding_;
};

}  // namespace
