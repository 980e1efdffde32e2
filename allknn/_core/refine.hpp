// Neighbors of neighbors: who is near to one of a point's neighbors may be near to the point.
#pragma once

#include "arena.hpp"
#include "locked.hpp"
#include "measure.hpp"
#include "quantized.hpp"

namespace {

// Where a point is refined.
struct Refining {
    int32_t* candidates;  // (k * k,): ids
    int32_t* table;       // (table_size,): ids seen, -1 where none is
    int32_t* others;      // (k,): the point's own list
    float* distances;     // (k,)
    int64_t table_size;   // a power of two

    static Refining in(Arena& arena, int64_t k) {
        int64_t size = 16;
        while (size < 2 * (k * k + k)) size *= 2;
        return {arena.take<int32_t>(k * k), arena.take<int32_t>(size), arena.take<int32_t>(k), arena.take<float>(k),
                size};
    }
};

class Refine {
  public:
    // `known`, (n, k), are the lists before, and `bounds`, (n,), how far their last were; `places` says where each id
    // is. What is looked at does not depend on what is found meanwhile.
    Refine(const LeafJoin& all, const int32_t* known, const float* bounds, const int32_t* places, Refining& work)
        : all_(all), known_(known), bounds_(bounds), places_(places), work_(work) {}

    // Returns how many pairs were computed.
    int64_t run(int64_t start, int64_t stop) {
        int64_t pairs = 0;
        for (int64_t position = start; position < stop; ++position) {
            const int64_t n_candidates = find_candidates(position);
            refine(position, n_candidates);
            pairs += n_candidates;
        }
        return pairs;
    }

  private:
    const float* point(int64_t position) const {
        return all_.points + (all_.rows == nullptr ? position : all_.rows[position]) * all_.n_features;
    }

    // Note that an id was seen; returns whether it is new.
    bool is_new(int32_t id) {
        const int64_t mask = work_.table_size - 1;
        for (int64_t at = (static_cast<int64_t>(id) * 0x9E3779B1) >> 8 & mask;; at = (at + 1) & mask) {
            if (work_.table[at] == id) return false;
            if (work_.table[at] >= 0) continue;
            work_.table[at] = id;
            return true;
        }
    }

    int64_t find_candidates(int64_t position) {
        const int64_t k = all_.k;
        const int32_t* own = known_ + position * k;
        for (int64_t i = 0; i < work_.table_size; ++i) work_.table[i] = -1;
        is_new(all_.ids[position]);
        for (int64_t i = 0; i < k && own[i] >= 0; ++i) is_new(own[i]);
        int64_t found = 0;
        for (int64_t i = 0; i < k && own[i] >= 0; ++i) {
            const int32_t* theirs = known_ + places_[own[i]] * k;
            for (int64_t j = 0; j < k && theirs[j] >= 0; ++j) {
                if (is_new(theirs[j])) work_.candidates[found++] = theirs[j];
            }
        }
        return found;
    }

    static constexpr int32_t NOBODY = INT32_MAX;  // gives way to whoever is as near

    void refine(int64_t position, int64_t n_candidates) {
        const int64_t k = all_.k, n_features = all_.n_features;
        const float* own = point(position);
        float bound = bounds_[position];
        for (int64_t c = 0; c < k; ++c) {
            work_.others[c] = NOBODY;
            work_.distances[c] = bound;
        }
        for (int64_t i = 0; i < n_candidates; ++i) {
            const int32_t id = work_.candidates[i];
            const int64_t other = places_[id];
            const float* theirs = point(other);
            const auto most = static_cast<double>(most_of(bound, bounds_[other]));
            const double limit = most * most * (1 + static_cast<double>(n_features + 16) * 0x1p-23);
            if (static_cast<double>(rough_squared_distance(own, theirs, n_features)) > limit) continue;
            const float length = ALLKNN_KERNEL(distance)(own, theirs, n_features);
            if (length <= bound) {
                enter(work_.others, work_.distances, k, id, length);
                bound = work_.distances[k - 1];
            }
            if (length <= bounds_[other]) tell(other, all_.ids[position], length);
        }
        const Held held(all_, position);
        for (int64_t c = 0; c < k; ++c) {
            if (work_.others[c] != NOBODY) take_one(position, work_.others[c], work_.distances[c]);
        }
    }

    void tell(int64_t position, int32_t id, float length) const {
        const Held held(all_, position);
        take_one(position, id, length);
    }

    void take_one(int64_t position, int32_t id, float length) const {
        int32_t* others = all_.others + position * all_.k;
        if (!holds(others, all_.k, id)) enter(others, all_.distances + position * all_.k, all_.k, id, length);
    }

    const LeafJoin& all_;
    const int32_t* known_;
    const float* bounds_;
    const int32_t* places_;
    Refining& work_;
};

}  // namespace
