// Distances in lanes. Compiled for each instruction set, with -ffp-contract=off.
#include "measure.hpp"

#include "vectors.hpp"

float ALLKNN_KERNEL(distance)(const float* one, const float* other, int64_t n_features) {
    return static_cast<float>(__builtin_sqrt(squared_distance_in_lanes(one, other, n_features)));
}
