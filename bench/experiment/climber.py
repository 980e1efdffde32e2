"""Climbs ladders: runs what is next, until nothing is worth it or the budget is spent."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.experiment.announcements import announce_duration, run_labels
from bench.experiment.climb import Climb
from bench.experiment.expectations import predict_runs
from bench.experiment.opening import Experiment, bytes_to_warm_up
from bench.experiment.rungs import Ladder, Step, steepness
from bench.measure.schedule import PlannedRun, already_measured, plan
from bench.results import Measurement

_TIMES_FORECAST = 3.0
"""How many times as long as it is forecast to take at most a run goes on before it is ended."""
_UNKNOWN_SHARE = 0.25
"""Of the budget that is left, for a run of which nothing is known."""
_LEAST_ALLOWED_SECONDS = 90.0
"""Compiling, or opening a Spark session, takes long on a busy machine however few the points."""
_BUDGET_SHARE_OF_SAMPLE = 1 / 3


@dataclass
class Climber:
    """The runs that a climb may make, and the rows that it has."""

    climb: Climb
    runs: Mapping[Step, PlannedRun]
    repeats: Mapping[Step, Sequence[PlannedRun]]
    """Of each step, with its run first."""
    experiments: Mapping[bool, Experiment]
    """On all points (True) and on the sample."""
    ends: float
    """When the budget is spent, on the monotonic clock."""
    labels: Mapping[str, str]
    """Of all runs, by ``run_id``."""
    rows: dict[Step, Measurement] = field(default_factory=dict)
    new: list[Measurement] = field(default_factory=list)
    _sample_ends: float = field(init=False)
    """When the sample has had its share of the budget."""

    def __post_init__(self) -> None:
        now = time.monotonic()
        self._sample_ends = now + _BUDGET_SHARE_OF_SAMPLE * (self.ends - now)

    @property
    def seconds_left(self) -> float:
        """Of the budget; infinity without one."""
        return self.ends - time.monotonic()

    @property
    def interrupted(self) -> bool:
        """Whether the user ended it."""
        return any(row.status == "interrupted" for row in self.new)

    def use_existing(self) -> None:
        """Take the rows of runs that were measured before."""
        session = self.experiments[True].session
        measured = already_measured([*self.runs.values()], session.store.rows(), session.runner.limits)
        self.rows |= {step: measured[run.run_id] for step, run in self.runs.items() if run.run_id in measured}

    def go(self) -> None:
        """Run one step after the other, until none is worth it or the budget is spent."""
        announced = self.climb.n_sampled is None
        while not self.interrupted and (step := self._next()):
            if step.whole and not announced:
                announced = True
                self.announce_duration()
            self.take(step)

    def take(self, step: Step) -> None:
        """Make the run of a step."""
        self.rows[step] = self._measure(step)
        self.new.append(self.rows[step])

    def announce_duration(self) -> None:
        """Say how long the runs on all points, and those on the sample before them, will take."""
        on_sample = [None] * len(self.climb.on_sample(self.rows))
        known = self.climb.worth_running(self.rows).values()
        announce_duration([*known, *on_sample], self.ends, self.experiments[True].observer)

    def _next(self) -> Step | None:
        return self.climb.next(self.rows, self.seconds_left, self._sample_ends - time.monotonic())

    def _measure(self, step: Step) -> Measurement:
        experiment, run = self.experiments[step.whole], self.runs[step]
        session = experiment.session
        if step.whole:
            anyway = experiment.request.anyway
            expected = predict_runs([run], session.store.rows(), session.runner.skip, anyway=anyway)
            run = expected.runs[0]
            if row := expected.skipped.get(run.run_id):
                return session.skip(run, row.reason)
        if math.isfinite(self.ends):
            session = session.within(self._allowed_seconds(step))
        number = len(self.new) + 1
        return session.measure_one(run, number, number + len(self.climb.worth_running(self.rows)))

    def _allowed_seconds(self, step: Step) -> float:
        """Seconds of the budget that one run may take: well above what is forecast, and not all there is."""
        if not step.whole:
            allowed = self.climb.sample_seconds(self.seconds_left)
        elif (most := self.climb.most_seconds(step, self.rows)) is None:
            allowed = _UNKNOWN_SHARE * self.seconds_left
        else:
            allowed = _TIMES_FORECAST * most * steepness(step, self.rows)
        return min(self.seconds_left, max(_LEAST_ALLOWED_SECONDS, allowed))


def make_climber(
    whole: Experiment,
    sample: Experiment | None,
    ends: float,
    *,
    complete: bool = False,
    n_asked: int | None = None,
    slower_by: float | None = None,
) -> Climber:
    """Plan the rungs of all ladders on all points, and on a sample of them; for the options see ``Climb``."""
    strategies, params = whole.plan.strategies, whole.plan.params
    climb = Climb(
        tuple(Ladder(each.name, each.entry.exact, len(params[each.name])) for each in strategies),
        whole.request.recalls,
        whole.staged.id.n,
        sample.staged.id.n if sample else None,
        complete,
        n_asked,
        slower_by,
    )
    repeats = _plan_rungs(whole, whole=True) | (_plan_rungs(sample, whole=False) if sample else {})
    runs = {step: planned[0] for step, planned in repeats.items()}
    labels = run_labels([replace(run, blas_kernel=None) for planned in repeats.values() for run in planned])
    for step, run in runs.items():
        labels[run.run_id] += "" if step.whole else f" on {run.workload.n:,} points"
    warm_up_bytes = 0 if whole.request.dry_run else bytes_to_warm_up()
    experiments = {True: whole} if sample is None else {True: whole, False: sample}
    ready = {key: experiment.ready(labels, warm_up_bytes) for key, experiment in experiments.items()}
    return Climber(climb, runs, repeats, ready, ends, labels)


def _plan_rungs(experiment: Experiment, *, whole: bool) -> dict[Step, list[PlannedRun]]:
    """The repeats of each rung."""
    steps = {}
    for listing in experiment.plan.strategies:
        for rung, params in enumerate(experiment.plan.params[listing.name]):
            one = replace(experiment.plan, strategies=(listing,), params={listing.name: (params,)})
            steps[Step(listing.name, rung, whole)] = plan(one, experiment.staged.id, experiment.java)
    return steps
