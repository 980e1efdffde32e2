// Each function of the core on small and odd sizes, for the sanitizers; answers are held against brute force.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
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
    extern "C" void allknn_measure_nodes_##set(const float*, const float*, const int64_t*, int64_t, int64_t, double*,  \
                                               double*);                                                               \
    extern "C" int64_t allknn_join_screened_bytes_##set(int64_t, int64_t);                                             \
    extern "C" void allknn_join_screened_##set(const OrderedPoints*, const Screen*, const LeafRange*,                  \
                                               const LeafRange*, const Lists*, int64_t, int64_t, int64_t*, void*);     \
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

// Lists found through a screen that is turned by nothing: its components are the first features.
void join_screened_all(int set, const OrderedPoints& all, int64_t n, int64_t k, int64_t kept, float* nearness,
                       int32_t* others) {
    const int64_t d = all.n_features, n_leaves = all.n_leaves, width = std::min<int64_t>(d, 20);
    std::vector<double> mean(size(d)), directions(size(width * d)), centered(size(d));
    for (int64_t j = 0; j < width; ++j) directions[size(j * d + j)] = 1 - 1e-9;
    std::vector<float> from(size(n * width)), squares(size(n)), rows(size(n * width)), off(size(n));
    std::vector<int32_t> ids(size(n));
    for (int64_t i = 0; i < n; ++i) ids[size(i)] = int32_t(i);
    CALL(project)(all.points, ids.data(), n, d, mean.data(), directions.data(), all.scale, width, centered.data(),
                  from.data(), squares.data());
    std::vector<int64_t> stages;
    if (width > 8) stages.push_back(8);
    stages.push_back(width);
    const auto n_stages = int64_t(stages.size());
    std::vector<float> bias(size(n * n_stages)), bounds(size(n)), loosest(size(n_leaves), -INFINITY);
    CALL(arrange_rows)(from.data(), squares.data(), all.order, n, d, stages.data(), n_stages, rows.data(), off.data(),
                       bias.data());
    std::vector<double> centers(size((2 * n_leaves - 1) * width)), radii(size(2 * n_leaves - 1));
    CALL(measure_nodes)(rows.data(), off.data(), all.leaf_at, n_leaves, width, centers.data(), radii.data());
    const Screen screen = {rows.data(), bias.data(), centers.data(), radii.data(), stages.data(), n_stages, width};
    const LeafRange whole = {0, n_leaves}, left = {0, n_leaves / 2}, right = {n_leaves / 2, n_leaves};
    const int64_t nearby = std::min<int64_t>(2, n_leaves);
    std::vector<char> memory(size(CALL(bound_nearby_bytes)(n_leaves, width, nearby, kept)));
    CALL(bound_nearby)(&all, &screen, &whole, nearby, std::min(k, kept), kept, bounds.data(), memory.data());
    for (int64_t i = 0; i < n; ++i) std::fill_n(nearness + i * kept, kept, bounds[size(i)]);
    std::fill_n(others, n * kept, -1);
    const Lists lists = {nearness, others, loosest.data(), kept};
    memory.assign(size(CALL(join_screened_bytes)(n_leaves, width)), 0);
    int64_t effort[5];
    if (n_leaves == 1) return CALL(join_screened)(&all, &screen, &whole, &whole, &lists, 1, 0, effort, memory.data());
    CALL(join_screened)(&all, &screen, &left, &left, &lists, n_leaves, 0, effort, memory.data());
    CALL(join_screened)(&all, &screen, &right, &right, &lists, n_leaves, 0, effort, memory.data());
    CALL(join_screened)(&all, &screen, &left, &right, &lists, n_leaves, 1, effort, memory.data());
    CALL(join_screened)(&all, &screen, &left, &right, &lists, n_leaves, 0, effort, memory.data());
    check(effort[0] <= effort[1], "each tile adds up columns");
}

// Every buffer is as large as it must be and no larger, and begins where it happens to.
void join_all(int set, int64_t n, int64_t d, int64_t k, bool apart, bool copies, bool screened) {
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
    if (screened) {
        join_screened_all(set, all, n, k, kept, nearness.data(), others.data());
    } else {
        memory.assign(size(CALL(join_bytes)(n_leaves, d)), 0);
        const LeafRange first = {0, (n_leaves + 1) / 2}, second = {(n_leaves + 1) / 2, n_leaves};
        CALL(join)(&all, &first, &first, &lists, n_leaves, memory.data());
        if (second.first < second.stop) {
            CALL(join)(&all, &second, &second, &lists, n_leaves, memory.data());
            CALL(join)(&all, &first, &second, &lists, n_leaves, memory.data());
        }
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

void find_leaders_all(int set, int64_t n, int64_t d, int64_t n_leaders) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> uniform;
    std::vector<float> points(size(n * d));
    for (auto& value : points) value = uniform(random);
    const int64_t slots = (n_leaders + PANEL - 1) / PANEL * PANEL,
                  all_slots = 2 * slots;  // two levels, the same leaders
    std::vector<float> panels(size(all_slots * d)), bias(size(all_slots), -std::numeric_limits<float>::infinity());
    std::vector<int64_t> below(size(all_slots + 1), all_slots);
    for (int64_t slot = 0; slot < all_slots; ++slot) {
        const int64_t leader = slot % slots;
        if (slot < slots) below[size(slot)] = leader < 1 ? slots : all_slots;  // all below the first one
        if (leader >= n_leaders) continue;
        bias[size(slot)] = 0;
        for (int64_t f = 0; f < d; ++f) {
            panels[size((slot / PANEL * d + f) * PANEL + slot % PANEL)] = points[size(leader * d + f)];
        }
    }
    const LeaderTree tree = {panels.data(), bias.data(), below.data(), all_slots, slots, 2};
    std::vector<int32_t> rows, nearest;
    for (int64_t i = 0; i < n_leaders; ++i) rows.push_back(int32_t(i));
    nearest.resize(rows.size() * 2);
    std::vector<char> memory(size(CALL(nearest_leaders_bytes)(n_leaders, all_slots, n_leaders, d)));
    CALL(nearest_leaders)(points.data(), d, rows.data(), n_leaders, &tree, n_leaders, std::min<int64_t>(2, n_leaders),
                          nearest.data(), memory.data());
    const int64_t fan_out = std::min<int64_t>(2, n_leaders);
    for (int64_t i = 0; i < n_leaders; ++i) {
        const int64_t found = nearest[size(i * fan_out)] - slots;
        check(0 <= found && found < n_leaders && squared(points, d, i, found) == 0, "a leader's nearest is itself");
    }
    int32_t listed[16];
    int64_t begin[4];
    const int32_t numbers[] = {2, 0, -1, 2, 0, 1};
    allknn_list_members(numbers, 3, 2, 3, begin, listed);
    check(begin[1] == 2 && begin[2] == 3 && begin[3] == 5 && listed[0] == 0 && listed[1] == 2 && listed[2] == 2 &&
              listed[3] == 0 && listed[4] == 1,
          "members are listed in their order");
}

enum Kind { PLAIN, FAR, OUTLIERS, WHOLE };

void join_bucket_all(int set, int64_t n, int64_t d, int64_t k, Division how, Kind kind) {
    std::mt19937 random(3);
    std::uniform_real_distribution<float> uniform;
    std::vector<float> points(size(n * d));
    for (auto& value : points) value = kind == WHOLE ? std::floor(uniform(random) * 3) : uniform(random);
    const float far = kind == OUTLIERS ? 1e6F : 30;
    for (int64_t f = 0; (kind == OUTLIERS || kind == FAR) && f < d; ++f) points[size(f)] = far;
    std::vector<int32_t> ids(size(n)), others(size(n * k), -1), positions;
    std::vector<float> distances(size(n * k), std::numeric_limits<float>::infinity());
    std::vector<uint8_t> locks(LOCKS);
    for (int64_t i = 0; i < n; ++i) {
        ids[size(i)] = int32_t(i);
        positions.push_back(int32_t(i));
    }
    const LeafJoin all = {points.data(), nullptr, ids.data(), others.data(), distances.data(), locks.data(), d, k};
    std::vector<char> memory(size(CALL(join_bucket_bytes)(n, d, k, &how)));
    check(CALL(join_bucket)(&all, positions.data(), n, &how, memory.data()) >= 0, "a bucket is joined");
    const std::vector<int32_t> known = others;
    std::vector<float> bounds;
    for (int64_t i = 0; i < n; ++i) bounds.push_back(distances[size(i * k + k - 1)]);
    memory.assign(size(CALL(refine_bytes)(k)), 0);
    CALL(refine)(&all, known.data(), bounds.data(), ids.data(), 0, n, memory.data());
    for (int64_t i = 0; i < n; ++i) {
        for (int64_t c = 0; c < k; ++c) {
            const int32_t other = others[size(i * k + c)];
            check(other != i && other < n, "a neighbor is another point");
            if (other < 0) continue;
            const double length = std::sqrt(squared(points, d, i, other));
            check(std::abs(length - double(distances[size(i * k + c)])) <= 1e-6 * length, "distances are right");
            check(c == 0 || distances[size(i * k + c - 1)] <= distances[size(i * k + c)], "lists are sorted");
        }
    }
    if (how.fan_out > 1 || n > how.most) return;
    std::vector<double> lengths;
    for (int64_t j = 1; j < n; ++j) lengths.push_back(std::sqrt(squared(points, d, 0, j)));
    std::sort(lengths.begin(), lengths.end());
    for (int64_t c = 0; c < std::min(k, n - 1); ++c) {
        check(std::abs(lengths[size(c)] - double(distances[size(c)])) <= 1e-6 * lengths[size(c)], "one leaf is exact");
    }
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
                for (const bool screened : {false, true}) join_all(set, n, d, 5, d % 2 == 0, n % 2 == 0, screened);
            }
            for (const int64_t n_leaders : {1, 8, 13}) find_leaders_all(set, 40, d, n_leaders);
            for (const int64_t n : {1, 2, 47, 49, 700}) {
                for (const Kind kind : {PLAIN, FAR, OUTLIERS, WHOLE}) {
                    join_bucket_all(set, n, d, 5, {1000, 1, 1000, 0}, kind);
                    join_bucket_all(set, n, d, 5, {60, 3, 100, 1}, kind);
                }
            }
        }
    }
    merge_all();
    group_all();
    std::puts("all functions hold");
    return 0;
}
