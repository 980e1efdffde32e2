// The points of a leaf in one byte a feature, or two: a first look, four times as fast or twice, where the processor
// has VNNI.
#pragma once

#include "arena.hpp"
#include "numbers.hpp"
#include "word_tile.hpp"

namespace {

// How far apart coordinates are, at most, of all points that it is shown and another one.
class Reach {
  public:
    void add(const float* one, const float* other, int64_t n) {
        int64_t f = 0;
        for (; f + LANES <= n; f += LANES) {
            const Floats difference = load(one + f) - load(other + f), size = difference < 0 ? -difference : difference;
            in_lanes_ = size > in_lanes_ ? size : in_lanes_;
        }
        for (; f < n; ++f) rest_ = most_of(rest_, __builtin_fabsf(one[f] - other[f]));
    }

    float most() const {
        float found = rest_;
        for (int lane = 0; lane < LANES; ++lane) found = most_of(found, in_lanes_[lane]);
        return found;
    }

  private:
    Floats in_lanes_{};
    float rest_ = 0;
};

inline float sum_of(Floats values) {
    float lanes[LANES];
    store(lanes, values);
    ALLKNN_UNROLL for (int half = LANES / 2; half > 0; half /= 2) {
        ALLKNN_UNROLL for (int lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
}

// Sum of squared differences in float32, off by less than (n_features + 3)u of it.
inline float rough_squared_distance(const float* one, const float* other, int64_t n_features) {
    Floats sums{};
    int64_t f = 0;
    for (; f + LANES <= n_features; f += LANES) {
        const Floats difference = load(one + f) - load(other + f);
        sums += difference * difference;
    }
    float sum = sum_of(sums);
    for (; f < n_features; ++f) sum += (one[f] - other[f]) * (one[f] - other[f]);
    return sum;
}

// Twice the squared norm of the most features at 127 steps each is less than FARTHEST is far.
constexpr int64_t FEWEST_FEATURES = 8, MOST_FEATURES = 16384;

// Points around a center, in steps.
//
// Errors bound the distance of each point from where its whole numbers put it, in steps. So no two points are nearer
// than these say less both errors: what is ruled out by that is ruled out for certain.
struct Quantized {
    int32_t* row;     // (words of two bytes a feature,): the features of the point that was rounded last
    int32_t* halves;  // (slots,): half the squared norms, rounded down
    int32_t* sums;    // (slots,): of all features
    float* errors;    // (slots,)
    float* center;    // (n_features,)
    int64_t words;    // of a point
    float levels;     // steps to the farthest coordinate, at most
    float steps;      // in a unit of length
    bool is_fine;     // two bytes a feature
    bool is_exact;    // there is no error, and no rounding

    static Quantized in(Arena& arena, int64_t slots, int64_t n_features) {
        return {arena.take<int32_t>((n_features + 1) / 2),
                arena.take<int32_t>(slots),
                arena.take<int32_t>(slots),
                arena.take<float>(slots),
                arena.take<float>(n_features),
                0,
                0,
                0,
                false,
                false};
    }

    // `reach` is the farthest coordinate.
    void choose_bytes(int64_t n_features, float reach) {
        is_fine = false;
        words = (n_features + 3) / 4;
        levels = 126.9F;
        if (!is_exact) steps = levels / reach;
    }

    // Two bytes hold more, but sums of their products have to fit: no point is longer than `longest`, about, and none
    // may be longer than 2^13.5 steps.
    void choose_shorts(int64_t n_features, float reach, float longest) {
        is_fine = true;
        words = (n_features + 1) / 2;
        if (!is_exact) steps = 0x1.6p13F / longest;
        levels = steps * reach;
    }

    // How near another has to be to be of use to a point whose last neighbor is at a distance: a nearness in whole
    // steps has to exceed it. `most` is the error of the other.
    int32_t bound(int64_t slot, float last, float most) const {
        const float length = last * steps + errors[slot] + most, half = length * length * (0.5F + 0x1p-19F);
        return half < 0x1p29F ? -static_cast<int32_t>(half) - 1 : FARTHEST;
    }

    // The same where so many others are known to be as near as a nearness.
    int32_t bound_by(int64_t slot, int32_t nearness, float most) const {
        const float length = __builtin_sqrtf(2 - 2 * static_cast<float>(nearness)) * (1 + 0x1p-20F);
        return bound(slot, (length + errors[slot] + most) * (1 + 0x1p-20F) / steps, most);
    }

    void round(const float* from, int64_t n_features, int64_t slot) const {
        is_fine ? round_to<int16_t>(from, n_features, slot) : round_to<int8_t>(from, n_features, slot);
    }

  private:
    // Each coordinate was rounded twice before, which may have taken 2^-23 of it.
    template <class Whole>
    void round_to(const float* from, int64_t n_features, int64_t slot) const {
        typedef Whole Packed __attribute__((vector_size(LANES * sizeof(Whole))));
        typedef Packed PackedAnywhere __attribute__((aligned(sizeof(Whole)), may_alias));
        typedef Whole OneAnywhere __attribute__((may_alias));
        constexpr float to_whole = 0x1.8p23F;  // added, it leaves a whole number in the last bytes
        constexpr int32_t zero = __builtin_bit_cast(int32_t, to_whole);
        Floats squares_of_rest{};
        Mask squares{}, all{};
        row[words - 1] = 0;
        OneAnywhere* packed = reinterpret_cast<OneAnywhere*>(row);
        int64_t f = 0;
        for (; f + LANES <= n_features; f += LANES) {
            const Floats value = (load(from + f) - load(center + f)) * steps;
            const Floats shifted = value + to_whole, rest = value - (shifted - to_whole);
            const Mask whole = __builtin_bit_cast(Mask, shifted) - zero;
            squares_of_rest += rest * rest;
            squares += whole * whole;
            all += whole;
            *reinterpret_cast<PackedAnywhere*>(packed + f) = __builtin_convertvector(whole, Packed);
        }
        float rest_squared = sum_of(squares_of_rest);
        int32_t norm = 0, sum = 0;
        for (int lane = 0; lane < LANES; ++lane) {
            norm += squares[lane];
            sum += all[lane];
        }
        for (; f < n_features; ++f) {
            const float value = (from[f] - center[f]) * steps;
            const float shifted = value + to_whole, rest = value - (shifted - to_whole);
            const int32_t whole = __builtin_bit_cast(int32_t, shifted) - zero;
            packed[f] = static_cast<Whole>(whole);
            rest_squared += rest * rest;
            norm += whole * whole;
            sum += whole;
        }
        halves[slot] = norm / 2;
        sums[slot] = sum;
        const float lost = __builtin_sqrtf(static_cast<float>(n_features)) * levels * 0x1p-22F;
        errors[slot] = is_exact ? 0 : (__builtin_sqrtf(rest_squared) + lost) * 1.001F;
    }
};

}  // namespace
