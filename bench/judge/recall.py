"""Recall, independent of the scale of the points and of the order of ties."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.judge.asked import ALL_POINTS, Asked
from bench.judge.bounds import error_share
from bench.judge.distances import norms_of
from bench.judge.truth import Truth

TOLERANCE = 1e-5
"""Relative, on distances: far above float64's rounding, and no larger for points far from the origin."""
_Z = 1.959964  # two-sided 95 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Recall:
    """Recall of the sampled rows."""

    mean: float
    low: float
    high: float
    """95 % interval of the mean over all rows sampled from."""
    by_id: float
    p01: float
    p05: float
    """1st and 5th percentile of the rows' recall."""
    ties_share: float | None
    """Share of rows whose k-th neighbor has a tie beyond it; None where the truth ends at k."""


def measure_recall(
    points: NDArray[np.float32],
    truth: Truth,
    indices: NDArray[np.int32],
    n_population: int,
    asked: Asked = ALL_POINTS,
) -> Recall:
    """Compare the answers of the truth's rows, (r, k), with the truth, which may hold more than k.

    ``n_population`` is how many rows the r were sampled from.
    """
    k = indices.shape[1]
    rows = row_recalls(points, truth, indices, asked)
    low, high = interval(rows, n_population)
    kth = truth.distances[:, k - 1]
    limit = kth if asked.by_products else kth * (1 + TOLERANCE)
    tied = truth.distances[:, k] <= limit if truth.distances.shape[1] > k else None
    p01, p05 = np.quantile(rows, [0.01, 0.05], method="inverted_cdf")
    return Recall(
        mean=float(rows.mean()),
        low=low,
        high=high,
        by_id=float(row_recalls_by_id(truth, indices, len(points), asked).mean()),
        p01=float(p01),
        p05=float(p05),
        ties_share=None if tied is None else float(tied.mean()),
    )


def row_recalls(
    points: NDArray[np.float32], truth: Truth, indices: NDArray[np.int32], asked: Asked = ALL_POINTS
) -> NDArray[np.float64]:
    """Share of each row's k answers that are no farther than its true k-th neighbor: (r,) float64.

    An id counts once, and only if it is a point other than the row. A product may be less than the k-th
    largest by what rounding in float64 explains, for its own size says nothing of how points differ.
    """
    k = indices.shape[1]
    row, column = np.nonzero(countable(indices, asked.own_ids(truth.rows), len(points)))
    others = indices[row, column]
    distance = asked.distances(points, truth.rows[row], others)
    limit = truth.distances[row, k - 1]
    if asked.by_products:
        sizes = norms_of(asked.rows_among(points), truth.rows[row]) * norms_of(points, others)
        near = distance <= limit + 4 * error_share(points.shape[1], np.float64) * sizes
    else:
        near = distance <= limit * (1 + TOLERANCE)
    share: NDArray[np.float64] = np.bincount(row[near], minlength=len(indices)) / k
    return share


def row_recalls_by_id(
    truth: Truth, indices: NDArray[np.int32], n_samples: int, asked: Asked = ALL_POINTS
) -> NDArray[np.float64]:
    """Share of each row's k true ids in its answer: (r,) float64; ties make it lower than it should be."""
    k = indices.shape[1]
    row, column = np.nonzero(countable(indices, asked.own_ids(truth.rows), n_samples))
    answered = row * n_samples + indices[row, column]
    true = np.arange(len(indices))[:, None] * n_samples + truth.indices[:, :k]
    share: NDArray[np.float64] = np.bincount(row[np.isin(answered, true)], minlength=len(indices)) / k
    return share


def countable(indices: NDArray[np.integer], own_ids: NDArray[np.int64], n_samples: int) -> NDArray[np.bool_]:
    """Mark ids in range that are not the row itself, the first of each id only: (r, k) bool."""
    order = np.argsort(indices, axis=1, kind="stable")
    ranked = np.take_along_axis(indices, order, axis=1)
    repeated = np.zeros(indices.shape, np.bool_)
    np.put_along_axis(repeated, order[:, 1:], ranked[:, 1:] == ranked[:, :-1], axis=1)
    valid: NDArray[np.bool_] = (
        (indices >= 0) & (indices < n_samples) & (indices != own_ids[:, None]) & ~repeated
    )
    return valid


def interval(row_recalls: NDArray[np.float64], n_population: int) -> tuple[float, float]:
    """Bound the mean recall of all rows from a sample, with 95 % confidence.

    Wilson's score interval (Wilson 1927) for the mean of the rows, each counted as the trials it is worth
    (design effect, Kish 1965), and with the correction for drawing without replacement. The design effect
    is taken with half a row more that went wholly the other way: few misses say little about how misses
    come in clusters. Without it, one sample in four does not cover a recall of 0.999.
    """
    n_rows = len(row_recalls)
    mean = float(row_recalls.mean())
    unseen = 1 - n_rows / n_population
    if unseen <= 0:
        return mean, mean
    opposite = 0.0 if mean > 0.5 else 1.0
    shifted = (float(row_recalls.sum()) + 0.5 * opposite) / (n_rows + 0.5)
    spread = float(np.sum((row_recalls - shifted) ** 2) + 0.5 * (opposite - shifted) ** 2)
    design_effect = min(1.0, spread / ((n_rows + 0.5) * shifted * (1 - shifted)))
    trials = n_rows / (design_effect * unseen)
    middle = (mean + _Z**2 / (2 * trials)) / (1 + _Z**2 / trials)
    half = _Z / (1 + _Z**2 / trials) * math.sqrt(mean * (1 - mean) / trials + (_Z / (2 * trials)) ** 2)
    return max(0.0, min(mean, middle - half)), min(1.0, max(mean, middle + half))
