// Vectors as wide as the instruction set that an object is built for, through the compiler's own extension (GCC,
// Clang).
#pragma once

#include <stddef.h>
#include <stdint.h>

#define ALLKNN_INLINE [[gnu::always_inline]] inline
#define ALLKNN_UNROLL _Pragma("GCC unroll 16")

// All of this is in an unnamed namespace, here and wherever an instruction set matters: a function that two
// objects define under one name is taken by the linker from either, and then runs on the wrong processor.
namespace {

// Rows times three vectors are the sums that a tile holds: as many as leave registers for the factors.
#if defined(__AVX512F__)
constexpr int LANES = 16, TILE_ROWS = 8;  // 24 of 32 registers
#elif defined(__AVX2__)
constexpr int LANES = 8, TILE_ROWS = 4;  // 12 of 16
#elif defined(__aarch64__)
constexpr int LANES = 4, TILE_ROWS = 8;  // 24 of 32
#else
constexpr int LANES = 4, TILE_ROWS = 4;  // 12 of 16
#endif

typedef float Floats __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t Mask __attribute__((vector_size(4 * LANES)));

ALLKNN_INLINE Floats load(const float* from) {
    return *reinterpret_cast<const Floats*>(from);
}
ALLKNN_INLINE void store(float* to, Floats values) {
    *reinterpret_cast<Floats*>(to) = values;
}
ALLKNN_INLINE Floats spread(float value) {
    return value - Floats{};
}
ALLKNN_INLINE Floats lesser(Floats one, Floats other) {
    return one < other ? one : other;
}

// The sum of all lanes, by halves: they do not wait for each other.
ALLKNN_INLINE float total(Floats values) {
    float lanes[LANES];
    store(lanes, values);
    ALLKNN_UNROLL for (int half = LANES / 2; half > 0; half /= 2) {
        ALLKNN_UNROLL for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
}

// Which lanes passed a test. AVX-512 has registers for that; elsewhere a vector holds it, all bits of a lane set.
#if defined(__AVX512F__)
typedef uint16_t Hits;
ALLKNN_INLINE Hits exceeding(Floats values, Floats bounds) {
    typedef float Aligned __attribute__((vector_size(64)));
    constexpr int greater = 30, current_rounding = 4;  // _CMP_GT_OQ: not where one is NaN
    return static_cast<Hits>(__builtin_ia32_cmpps512_mask(static_cast<Aligned>(values), static_cast<Aligned>(bounds),
                                                          greater, static_cast<Hits>(-1), current_rounding));
}
ALLKNN_INLINE uint64_t bits(Hits hits) {
    return hits;
}
#else
typedef Mask Hits;
ALLKNN_INLINE Hits exceeding(Floats values, Floats bounds) {
    return values > bounds;
}
ALLKNN_INLINE uint64_t bits(Hits hits) {
#if defined(__AVX2__)
    typedef float Aligned __attribute__((vector_size(32)));
    return static_cast<uint64_t>(__builtin_ia32_movmskps256(reinterpret_cast<Aligned>(hits)));
#else
    uint64_t found = 0;
    for (int lane = 0; lane < LANES; ++lane) found |= static_cast<uint64_t>(hits[lane] & 1) << lane;
    return found;
#endif
}
#endif

// Sums of many terms go into eight lanes of float64, whatever the instruction set: so they have the same bits
// on all that fuse a product with its sum.
constexpr int DOUBLE_LANES = LANES / 2, SUM_LANES = 8, SUM_PARTS = SUM_LANES / DOUBLE_LANES;
typedef double Doubles __attribute__((vector_size(8 * DOUBLE_LANES), aligned(4), may_alias));
typedef float HalfFloats __attribute__((vector_size(4 * DOUBLE_LANES), aligned(4), may_alias));

struct InLanes {
    ALLKNN_INLINE static Doubles at(const double* from) { return *reinterpret_cast<const Doubles*>(from); }
    ALLKNN_INLINE static Doubles at(const float* from) {
        const HalfFloats narrow = *reinterpret_cast<const HalfFloats*>(from);
#if defined(__AVX512F__)
        // GCC 12 converts each half and puts them together.
        return __builtin_ia32_cvtps2pd512_mask(narrow, Doubles{}, static_cast<uint8_t>(-1), 4);
#else
        return __builtin_convertvector(narrow, Doubles);
#endif
    }
};

struct Alone {
    ALLKNN_INLINE static double at(const double* from) { return *from; }
    ALLKNN_INLINE static double at(const float* from) { return static_cast<double>(*from); }
};

// Sum of left(f) * right(f) over f < n; both are told how to read, as `InLanes` or `Alone`.
template <class Left, class Right>
ALLKNN_INLINE double sum_of_products(int64_t n, Left left, Right right) {
    Doubles sums[SUM_PARTS] = {};
    int64_t f = 0;
    for (; f + SUM_LANES <= n; f += SUM_LANES) {
        ALLKNN_UNROLL for (int part = 0; part < SUM_PARTS; ++part) {
            const int64_t at = f + part * DOUBLE_LANES;
            sums[part] += left(InLanes{}, at) * right(InLanes{}, at);
        }
    }
    double lanes[SUM_LANES], rest = 0;
    ALLKNN_UNROLL for (int part = 0; part < SUM_PARTS; ++part) {
        ALLKNN_UNROLL for (int lane = 0; lane < DOUBLE_LANES; ++lane) {
            lanes[part * DOUBLE_LANES + lane] = sums[part][lane];
        }
    }
    for (; f < n; ++f) rest += left(Alone{}, f) * right(Alone{}, f);
    return (((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))) + rest;
}

template <class One, class Other>
ALLKNN_INLINE double product(const One* one, const Other* other, int64_t n) {
    return sum_of_products(
        n, [=](auto read, int64_t f) { return read.at(one + f); },
        [=](auto read, int64_t f) { return read.at(other + f); });
}

template <class One, class Other>
ALLKNN_INLINE double squared_distance_in_lanes(const One* one, const Other* other, int64_t n) {
    const auto difference = [=](auto read, int64_t f) { return read.at(one + f) - read.at(other + f); };
    return sum_of_products(n, difference, difference);
}

// Ask for a row that is needed soon, where rows lie here and there.
inline void fetch(const float* from, int64_t n_features) {
    constexpr int64_t LINE = 64 / sizeof(float);
    for (int64_t f = 0; f < n_features; f += LINE) __builtin_prefetch(from + f, 0, 2);
}

}  // namespace
