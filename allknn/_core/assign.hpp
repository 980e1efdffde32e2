// The nearest few of some centers for each of many points.
#pragma once

#include "lists.hpp"
#include "panels.hpp"

namespace {

// How many centers fill whole panels.
inline int64_t padded(int64_t n_centers) {
    return (n_centers + COLUMNS - 1) / COLUMNS * COLUMNS;
}

// Where it works: the centers, laid out once, and LEAF points at a time.
struct Assigning {
    float* centers;       // (padded / COLUMNS, n_features, COLUMNS)
    float* center_bias;   // (padded,): minus half the squared norm
    float* center_bound;  // (padded,): inf, centers look for nothing
    float* points;        // (LEAF / ROWS, n_features, ROWS)
    float* point_bias;    // (LEAF,): 0
    float* point_bound;   // (LEAF,): the value of the last center of each
    TileOutput output;

    static Assigning in(Arena& arena, int64_t n_centers, int64_t n_features) {
        const int64_t columns = padded(n_centers);
        return {arena.take<float>(columns * n_features),
                arena.take<float>(columns),
                arena.take<float>(columns),
                arena.take<float>(LEAF * n_features),
                arena.take<float>(LEAF),
                arena.take<float>(LEAF),
                {arena.take<float>(ROWS * COLUMNS), arena.take<uint64_t>(ROWS)}};
    }
};

class Assign {
  public:
    // `centers`, (n_centers, n_features), are numbered from `first` on. `nearest` and `values`, (points, overlap), hold
    // what is known: the nearest first, and for each minus half its squared distance plus half the squared norm.
    Assign(const float* origin, int64_t n_features, const float* centers, int64_t n_centers, int64_t first,
           int64_t overlap, int32_t* nearest, float* values, const Assigning& work)
        : origin_(origin),
          n_features_(n_features),
          n_centers_(n_centers),
          first_(first),
          overlap_(overlap),
          nearest_(nearest),
          values_(values),
          work_(work) {
        for (int64_t c = 0; c < padded(n_centers); ++c) {
            float* to = work.centers + c / COLUMNS * COLUMNS * n_features + c % COLUMNS;
            double squared = 0;
            for (int64_t f = 0; f < n_features; ++f) {
                const float value = c < n_centers ? centers[c * n_features + f] - origin[f] : 0;
                to[f * COLUMNS] = value;
                squared += static_cast<double>(value) * static_cast<double>(value);
            }
            work.center_bias[c] = c < n_centers ? static_cast<float>(-0.5 * squared) : -INFINITE;
            work.center_bound[c] = INFINITE;
        }
    }

    // Hold the points `rows` against all centers. Of equal ones the first stays.
    void run(const float* points, const int32_t* rows, int64_t n_rows) {
        for (int64_t start = 0; start < n_rows; start += LEAF) {
            const int64_t size = least_of(LEAF, n_rows - start);
            for (int64_t i = 0; i < LEAF; ++i) place_point(points, i < size ? rows[start + i] : -1, i);
            for (int64_t j = 0; j < n_centers_; j += COLUMNS) {
                for (int64_t i = 0; i < size; i += ROWS) {
                    if (run_tile(work_.points + i * n_features_, work_.centers + j * n_features_, n_features_,
                                 work_.point_bias + i, work_.point_bound + i, work_.center_bias + j,
                                 work_.center_bound + j, work_.output)) {
                        take_hits(rows + start + i, i, j);
                    }
                }
            }
        }
    }

  private:
    void place_point(const float* points, int64_t row, int64_t slot) {
        float* to = work_.points + slot / ROWS * ROWS * n_features_ + slot % ROWS;
        const float* from = points + row * n_features_;
        for (int64_t f = 0; f < n_features_; ++f) to[f * ROWS] = row < 0 ? 0 : from[f] - origin_[f];
        work_.point_bias[slot] = 0;
        work_.point_bound[slot] = row < 0 ? INFINITE : values_[row * overlap_ + overlap_ - 1];
    }

    void take_hits(const int32_t* rows, int64_t slot, int64_t begin) {
        for_each_hit(work_.output, [=, this](int row, int column, float value) {
            float& bound = work_.point_bound[slot + row];
            if (!(value > bound)) return;
            const int64_t at = rows[row] * overlap_;
            const auto center = static_cast<int32_t>(first_ + begin + column);
            bound = offer(values_ + at, nearest_ + at, overlap_, center, value);
        });
    }

    const float* origin_;
    int64_t n_features_, n_centers_, first_, overlap_;
    int32_t* nearest_;
    float* values_;
    const Assigning& work_;
};

}  // namespace
