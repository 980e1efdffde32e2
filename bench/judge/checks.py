"""What makes an answer wrong, apart from missing neighbors; each flaw is reported with its row."""

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers
from bench.judge.bounds import error_share
from bench.judge.distances import norms, squared_distances

_ROWS_AT_ONCE = 1 << 15
_ORDER_TOLERANCE = 1e-5
_ROOT_OF_LARGEST = float(np.sqrt(np.finfo(np.float32).max)) * (1 - 1e-6)


def find_flaw(answers: Answers) -> str | None:
    """Describe the first flaw of all answered rows, or return None.

    Ids out of range, the row itself, an id twice, an answer after a missing one; distances that are negative,
    NaN, infinite for a found neighbor or finite for a missing one, or that descend by more than rounding.
    """
    n_samples = len(answers.indices)
    for start in range(0, n_samples, _ROWS_AT_ONCE):
        rows = start + np.flatnonzero(answers.answered[start : start + _ROWS_AT_ONCE])
        flaw = _flaw_in(rows, answers.indices[rows], answers.distances[rows], n_samples)
        if flaw:
            return flaw
    return None


def _flaw_in(
    rows: NDArray[np.int64], indices: NDArray[np.int32], distances: NDArray[np.float32], n_samples: int
) -> str | None:
    def first(flawed: NDArray[np.bool_]) -> tuple[int, int]:
        at, column = np.argwhere(flawed)[0]
        return int(at), int(column)

    missing = indices == -1
    ranked = np.sort(indices, axis=1)
    repeated = (ranked[:, 1:] == ranked[:, :-1]) & (ranked[:, 1:] >= 0)
    if np.any(flawed := (indices < -1) | (indices >= n_samples)):
        at, column = first(flawed)
        return f"row {rows[at]}: id {indices[at, column]} is out of range, allowed are 0 to {n_samples - 1}"
    if np.any(flawed := indices == rows[:, None]):
        at, column = first(flawed)
        return f"row {rows[at]}: neighbor {column + 1} is the row itself"
    if np.any(repeated):
        at, column = first(repeated)
        return f"row {rows[at]}: id {ranked[at, column]} is there twice"
    if np.any(flawed := missing[:, :-1] & ~missing[:, 1:]):
        at, column = first(flawed)
        return f"row {rows[at]}: neighbor {column + 1} is missing (-1), yet neighbor {column + 2} is there"
    if np.any(flawed := ~(distances >= 0) | (np.isinf(distances) != missing)):
        at, column = first(flawed)
        kind = "a missing neighbor" if missing[at, column] else "a neighbor found"
        large = distances[at, column] >= _ROOT_OF_LARGEST
        why = "; squares of such distances overflow float32" if large else ""
        return f"row {rows[at]}: distance {column + 1} is {distances[at, column]:.6g} for {kind}{why}"
    if np.any(flawed := distances[:, 1:] < distances[:, :-1] * np.float32(1 - _ORDER_TOLERANCE)):
        at, column = first(flawed)
        before, after = distances[at, column : column + 2]
        return f"row {rows[at]}: wrong order, distance {column + 2} ({after:.6g}) follows {before:.6g}"
    return None


def find_wrong_distance(
    points: NDArray[np.float32],
    rows: NDArray[np.int64],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
) -> str | None:
    """Describe the first distance that rounding does not explain, or return None; skip ids out of range.

    Allowed is what ‖x‖² + ‖y‖² - 2x·y may be off by in float32, c(‖x‖ + ‖y‖)² with c as in ``bounds``: far
    from the origin it is much, and an exact method may use that formula.
    """
    at, column = np.nonzero((indices >= 0) & (indices < len(points)))
    row, other = rows[at], indices[at, column]
    true = squared_distances(points, row, other)
    returned = distances[at, column].astype(np.float64)
    reach = _norms_of(points, row) + _norms_of(points, other)
    allowed = error_share(points.shape[1], np.float32) * reach**2 + float(np.finfo(np.float32).tiny)
    wrong = np.flatnonzero(~(np.abs(returned**2 - true) <= allowed))
    if not len(wrong):
        return None
    first = wrong[0]
    return (
        f"row {row[first]}: distance to {other[first]} is {np.sqrt(true[first]):.6g}, "
        f"returned was {returned[first]:.6g}, more off than float32 explains"
    )


def _norms_of(points: NDArray[np.float32], ids: NDArray[np.integer]) -> NDArray[np.float64]:
    """Norms of a few of the points, each measured once."""
    unique, position = np.unique(ids, return_inverse=True)
    measured = np.empty(len(unique))
    for start in range(0, len(unique), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        measured[part] = norms(points[unique[part]])
    return measured[position]
