// The innermost step of all joins: products of a few points with some dozens, tested while in registers.
#pragma once

#include "vectors.hpp"

namespace {

// Sums of ROWS times VECTORS * LANES points. They never reach memory unless one passes a test.
//
// Each lane is one pair of points, and its features are added in their order: the sums are the same bits on all
// instruction sets that fuse a product with its sum (x86-64-v3 and v4), and within the bound that `Panels` allows
// for on any. Whoever needs only some of the features first calls `add_products` for these, tests, and goes on.
template <int ROWS, int VECTORS>
struct Tile {
    static constexpr int COLUMNS = VECTORS * LANES;

    Floats sums[ROWS][VECTORS];

    ALLKNN_INLINE void begin(const float* x_bias, const float* y_bias) {
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Floats bias = load(y_bias + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) sums[row][v] = bias + spread(x_bias[row]);
        }
    }

    // What a further stage adds to the biases.
    ALLKNN_INLINE void raise(const float* x_bias, const float* y_bias) {
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Floats bias = load(y_bias + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) sums[row][v] += bias + spread(x_bias[row]);
        }
    }

    // `x` has ROWS values for each feature, `y` COLUMNS.
    ALLKNN_INLINE void add_products(const float* __restrict x, const float* __restrict y, int64_t n_features) {
        for (int64_t f = 0; f < n_features; ++f) {
            Floats columns[VECTORS];
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) columns[v] = load(y + f * COLUMNS + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                const Floats factor = spread(x[f * ROWS + row]);
                ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) sums[row][v] += factor * columns[v];
            }
        }
    }

    // Whether a sum exceeds the bound of its row or that of its column.
    ALLKNN_INLINE bool any_exceeds(const float* x_bound, const float* y_bound) const {
        Hits hits{};
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Floats bound = load(y_bound + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                hits |= exceeding(sums[row][v], lesser(spread(x_bound[row]), bound));
            }
        }
        return bits(hits) != 0;
    }

    // In how many rows a sum exceeds either.
    ALLKNN_INLINE int rows_exceeding(const float* x_bound, const float* y_bound) const {
        int found = 0;
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            Hits hits{};
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                hits |= exceeding(sums[row][v], lesser(spread(x_bound[row]), load(y_bound + v * LANES)));
            }
            found += bits(hits) != 0;
        }
        return found;
    }

    // Write for each row a bit for each column that exceeds, and all of its sums where there is one.
    ALLKNN_INLINE void write(const float* x_bound, const float* y_bound, float* values, uint64_t* masks) const {
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            uint64_t mask = 0;
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                const Floats bound = lesser(spread(x_bound[row]), load(y_bound + v * LANES));
                store(values + row * COLUMNS + v * LANES, sums[row][v]);
                mask |= bits(exceeding(sums[row][v], bound)) << (v * LANES);
            }
            masks[row] = mask;
        }
    }
};

using JoinTile = Tile<TILE_ROWS, 3>;
constexpr int ROWS = TILE_ROWS, COLUMNS = JoinTile::COLUMNS;

// What a tile writes, in memory that begins with a cache line.
struct TileOutput {
    float* values;
    uint64_t* masks;
};

// One tile, begun, added up and tested; `output` is written only if it returns true.
ALLKNN_INLINE bool run_tile(const float* x, const float* y, int64_t n_features, const float* x_bias,
                            const float* x_bound, const float* y_bias, const float* y_bound, TileOutput output) {
    JoinTile tile;
    tile.begin(x_bias, y_bias);
    tile.add_products(x, y, n_features);
    if (!tile.any_exceeds(x_bound, y_bound)) [[likely]]
        return false;
    tile.write(x_bound, y_bound, output.values, output.masks);
    return true;
}

// Call `each(row, column, value)` for all that exceeded when the tile was written, row by row.
template <class Each>
ALLKNN_INLINE void for_each_hit(TileOutput output, Each each) {
    for (int row = 0; row < ROWS; ++row) {
        for (uint64_t mask = output.masks[row]; mask != 0; mask &= mask - 1) {
            const int column = __builtin_ctzll(mask);
            each(row, column, output.values[row * COLUMNS + column]);
        }
    }
}

// Products of the points of one panel, so many vectors of them, with a direction.
template <class Vector, int VECTORS>
ALLKNN_INLINE void project_panel(const float* panel, int64_t n_features, const float* direction, float* projections) {
    constexpr int64_t lanes = sizeof(Vector) / sizeof(float);
    Vector sums[VECTORS] = {};
    for (int64_t f = 0; f < n_features; ++f) {
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            sums[v] += *reinterpret_cast<const Vector*>(panel + (f * VECTORS + v) * lanes) * direction[f];
        }
    }
    ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) * reinterpret_cast<Vector*>(projections + v * lanes) = sums[v];
}

}  // namespace
