// The points of a bucket in one byte a feature: a first look, four times as fast, where the processor has VNNI.
#pragma once

#include "arena.hpp"
#include "numbers.hpp"
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

// How far apart coordinates are, at most, of all points that it is shown and another one.
class Reach {
  public:
    void add(const float* one, const float* other, int64_t n) {
        int64_t f = 0;
        for (; f + LANES <= n; f += LANES) {
            const Floats difference = load(one + f) - load(other + f), size = difference < 0 ? -difference : difference;
            in_lanes_ = size > in_lanes_ ? size : in_lanes_;
        }
        for (; f < n; ++f) rest_ = most_of(rest_, __builtin_fabsf(one[f] - other[f]));
    }

    float most() const {
        float found = rest_;
        for (int lane = 0; lane < LANES; ++lane) found = most_of(found, in_lanes_[lane]);
        return found;
    }

  private:
    Floats in_lanes_{};
    float rest_ = 0;
};

inline float sum_of(Floats values) {
    float lanes[LANES];
    store(lanes, values);
    ALLKNN_UNROLL for (int half = LANES / 2; half > 0; half /= 2) {
        ALLKNN_UNROLL for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
}

constexpr int32_t FARTHEST = -(1 << 29);                      // less than any nearness of bytes
constexpr int64_t FEWEST_FEATURES = 8, MOST_FEATURES = 1024;  // sums of squares of bytes are exact in float32

// Points around a center, in steps of which 127 reach the farthest coordinate.
//
// Errors bound the distance of each point from where its bytes put it, in steps. So no two points are nearer than
// their bytes say less both errors: what is ruled out by that is ruled out for certain.
struct Quantized {
    float* wide;      // (n_features,): the point that was rounded last
    int8_t* row;      // (4 * groups,)
    int32_t* halves;  // (slots,): half the squared norms of bytes, rounded down
    int32_t* sums;    // (slots,): of bytes
    float* errors;    // (slots,)
    float* center;    // (n_features,)
    int64_t groups;   // four features each
    float steps;      // in a unit of length
    bool is_exact;    // there is no error, and no rounding

    static Quantized in(Arena& arena, int64_t slots, int64_t n_features) {
        const int64_t groups = (n_features + 3) / 4;
        return {arena.take<float>(n_features),
                arena.take<int8_t>(groups * 4),
                arena.take<int32_t>(slots),
                arena.take<int32_t>(slots),
                arena.take<float>(slots),
                arena.take<float>(n_features),
                groups,
                0,
                false};
    }

    // How near another has to be to be of use to a point whose last neighbor is at a distance: a nearness in whole
    // steps has to exceed it. `most` is the error of the other.
    int32_t bound(int64_t slot, float last, float most) const {
        const float length = last * steps + errors[slot] + most, half = length * length * (0.5F + 0x1p-19F);
        return half < 0x1p29F ? -static_cast<int32_t>(half) - 1 : FARTHEST;
    }

    // The same where so many others are known to be as near as a nearness.
    int32_t bound_by(int64_t slot, int32_t nearness, float most) const {
        const float length = __builtin_sqrtf(2 - 2 * static_cast<float>(nearness)) * (1 + 0x1p-20F);
        return bound(slot, (length + errors[slot] + most) * (1 + 0x1p-20F) / steps, most);
    }

    // Each coordinate was rounded twice before, which may have taken 2^-16 of a step.
    void round(const float* from, int64_t n_features, int64_t slot) const {
        constexpr float to_whole = 0x1.8p23F;  // added and taken away again, it leaves whole numbers
        Floats squares_of_rest{}, squares{}, all{};
        int64_t f = 0;
        for (; f + LANES <= n_features; f += LANES) {
            const Floats value = (load(from + f) - load(center + f)) * steps;
            const Floats shifted = value + to_whole, whole = shifted - to_whole, rest = value - whole;
            squares_of_rest += rest * rest;
            squares += whole * whole;
            all += whole;
            store(wide + f, shifted);
        }
        float rest_squared = sum_of(squares_of_rest), norm = sum_of(squares), sum = sum_of(all);
        for (; f < n_features; ++f) {
            const float value = (from[f] - center[f]) * steps, whole = (value + to_whole) - to_whole;
            rest_squared += (value - whole) * (value - whole);
            norm += whole * whole;
            sum += whole;
            wide[f] = value + to_whole;
        }
        // The last byte of a float32 as large as that is the whole number.
        for (f = 0; f < n_features; ++f) row[f] = static_cast<int8_t>(__builtin_bit_cast(int32_t, wide[f]));
        for (; f < groups * 4; ++f) row[f] = 0;
        halves[slot] = static_cast<int32_t>(norm) / 2;
        sums[slot] = static_cast<int32_t>(sum);
        const float terms = static_cast<float>(n_features);
        errors[slot] = is_exact ? 0 : (__builtin_sqrtf(rest_squared) + __builtin_sqrtf(terms) * 0x1p-15F) * 1.001F;
    }
};

#if defined(__AVX512F__)

typedef int32_t Wholes __attribute__((vector_size(64), aligned(4), may_alias));

// As `Tile`, of bytes: the rows have signs, 128 is added to the columns, and 128 times the sum of a row is taken away
// by its bias.
struct ByteTile {
    static constexpr int VECTORS = COLUMNS / LANES;
    typedef int32_t Lanes __attribute__((vector_size(64)));

    Lanes sums[ROWS][VECTORS];

    ALLKNN_VNNI ALLKNN_INLINE void run(const int32_t* __restrict x, const int32_t* __restrict y, int64_t groups,
                                       const int32_t* x_bias, const int32_t* y_bias) {
        ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
            const Lanes bias = *reinterpret_cast<const Wholes*>(y_bias + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) sums[row][v] = bias + x_bias[row];
        }
        for (int64_t group = 0; group < groups; ++group) {
            Lanes columns[VECTORS];
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                columns[v] = *reinterpret_cast<const Wholes*>(y + group * COLUMNS + v * LANES);
            }
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                const Lanes factor = x[group * ROWS + row] - Lanes{};
                ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                    sums[row][v] = __builtin_ia32_vpdpbusd_v16si(sums[row][v], columns[v], factor);
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

    // Write what exceeds the bound of its row or that of its column; returns whether anything does.
    ALLKNN_INLINE bool write(const int32_t* x_bound, const int32_t* y_bound, int32_t* values, uint64_t* masks) const {
        uint64_t any = 0;
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            uint64_t mask = 0;
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                const Lanes own = x_bound[row] - Lanes{}, other = *reinterpret_cast<const Wholes*>(y_bound + v * LANES);
                mask |= lanes_above(sums[row][v], own < other ? own : other) << (v * LANES);
            }
            masks[row] = mask;
            any |= mask;
        }
        if (any == 0) return false;
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                *reinterpret_cast<Wholes*>(values + row * COLUMNS + v * LANES) = sums[row][v];
            }
        }
        return true;
    }

  private:
    ALLKNN_INLINE static uint64_t lanes_above(Lanes values, Lanes bounds) {
        return static_cast<uint16_t>(__builtin_ia32_pcmpgtd512_mask(values, bounds, static_cast<uint16_t>(-1)));
    }
};

// One tile of bytes; `values` and `masks` are written only if it returns true.
ALLKNN_VNNI inline bool run_byte_tile(const int32_t* x, const int32_t* y, int64_t groups, const int32_t* x_bias,
                                      const int32_t* x_bound, const int32_t* y_bias, const int32_t* y_bound,
                                      int32_t* values, uint64_t* masks) {
    ByteTile tile;
    tile.run(x, y, groups, x_bias, y_bias);
    return tile.write(x_bound, y_bound, values, masks);
}

// Hold some rows against all columns; writes the greatest value of each place, (ROWS, COLUMNS).
ALLKNN_VNNI inline void run_byte_maxima(const int32_t* x, const int32_t* y, int64_t groups, const int32_t* x_bias,
                                        const int32_t* y_bias, int64_t slots, int32_t* values) {
    for (int64_t i = 0; i < ROWS * COLUMNS; ++i) values[i] = FARTHEST;
    for (int64_t j = 0; j < slots; j += COLUMNS) {
        ByteTile tile;
        tile.run(x, y + j * groups, groups, x_bias, y_bias + j);
        tile.keep_most(values);
    }
}

#else

inline void run_byte_maxima(const int32_t*, const int32_t*, int64_t, const int32_t*, const int32_t*, int64_t,
                            int32_t*) {}
inline bool run_byte_tile(const int32_t*, const int32_t*, int64_t, const int32_t*, const int32_t*, const int32_t*,
                          const int32_t*, int32_t*, uint64_t*) {
    return false;
}

#endif

}  // namespace
