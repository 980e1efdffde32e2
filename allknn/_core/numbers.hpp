// Rounding that keeps a promise: never below, never above.
#pragma once

#include "vectors.hpp"

namespace {

constexpr float INFINITE = __builtin_inff();

// Less than any rounding of a sum in float64 of up to a million terms takes away.
constexpr double NEVER_MORE = 1 - 1e-9, NEVER_LESS = 1 + 1e-9;

inline double square_root(double value) {
    return __builtin_sqrt(value);
}

template <class Value>
inline Value least_of(Value one, Value other) {
    return other < one ? other : one;
}

template <class Value>
inline Value most_of(Value one, Value other) {
    return one < other ? other : one;
}

// The next float32 above a value that is not NaN; infinity's is infinity.
inline float next_above(float value) {
    if (value == INFINITE) return value;
    const float plain = value + 0.0F;  // -0.0 becomes 0.0
    int32_t bits = __builtin_bit_cast(int32_t, plain);
    bits += plain >= 0 ? 1 : -1;
    return __builtin_bit_cast(float, bits);
}

// Round to float32, never down.
inline float above(double value) {
    const float rounded = static_cast<float>(value);
    return static_cast<double>(rounded) >= value ? rounded : next_above(rounded);
}

// The next float32 below a value: what exceeds it is the value or more.
inline float below(double value) {
    return -next_above(above(-value));
}

inline float least(const float* values, int size) {
    Floats in_lanes = spread(values[0]);
    int i = 0;
    for (; i + LANES <= size; i += LANES) in_lanes = lesser(load(values + i), in_lanes);
    float found = in_lanes[0];
    for (int lane = 1; lane < LANES; ++lane) found = least_of(found, in_lanes[lane]);
    for (; i < size; ++i) found = least_of(found, values[i]);
    return found;
}

inline float most(const float* values, int size) {
    float found = values[0];
    for (int i = 1; i < size; ++i) found = most_of(found, values[i]);
    return found;
}

}  // namespace
