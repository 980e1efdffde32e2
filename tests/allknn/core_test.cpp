// Each function of the core on small and odd sizes, for the sanitizers; answers are held against brute force.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

#include "api.hpp"

#define DECLARE(set)                                                                                                \
    extern "C" int64_t allknn_halve_bytes_##set(int64_t, int64_t);                                                  \
    extern "C" int64_t allknn_halve_##set(const float*, int64_t, int32_t*, int64_t, int64_t, void*);                \
    extern "C" void allknn_halve_all_##set(const float*, int64_t, int32_t*, int64_t, int64_t, void*);               \
    extern "C" void allknn_measure_leaves_##set(const float*, int64_t, const int32_t*, const int64_t*, int64_t,     \
                                                double*, double*);                                                  \
    extern "C" int64_t allknn_join_bytes_##set(int64_t, int64_t);                                                   \
    extern "C" int64_t allknn_join_##set(const OrderedPoints*, const LeafRange*, const LeafRange*, const Lists*,    \
                                         int64_t, void*);                                                           \
    extern "C" void allknn_search_##set(const OrderedPoints*, const int64_t*, int64_t, int64_t, int32_t*, double*,  \
                                        void*);                                                                     \
    extern "C" int64_t allknn_assign_bytes_##set(int64_t, int64_t);                                                 \
    extern "C" void allknn_assign_##set(const float*, int64_t, const int32_t*, int64_t, const float*, const float*, \
                                        int64_t, int64_t, int64_t, int32_t*, float*, void*);
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
extern "C" void allknn_find_leaders(const float*, int64_t, int64_t, const uint64_t*, const int32_t*, int32_t*);
extern "C" void allknn_expand(const int32_t*, const int64_t*, const int64_t*, int64_t, const int64_t*, const double*,
                              int64_t, int64_t, int32_t*, double*);

namespace {

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::exit(1);
}

template <class Number>
size_t size(Number number) {
    return static_cast<size_t>(number);
}

double squared(const std::vector<float>& points, int64_t d, int64_t one, int64_t other) {
    double sum = 0;
    for (int64_t f = 0; f < d; ++f) {
        const double step = double(points[size(one * d + f)]) - double(points[size(other * d + f)]);
        sum += step * step;
    }
    return sum;
}

#define CALL(name) (set == 2 ? allknn_##name##_v4 : set == 1 ? allknn_##name##_v3 : allknn_##name##_generic)

// Every buffer is as large as it must be and no larger, and begins where it happens to.
void join_all(int set, int64_t n, int64_t d, int64_t k, bool apart, bool copies) {
    std::mt19937 random(static_cast<unsigned>(n * 1000 + d));
    std::normal_distribution<float> normal;
    std::vector<float> points(size(n * d));
    for (auto& value : points) value = normal(random) + (apart && random() % 2 != 0 ? 1000.0F : 0.0F);
    for (int64_t i = 1; copies && i < n; i += 3) std::copy_n(&points[size((i - 1) * d)], d, &points[size(i * d)]);
    std::vector<int32_t> order(size(n));
    for (int64_t i = 0; i < n; ++i) order[size(i)] = int32_t(i);
    std::vector<char> memory(size(CALL(halve_bytes)(n, d)));
    if (n > 8) {
        const int64_t middle = CALL(halve)(points.data(), d, order.data(), 0, n, memory.data());
        check(0 < middle && middle < n, "a half is a part");
    }
    CALL(halve_all)(points.data(), d, order.data(), 0, n, memory.data());
    std::vector<int64_t> leaf_at;
    for (int64_t at = 0; at < n; at += LEAF) leaf_at.push_back(at);
    leaf_at.push_back(n);
    const auto n_leaves = int64_t(leaf_at.size()) - 1;
    std::vector<double> centers(size(n_leaves * d)), radii(size(n_leaves));
    CALL(measure_leaves)(points.data(), d, order.data(), leaf_at.data(), n_leaves, centers.data(), radii.data());
    const OrderedPoints all = {points.data(), order.data(), leaf_at.data(), centers.data(), radii.data(), 0x1p-14, d,
                               n_leaves};
    const int64_t kept = std::min(k + 4, n - 1), wanted = std::min(k, kept);
    const float none = -std::numeric_limits<float>::infinity();
    std::vector<float> nearness(size(n * kept), none), loosest(size(n_leaves), none);
    std::vector<int32_t> others(size(n * kept), -1), ids(size(n * wanted));
    const Lists lists = {nearness.data(), others.data(), loosest.data(), kept};
    memory.assign(size(CALL(join_bytes)(n_leaves, d)), 0);
    const LeafRange first = {0, (n_leaves + 1) / 2}, second = {(n_leaves + 1) / 2, n_leaves};
    CALL(join)(&all, &first, &first, &lists, n_leaves, memory.data());
    if (second.first < second.stop) {
        CALL(join)(&all, &second, &second, &lists, n_leaves, memory.data());
        CALL(join)(&all, &first, &second, &lists, n_leaves, memory.data());
    }
    std::vector<double> lengths(size(n * wanted));
    std::vector<uint8_t> unproven(size(n));
    allknn_settle(&all, &lists, n, 0, n, wanted, ids.data(), lengths.data(), unproven.data());
    memory.assign(size(CALL(join_bytes)(1, d)), 0);
    for (int64_t i = 0; i < n; ++i) {
        if (unproven[size(i)] == 0 && i % 50 != 0) continue;
        CALL(search)(&all, &i, 1, wanted, &ids[size(i * wanted)], &lengths[size(i * wanted)], memory.data());
    }
    for (int64_t i = 0; i < n; i += 1 + n / 20) {
        std::vector<double> true_lengths;
        for (int64_t j = 0; j < n; ++j) {
            if (j != i) true_lengths.push_back(squared(points, d, order[size(i)], order[size(j)]));
        }
        std::sort(true_lengths.begin(), true_lengths.end());
        check(std::equal(true_lengths.begin(), true_lengths.begin() + wanted, &lengths[size(i * wanted)]),
              "lengths are those of brute force");
    }
}

void assign_all(int set, int64_t n, int64_t d, int64_t n_centers, int64_t overlap) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform;
    std::vector<float> points(size(n * d)), origin(size(d), 0.5F);
    for (auto& value : points) value = uniform(random);
    const std::vector<float> centers(points.begin(), points.begin() + n_centers * d);
    std::vector<int32_t> rows, nearest(size(n * overlap), -1);
    for (int64_t i = 0; i < n; i += 2) rows.push_back(int32_t(i));
    std::vector<float> values(size(n * overlap), -std::numeric_limits<float>::infinity());
    std::vector<char> memory(size(CALL(assign_bytes)(n_centers, d)));
    CALL(assign)(points.data(), d, rows.data(), int64_t(rows.size()), origin.data(), centers.data(), n_centers, 5,
                 overlap, nearest.data(), values.data(), memory.data());
    for (int64_t i = 0; i < n_centers; i += 2) {
        const int64_t found = nearest[size(i * overlap)] - 5;
        check(0 <= found && found < n_centers && squared(points, d, i, found) < 1e-5, "a center's nearest is itself");
    }
    check(n < 2 || nearest[size(overlap)] == -1, "rows not asked for stay as they were");
}

void merge_all() {
    float nearness[] = {-1, -3, -2, -4};
    int32_t others[] = {1, -1, 0, -1};
    float loosest[] = {-4};
    const Lists lists = {nearness, others, loosest, 2};
    const int32_t positions[] = {1, 0}, sizes[] = {1, 2}, found[] = {1, 0, 1};
    const float near[] = {-1.5F, -9, -2};
    allknn_merge_candidates(&lists, positions, sizes, 2, found, near);
    check(others[1] == 0 || others[1] == 1, "a candidate is taken");
    const int32_t rows[] = {1}, ids[] = {4, 2, -1};
    const float distances[] = {0.5F, 1, INFINITY};
    int32_t all_ids[] = {7, 8, 9, 2, -1, -1};
    float all_distances[] = {1, 2, 3, 1, INFINITY, INFINITY};
    allknn_merge_answers(rows, 1, 3, ids, distances, all_ids, all_distances);
    check(all_ids[3] == 4 && all_ids[4] == 2 && all_ids[5] == -1, "answers are merged, nobody twice");
}

void group_all() {
    const float points[] = {1, 2, 0.0F, 3, 1, 2, -0.0F, 3};
    uint64_t hashes[4];
    allknn_hash_rows(points, 4, 2, hashes);
    check(hashes[0] == hashes[2] && hashes[1] == hashes[3] && hashes[0] != hashes[1], "equal rows have equal hashes");
    const int32_t first[] = {0, 2, 1, 3}, second[] = {1, 3, 0, 2};
    int32_t leader[4];
    allknn_find_leaders(points, 4, 2, hashes, hashes[0] < hashes[1] ? first : second, leader);
    check(leader[2] == 0 && leader[3] == 1 && leader[0] == 0 && leader[1] == 1, "the first of equal ones leads");
    const int32_t members[] = {0, 2, 1, 3};
    const int64_t begin[] = {0, 2, 4}, groups[] = {0, 1}, near[] = {1, 0};
    const double lengths[] = {2, 2};
    int32_t ids[12];
    double squared_lengths[12];
    allknn_expand(members, begin, groups, 2, near, lengths, 1, 3, ids, squared_lengths);
    check(ids[0] == 2 && ids[1] == 1 && ids[2] == 3 && squared_lengths[0] == 0 && squared_lengths[1] == 2,
          "equal points come first");
}

}  // namespace

int main() {
    for (int set = 0; set <= allknn_widest_set(); ++set) {
        for (const int64_t d : {1, 2, 7, 8, 17, 64, 131}) {
            for (const int64_t n : {2, 3, 9, 47, 48, 49, 191, 193, 400, 1000}) {
                join_all(set, n, d, 5, d % 2 == 0, n % 2 == 0);
            }
            assign_all(set, 200, d, 1, 1);
            assign_all(set, 401, d, 50, 3);
        }
    }
    merge_all();
    group_all();
    std::puts("all functions hold");
    return 0;
}
