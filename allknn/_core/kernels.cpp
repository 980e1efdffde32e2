// The kernels as plain C functions. Compiled once for each instruction set, whose name ends theirs.
#include "join.hpp"
#include "names.hpp"
#include "nearby.hpp"
#include "order.hpp"
#include "search.hpp"

// The functions that end in `_bytes` say how much memory the one before them needs to work in.

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(halve_bytes)(int64_t size, int64_t n_features) {
    Arena arena(nullptr);
    Halving::in(arena, size, n_features);
    return arena.needed();
}

// Part positions `start` to `stop` of an order across their longest direction; returns where.
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(halve)(const float* points, int64_t n_features, int32_t* order, int64_t start,
                                           int64_t stop, void* memory) {
    Arena arena(memory);
    const Halving work = Halving::in(arena, stop - start, n_features);
    return Order(points, n_features, order, work).halve(start, stop);
}

// Halve them until panels of 8 are left.
ALLKNN_EXPORT void ALLKNN_KERNEL(halve_all)(const float* points, int64_t n_features, int32_t* order, int64_t start,
                                            int64_t stop, void* memory) {
    Arena arena(memory);
    const Halving work = Halving::in(arena, stop - start, n_features);
    Order(points, n_features, order, work).halve_all(start, stop);
}

ALLKNN_EXPORT void ALLKNN_KERNEL(measure_leaves)(const float* points, int64_t n_features, const int32_t* order,
                                                 const int64_t* leaf_at, int64_t n_leaves, double* centers,
                                                 double* radii) {
    measure_leaves(points, n_features, order, leaf_at, n_leaves, centers, radii);
}

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(join_bytes)(int64_t leaves, int64_t n_features) {
    Arena arena(nullptr);
    Workspace::in(arena, leaves, n_features);
    return arena.needed();
}

// Offer each point of leaves `p` to each of leaves `q`, and the other way round; returns how many pairs had to be
// computed. `p` are the same leaves as `q` or lie before them, neither more than `leaves`. Nobody else may use their
// lists meanwhile.
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(join)(const OrderedPoints* all, const LeafRange* p, const LeafRange* q,
                                          const Lists* lists, int64_t leaves, void* memory) {
    Arena arena(memory);
    Workspace work = Workspace::in(arena, leaves, all->n_features);
    return Join(*all, *p, *q, *lists, work).run();
}

// Project the points `ids`, (n_rows,), onto a few directions; `centered`,
// (POINTS_AT_ONCE, n_features), is memory to work in.
ALLKNN_EXPORT void ALLKNN_KERNEL(project)(const float* points, const int32_t* ids, int64_t n_rows, int64_t n_features,
                                          const double* mean, const double* directions, double scale, int64_t width,
                                          double* centered, float* rows, float* squared) {
    project(points, ids, n_rows, {mean, directions, scale, n_features, width}, centered, rows, squared);
}

// Put rows of projections into an order; write what else a screen needs of each.
ALLKNN_EXPORT void ALLKNN_KERNEL(arrange_rows)(const float* from_rows, const float* squared, const int32_t* order,
                                               int64_t n_rows, int64_t n_features, const int64_t* stages,
                                               int64_t n_stages, float* rows, float* off, float* bias) {
    arrange_rows(from_rows, squared, order, n_rows, n_features, stages, n_stages, rows, off, bias);
}

// Write the mean, (n_nodes, width), and the radius of each node of a tree over the first leaves and of one over others.
ALLKNN_EXPORT void ALLKNN_KERNEL(measure_nodes)(const float* rows, const float* off, const int64_t* leaf_at,
                                                int64_t n_first, int64_t n_leaves, int64_t width, double* centers,
                                                double* radii) {
    Balls balls(rows, off, leaf_at, width, centers, radii);
    balls.measure(Node::first_root(n_first));
    if (n_first < n_leaves) balls.measure(Node::second_root(n_first, n_leaves));
}

// Whether the processor has what it takes to look at words.
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(has_words)() {
    return has_byte_products();
}

// Put rows of a screen into whole numbers, the first `n_fine` columns into two bytes, and raise the
// errors of all stages, (n_stages,), to theirs.
ALLKNN_EXPORT void ALLKNN_KERNEL(round_rows)(const float* rows, const float* off, int64_t n_rows, int64_t width,
                                             const int64_t* stages, int64_t n_stages, int64_t n_fine, double steps,
                                             int32_t* words, int32_t* x_bias, int32_t* y_bias, float* errors) {
    const Rounding how = {stages, n_stages, width, n_fine, steps};
    round_rows(rows, off, n_rows, how, words, x_bias, y_bias, errors);
}

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(join_screened_bytes)(int64_t leaves, int64_t width, int64_t n_words) {
    Arena arena(nullptr);
    ScreenedWork::in(arena, leaves, width, n_words);
    return arena.needed();
}

// Do as `join`, where bounds are known: `p` and `q` are nodes of the tree. Writes how many tiles were begun, how many
// columns they and single rows added up, how many pairs were measured, and were in the tiles.
ALLKNN_EXPORT void ALLKNN_KERNEL(join_screened)(const OrderedPoints* all, const Screen* screen, const LeafRange* p,
                                                const LeafRange* q, const Lists* lists, int64_t leaves, int64_t* effort,
                                                void* memory) {
    Arena arena(memory);
    ScreenedWork work = ScreenedWork::in(arena, leaves, screen->width, screen->words.n_words);
    const Effort done = ScreenedJoin(*all, *screen, *p, *q, *lists, work).run();
    effort[0] = done.tiles;
    effort[1] = done.columns;
    effort[2] = done.rows;
    effort[3] = done.measured;
    effort[4] = done.compared;
    effort[5] = done.tiles * ROWS * COLUMNS;
}

ALLKNN_EXPORT int64_t ALLKNN_KERNEL(bound_nearby_bytes)(int64_t n_leaves, int64_t width, int64_t n_nearby,
                                                        int64_t kept) {
    Arena arena(nullptr);
    NearbyWork::in(arena, n_leaves, width, n_nearby, kept);
    return arena.needed();
}

// Write for the points of some leaves how near another must be to be among their k nearest: as near as the k-th of
// `kept` candidates out of the `n_nearby` nearest leaves.
ALLKNN_EXPORT void ALLKNN_KERNEL(bound_nearby)(const OrderedPoints* all, const Screen* screen, const LeafRange* leaves,
                                               int64_t n_nearby, int64_t k, int64_t kept, float* bounds, void* memory) {
    Arena arena(memory);
    NearbyWork work = NearbyWork::in(arena, all->n_leaves, screen->width, n_nearby, kept);
    Nearby nearby(*all, *screen, n_nearby, k, kept, bounds, work);
    for (int64_t leaf = leaves->first; leaf < leaves->stop; ++leaf) nearby.run(leaf);
}

// Look for the neighbors of some positions, LEAF at most, among all points, in the memory of a join of one leaf.
ALLKNN_EXPORT void ALLKNN_KERNEL(search)(const OrderedPoints* all, const int64_t* positions, int64_t n_positions,
                                         int64_t k, int32_t* ids, double* lengths, void* memory) {
    Arena arena(memory);
    Workspace work = Workspace::in(arena, 1, all->n_features);
    Search(*all, positions, n_positions, k, ids, lengths, work).run();
}

// How many rows and columns a tile has.
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(tile_rows)() {
    return ROWS;
}
ALLKNN_EXPORT int64_t ALLKNN_KERNEL(tile_columns)() {
    return COLUMNS;
}
