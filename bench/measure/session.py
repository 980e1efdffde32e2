"""A series of runs: leave out what is measured, run the rest, append each row as soon as it is there."""

import itertools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Protocol

from bench.answers import Answers
from bench.measure.messages import RunProgress
from bench.measure.row import DISTURBED_CORES
from bench.measure.runner import Runner
from bench.measure.schedule import PlannedRun
from bench.results import Measurement, Store

_QUIET_ATTEMPTS = 3


def out_of_budget(seconds_left: float, expected_seconds: float | None) -> str:
    """Say why a run was not started, in one line."""
    expected = f", about {expected_seconds:.0f} s expected" if expected_seconds else ""
    return f"the budget ended before it: {max(seconds_left, 0):.0f} s left{expected}"


class Display(Protocol):
    """Shows a series while it runs."""

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        """A run starts."""

    def progress(self, progress: RunProgress) -> None:
        """Where it is by now."""

    def ends(self, row: Measurement | None) -> None:
        """It ended, and its row is stored; None where something kept it from having one."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a series of runs shares."""

    runner: Runner
    store: Store
    display: Display
    quiet_runs: bool = False
    """Whether a run that others disturbed is repeated."""
    keep: Callable[[Answers], None] | None = None

    def measure(
        self,
        runs: Sequence[PlannedRun],
        ends: float = math.inf,
        took: Mapping[str, float] | None = None,
        *,
        owed: bool = True,
    ) -> list[Measurement]:
        """Do the runs in order; return their rows. An interrupted one is the last.

        ``ends`` is when the budget is spent, on the monotonic clock. A run that is not to end by then, for
        all that is predicted of it or that a repeat before it took, leaves a row that says so; one that goes
        on until then is ended. ``took``: seconds of repeats that were done before, by ``series_id``. A run
        that is not ``owed`` leaves no row where it is not started.
        """
        rows: list[Measurement] = []
        seconds = dict(took or {})
        for number, run in enumerate(runs, start=1):
            left = ends - time.monotonic()
            expected = seconds.get(run.series_id, run.predicted.get("total_seconds"))
            if left <= (expected or 0.0):
                rows += [self.skip(run, out_of_budget(left, expected))] if owed else []
                continue
            rows.append(self.within(left).measure_one(run, number, len(runs)))
            seconds |= _seconds_of(rows[-1:])
            if rows[-1].status == "interrupted":
                break
        return rows

    def within(self, seconds: float) -> "Session":
        """Return the session with a time limit of no more than that."""
        if math.isinf(seconds):
            return self
        limits = self.runner.limits
        least = min(round(seconds, 1), limits.time_seconds or math.inf)
        return replace(self, runner=replace(self.runner, limits=replace(limits, time_seconds=least)))

    def skip(self, run: PlannedRun, reason: str) -> Measurement:
        """Store the row of a run that is not started."""
        row = self.runner.skip(run, reason)
        self.store.append(row, asdict(self.runner.environment))
        self.store.write_table()
        return row

    def measure_until(
        self,
        runs: Sequence[PlannedRun],
        measured: Sequence[Measurement],
        undecided: Callable[[Sequence[Measurement], int], set[str]],
        ends: float = math.inf,
    ) -> list[Measurement]:
        """Do repeat after repeat, as long as ``undecided`` names series to go on with and the budget lasts.

        ``undecided`` is given all rows so far and the number of repeats; ``measured`` are not run again. The
        budget may end within a repeat: what is left of it is not started, and leaves a row only where it is
        the first.
        """
        done = {row.run_id for row in measured}
        rows = list(measured)
        wanted = {run.series_id for run in runs}
        new: list[Measurement] = []
        for repeat, batch in itertools.groupby(runs, key=lambda run: run.repeat):
            if not wanted or time.monotonic() > ends:
                break
            took = _seconds_of(rows)
            to_run = [r for r in batch if r.series_id in wanted and r.run_id not in done]
            latest = self.measure(to_run, ends, took, owed=repeat == 1)
            new += latest
            rows += latest
            if any(row.status == "interrupted" for row in latest):
                break
            wanted = undecided(rows, repeat)
        return new

    def measure_one(self, run: PlannedRun, number: int, of: int) -> Measurement:
        """Do a run, the ``number``-th of so many; return its row, which is stored by then."""
        for _ in range(_QUIET_ATTEMPTS if self.quiet_runs else 1):
            row: Measurement | None = None
            self.display.begins(run, number, of)
            try:
                measured = self.runner.run(run, self.display.progress, self.keep)
                self.store.append(measured, asdict(self.runner.environment))
                row = measured
            finally:
                self.display.ends(row)
            self.store.write_table()
            if measured.status == "interrupted" or (measured.disturbed or 0.0) <= DISTURBED_CORES:
                break
        return measured


def _seconds_of(rows: Sequence[Measurement]) -> dict[str, float]:
    """Seconds that the latest successful run of each series took."""
    return {row.series_id: row.total_seconds for row in rows if row.status == "ok" and row.total_seconds}
