// Short lists of the nearest, kept sorted by insertion.
#pragma once

#include <stdint.h>

namespace {

// Put a point into a list in place of its farthest; returns the nearness of who is the farthest now.
template <class Value>
inline Value offer(Value* nearness, int32_t* others, int64_t size, int32_t other, Value value) {
    int64_t at = size - 1;
    for (; at > 0 && nearness[at - 1] < value; --at) {
        nearness[at] = nearness[at - 1];
        others[at] = others[at - 1];
    }
    nearness[at] = value;
    others[at] = other;
    return nearness[size - 1];
}

// Put a point into a list of the nearest by (length, id), if it is among them; returns whether it is.
template <class Length>
inline bool enter(int32_t* ids, Length* lengths, int64_t size, int32_t point, Length length) {
    int64_t at = size - 1;
    if (length > lengths[at] || (length == lengths[at] && point > ids[at])) return false;
    for (; at > 0 && (lengths[at - 1] > length || (lengths[at - 1] == length && ids[at - 1] > point)); --at) {
        ids[at] = ids[at - 1];
        lengths[at] = lengths[at - 1];
    }
    ids[at] = point;
    lengths[at] = length;
    return true;
}

inline bool contains(const int32_t* ids, int64_t size, int32_t point) {
    for (int64_t i = 0; i < size; ++i) {
        if (ids[i] == point) return true;
    }
    return false;
}

}  // namespace
