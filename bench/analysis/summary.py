"""What the rows of a results directory say: like put with like, repeats folded, the latest of each run."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.results import Measurement
from bench.workloads.identity import WorkloadId


@dataclass(frozen=True, slots=True)
class Outcome:
    """The repeats of one strategy with one set of parameters that ended with the same status."""

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

    Of rows with the same ``run_id`` the last one counts: it was measured anew.
    """
    by_place: dict[tuple[Any, ...], list[Measurement]] = defaultdict(list)
    for row in {row.run_id: row for row in rows}.values():
        w = row.workload
        by_place[row.machine, w.content_hash, w.n, w.d, w.k, w.metric].append(row)
    found = [Group(g[0].machine, g[0].workload, _outcomes(g)) for g in by_place.values()]
    return sorted(found, key=lambda g: max(row.started_at for row in g.rows), reverse=True)


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
    """Everything that was set for a run: its parameters, threads, master, BLAS kernel and instrument."""
    own = {"threads": row.threads if row.multi_threaded else None, "master": row.master}
    own |= {"blas_kernel": row.blas_kernel, "wrap": row.wrap}
    return row.params | {name: value for name, value in own.items() if value is not None}


def write_setting(value: Any) -> str:
    """Write a parameter's value as ``--set`` takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def _outcomes(rows: Sequence[Measurement]) -> tuple[Outcome, ...]:
    swept = _swept_seeds(rows)
    folded = _fold(rows, swept)
    variants: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for runs in folded:
        variants[runs[0].strategy].append(_told_apart(runs[0], swept))
    labels = [_label(runs[0], variants[runs[0].strategy], swept) for runs in folded]
    alike = Counter((label, runs[0].status) for label, runs in zip(labels, folded, strict=True))
    outcomes = [
        Outcome(
            label if alike[label, runs[0].status] == 1 else f"{label} ({runs[0].started_at})",
            tuple(sorted(runs, key=_order)),
        )
        for label, runs in zip(labels, folded, strict=True)
    ]
    return tuple(sorted(outcomes, key=lambda outcome: (not outcome.is_ok, _order(outcome.median))))


def _swept_seeds(rows: Iterable[Measurement]) -> set[str]:
    """Strategies of which one repeat ran with several seeds; else the seed only counts the repeats."""
    seeds: dict[tuple[str, str, int], set[Any]] = defaultdict(set)
    for row in rows:
        own = settings(row)
        seed = own.pop("seed", None)
        seeds[row.strategy, json.dumps(own, sort_keys=True), row.repeat].add(seed)
    return {strategy for (strategy, *_), met in seeds.items() if len(met) > 1}


def _fold(rows: Iterable[Measurement], swept: Container[str]) -> list[list[Measurement]]:
    """Put repeats together; a setting met twice under one repeat number was run by other versions."""
    folded: dict[tuple[Any, ...], list[Measurement]] = defaultdict(list)
    older: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in sorted(rows, key=lambda row: row.started_at, reverse=True):
        key = (row.strategy, json.dumps(_told_apart(row, swept), sort_keys=True), row.code_hash)
        folded[*key, older[*key, row.repeat], row.status].append(row)
        older[*key, row.repeat] += 1
    return list(folded.values())


def _told_apart(row: Measurement, swept: Container[str]) -> dict[str, Any]:
    """Settings that make another outcome."""
    return {name: v for name, v in settings(row).items() if name != "seed" or row.strategy in swept}


def _label(row: Measurement, variants: Iterable[Mapping[str, Any]], swept: Container[str]) -> str:
    own = _told_apart(row, swept)
    varying = [name for name in own if any(variant.get(name) != own[name] for variant in variants)]
    return " ".join([row.strategy, *(f"{name}={write_setting(own[name])}" for name in varying)])


def _order(row: Measurement) -> tuple[bool, float, str]:
    return row.total_seconds is None, row.total_seconds or 0.0, row.strategy
