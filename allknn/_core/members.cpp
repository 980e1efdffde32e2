// Lists turned around: the slots of each row become the rows of each slot.
#include "api.hpp"

// `slots`, (n_rows, fan_out), are numbers below `n_slots`, or -1. Writes `begin`, (n_slots + 1,), where each slot's
// rows begin in `rows`, (n_rows * fan_out,), ascending within each.
ALLKNN_EXPORT void allknn_list_members(const int32_t* slots, int64_t n_rows, int64_t fan_out, int64_t n_slots,
                                       int64_t* begin, int32_t* rows) {
    for (int64_t slot = 0; slot <= n_slots; ++slot) begin[slot] = 0;
    for (int64_t i = 0; i < n_rows * fan_out; ++i) {
        if (slots[i] >= 0) ++begin[slots[i] + 1];
    }
    for (int64_t slot = 0; slot < n_slots; ++slot) begin[slot + 1] += begin[slot];
    const int64_t total = begin[n_slots];
    for (int64_t i = n_rows; i-- > 0;) {  // from behind: so that each ends up where it begins
        for (int64_t j = i * fan_out; j < (i + 1) * fan_out; ++j) {
            if (slots[j] >= 0) rows[--begin[slots[j] + 1]] = static_cast<int32_t>(i);
        }
    }
    for (int64_t slot = 0; slot < n_slots; ++slot) begin[slot] = begin[slot + 1];
    begin[n_slots] = total;
}
