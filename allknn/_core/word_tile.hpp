// The tile of whole numbers: words of two or four features, where the processor has VNNI.
#pragma once

#include "tile.hpp"

namespace {

#if defined(__AVX512F__)
#define ALLKNN_VNNI __attribute__((target("avx512vnni")))
inline bool has_byte_products() {
    return __builtin_cpu_supports("avx512vnni") != 0;
}
#else
#define ALLKNN_VNNI
inline bool has_byte_products() {
    return false;
}
#endif

constexpr int32_t FARTHEST = -(1 << 29);  // less than any nearness of bytes

#if defined(__AVX512F__)

typedef int32_t Wholes __attribute__((vector_size(64), aligned(4), may_alias));

// As `Tile`, of words of two features with signs, or of four: then 128 is added to those of the columns, and 128 times
// the sum of a row is taken away by its bias.
struct WordTile {
    static constexpr int VECTORS = COLUMNS / LANES;
    typedef int32_t Lanes __attribute__((vector_size(64)));

    Lanes sums[ROWS][VECTORS];

    ALLKNN_INLINE void begin(const int32_t* x_bias, const int32_t* y_bias) {
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Lanes bias = *reinterpret_cast<const Wholes*>(y_bias + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) sums[row][v] = bias + x_bias[row];
        }
    }

    // What a further stage adds to the biases.
    ALLKNN_INLINE void raise(const int32_t* x_bias, const int32_t* y_bias) {
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Lanes bias = *reinterpret_cast<const Wholes*>(y_bias + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) sums[row][v] += bias + x_bias[row];
        }
    }

    template <bool FINE>
    ALLKNN_VNNI ALLKNN_INLINE void add_products(const int32_t* __restrict x, const int32_t* __restrict y,
                                                int64_t words) {
        for (int64_t word = 0; word < words; ++word) {
            Lanes columns[VECTORS];
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                columns[v] = *reinterpret_cast<const Wholes*>(y + word * COLUMNS + v * LANES);
            }
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                const Lanes factor = x[word * ROWS + row] - Lanes{};
                ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                    sums[row][v] = FINE ? __builtin_ia32_vpdpwssd_v16si(sums[row][v], columns[v], factor)
                                        : __builtin_ia32_vpdpbusd_v16si(sums[row][v], columns[v], factor);
                }
            }
        }
    }

    // Keep the greater ones, place by place.
    ALLKNN_INLINE void keep_most(int32_t* values) const {
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                Wholes* at = reinterpret_cast<Wholes*>(values + row * COLUMNS + v * LANES);
                const Lanes before = *at;
                *at = before < sums[row][v] ? sums[row][v] : before;
            }
        }
    }

    // Whether a sum exceeds the bound of its row or that of its column.
    ALLKNN_INLINE bool any_exceeds(const int32_t* x_bound, const int32_t* y_bound) const {
        uint64_t any = 0;
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Lanes other = *reinterpret_cast<const Wholes*>(y_bound + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                const Lanes own = x_bound[row] - Lanes{};
                any |= lanes_above(sums[row][v], own < other ? own : other);
            }
        }
        return any != 0;
    }

    // Write for each row a bit for each column that exceeds; returns all of these.
    ALLKNN_INLINE uint64_t mark(const int32_t* x_bound, const int32_t* y_bound, uint64_t* masks) const {
        uint64_t any = 0;
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            uint64_t mask = 0;
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                const Lanes own = x_bound[row] - Lanes{}, other = *reinterpret_cast<const Wholes*>(y_bound + v * LANES);
                // With -O1, GCC 12 reads more of what it kept on the stack than it wrote, and takes the rest for 0.
                uint64_t found = lanes_above(sums[row][v], own < other ? own : other);
                asm("" : "+r"(found));
                mask |= (found & 0xffff) << (v * LANES);
            }
            masks[row] = mask;
            any |= mask;
        }
        return any;
    }

    ALLKNN_INLINE void write(int32_t* values) const {
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                *reinterpret_cast<Wholes*>(values + row * COLUMNS + v * LANES) = sums[row][v];
            }
        }
    }

  private:
    ALLKNN_INLINE static uint64_t lanes_above(Lanes values, Lanes bounds) {
        return static_cast<uint16_t>(__builtin_ia32_pcmpgtd512_mask(values, bounds, static_cast<uint16_t>(-1)));
    }
};

// One tile of words; `values` and `masks` are written only if it returns true.
template <bool FINE>
ALLKNN_VNNI inline bool run_word_tile(const int32_t* x, const int32_t* y, int64_t words, const int32_t* x_bias,
                                      const int32_t* x_bound, const int32_t* y_bias, const int32_t* y_bound,
                                      int32_t* values, uint64_t* masks) {
    WordTile tile;
    tile.begin(x_bias, y_bias);
    tile.add_products<FINE>(x, y, words);
    if (tile.mark(x_bound, y_bound, masks) == 0) return false;
    tile.write(values);
    return true;
}

// Hold some rows against all columns; writes the greatest value of each place, (ROWS, COLUMNS).
template <bool FINE>
ALLKNN_VNNI inline void run_word_maxima(const int32_t* x, const int32_t* y, int64_t words, const int32_t* x_bias,
                                        const int32_t* y_bias, int64_t slots, int32_t* values) {
    for (int64_t i = 0; i < ROWS * COLUMNS; ++i) values[i] = FARTHEST;
    for (int64_t j = 0; j < slots; j += COLUMNS) {
        WordTile tile;
        tile.begin(x_bias, y_bias + j);
        tile.add_products<FINE>(x, y + j * words, words);
        tile.keep_most(values);
    }
}

#else

template <bool FINE>
inline void run_word_maxima(const int32_t*, const int32_t*, int64_t, const int32_t*, const int32_t*, int64_t,
                            int32_t*) {}
template <bool FINE>
inline bool run_word_tile(const int32_t*, const int32_t*, int64_t, const int32_t*, const int32_t*, const int32_t*,
                          const int32_t*, int32_t*, uint64_t*) {
    return false;
}

#endif

}  // namespace
