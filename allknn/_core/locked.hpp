// Lists of the nearest that threads share, each read and written by one at a time.
#pragma once

#include "api.hpp"
#include "lists.hpp"

namespace {

// Holds the lists of a position while it lives. They are held for some dozen instructions: waiting is spinning.
class Held {
  public:
    Held(const LeafJoin& all, int64_t position) : lock_(all.locks + position % LOCKS) {
        while (__atomic_test_and_set(lock_, __ATOMIC_ACQUIRE)) {
        }
    }
    ~Held() { __atomic_clear(lock_, __ATOMIC_RELEASE); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

  private:
    uint8_t* lock_;
};

inline bool holds(const int32_t* ids, int64_t size, int32_t id) {
    int found = 0;
    for (int64_t i = 0; i < size; ++i) found |= ids[i] == id;  // all of them: so that it is done in lanes
    return found != 0;
}

// Take a list of the nearest, sorted, into another one: whoever comes first, what both know together is left.
inline void take_in(int32_t* ids, float* distances, int64_t k, const int32_t* new_ids, const float* new_distances) {
    for (int64_t i = 0; i < k && new_ids[i] >= 0 && new_distances[i] <= distances[k - 1]; ++i) {
        if (!holds(ids, k, new_ids[i])) enter(ids, distances, k, new_ids[i], new_distances[i]);
    }
}

}  // namespace
