// Coordinates that are whole multiples of a unit: counts, pixels, one-hot rows, also of other sizes than 1.
#pragma once

#include "numbers.hpp"

namespace {

inline bool are_whole(const float* values, int64_t n, float unit) {
    constexpr float to_whole = 0x1.8p23F, most = 0x1p12F;
    for (int64_t f = 0; f < n; ++f) {
        if (unit == 1) {
            if (values[f] != __builtin_truncf(values[f])) return false;
            continue;
        }
        const float times = values[f] / unit;
        if (!(__builtin_fabsf(times) <= most)) return false;
        const float shifted = times + to_whole, whole = shifted - to_whole;
        if (static_cast<double>(whole) * static_cast<double>(unit) != static_cast<double>(values[f])) return false;
    }
    return true;
}

// What all coordinates may be multiples of, as one point shows it: 1, or its least one that is not 0.
inline float unit_of(const float* values, int64_t n) {
    if (are_whole(values, n, 1)) return 1;
    float least = INFINITE;
    for (int64_t f = 0; f < n; ++f) {
        const float size = __builtin_fabsf(values[f]);
        if (size > 0 && size < least) least = size;
    }
    return least;
}

// So many squared units, and all sums of fewer, are exact in float64.
inline double exact_multiples(float unit) {
    const uint32_t bits = __builtin_bit_cast(uint32_t, unit);
    uint32_t digits = (bits & 0x7FFFFF) | ((bits >> 23 & 0xFF) != 0 ? 0x800000U : 0U);
    digits >>= __builtin_ctz(digits | 0x800000U);
    double most = 0x1p53;
    for (; digits != 0; digits >>= 1) most *= 0.25;
    return most;
}

}  // namespace
