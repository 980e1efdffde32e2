"""How hard some points are to search: in figures, and in words."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.judge.distances import norms, squared_distances
from bench.judge.duplicates import group_equal
from bench.judge.truth import Truth, cached_truth, sample_rows

ROWS = 500
NEIGHBORS = 100
"""What a truth for ``describe`` should hold, as far as there are as many points."""
_PAIRS = 20_000


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
    in_words: tuple[str, ...]
    """What this means for trees and for approximate methods, a sentence each."""


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
    contrast = _contrast(points, truth.distances[:, min(k, truth.distances.shape[1]) - 1])
    duplicates_share = 1 - len(sizes) / n_samples
    return Difficulty(
        n=n_samples,
        d=n_features,
        bytes=points.nbytes,
        duplicates_share=duplicates_share,
        largest_group=int(sizes.max()),
        zero_vectors=int(np.count_nonzero(lengths == 0)),
        norm_min=float(lengths.min()),
        norm_median=float(np.median(lengths)),
        norm_max=float(lengths.max()),
        lid_median=lid_median,
        lid_low=lid_low,
        lid_high=lid_high,
        contrast=contrast,
        in_words=tuple(_in_words(duplicates_share, int(sizes.max()), lid_median, n_features, contrast)),
    )


def describe_staged(points_path: Path, content_hash: str, k: int, cache: Path, threads: int) -> Difficulty:
    """Describe staged points by the exact neighbors of some of them, which the cache keeps."""
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


def _in_words(
    duplicates_share: float, largest_group: int, lid: float | None, n_features: int, contrast: float | None
) -> list[str]:
    words = []
    if lid is None:
        words.append("Distances to the neighbors hardly vary: no intrinsic dimension can be estimated.")
    elif lid <= 8:
        words.append(
            f"Around a point the data have about {lid:.0f} dimensions of the {n_features} stored: "
            "a kd-tree or ball tree skips most points and should beat brute force."
        )
    elif lid <= 14:
        words.append(
            f"Around a point the data have about {lid:.0f} dimensions: trees look at a good part of the "
            "points; measure them against brute force before trusting either."
        )
    else:
        words.append(
            f"Around a point the data have about {lid:.0f} dimensions: trees look at nearly every point "
            "and lose to brute force, which costs the same on any data."
        )
    if contrast is not None and lid is not None:
        if contrast < 2:
            words.append(
                f"The k-th neighbor is hardly nearer than any point ({contrast:.1f} times): approximate "
                "methods need many candidates for a high recall."
            )
        elif lid <= 14:
            words.append(
                f"Neighbors stand out ({contrast:.1f} times nearer than any point): approximate methods "
                "reach a high recall with modest settings."
            )
        else:
            words.append(
                f"Neighbors stand out ({contrast:.1f} times nearer than any point), in many dimensions: "
                "graph methods do well, forests of random splits need many trees."
            )
    if duplicates_share > 0.01:
        words.append(
            f"{duplicates_share:.0%} of the points repeat an earlier one (the largest group has "
            f"{largest_group:,}): ids at equal distance are arbitrary, trees slow down with the square of a "
            "group, and removing duplicates first is worth a thought."
        )
    return words
