"""Measure strategies on samples of a file within a budget, so that there is something to advise by."""

import contextlib
import io
import shlex
import time
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import catalog
from bench.analysis.prediction import FEWEST_SIZES
from bench.analysis.summary import write_setting
from bench.catalog import Listing
from bench.cli import INTERRUPTED, points, run, selection, terminal
from bench.cli.parser import parse
from bench.measure import java
from bench.report import write_report
from bench.results import Measurement, Store
from bench.units import format_seconds

_SMALLER = 1.5
"""A sample is of fewer points than all there are, by this factor."""
_RUNGS_CARRIED = 3
"""Rungs of a ladder, from the first that reaches the recall, that are tried on larger samples: recall falls
as n grows."""
_HOPELESS = 10.0
"""Settings slower than the best by this factor, at the full n by their pace, are tried no further."""
_SHORTEST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Way:
    """A strategy and the rung of its ladder to try."""

    source: str
    """What ``catalog.load`` takes."""
    rung: int = 0

    @property
    def listing(self) -> Listing:
        """The strategy."""
        return catalog.load(self.source)

    @property
    def params(self) -> dict[str, Any]:
        """What the rung sets; nothing where there is no ladder."""
        ladder = self.listing.entry.ladder
        return dict(ladder[self.rung]) if ladder else {}

    def higher(self, rungs: int) -> list["_Way"]:
        """The way so many rungs higher up, where the ladder goes on so far."""
        there = self.rung + rungs < max(1, len(self.listing.entry.ladder))
        return [_Way(self.source, self.rung + rungs)] if there else []


class _Trial:
    """Runs on samples of one file, until the budget is spent."""

    def __init__(self, arguments: Namespace, n: int) -> None:
        self._arguments, self._n = arguments, n
        self._ends = time.monotonic() + arguments.budget

    @property
    def is_over(self) -> bool:
        """Whether the budget is spent."""
        over: bool = time.monotonic() >= self._ends
        return over

    def measure(self, ways: Sequence[_Way], size: int) -> dict[_Way, Measurement]:
        """Run each way on a sample, all in one command; those that ended well."""
        left = self._ends - time.monotonic()
        if not ways or left <= 0:
            return {}
        sample = {} if size == self._n else {"n": None, "sample": size}
        asked = Namespace(**{**vars(self._arguments), **sample})
        words = ["run", *(way.source for way in ways), *shlex.split(points.as_options(asked))]
        for way in ways:
            for name, value in way.params.items():
                words += ["--set", f"{way.listing.name}.{name}={write_setting(value)}"]
        words += ["--time-limit", f"{max(left / len(ways), _SHORTEST_SECONDS):.0f}s"]
        words += ["--results", self._arguments.results]
        if self._arguments.master is not None and any(way.listing.takes_master for way in ways):
            words += ["--master", self._arguments.master]
        if self._arguments.cache is not None:
            words += ["--cache", self._arguments.cache]
        _run(words)
        return _found(Path(self._arguments.results), ways, size)

    def worth_going_on(self, rows: Mapping[_Way, Measurement], *, enough: bool) -> list[_Way]:
        """Keep the ways that are not hopelessly slower, at their pace, than the best that is good enough."""
        good = [self._at_full_n(r) for r in rows.values() if self.reaches(r)]
        most = _HOPELESS * min(good, default=float("inf"))
        return [w for w, r in rows.items() if self.reaches(r) == enough and self._at_full_n(r) <= most]

    def reaches(self, row: Measurement) -> bool:
        """Whether a run's recall is surely what was asked for."""
        wanted: float = self._arguments.recall
        return (row.exact and row.recall == 1.0) or (row.recall_low or 0.0) >= wanted

    def _at_full_n(self, row: Measurement) -> float:
        """The least that it can take: start, and the rest in proportion to n."""
        work = (row.fit_seconds or 0.0) + (row.query_seconds or 0.0)
        return (row.start_seconds or 0.0) + work * self._n / row.workload.n


def try_on_samples(arguments: Namespace, n: int) -> None:
    """Climb each ladder on the smallest sample to the recall asked for; try what is promising on larger ones.

    Rows go where ``--results`` says, as those of any run.
    """
    sizes = [size for size in selection.SIZES if size * _SMALLER < n]
    if len(sizes) < FEWEST_SIZES:  # too few to predict from: so few points are measured themselves
        sizes = [n]
    told = " and ".join(f"{size:,}" for size in sizes)
    terminal.say(
        f"nothing measured of these points yet: measuring on {told} of {n:,}, "
        f"for {format_seconds(arguments.budget)} at most (--budget)"
    )
    trial = _Trial(arguments, n)
    rows: dict[_Way, Measurement] = {}
    ways = [_Way(source) for source in _to_try(arguments)]
    while ways and not trial.is_over:
        rows |= trial.measure(ways, sizes[0])
        tried = {way: rows[way] for way in ways if way in rows}
        climbing = trial.worth_going_on(rows | tried, enough=False)
        ways = [higher for way in climbing if way in tried for higher in way.higher(1)]
    carried = trial.worth_going_on(rows, enough=True)
    for size in sizes[1:]:
        for further in range(_RUNGS_CARRIED):
            wanted = [higher for way in carried for higher in way.higher(further)]
            rows |= trial.measure([way for way in wanted if way not in rows], sizes[0])
            rows |= trial.measure(wanted, size)
    if trial.is_over:
        terminal.say("the budget is spent: what was measured until now decides")
    if rows:
        write_report(Path(arguments.results))


def _to_try(arguments: Namespace) -> list[str]:
    """The strategies asked for; else all that can run here, Spark's only where a master is named."""
    if arguments.strategies:
        return list(arguments.strategies)
    found = java.find()
    return [
        name
        for name in catalog.names()
        if catalog.why_unavailable((listing := catalog.load(name)).entry, found) is None
        and (arguments.master is not None or not listing.takes_master)
    ]


def _run(words: Sequence[str]) -> None:
    """Do what the command ``run`` does, without its table on standard output and without its page."""
    with contextlib.redirect_stdout(io.StringIO()):
        code = run.measure(parse(list(words)))
    if code == INTERRUPTED:
        raise KeyboardInterrupt


def _found(results: Path, ways: Iterable[_Way], size: int) -> dict[_Way, Measurement]:
    """The latest row of each way on so many points, where it ended well."""
    rows = [row for row in Store(results).latest() if row.workload.n == size and row.status == "ok"]
    found = {}
    for way in ways:
        wanted = way.listing.parameters | way.params
        for row in rows:
            if row.strategy == way.listing.name and wanted.items() <= row.params.items():
                found[way] = row
    return found
