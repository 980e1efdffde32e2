// What the tests of the core share: its functions, and what each answer is held against.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "api.hpp"

#define DECLARE(set)                                                                                                   \
    extern "C" int64_t allknn_halve_bytes_##set(int64_t, int64_t);                                                     \
    extern "C" int64_t allknn_halve_##set(const float*, int64_t, int32_t*, int64_t, int64_t, void*);                   \
    extern "C" void allknn_halve_all_##set(const float*, int64_t, int32_t*, int64_t, int64_t, void*);                  \
    extern "C" void allknn_measure_leaves_##set(const float*, int64_t, const int32_t*, const int64_t*, int64_t,        \
                                                double*, double*);                                                     \
    extern "C" int64_t allknn_join_bytes_##set(int64_t, int64_t);                                                      \
    extern "C" int64_t allknn_join_##set(const OrderedPoints*, const LeafRange*, const LeafRange*, const Lists*,       \
                                         int64_t, void*);                                                              \
    extern "C" void allknn_search_##set(const OrderedPoints*, const int64_t*, int64_t, int64_t, int32_t*, double*,     \
                                        void*);                                                                        \
    extern "C" void allknn_project_##set(const float*, const int32_t*, int64_t, int64_t, const double*, const double*, \
                                         double, int64_t, double*, float*, float*);                                    \
    extern "C" void allknn_arrange_rows_##set(const float*, const float*, const int32_t*, int64_t, int64_t,            \
                                              const int64_t*, int64_t, float*, float*, float*);                        \
    extern "C" void allknn_measure_nodes_##set(const float*, const float*, const int64_t*, int64_t, int64_t, int64_t,  \
                                               double*, double*);                                                      \
    extern "C" int64_t allknn_has_words_##set();                                                                       \
    extern "C" void allknn_round_rows_##set(const float*, const float*, int64_t, int64_t, const int64_t*, int64_t,     \
                                            int64_t, double, int32_t*, int32_t*, int32_t*, float*);                    \
    extern "C" int64_t allknn_join_screened_bytes_##set(int64_t, int64_t, int64_t);                                    \
    extern "C" void allknn_join_screened_##set(const OrderedPoints*, const Screen*, const LeafRange*,                  \
                                               const LeafRange*, const Lists*, int64_t, int64_t*, void*);              \
    extern "C" int64_t allknn_bound_nearby_bytes_##set(int64_t, int64_t, int64_t, int64_t);                            \
    extern "C" void allknn_bound_nearby_##set(const OrderedPoints*, const Screen*, const LeafRange*, int64_t, int64_t, \
                                              int64_t, float*, void*);                                                 \
    extern "C" int64_t allknn_nearest_leaders_bytes_##set(int64_t, int64_t, int64_t, int64_t);                         \
    extern "C" void allknn_nearest_leaders_##set(const float*, int64_t, const int32_t*, int64_t, const LeaderTree*,    \
                                                 int64_t, int64_t, int32_t*, void*);                                   \
    extern "C" int64_t allknn_join_bucket_bytes_##set(int64_t, int64_t, int64_t, const Division*);                     \
    extern "C" int64_t allknn_join_bucket_##set(const LeafJoin*, const int32_t*, int64_t, const Division*, void*);     \
    extern "C" int64_t allknn_refine_bytes_##set(int64_t);                                                             \
    extern "C" int64_t allknn_refine_##set(const LeafJoin*, const int32_t*, const float*, const int32_t*, int64_t,     \
                                           int64_t, void*);
DECLARE(generic)
#if defined(__x86_64__)
DECLARE(v3)
DECLARE(v4)
#endif
extern "C" int32_t allknn_widest_set();
extern "C" void allknn_settle(const OrderedPoints*, const Lists*, int64_t, int64_t, int64_t, int64_t, int32_t*, double*,
                              uint8_t*);
extern "C" void allknn_merge_candidates(const Lists*, const int32_t*, const int32_t*, int64_t, const int32_t*,
                                        const float*);
extern "C" void allknn_merge_answers(const int32_t*, int64_t, int64_t, const int32_t*, const float*, int32_t*, float*);
extern "C" void allknn_hash_rows(const float*, int64_t, int64_t, uint64_t*);
extern "C" void allknn_list_members(const int32_t*, int64_t, int64_t, int64_t, int64_t*, int32_t*);
extern "C" void allknn_find_leaders(const float*, int64_t, int64_t, const uint64_t*, const int32_t*, int32_t*);
extern "C" void allknn_expand(const int32_t*, const int64_t*, const int64_t*, int64_t, const int64_t*, const double*,
                              int64_t, int64_t, int32_t*, double*);

inline void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::exit(1);
}

template <class Number>
size_t size(Number number) {
    return static_cast<size_t>(number);
}

inline double squared(const std::vector<float>& points, int64_t d, int64_t one, int64_t other) {
    double sum = 0;
    for (int64_t f = 0; f < d; ++f) {
        const double step = double(points[size(one * d + f)]) - double(points[size(other * d + f)]);
        sum += step * step;
    }
    return sum;
}

#define CALL(name) (set == 2 ? allknn_##name##_v4 : set == 1 ? allknn_##name##_v3 : allknn_##name##_generic)

// Of the exact join (exact_test.cpp) and of the approximate one (approximate_test.cpp), on one instruction set.
void test_exact(int set, int64_t d);
void test_approximate(int set, int64_t d);
