// A bucket: its points gathered once, divided into leaves by leaders of its own, solved, and given back.
#pragma once

#include "coarse_leaf.hpp"
#include "order.hpp"
#include "units.hpp"

namespace {

// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    int64_t below(int64_t limit) {
        state_ += 0x9E3779B97F4A7C15U;
        uint64_t value = state_;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
        return static_cast<int64_t>((value ^ (value >> 31)) % static_cast<uint64_t>(limit));
    }

  private:
    uint64_t state_;
};

// Leaders that a bucket of so many points gets.
inline int64_t n_leaves_of(int64_t size, const Division& how) {
    return size <= how.leaf_size ? 1 : (size * how.fan_out + how.leaf_size - 1) / how.leaf_size;
}

inline int64_t in_panels(int64_t leaders) {
    return (leaders + PANEL - 1) / PANEL * PANEL;
}

// Coordinates of the largest bucket whose points are copied, so that they lie together: others are read where they lie.
constexpr int64_t MOST_GATHERED = 1 << 23;

// What one thread works in.
struct BucketWork {
    Bucket bucket;
    float* gathered;    // (size, n_features), where these are no more than MOST_GATHERED
    int32_t* everyone;  // (size,)
    int32_t* leaders;   // (in_panels(n_leaves),): members
    float* panels;      // (in_panels(n_leaves) / PANEL, n_features, PANEL)
    float* bias;        // (in_panels(n_leaves),)
    int64_t* begin;     // (n_leaves + 2,)
    int32_t* members;   // (size * fan_out,): leaf by leaf
    Nearest nearest;
    Columns columns;
    LeafWork leaf;
    Halving halving;

    static BucketWork in(Arena& arena, int64_t size, int64_t n_features, int64_t k, const Division& how) {
        const int64_t leaves = in_panels(n_leaves_of(size, how));
        return {{nullptr, arena.take<int32_t>(size), arena.take<int32_t>(size), arena.take<int32_t>(size * k),
                 arena.take<float>(size * k), arena.take<uint8_t>(size), n_features, k, 1, false, 1, 0, false, BYTES},
                arena.take<float>(least_of(size * n_features, MOST_GATHERED)),
                arena.take<int32_t>(size),
                arena.take<int32_t>(leaves),
                arena.take<float>(leaves * n_features),
                arena.take<float>(leaves),
                arena.take<int64_t>(leaves + 2),
                arena.take<int32_t>(size * how.fan_out),
                Nearest::in(arena, size, how.fan_out),
                Columns::in(arena, n_features, how.fan_out),
                LeafWork::in(arena, least_of(size, how.most), n_features),
                Halving::in(arena, size, n_features)};
    }
};

class BucketJoin {
  public:
    BucketJoin(const LeafJoin& all, const int32_t* positions, int64_t size, const Division& how, BucketWork& work)
        : all_(all), positions_(positions), size_(size), how_(how), work_(work) {}

    // Returns how many pairs were computed.
    int64_t run() {
        gather();
        const int64_t n_leaves = n_leaves_of(size_, how_);
        int64_t pairs = 0;
        if (n_leaves == 1) {
            pairs = solve(work_.everyone, size_, size_ / 2);
        } else {
            divide(n_leaves);
            for (int64_t leaf = 0; leaf < n_leaves; ++leaf) {
                const int64_t begin = work_.begin[leaf];
                pairs += solve(work_.members + begin, work_.begin[leaf + 1] - begin, work_.leaders[leaf]);
            }
        }
        give_back();
        return pairs;
    }

  private:
    int64_t row_of(int64_t position) const { return all_.rows == nullptr ? position : all_.rows[position]; }

    // Ask for what is needed soon: it lies here and there.
    void fetch_point(int64_t i) const {
        if (i >= size_) return;
        fetch(all_.points + row_of(positions_[i]) * all_.n_features, all_.n_features);
        fetch_list(i);
    }

    void fetch_list(int64_t i) const {
        if (i >= size_) return;
        const int64_t at = positions_[i] * all_.k;
        for (int64_t c = 0; c < all_.k + LINE; c += LINE) {
            const int64_t within = at + least_of(c, all_.k - 1);
            __builtin_prefetch(all_.others + within);
            __builtin_prefetch(all_.distances + within);
        }
    }

    void gather() {
        Bucket& own = work_.bucket;
        const int64_t n_features = all_.n_features, k = all_.k;
        const bool copied = size_ * n_features <= MOST_GATHERED;
        own.points = copied ? work_.gathered : all_.points;
        Reach around;
        bool is_whole = true;
        for (int64_t i = 0; i < AHEAD; ++i) fetch_point(i);
        for (int64_t i = 0; i < size_; ++i) {
            fetch_point(i + AHEAD);
            const int64_t position = positions_[i];
            const float* from = all_.points + row_of(position) * n_features;
            own.rows[i] = static_cast<int32_t>(copied ? i : row_of(position));
            float* to = work_.gathered + i * n_features;
            for (int64_t f = 0; copied && f < n_features; ++f) to[f] = from[f];
            around.add(from, own.point(0), n_features);
            if (i == 0) own.unit = unit_of(from, n_features);
            is_whole = is_whole && are_whole(from, n_features, own.unit);
            own.ids[i] = all_.ids[position];
            own.changed[i] = 0;
            work_.everyone[i] = static_cast<int32_t>(i);
            const Held held(all_, position);
            for (int64_t c = 0; c < k; ++c) {
                own.others[i * k + c] = all_.others[position * k + c];
                own.distances[i * k + c] = all_.distances[position * k + c];
            }
        }
        const auto reach = static_cast<double>(around.most());
        // Twice the reach around the first of them is the most around any.
        own.scale = 1;
        for (double left = reach * 2; left > 1; left *= 0.5) own.scale *= 0.5;
        for (double left = reach * 2; left > 0 && left <= 0.5; left *= 2) own.scale *= 2;
        own.is_exact = is_whole && own.unit == 1 && reach * reach * static_cast<double>(n_features) <= 0x1p20;
        own.most_exact = is_whole ? exact_multiples(own.unit) : 0;
        own.is_whole = is_whole;
        own.look = CoarseLeaf::first_look(n_features);
    }

    // Give each point to its nearest few leaders, drawn at random.
    void divide(int64_t n_leaves) {
        const int64_t n_features = all_.n_features, slots = in_panels(n_leaves);
        Random random(how_.seed);
        for (int64_t i = 0; i < n_leaves; ++i) {
            const int64_t j = i + random.below(size_ - i);
            work_.leaders[i] = work_.everyone[j];
            work_.everyone[j] = work_.everyone[i];
            work_.everyone[i] = work_.leaders[i];
        }
        for (int64_t i = 0; i < size_; ++i) work_.everyone[i] = static_cast<int32_t>(i);
        for (int64_t slot = 0; slot < slots; ++slot) {
            const float* from = slot < n_leaves ? work_.bucket.point(work_.leaders[slot]) : nullptr;
            float* to = work_.panels + slot / PANEL * PANEL * n_features + slot % PANEL;
            for (int64_t f = 0; f < n_features; ++f) to[f * PANEL] = from == nullptr ? 0 : from[f];
            work_.bias[slot] = from == nullptr ? -INFINITE : 0;
        }
        work_.nearest.clear(size_);
        hold_against([this](int32_t member) { return work_.bucket.point(member); }, work_.everyone, size_, work_.panels,
                     work_.bias, n_features, 0, slots, work_.nearest, work_.columns);
        list_members(n_leaves);
    }

    void list_members(int64_t n_leaves) {
        const int32_t* leaves = work_.nearest.slots;
        int64_t* begin = work_.begin;
        const int64_t fan_out = how_.fan_out;
        for (int64_t leaf = 0; leaf < n_leaves + 2; ++leaf) begin[leaf] = 0;
        for (int64_t i = 0; i < size_ * fan_out; ++i) begin[leaves[i] + 2] += leaves[i] >= 0;
        for (int64_t leaf = 0; leaf < n_leaves; ++leaf) begin[leaf + 2] += begin[leaf + 1];
        for (int64_t i = 0; i < size_; ++i) {
            for (int64_t j = i * fan_out; j < (i + 1) * fan_out; ++j) {
                if (leaves[j] >= 0) work_.members[begin[leaves[j] + 1]++] = static_cast<int32_t>(i);
            }
        }
    }

    // Solve a leaf, halved until it is small enough.
    int64_t solve(int32_t* members, int64_t size, int64_t center) {
        if (size < 2) return 0;
        if (size > how_.most) {
            const Bucket& own = work_.bucket;
            const int64_t middle = Order(own.points, own.n_features, members, work_.halving, own.rows).halve(0, size);
            return solve(members, middle, members[middle / 2]) +
                   solve(members + middle, size - middle, members[(middle + size) / 2]);
        }
        Bucket& own = work_.bucket;
        while (own.look != FLOATS) {
            CoarseLeaf leaf(own, members, size, work_.leaf);
            const Look look = leaf.place_all();
            if (look == FLOATS) break;
            bool pays = true;
            const int64_t pairs = leaf.run(pays);
            if (pays) return pairs;  // else they do not count: what does not pay depends on what other threads found
            own.look = look == BYTES ? SHORTS : FLOATS;
        }
        return Leaf(own, members, size, center, work_.leaf).run();
    }

    void give_back() {
        const Bucket& own = work_.bucket;
        const int64_t k = all_.k;
        for (int64_t i = 0; i < AHEAD; ++i) fetch_list(i);
        for (int64_t i = 0; i < size_; ++i) {
            fetch_list(i + AHEAD);
            if (own.changed[i] == 0) continue;
            const int64_t at = positions_[i] * k;
            const Held held(all_, positions_[i]);
            take_in(all_.others + at, all_.distances + at, k, own.others + i * k, own.distances + i * k);
        }
    }

    static constexpr int64_t AHEAD = 8, LINE = 64 / sizeof(float);

    const LeafJoin& all_;
    const int32_t* positions_;
    int64_t size_;
    const Division& how_;
    BucketWork& work_;
};

}  // namespace
