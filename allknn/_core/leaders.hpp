// The nearest of many leaders for each of some points, found through a tree of them.
#pragma once

#include "api.hpp"
#include "arena.hpp"
#include "lists.hpp"
#include "numbers.hpp"
#include "tile.hpp"

namespace {

// Sums of squared differences, which need no origin: they are as precise far from it, and beside an outlier, as
// anywhere. Their products would be twice as fast, and would confuse leaders that are near to one another.
//
// Leaders are the rows, points the columns; a point has one bound.
struct DifferenceTile {
    Floats sums[ROWS][COLUMNS / LANES];

    ALLKNN_INLINE void run(const float* __restrict leaders, const float* __restrict points, int64_t n_features,
                           const float* bias) {
        constexpr int VECTORS = COLUMNS / LANES;
        ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) sums[row][v] = spread(bias[row]);
        }
        for (int64_t f = 0; f < n_features; ++f) {
            Floats columns[VECTORS];
            ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) columns[v] = load(points + f * COLUMNS + v * LANES);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                const Floats leader = spread(leaders[f * PANEL + row]);
                ALLKNN_UNROLL for (int v = 0; v < VECTORS; ++v) {
                    const Floats difference = leader - columns[v];
                    sums[row][v] -= difference * difference;
                }
            }
        }
    }
};

// Where points are held against leaders, COLUMNS at a time.
struct Columns {
    float* panel;    // (n_features, COLUMNS)
    float* values;   // (width, COLUMNS): of the nearest leaders known, the nearest first; inf where there is no point
    int32_t* slots;  // (width, COLUMNS)

    static Columns in(Arena& arena, int64_t n_features, int64_t width) {
        return {arena.take<float>(n_features * COLUMNS), arena.take<float>(width * COLUMNS),
                arena.take<int32_t>(width * COLUMNS)};
    }

    // Enter a leader for all points that it is near enough to, a lane each. Of equal ones the first stays.
    ALLKNN_INLINE void enter(int vector, Floats value, int32_t slot, int64_t width) const {
        typedef Mask Slots __attribute__((aligned(4), may_alias));
        float* at = values + vector * LANES;
        int32_t* in = slots + vector * LANES;
        if (bits(exceeding(value, load(at + (width - 1) * COLUMNS))) == 0) return;
        Mask own = slot - Mask{}, moved{};
        for (int64_t rank = 0; rank < width; ++rank, at += COLUMNS, in += COLUMNS) {
            const Floats before = load(at);
            const Mask other = *reinterpret_cast<const Slots*>(in);
            moved |= value > before;
            store(at, moved ? value : before);
            *reinterpret_cast<Slots*>(in) = moved ? own : other;
            value = moved ? before : value;
            own = moved ? other : own;
        }
    }
};

// The nearest leaders known of each of some points, and minus their squared distances: (rows, width).
struct Nearest {
    float* values;
    int32_t* slots;
    int64_t width;

    static Nearest in(Arena& arena, int64_t rows, int64_t width) {
        return {arena.take<float>(rows * width), arena.take<int32_t>(rows * width), width};
    }

    void clear(int64_t rows) const {
        for (int64_t i = 0; i < rows * width; ++i) {
            values[i] = -INFINITE;
            slots[i] = -1;
        }
    }
};

// Hold the points `rows`, which `point` finds, against the leaders in slots `first` to `stop`.
template <class Point>
inline void hold_against(Point point, const int32_t* rows, int64_t n_rows, const float* panels, const float* bias,
                         int64_t n_features, int64_t first, int64_t stop, const Nearest& nearest, const Columns& work) {
    constexpr int64_t AHEAD = 4;
    const int64_t width = nearest.width;
    for (int64_t start = 0; start < n_rows; start += COLUMNS) {
        const int64_t size = least_of<int64_t>(COLUMNS, n_rows - start);
        for (int64_t i = 0; i < COLUMNS; ++i) {
            if (start + i + AHEAD < n_rows) fetch(point(rows[start + i + AHEAD]), n_features);
            const float* from = i < size ? point(rows[start + i]) : nullptr;
            for (int64_t f = 0; f < n_features; ++f) work.panel[f * COLUMNS + i] = from == nullptr ? 0 : from[f];
            for (int64_t rank = 0; rank < width; ++rank) {
                const int64_t at = from == nullptr ? 0 : rows[start + i] * width + rank;
                work.values[rank * COLUMNS + i] = from == nullptr ? INFINITE : nearest.values[at];
                work.slots[rank * COLUMNS + i] = nearest.slots[at];
            }
        }
        for (int64_t slot = first; slot < stop; slot += ROWS) {
            DifferenceTile tile;
            const float* leaders = panels + slot / PANEL * PANEL * n_features + slot % PANEL;
            tile.run(leaders, work.panel, n_features, bias + slot);
            ALLKNN_UNROLL for (int row = 0; row < ROWS; ++row) {
                ALLKNN_UNROLL for (int v = 0; v < COLUMNS / LANES; ++v) {
                    work.enter(v, tile.sums[row][v], static_cast<int32_t>(slot + row), width);
                }
            }
        }
        for (int64_t i = 0; i < size; ++i) {
            for (int64_t rank = 0; rank < width; ++rank) {
                nearest.values[rows[start + i] * width + rank] = work.values[rank * COLUMNS + i];
                nearest.slots[rows[start + i] * width + rank] = work.slots[rank * COLUMNS + i];
            }
        }
    }
}

// Where some points descend.
struct Descending {
    Nearest here, below;
    int32_t* begin;    // (slots + 1,): where the points begin that look at the leaders below each slot
    int32_t* looking;  // (rows * width,): these points
    int32_t* rows;     // (rows,): all of them
    Columns columns;

    static Descending in(Arena& arena, int64_t rows, int64_t n_slots, int64_t width, int64_t n_features) {
        return {Nearest::in(arena, rows, width),  Nearest::in(arena, rows, width),
                arena.take<int32_t>(n_slots + 2), arena.take<int32_t>(rows * width),
                arena.take<int32_t>(rows),        Columns::in(arena, n_features, width)};
    }
};

class Descent {
  public:
    Descent(const LeaderTree& tree, int64_t n_features, Descending& work)
        : tree_(tree), n_features_(n_features), work_(work) {}

    // Find the `fan_out` nearest leaders of each point; at each level, those below the nearest few are looked at.
    template <class Point>
    void run(Point point, int64_t n_rows, int64_t fan_out, int32_t* slots) {
        for (int64_t i = 0; i < n_rows; ++i) work_.rows[i] = static_cast<int32_t>(i);
        if (tree_.n_levels == 1) work_.here.width = fan_out;
        work_.here.clear(n_rows);
        hold(point, work_.rows, n_rows, 0, tree_.root, work_.here);
        for (int64_t level = 1; level < tree_.n_levels; ++level) {
            list_lookers(n_rows);
            if (level + 1 == tree_.n_levels) work_.below.width = fan_out;
            work_.below.clear(n_rows);
            for (int64_t slot = 0; slot < tree_.n_slots; ++slot) {
                const int32_t begin = work_.begin[slot], stop = work_.begin[slot + 1];
                if (begin == stop) continue;
                hold(point, work_.looking + begin, stop - begin, tree_.below[slot], tree_.below[slot + 1], work_.below);
            }
            const Nearest used = work_.here;
            work_.here = work_.below;
            work_.below = used;
        }
        for (int64_t i = 0; i < n_rows; ++i) {
            for (int64_t j = 0; j < fan_out; ++j) slots[i * fan_out + j] = work_.here.slots[i * work_.here.width + j];
        }
    }

  private:
    template <class Point>
    void hold(Point point, const int32_t* rows, int64_t n_rows, int64_t first, int64_t stop, const Nearest& nearest) {
        hold_against(point, rows, n_rows, tree_.panels, tree_.bias, n_features_, first, stop, nearest, work_.columns);
    }

    // List for each slot the points of which it is among the nearest.
    void list_lookers(int64_t n_rows) {
        const int64_t width = work_.here.width;
        const int32_t* slots = work_.here.slots;
        int32_t* begin = work_.begin;
        for (int64_t slot = 0; slot < tree_.n_slots + 2; ++slot) begin[slot] = 0;
        for (int64_t i = 0; i < n_rows * width; ++i) begin[slots[i] + 2] += slots[i] >= 0;
        for (int64_t slot = 0; slot < tree_.n_slots; ++slot) begin[slot + 2] += begin[slot + 1];
        for (int64_t i = 0; i < n_rows; ++i) {
            for (int64_t j = i * width; j < (i + 1) * width; ++j) {
                if (slots[j] >= 0) work_.looking[begin[slots[j] + 1]++] = static_cast<int32_t>(i);
            }
        }
    }

    const LeaderTree& tree_;
    int64_t n_features_;
    Descending& work_;
};

}  // namespace
