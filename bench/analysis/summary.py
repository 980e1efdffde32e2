"""What the rows of a results directory say: like put with like, repeats folded, the latest of each run."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.results import Measurement
from bench.workloads.identity import WorkloadId

_OPTIONS = ("threads", "master", "blas_kernel", "wrap", "start")
"""Settings that are no parameters, as rows name them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The runs of a series that ended with the same status."""

    label: str
    """The strategy, and what tells it from the group's other outcomes of that strategy."""
    runs: tuple[Measurement, ...]
    """From the fastest to the slowest; at least one."""

    @property
    def median(self) -> Measurement:
        """The run in the middle by total time; of an even number, the faster of the middle two."""
        return self.runs[(len(self.runs) - 1) // 2]

    @property
    def strategy(self) -> str:
        """Name of the strategy."""
        return self.median.strategy

    @property
    def is_ok(self) -> bool:
        """Whether it came to its end and was right."""
        return self.median.status == "ok"

    def spread(self, value: Callable[[Measurement], float | None]) -> tuple[float, float] | None:
        """Least and greatest of a figure over the repeats; None where fewer than two have it."""
        known = [x for run in self.runs if (x := value(run)) is not None]
        return (min(known), max(known)) if len(known) > 1 else None


@dataclass(frozen=True, slots=True)
class Group:
    """What may be compared: the rows of one machine on one workload with one k."""

    machine: str
    workload: WorkloadId
    outcomes: tuple[Outcome, ...]
    """Those that came to their end first, fastest first."""

    @property
    def rows(self) -> list[Measurement]:
        """The rows of all outcomes."""
        return [run for outcome in self.outcomes for run in outcome.runs]

    @property
    def ok(self) -> list[Outcome]:
        """The outcomes that came to their end and were right, fastest first."""
        return [outcome for outcome in self.outcomes if outcome.is_ok]


def groups(rows: Iterable[Measurement]) -> list[Group]:
    """Split rows into what may be compared, the group measured last first.

    Of rows with the same ``run_id`` the last one counts: it was re-measured.
    """
    by_place: dict[tuple[Any, ...], list[Measurement]] = defaultdict(list)
    for row in {row.run_id: row for row in rows}.values():
        w = row.workload
        by_place[row.machine, w.content_hash, w.n, w.d, w.k, w.metric].append(row)
    all_groups = [Group(g[0].machine, g[0].workload, _outcomes(g)) for g in by_place.values()]
    return sorted(all_groups, key=lambda g: max(row.started_at for row in g.rows), reverse=True)


def fastest(outcomes: Iterable[Outcome], *, recall: float = 0.0, exact: bool = False) -> Outcome | None:
    """Return the quickest of the successful outcomes that reach a recall, or that are exact; None if none."""
    fitting = [
        outcome
        for outcome in outcomes
        if outcome.is_ok
        and outcome.median.total_seconds is not None
        and (outcome.median.exact if exact else (outcome.median.recall or 0.0) >= recall)
    ]
    return min(fitting, key=lambda outcome: outcome.median.total_seconds or 0.0, default=None)


def settings(row: Measurement) -> dict[str, Any]:
    """Everything that was set for a run: its parameters, threads, master, BLAS kernel, instrument, start."""
    threads, start = row.threads if row.multi_threaded else None, "first" if row.first_start else None
    own = (threads, row.master, row.blas_kernel, row.wrap, start)
    return row.params | {n: value for n, value in zip(_OPTIONS, own, strict=True) if value is not None}


def write_setting(value: Any) -> str:
    """Write a parameter's value as ``--set`` takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _outcomes(rows: Iterable[Measurement]) -> tuple[Outcome, ...]:
    series: dict[str, list[Measurement]] = defaultdict(list)
    for row in rows:
        series[row.series_id or row.run_id].append(row)
    shared = {name: _shared(runs) for name, runs in series.items()}
    variants: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, runs in series.items():
        variants[runs[0].strategy].append(shared[name])
    labels = {name: label_among(runs[0].strategy, shared[name], variants) for name, runs in series.items()}
    used = Counter(labels.values())
    outcomes = []
    for name, runs in series.items():
        since = min(row.started_at for row in runs)
        label = labels[name] if used[labels[name]] == 1 else f"{labels[name]} ({since})"
        outcomes += [Outcome(label, repeats) for repeats in _by_status(runs)]
    return tuple(sorted(outcomes, key=lambda outcome: (not outcome.is_ok, _order(outcome.median))))


def _shared(runs: Sequence[Measurement]) -> dict[str, Any]:
    """Settings of a series, without the seed where it counts the repeats; None where one was not set."""
    first, *others = (settings(run) for run in runs)
    first |= {name: first.get(name) for name in _OPTIONS}
    return {name: v for name, v in first.items() if all(other.get(name) == v for other in others)}


def label_among(
    strategy: str, own: Mapping[str, Any], variants: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    """Name a strategy and those of its settings in which another series of it differs."""
    varying = [
        f"{name}={write_setting(value)}"
        for name, value in own.items()
        if any(_differ(variant.get(name, value), value) for variant in variants[strategy])
        and not (name in _OPTIONS and value is None)
    ]
    return " ".join([strategy, *varying])


def _differ(a: Any, b: Any) -> bool:
    """Whether two settings are different ones: 1 and true are."""
    return json.dumps(a) != json.dumps(b)


def _by_status(runs: Iterable[Measurement]) -> list[tuple[Measurement, ...]]:
    """Split a series into the runs that ended alike, the fastest first."""
    ended: dict[str, list[Measurement]] = defaultdict(list)
    for run in sorted(runs, key=_order):
        ended[run.status].append(run)
    return [tuple(alike) for alike in ended.values()]


def _order(row: Measurement) -> tuple[bool, float, str]:
    return row.total_seconds is None, row.total_seconds or 0.0, row.strategy
