// The distance of two points as users see it.
#pragma once

#include <stdint.h>

#include "names.hpp"

// Direct differences in float64, in eight lanes whatever the instruction set, no product fused with its sum: the same
// bits on every processor. Rounded to float32.
extern "C" __attribute__((visibility("hidden"))) float ALLKNN_KERNEL(distance)(const float* one, const float* other,
                                                                               int64_t n_features);
