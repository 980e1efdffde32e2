// Each function of the core on small and odd sizes, for the sanitizers.
#include "core_test.hpp"

#include <cmath>

namespace {

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
            test_exact(set, d);
            test_approximate(set, d);
        }
    }
    merge_all();
    group_all();
    std::puts("all functions hold");
    return 0;
}
