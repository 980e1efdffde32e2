// What reaches the user: distances and their order, the same bits on every processor.
#pragma once

#include <stdint.h>

#include "api.hpp"

#define ALLKNN_HIDDEN extern "C" __attribute__((visibility("hidden")))

// Sum of squared differences in float64, feature by feature, no product fused with its sum.
ALLKNN_HIDDEN double allknn_squared_distance(const float* one, const float* other, int64_t n_features);

// Half of a squared distance in the points' scale, not below the true one.
ALLKNN_HIDDEN double allknn_half_scaled(const OrderedPoints* all, double squared);
