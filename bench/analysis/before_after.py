"""Two results directories side by side: which runs belong together, and what became slower or broke."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.analysis.compare import ALPHA
from bench.analysis.differences import Differences, find_differences
from bench.analysis.independent import Finding, Ratio, more_needed, ratio_of
from bench.analysis.pairing import Series, paired, series_of
from bench.analysis.summary import label_among
from bench.results import Measurement
from bench.workloads.identity import WorkloadId

ChangeVerdict = Finding | Literal["fails now", "works now", "fails in both", "only in A", "only in B"]
Environments = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one strategy with one set of parameters on one workload, from A to B."""

    label: str
    workload: WorkloadId
    before: tuple[Measurement, ...]
    after: tuple[Measurement, ...]
    """Runs in A and in B, without interrupted ones; at most one of both is empty."""
    seconds: Ratio
    """Of the total seconds of those that succeeded."""
    verdict: ChangeVerdict
    differences: Differences
    """What A and B do not share here."""

    @property
    def strategy(self) -> str:
        """Name of the strategy."""
        return (*self.before, *self.after)[0].strategy

    @property
    def recall_fell(self) -> bool:
        """Whether the recall's interval in B lies below that in A: a time won so is none."""
        a, b = median_run(self.before), median_run(self.after)
        if a is None or b is None or a.recall_low is None or b.recall_high is None:
            return False
        return b.recall_high < a.recall_low

    def is_worse(self, threshold: float) -> bool:
        """Whether it broke, or is slower by more than ``threshold`` (0.1: 10 %) by a one-sided test."""
        return self.verdict == "fails now" or self.seconds.at_least > 1 + threshold


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """What two directories say together."""

    changes: tuple[Change, ...]
    """By workload and strategy."""
    alpha: float
    """Of each comparison: together they call equals different in at most 5 % of cases."""
    shared_rows: int
    """How many rows stand in both directories: the very same runs."""

    @property
    def differences_everywhere(self) -> Differences:
        """What A and B share in none of the pairs, the same each time."""
        paired = [change.differences for change in self.changes if change.before and change.after]
        first = paired[0] if paired else {}
        return {name: values for name, values in first.items() if all(u.get(name) == values for u in paired)}


def before_after(
    a: Sequence[Measurement],
    b: Sequence[Measurement],
    a_environments: Environments,
    b_environments: Environments,
) -> BeforeAfter:
    """Put the rows of two directories side by side; of the same ``run_id``, one directory has but one row."""
    pairs = paired(series_of(a), series_of(b))
    seconds = [(_seconds(x), _seconds(y)) for x, y in pairs]
    testable = sum(not more_needed(len(x), len(y), ALPHA) for x, y in seconds)
    alpha = ALPHA / max(testable, 1)
    variants: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for series in (one for pair in pairs for one in pair if one):
        variants[series.newest.strategy].append(series.settings)
    changes = []
    for (x, y), (x_seconds, y_seconds) in zip(pairs, seconds, strict=True):
        one = x or y
        assert one is not None
        before, after = (x.runs if x else ()), (y.runs if y else ())
        ratio = ratio_of(x_seconds, y_seconds, alpha)
        changes.append(
            Change(
                label=label_among(one.newest.strategy, one.settings, variants),
                workload=one.newest.workload,
                before=before,
                after=after,
                seconds=ratio,
                verdict=_verdict(before, after, ratio),
                differences=_differences(x, y, a_environments, b_environments),
            )
        )
    a_rows = {(row.run_id, row.started_at) for row in a}
    shared = sum((row.run_id, row.started_at) in a_rows for row in b)
    return BeforeAfter(tuple(sorted(changes, key=_order)), alpha, shared)


def median_run(runs: Iterable[Measurement]) -> Measurement | None:
    """The successful run in the middle by total time; None where none succeeded."""
    ok = sorted((row for row in runs if row.status == "ok"), key=lambda row: row.total_seconds or 0.0)
    return ok[(len(ok) - 1) // 2] if ok else None


def endings(runs: Iterable[Measurement]) -> Counter[str]:
    """How many runs ended with each status but ``ok``."""
    return Counter(row.status for row in runs if row.status != "ok")


def _verdict(before: Sequence[Measurement], after: Sequence[Measurement], ratio: Ratio) -> ChangeVerdict:
    if not before or not after:
        return "only in A" if before else "only in B"
    worked, works = median_run(before) is not None, median_run(after) is not None
    if not worked:
        return "works now" if works else "fails in both"
    if not works or (endings(after) and not endings(before)):
        return "fails now"
    return ratio.finding


def _differences(
    a: Series | None, b: Series | None, a_environments: Environments, b_environments: Environments
) -> Differences:
    if a is None or b is None:
        return {}
    x, y = a.newest, b.newest
    return find_differences(
        x, y, a_environments.get(x.environment, {}), b_environments.get(y.environment, {})
    )


def _seconds(one: Series | None) -> NDArray[np.float64]:
    runs = one.runs if one else ()
    return np.array([r.total_seconds for r in runs if r.status == "ok" and r.total_seconds], np.float64)


def _order(change: Change) -> tuple[Any, ...]:
    w = change.workload
    return w.name, w.n, w.d, w.k, w.metric, change.label
