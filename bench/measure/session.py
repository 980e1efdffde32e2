"""A series of runs: leave out what is measured, run the rest, append each row as soon as it is there."""

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

    def ends(self, row: Measurement) -> None:
        """It ended, and its row is stored."""


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
            self.display.begins(run, number, len(runs))
            rows.append(self._measure(run))
            if rows[-1].status == "interrupted":
                break
        return rows

    def _measure(self, run: PlannedRun) -> Measurement:
        for _ in range(_QUIET_ATTEMPTS if self.quiet_runs else 1):
            row = self.runner.run(run, self.display.progress, self.keep)
            self.store.append(row, asdict(self.runner.environment))
            self.store.write_table()
            self.display.ends(row)
            if row.status == "interrupted" or (row.disturbed or 0.0) <= DISTURBED_CORES:
                break
        return row
