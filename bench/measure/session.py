"""A series of runs: leave out what is measured, run the rest, append each row as soon as it is there."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from bench.answers import Answers
from bench.measure.row import DISTURBED_CORES
from bench.measure.runner import Runner
from bench.measure.schedule import PlannedRun
from bench.results import Measurement, Store

_QUIET_ATTEMPTS = 3


class Display(Protocol):
    """Shows a series while it runs."""

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        """A run starts."""

    def progress(self, message: dict[str, Any]) -> None:
        """A supervisor's message about it: phase, phase_seconds, rows, done, memory_bytes."""

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

    def measure(self, runs: Sequence[PlannedRun]) -> list[Measurement]:
        """Do the runs in order; return their rows. An interrupted one is the last."""
        rows: list[Measurement] = []
        for number, run in enumerate(runs, start=1):
            rows.append(self._measure(run, number, len(runs)))
            if rows[-1].status == "interrupted":
                break
        return rows

    def measure_until(
        self,
        runs: Sequence[PlannedRun],
        measured: Sequence[Measurement],
        undecided: Callable[[Sequence[Measurement], int], set[str]],
        budget_seconds: float | None,
    ) -> list[Measurement]:
        """Do repeat after repeat, as long as ``undecided`` names series to go on with and the budget lasts.

        ``undecided`` is given all rows so far and the number of repeats; ``measured`` are not run again.
        """
        began = time.monotonic()
        done = {row.run_id for row in measured}
        rows = list(measured)
        wanted = {run.series_id for run in runs}
        new: list[Measurement] = []
        for repeat, batch in itertools.groupby(runs, key=lambda run: run.repeat):
            spent = time.monotonic() - began
            if not wanted or (budget_seconds is not None and spent > budget_seconds):
                break
            latest = self.measure([r for r in batch if r.series_id in wanted and r.run_id not in done])
            new += latest
            rows += latest
            if any(row.status == "interrupted" for row in latest):
                break
            wanted = undecided(rows, repeat)
        return new

    def _measure(self, run: PlannedRun, number: int, of: int) -> Measurement:
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
