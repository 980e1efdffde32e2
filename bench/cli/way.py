"""The way up the ladders: run what is next, until nothing is worth it or the budget is spent."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.analysis.climb import Climb
from bench.analysis.rungs import Step
from bench.cli.announcing import announce_duration
from bench.cli.foresight import look_ahead
from bench.measure.schedule import PlannedRun, already_measured
from bench.measure.session import Session
from bench.results import Measurement

_TIMES_FORECAST = 3.0
"""How many times as long as it is forecast to take at most a run goes on before it is ended."""
_UNFORESEEN_SHARE = 0.25
"""Of the budget that is left, for a run of which nothing is known."""
_LEAST_ALLOWED_SECONDS = 90.0
"""Compiling, or opening a Spark session, takes long on a busy machine however few the points."""


@dataclass
class Way:
    """The runs that a climb may make, and the rows that it has."""

    climb: Climb
    runs: dict[Step, PlannedRun]
    sessions: dict[bool, Session]
    """Those that run on all points (True) and on the sample."""
    ends: float
    """When the budget is spent, on the monotonic clock."""
    sample_ends: float
    """When the sample has had its share of it."""
    anyway: bool
    rows: dict[Step, Measurement] = field(default_factory=dict)
    new: list[Measurement] = field(default_factory=list)

    @property
    def seconds_left(self) -> float:
        """Of the budget; infinity without one."""
        return self.ends - time.monotonic()

    @property
    def interrupted(self) -> bool:
        """Whether the user ended it."""
        return any(row.status == "interrupted" for row in self.new)

    def go(self) -> None:
        """Run one step after the other, until none is worth it or the budget is spent."""
        announced = self.climb.n_sampled is None
        while not self.interrupted and (step := self._next()):
            if step.whole and not announced:
                announced = True
                announce_duration(self.climb.worth_running(self.rows).values(), self.ends)
            self.rows[step] = self._measure(step)
            self.new.append(self.rows[step])
        if not self.interrupted:
            for step, reason in self.climb.left_out(self.rows, self.seconds_left).items():
                self.rows[step] = self.sessions[True].skip(self.runs[step], reason)

    def _next(self) -> Step | None:
        return self.climb.next(self.rows, self.seconds_left, self.sample_ends - time.monotonic())

    def _measure(self, step: Step) -> Measurement:
        session, run = self.sessions[step.whole], self.runs[step]
        if step.whole:
            ahead = look_ahead([run], session.store.rows(), session.runner.skip, anyway=self.anyway)
            run = ahead.runs[0]
            if row := ahead.skipped.get(run.run_id):
                return session.skip(run, row.reason)
        if math.isfinite(self.ends):
            session = session.within(self._allowed_seconds(step))
        number = len(self.new) + 1
        return session.measure_one(run, number, number + len(self.climb.worth_running(self.rows)))

    def _allowed_seconds(self, step: Step) -> float:
        """Seconds of the budget that one run may take: well above what is forecast, and not all there is."""
        if not step.whole:
            return max(_LEAST_ALLOWED_SECONDS, self.climb.sample_seconds(self.seconds_left))
        most = self.climb.most_seconds(step, self.rows)
        allowed = _UNFORESEEN_SHARE * self.seconds_left if most is None else _TIMES_FORECAST * most
        return min(self.seconds_left, max(_LEAST_ALLOWED_SECONDS, allowed))

    def repeat(self, runs: Mapping[Step, list[PlannedRun]]) -> None:
        """Run again what reaches a recall, as often as asked for and as the budget allows."""
        reached = {pair.step for pair in self.climb.pairs(self.rows) if pair.state == "reached"}
        again = [run for step in self.runs if step in reached for run in runs[step][1:]]
        again.sort(key=lambda run: run.repeat)
        done = already_measured(again, self.sessions[True].store.rows(), self.sessions[True].runner.limits)
        to_run = [run for run in again if run.run_id not in done]
        self.new += self.sessions[True].measure(to_run, self.ends)
