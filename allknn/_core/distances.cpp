// Candidates settled: measured by direct differences, ordered by (distance, id). Compiled once, for any processor,
// and with -ffp-contract=off: a fused product would change the last bit on some.
#include "distances.hpp"

#include "lists.hpp"

namespace {

constexpr int TOGETHER = 4;  // sums that do not wait for each other; each has its features in order

inline double squared(float one, float other) {
    const double difference = static_cast<double>(one) - static_cast<double>(other);
    return difference * difference;
}

inline void measure(const float* own, const float* const* others, int64_t n_features, double* lengths) {
    double sums[TOGETHER] = {};
    for (int64_t f = 0; f < n_features; ++f) {
        for (int i = 0; i < TOGETHER; ++i) sums[i] += squared(own[f], others[i][f]);
    }
    for (int i = 0; i < TOGETHER; ++i) lengths[i] = sums[i];
}

// Measure all of a position's candidates and enter them into a row of answers.
void settle_one(const OrderedPoints& all, const int32_t* candidates, int64_t kept, const float* own, int64_t k,
                int32_t* ids, double* lengths) {
    for (int64_t c = 0; c < kept; c += TOGETHER) {
        int32_t points[TOGETHER];
        const float* rows[TOGETHER];
        double measured[TOGETHER];
        for (int64_t i = 0; i < TOGETHER; ++i) {
            const int32_t place = c + i < kept ? candidates[c + i] : -1;  // -1: nobody, as where coordinates are NaN
            points[i] = place < 0 ? -1 : all.order[place];
            rows[i] = place < 0 ? own : all.points + points[i] * all.n_features;
        }
        measure(own, rows, all.n_features, measured);
        for (int64_t i = 0; i < TOGETHER; ++i) {
            if (points[i] >= 0) enter(ids, lengths, k, points[i], measured[i]);
        }
    }
}

}  // namespace

double allknn_squared_distance(const float* one, const float* other, int64_t n_features) {
    double sum = 0;
    for (int64_t f = 0; f < n_features; ++f) sum += squared(one[f], other[f]);
    return sum;
}

double allknn_half_scaled(const OrderedPoints* all, double length) {
    return 0.5 * length * all->scale * all->scale * (1 + static_cast<double>(all->n_features) * 0x1p-51);
}

// Measure the candidates of positions `start` to `stop` and keep the nearest k.
//
// Writes at these positions less `start`: `ids` and `lengths` (squared), (rows, k), by (distance, id), and
// `unproven`, (rows,): whether a point that is no candidate may be as near as the last of them.
ALLKNN_EXPORT void allknn_settle(const OrderedPoints* all, const Lists* lists, int64_t n_positions, int64_t start,
                                 int64_t stop, int64_t k, int32_t* ids, double* lengths, uint8_t* unproven) {
    const int64_t kept = lists->kept;
    for (int64_t position = start; position < stop; ++position) {
        const int64_t row = position - start;
        int32_t* own_ids = ids + row * k;
        double* own_lengths = lengths + row * k;
        for (int64_t c = 0; c < k; ++c) {
            own_ids[c] = -1;
            own_lengths[c] = __builtin_inf();
        }
        const float* own = all->points + all->order[position] * all->n_features;
        settle_one(*all, lists->others + position * kept, kept, own, k, own_ids, own_lengths);
        const double nearest_left = -static_cast<double>(lists->nearness[position * kept + kept - 1]);
        unproven[row] = kept < n_positions - 1 && allknn_half_scaled(all, own_lengths[k - 1]) >= nearest_left;
    }
}

// Take in candidates found elsewhere: for each of `positions` so many others, places among them.
ALLKNN_EXPORT void allknn_merge_candidates(const Lists* lists, const int32_t* positions, const int32_t* sizes,
                                           int64_t n_rows, const int32_t* others, const float* nearness) {
    const int64_t kept = lists->kept;
    for (int64_t row = 0, at = 0; row < n_rows; at += sizes[row++]) {
        float* own = lists->nearness + positions[row] * kept;
        int32_t* own_others = lists->others + positions[row] * kept;
        for (int64_t c = at; c < at + sizes[row]; ++c) {
            if (nearness[c] > own[kept - 1]) offer(own, own_others, kept, positions[others[c]], nearness[c]);
        }
    }
}

// Take answers found elsewhere, (n_rows, k), into what is known at `rows`, nobody twice, in whatever order.
ALLKNN_EXPORT void allknn_merge_answers(const int32_t* rows, int64_t n_rows, int64_t k, const int32_t* ids,
                                        const float* distances, int32_t* all_ids, float* all_distances) {
    for (int64_t i = 0; i < n_rows; ++i) {
        int32_t* known = all_ids + rows[i] * k;
        float* lengths = all_distances + rows[i] * k;
        for (int64_t c = i * k; c < (i + 1) * k; ++c) {
            if (ids[c] < 0 || distances[c] > lengths[k - 1]) break;
            if (!contains(known, k, ids[c])) enter(known, lengths, k, ids[c], distances[c]);
        }
    }
}
