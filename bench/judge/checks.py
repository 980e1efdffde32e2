"""What makes an answer wrong, apart from missing neighbors; each flaw is reported with its row."""

import numpy as np
from numpy.typing import NDArray

from bench.answers import Answers
from bench.judge.asked import ALL_POINTS, Asked
from bench.judge.bounds import error_share
from bench.judge.distances import norms_of

_ROWS_AT_ONCE = 1 << 15
_ORDER_TOLERANCE = 1e-5
_ROOT_OF_LARGEST = float(np.sqrt(np.finfo(np.float32).max)) * (1 - 1e-6)


def find_flaw(answers: Answers, n_points: int | None = None, asked: Asked = ALL_POINTS) -> str | None:
    """Describe the first flaw of all answered rows, or return None.

    Ids out of range, the row itself, an id twice, an answer after a missing one; distances that are negative,
    NaN, infinite for a found neighbor or finite for a missing one, or that descend by more than rounding.
    With queries there are ``n_points`` ids, and a row has none of its own; products may be negative.
    """
    n_samples = len(answers.indices) if n_points is None else n_points
    for start in range(0, len(answers.indices), _ROWS_AT_ONCE):
        rows = start + np.flatnonzero(answers.answered[start : start + _ROWS_AT_ONCE])
        flaw = _flaw_in(rows, answers.indices[rows], answers.distances[rows], n_samples, asked)
        if flaw:
            return flaw
    return None


def _flaw_in(
    rows: NDArray[np.int64],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    n_samples: int,
    asked: Asked,
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
    if np.any(flawed := indices == asked.own_ids(rows)[:, None]):
        at, column = first(flawed)
        return f"row {rows[at]}: neighbor {column + 1} is the row itself"
    if np.any(repeated):
        at, column = first(repeated)
        return f"row {rows[at]}: id {ranked[at, column]} is there twice"
    if np.any(flawed := missing[:, :-1] & ~missing[:, 1:]):
        at, column = first(flawed)
        return f"row {rows[at]}: neighbor {column + 1} is missing (-1), yet neighbor {column + 2} is there"
    least = -np.inf if asked.by_products else 0
    if np.any(flawed := ~(distances >= least) | (np.isinf(distances) != missing)):
        at, column = first(flawed)
        kind = "a missing neighbor" if missing[at, column] else "a neighbor found"
        large = distances[at, column] >= _ROOT_OF_LARGEST
        why = "; squares of such distances overflow float32" if large else ""
        return f"row {rows[at]}: distance {column + 1} is {distances[at, column]:.6g} for {kind}{why}"
    with np.errstate(invalid="ignore"):  # inf - inf
        falls = distances[:, 1:] < distances[:, :-1] - np.float32(_ORDER_TOLERANCE) * np.abs(
            distances[:, :-1]
        )
    if np.any(flawed := falls):
        at, column = first(flawed)
        before, after = distances[at, column : column + 2]
        return f"row {rows[at]}: wrong order, distance {column + 2} ({after:.6g}) follows {before:.6g}"
    return None


def find_wrong_distance(
    points: NDArray[np.float32],
    rows: NDArray[np.int64],
    indices: NDArray[np.int32],
    distances: NDArray[np.float32],
    asked: Asked = ALL_POINTS,
) -> str | None:
    """Describe the first distance that rounding does not explain, or return None; skip ids out of range.

    Allowed is what ‖x‖² + ‖y‖² - 2x·y may be off by in float32, c(‖x‖ + ‖y‖)² with c as in ``bounds``: far
    from the origin it is much, and an exact method may use that formula. A product may be off by c‖x‖‖y‖.
    """
    at, column = np.nonzero((indices >= 0) & (indices < len(points)))
    row, other = rows[at], indices[at, column]
    true = asked.distances(points, row, other)
    returned = distances[at, column].astype(np.float64)
    ours, theirs = norms_of(asked.rows_among(points), row), norms_of(points, other)
    share, least = error_share(points.shape[1], np.float32), float(np.finfo(np.float32).tiny)
    if asked.by_products:
        fits = np.abs(returned - true) <= share * ours * theirs + least
    else:
        fits = np.abs(returned**2 - true**2) <= share * (ours + theirs) ** 2 + least
    wrong = np.flatnonzero(~fits)
    if not len(wrong):
        return None
    first = wrong[0]
    name = "product with a minus, with" if asked.by_products else "distance to"
    return (
        f"row {row[first]}: {name} {other[first]} is {true[first]:.6g}, "
        f"returned was {returned[first]:.6g}, more off than float32 explains"
    )
