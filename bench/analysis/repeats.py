"""Repeats of runs: pairing them, comparing two series of them, and knowing when there are enough."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bench.analysis.compare import ALPHA, ALPHA_OF_A_LOOK, LOOKS, Comparison, compare
from bench.results import AUTO_REPEATS, Measurement


def compare_series(
    a: Iterable[Measurement], b: Iterable[Measurement], alpha: float | None = None
) -> Comparison:
    """Compare the total seconds of two series of runs, paired by repeat; only successful ones count.

    Where the rows decided how many repeats there are, each look at them had its share of alpha, and the last
    one has no more.
    """
    first, second = _seconds(a), _seconds(b)
    repeats = sorted(first.keys() & second.keys())
    asked = {row.repeats_asked for by_repeat in (first, second) for row in by_repeat.values()}
    return compare(
        np.array([first[r].total_seconds for r in repeats], np.float64),
        np.array([second[r].total_seconds for r in repeats], np.float64),
        alpha or (ALPHA_OF_A_LOOK if AUTO_REPEATS in asked else ALPHA),
    )


def undecided(rows: Sequence[Measurement], repeats: int) -> set[str]:
    """Series that need more repeats after so many: some other one cannot be told from them yet.

    A series that failed is not repeated; one that stands alone needs no more than the first look.
    """
    look = max((look for look in LOOKS if look <= repeats), default=0)
    series = _series(row for row in rows if look == 0 or row.repeat <= look)
    if look == 0:
        return set(series)
    if look == LOOKS[-1]:
        return set()
    pairs = itertools.combinations(series, 2)
    alike = [
        (a, b)
        for a, b in pairs
        if compare_series(series[a], series[b], ALPHA_OF_A_LOOK).verdict != "different"
    ]
    return {name for pair in alike for name in pair}


def compared(rows: Iterable[Measurement], names: Mapping[str, str]) -> list[str]:
    """A sentence for each pair of series that ran on one machine and the same points."""
    series = _series(rows)
    return [
        compare_series(series[a], series[b]).in_words(names[a], names[b])
        for a, b in itertools.combinations(series, 2)
    ]


def _series(rows: Iterable[Measurement]) -> dict[str, list[Measurement]]:
    """Successful rows by series."""
    found: dict[str, list[Measurement]] = defaultdict(list)
    for row in rows:
        if row.status == "ok":
            found[row.series_id].append(row)
    return dict(found)


def _seconds(rows: Iterable[Measurement]) -> dict[int, Measurement]:
    return {row.repeat: row for row in rows if row.status == "ok" and row.total_seconds is not None}
