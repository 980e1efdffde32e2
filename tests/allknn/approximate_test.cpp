// The approximate join on small and odd sizes: what it finds is sorted and true, and one leaf is exact.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core_test.hpp"

namespace {

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

enum Kind { PLAIN, FAR, OUTLIERS, WHOLE, CORNERS };

void join_bucket_all(int set, int64_t n, int64_t d, int64_t k, Division how, Kind kind) {
    std::mt19937 random(3);
    std::uniform_real_distribution<float> uniform;
    std::vector<float> points(size(n * d));
    for (auto& value : points) value = kind == WHOLE ? std::floor(uniform(random) * 3) : uniform(random);
    for (auto& value : points) value = kind == CORNERS ? (value < 0.5F ? 0.25F : 0.75F) : value;
    for (int64_t f = 0; kind == CORNERS && n > 1 && f < d; ++f) points[size(d + f)] = 1 - points[size(f)];
    const float far = kind == OUTLIERS ? 1e6F : 30;
    for (int64_t f = 0; (kind == OUTLIERS || kind == FAR) && f < d; ++f) points[size(f)] = far;
    const bool is_elsewhere = n % 2 == 1;  // the points are read in another order
    std::vector<float> reversed(points.size());
    std::vector<int32_t> rows(size(n)), ids(size(n)), others(size(n * k), -1), positions;
    std::vector<float> distances(size(n * k), std::numeric_limits<float>::infinity());
    std::vector<uint8_t> locks(LOCKS);
    for (int64_t i = 0; i < n; ++i) {
        rows[size(i)] = int32_t(n - 1 - i);
        for (int64_t f = 0; f < d; ++f) reversed[size((n - 1 - i) * d + f)] = points[size(i * d + f)];
        ids[size(i)] = int32_t(i);
        positions.push_back(int32_t(i));
    }
    const LeafJoin all = {is_elsewhere ? reversed.data() : points.data(),
                          is_elsewhere ? rows.data() : nullptr,
                          ids.data(),
                          others.data(),
                          distances.data(),
                          locks.data(),
                          d,
                          k};
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

}  // namespace

void test_approximate(int set, int64_t d) {
    for (const int64_t n_leaders : {1, 8, 13}) find_leaders_all(set, 40, d, n_leaders);
    if (d == 1) {
        for (const Kind kind : {PLAIN, WHOLE, CORNERS}) join_bucket_all(set, 60, 16384, 5, {1000, 1, 1000, 0}, kind);
    }
    for (const int64_t n : {1, 2, 47, 48, 701}) {
        for (const Kind kind : {PLAIN, FAR, OUTLIERS, WHOLE, CORNERS}) {
            join_bucket_all(set, n, d, 5, {1000, 1, 1000, 0}, kind);
            join_bucket_all(set, n, d, 5, {60, 3, 100, 1}, kind);
        }
    }
}
