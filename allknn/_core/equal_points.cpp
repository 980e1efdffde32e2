// Points that are equal in every coordinate: found, and answered once what is near to one of them is known.
#include "api.hpp"
#include "lists.hpp"

namespace {

inline bool equal(const float* one, const float* other, int64_t n_features) {
    for (int64_t f = 0; f < n_features; ++f) {
        if (!(one[f] == other[f])) return false;
    }
    return true;
}

}  // namespace

// FNV-1a of each row, value by value (Fowler, Noll and Vo), mixed once more. -0.0 is hashed as 0.0.
ALLKNN_EXPORT void allknn_hash_rows(const float* points, int64_t n_rows, int64_t n_features, uint64_t* hashes) {
    for (int64_t i = 0; i < n_rows; ++i) {
        uint64_t value = 14695981039346656037U;
        for (int64_t f = 0; f < n_features; ++f) {
            const uint32_t bits = __builtin_bit_cast(uint32_t, points[i * n_features + f] + 0.0F);
            value = (value ^ bits) * 1099511628211U;
            value ^= value >> 29;
        }
        hashes[i] = value;
    }
}

// Note for each point of `order` the first of those equal to it; these are the rows, n_rows of them, whose hashes lie
// in some range, sorted by their hashes, equal ones by their numbers.
ALLKNN_EXPORT void allknn_find_leaders(const float* points, int64_t n_rows, int64_t n_features, const uint64_t* hashes,
                                       const int32_t* order, int32_t* leader) {
    for (int64_t i = 0; i < n_rows; ++i) {
        const int32_t own = order[i];
        leader[own] = own;
        if (i == 0 || hashes[order[i - 1]] != hashes[own]) continue;
        const int32_t other = leader[order[i - 1]];
        if (equal(points + other * n_features, points + own * n_features, n_features)) leader[own] = other;
    }
}

// Answer each member of some groups from what their groups are near to.
//
// Group g holds `members` from `begin[g]` to `begin[g + 1]`. `groups`, (n_groups,), and for each `near` and
// `lengths`, (n_groups, n_near): groups and how far they are. Writes `ids` and `squared`, (points, k), for all
// members in turn.
ALLKNN_EXPORT void allknn_expand(const int32_t* members, const int64_t* begin, const int64_t* groups, int64_t n_groups,
                                 const int64_t* near, const double* lengths, int64_t n_near, int64_t k, int32_t* ids,
                                 double* squared) {
    for (int64_t g = 0; g < n_groups; ++g) {
        const int64_t first = begin[groups[g]], stop = begin[groups[g] + 1];
        for (int64_t own = first; own < stop; ++own, ids += k, squared += k) {
            for (int64_t c = 0; c < k; ++c) {
                ids[c] = -1;
                squared[c] = __builtin_inf();
            }
            for (int64_t other = first; other < stop && other <= first + k; ++other) {
                if (other != own) enter(ids, squared, k, members[other], 0.0);
            }
            for (int64_t j = 0; j < n_near; ++j) {
                const double length = lengths[g * n_near + j];
                if (length > squared[k - 1] || length == __builtin_inf()) break;
                const int64_t others = begin[near[g * n_near + j]], end = begin[near[g * n_near + j] + 1];
                for (int64_t other = others; other < end && other < others + k; ++other) {
                    enter(ids, squared, k, members[other], length);
                }
            }
        }
    }
}
