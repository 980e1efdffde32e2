"""How hard some points are to search, in figures and in words."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.judge.distances import norms, squared_distances
from bench.judge.duplicates import group_equal
from bench.judge.kd_tree import tree_share
from bench.judge.kd_tree_trial import TreeTrial, try_tree
from bench.judge.point_verdicts import PointVerdict, point_verdicts, shape_of
from bench.judge.truth import Truth, cached_truth, sample_rows
from bench.units import format_seconds

ROWS = 500
NEIGHBORS = 100
"""How many neighbors a truth for ``describe`` should have, if there are so many points."""
_PAIRS = 20_000
_TREE_ROWS = 100


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Figures of a workload that decide which strategies can be fast on it."""

    n: int
    d: int
    bytes: int
    """Of the float32 points."""
    duplicates_share: float
    """Share of points equal to an earlier one in every coordinate."""
    largest_group: int
    """Points in the largest group of equal ones."""
    zero_vectors: int
    norm_min: float
    norm_median: float
    norm_max: float
    lid_median: float | None
    lid_low: float | None
    lid_high: float | None
    """Local intrinsic dimension, median and quartiles of sampled points; None where distances do not vary."""
    contrast: float | None
    """Mean distance of two points over the mean distance to the k-th neighbor; None where that is 0."""
    tree_share: float
    """Share of the points that a kd-tree must look at for one query, at least; see ``tree``."""
    hubness: float | None
    anti_hubs_share: float
    mean_cosine: float | None
    scale_ratio: float | None
    constant_columns: int
    """Those five of a sample; see ``point_verdicts.Shape``."""
    in_words: tuple[str, ...] = ()
    """What this means for trees and for approximate methods, in one sentence each."""
    verdicts: tuple[PointVerdict, ...] = ()
    """One for each property that can spoil a search."""


def describe(points: NDArray[np.float32], truth: Truth, *, k: int = 10) -> Difficulty:
    """Describe (n, d) float32 points by the ``truth`` of some of its rows.

    Local intrinsic dimension is the maximum-likelihood estimate from the distances of about 100 neighbors
    (Levina and Bickel 2004; Amsaleg et al. 2015); relative contrast follows He, Kumar and Chang (2012).
    """
    points = np.asarray(points)
    n_samples, n_features = points.shape
    sizes = group_equal(points).sizes
    lengths = norms(points)
    dimensions = local_dimensions(truth.distances)
    quartiles = np.quantile(dimensions, [0.25, 0.5, 0.75]) if dimensions.size else np.full(3, np.nan)
    lid_low, lid_median, lid_high = (float(q) if np.isfinite(q) else None for q in quartiles)
    kth = truth.distances[:, min(k, truth.distances.shape[1]) - 1]
    some = slice(None, None, -(-len(truth.rows) // _TREE_ROWS))
    difficulty = Difficulty(
        n=n_samples,
        d=n_features,
        bytes=points.nbytes,
        duplicates_share=1 - len(sizes) / n_samples,
        largest_group=int(sizes.max()),
        zero_vectors=int(np.count_nonzero(lengths == 0)),
        norm_min=float(lengths.min()),
        norm_median=float(np.median(lengths)),
        norm_max=float(lengths.max()),
        lid_median=lid_median,
        lid_low=lid_low,
        lid_high=lid_high,
        contrast=_contrast(points, kth),
        tree_share=tree_share(points, truth.rows[some], kth[some]),
        **asdict(shape_of(points, k)),
    )
    return replace(
        difficulty,
        in_words=tuple(_in_words(difficulty, try_tree(points, k))),
        verdicts=tuple(point_verdicts(asdict(difficulty))),
    )


def describe_staged(points_path: Path, content_hash: str, k: int, cache: Path, threads: int) -> Difficulty:
    """Describe staged points by the exact neighbors of some of them, which are cached."""
    points = np.load(points_path, mmap_mode="r")
    rows = sample_rows(len(points), ROWS)
    deep = min(NEIGHBORS, len(points) - 1)
    truth = cached_truth(points_path, content_hash, deep, rows, cache, threads=threads)
    return describe(points, truth, k=k)


def local_dimensions(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Estimate the intrinsic dimension around each row from its (r, k) ascending neighbor distances.

    Distances of 0 are left out, and rows whose other distances are all equal or fewer than two.
    """
    positive = distances > 0
    farthest = distances[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(positive, np.log(distances / farthest[:, None]), 0.0)
    used = positive.sum(axis=1) - 1  # the farthest itself says nothing
    total = -logs.sum(axis=1)
    varied = (used >= 1) & (total > 0)
    dimensions: NDArray[np.float64] = used[varied] / total[varied]
    return dimensions


def _contrast(points: NDArray[np.float32], kth: NDArray[np.float64]) -> float | None:
    rng = np.random.default_rng(0)
    one = rng.integers(len(points), size=_PAIRS)
    other = (one + rng.integers(1, len(points), size=_PAIRS)) % len(points)
    mean = float(np.sqrt(squared_distances(points, one, other)).mean())
    near = float(kth.mean())
    return mean / near if near > 0 else None


def _in_words(difficulty: Difficulty, trial: TreeTrial | None) -> Iterator[str]:
    if difficulty.lid_median is None:
        yield "Distances to the neighbors do not vary: no intrinsic dimension can be estimated."
    else:
        yield (
            f"Around a point the data have about {difficulty.lid_median:.0f} dimensions of the "
            f"{difficulty.d} stored."
        )
    looks = f"A kd-tree must look at {_percent(difficulty.tree_share)} of the points for one query"
    if trial is None:
        yield f"{looks}."
    else:
        of = "these points" if trial.points == difficulty.n else f"{trial.points:,} of these points"
        yield (
            f"{looks}; on {of}, here and in one thread, one takes {format_seconds(trial.tree_seconds)} and "
            f"by brute force {format_seconds(trial.brute_seconds)}."
        )
    if difficulty.contrast is not None and difficulty.lid_median is not None:
        times = f"{difficulty.contrast:,.1f} times nearer than the average point"
        if difficulty.contrast < 2:
            yield f"The k-th neighbor is only {times}: approximate methods need many candidates."
        elif difficulty.lid_median <= 8:
            yield f"Neighbors stand out, {times}: approximate methods need modest settings for a high recall."
        else:
            yield (
                f"Neighbors stand out, {times}, but in many directions: graph methods do well, forests of "
                "random splits need many trees."
            )
    if difficulty.duplicates_share > 0.01:
        yield (
            f"{_percent(difficulty.duplicates_share)} of the points repeat an earlier one, up to "
            f"{difficulty.largest_group:,} are equal: which of them are neighbors is arbitrary, and trees "
            "take time quadratic in such a group; consider leaving copies out beforehand."
        )


def _percent(share: float) -> str:
    return f"{share:.2%}" if share < 0.01 else f"{share:.0%}"
