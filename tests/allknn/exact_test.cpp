// The exact join on small and odd sizes, held against brute force.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "core_test.hpp"

namespace {

// Lists found through a screen that is turned by nothing: its components are the first features.
void join_screened_all(int set, const OrderedPoints& all, int64_t n, int64_t k, int64_t kept, float* nearness,
                       int32_t* others) {
    const int64_t d = all.n_features, n_leaves = all.n_leaves, width = std::min<int64_t>(d, 20);
    std::vector<double> mean(size(d)), directions(size(width * d)), centered(size(4 * d));
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
    const int64_t n_first = n_leaves > 1 && n_leaves % 2 == 1 ? n_leaves / 2 : n_leaves;  // there are two trees, or one
    CALL(measure_nodes)(rows.data(), off.data(), all.leaf_at, n_first, n_leaves, width, centers.data(), radii.data());
    const int64_t n_fine = k % 2 * std::min<int64_t>(width / 4, 2) * 4;
    const int64_t n_words = n_fine / 2 + (width - n_fine + 3) / 4, all_words[] = {n_words};
    std::vector<int32_t> whole_rows(size(n * n_words)), x_bias(size(n)), y_bias(size(n));
    std::vector<float> errors(1);
    CALL(round_rows)(rows.data(), off.data(), n, width, &width, 1, n_fine, 16000, whole_rows.data(), x_bias.data(),
                     y_bias.data(), errors.data());
    check(errors[0] > 0, "rounding errs");
    const ScreenWords words = {whole_rows.data(), x_bias.data(), y_bias.data(), errors.data(), all_words, 1,
                               n_words,           n_fine / 2,    30000};
    const bool in_words = CALL(has_words)() != 0 && d % 3 != 0;
    const Screen screen = {rows.data(),  bias.data(),   centers.data(),
                           radii.data(), stages.data(), n_stages,
                           width,        n_first,       in_words ? words : ScreenWords{}};
    const LeafRange whole = {0, n_leaves}, left = {0, n_leaves / 2}, right = {n_leaves / 2, n_leaves};
    const int64_t nearby = std::min<int64_t>(2, n_leaves);
    std::vector<char> memory(size(CALL(bound_nearby_bytes)(n_leaves, width, nearby, kept)));
    CALL(bound_nearby)(&all, &screen, &whole, nearby, std::min(k, kept), kept, bounds.data(), memory.data());
    for (int64_t i = 0; i < n; ++i) std::fill_n(nearness + i * kept, kept, bounds[size(i)]);
    std::fill_n(others, n * kept, -1);
    const Lists lists = {nearness, others, loosest.data(), kept};
    memory.assign(size(CALL(join_screened_bytes)(n_leaves, width, in_words ? n_words : 0)), 0);
    int64_t effort[6];
    if (n_leaves == 1) return CALL(join_screened)(&all, &screen, &whole, &whole, &lists, 1, effort, memory.data());
    CALL(join_screened)(&all, &screen, &left, &left, &lists, n_leaves, effort, memory.data());
    CALL(join_screened)(&all, &screen, &right, &right, &lists, n_leaves, effort, memory.data());
    CALL(join_screened)(&all, &screen, &left, &right, &lists, n_leaves, effort, memory.data());
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

}  // namespace

void test_exact(int set, int64_t d) {
    for (const int64_t n : {2, 3, 9, 47, 48, 49, 191, 193, 400, 1000}) {
        for (const bool screened : {false, true}) join_all(set, n, d, 5, d % 2 == 0, n % 2 == 0, screened);
    }
}
