// The kernels of the approximate join as plain C functions, compiled once for each instruction set.
#include "bucket.hpp"
#include "refine.hpp"

// The functions that end in `_bytes` say how much memory the one of the name needs to work in.

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(nearest_leaders_bytes)(int64_t n_rows, int64_t n_slots, int64_t beam,
                                                        int64_t n_features) {
    Arena arena(nullptr);
    Descending::in(arena, n_rows, n_slots, beam, n_features);
    return arena.needed();
}

// Find the slots of the `fan_out` nearest leaders of the points in some rows, (n_rows, fan_out), looking below the
// nearest `beam` at each level.
ALLKNN_EXPORT void ALLKNN_KERNEL(nearest_leaders)(const float* points, int64_t n_features, const int32_t* rows,
                                               int64_t n_rows, const LeaderTree* tree, int64_t beam, int64_t fan_out,
                                               int32_t* slots, void* memory) {
    Arena arena(memory);
    Descending work = Descending::in(arena, n_rows, tree->n_slots, beam, n_features);
    Descent(*tree, n_features, work)
        .run([=](int32_t i) { return points + rows[i] * n_features; }, n_rows, fan_out, slots);
}

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(join_bucket_bytes)(int64_t size, int64_t n_features, int64_t k,
                                                       const Division* how) {
    Arena arena(nullptr);
    BucketWork::in(arena, size, n_features, k, *how);
    return arena.needed();
}

// Join the points at some positions, leaf by leaf; returns how many pairs were computed.
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(join_bucket)(const LeafJoin* all, const int32_t* positions, int64_t size,
                                                 const Division* how, void* memory) {
    Arena arena(memory);
    BucketWork work = BucketWork::in(arena, size, all->n_features, all->k, *how);
    return BucketJoin(*all, positions, size, *how, work).run();
}

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(refine_bytes)(int64_t k) {
    Arena arena(nullptr);
    Refining::in(arena, k);
    return arena.needed();
}

// Look for neighbors of positions `start` to `stop` among those of their neighbors; returns how many pairs were
// computed. `known`, (n, k), and `bounds`, (n,), are copies of the lists and of their last distances, `places` is the
// position of each id.
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(refine)(const LeafJoin* all, const int32_t* known, const float* bounds,
                                            const int32_t* places, int64_t start, int64_t stop, void* memory) {
    Arena arena(memory);
    Refining work = Refining::in(arena, all->k);
    return Refine(*all, known, bounds, places, work).run(start, stop);
}
