"""Runs on samples of points of which nothing is measured, so that there is something to advise by."""

import time
from dataclasses import replace

from bench import catalog
from bench.analysis.prediction import FEWEST_SIZES
from bench.experiment.climber import Climber, make_climber
from bench.experiment.observer import Observer
from bench.experiment.opening import opened
from bench.experiment.requests import AdviceRequest, RunRequest
from bench.experiment.rungs import Step
from bench.experiment.selection import SIZES
from bench.measure import java
from bench.results import Measurement
from bench.units import format_seconds
from bench.workloads import PointsRequest

_SMALLER = 1.5
"""A sample is of fewer points than all there are, by this factor."""
_RUNGS_CARRIED = 3
"""Rungs of a ladder, from the first that reaches the recall, that are tried on larger samples: recall falls
as n grows."""
_SLOWER_BY = 10.0
"""Strategies slower than the best by this factor, at the full n by their pace, are tried no further."""


def measure_samples(request: AdviceRequest, n: int, observer: Observer) -> list[Measurement]:
    """Climb each ladder on the smallest sample, confirm it on the next; try what is promising on larger ones.

    ``n``: how many points there are in all. Raises KeyboardInterrupt where the user ends a run.
    """
    ends = time.monotonic() + request.budget_seconds
    sizes = [size for size in SIZES if size * _SMALLER < n]
    if len(sizes) < FEWEST_SIZES:  # too few to predict from: so few points are measured themselves
        sizes = [n]
    observer.say(
        f"nothing measured of these points yet: measuring on {' and '.join(f'{size:,}' for size in sizes)} "
        f"of {n:,}, for {format_seconds(request.budget_seconds)} at most (--budget)"
    )
    strategies = request.rows.strategies or _available(request.rows.points)
    asked = _without_idle_master(request.rows.points, strategies)
    samples = [asked if size == n else replace(asked, n=None, sample=size) for size in sizes]
    run_request = RunRequest(
        points=samples[0],
        strategies=strategies,
        recalls=(request.recall,),
        budget_seconds=request.budget_seconds,
        places=request.rows.places,
    )
    larger_samples: list[PointsRequest | None] = [*samples[1:]]
    new: list[Measurement] = []
    rows: dict[Step, Measurement] = {}
    with opened(run_request, observer) as smallest:
        for larger in larger_samples or [None]:
            whole, sample = (smallest.on(larger), smallest) if larger else (smallest, None)
            climber = make_climber(whole, sample, ends, n_asked=n, slower_by=_SLOWER_BY)
            climber.use_existing()
            climber.rows |= rows
            climber.go()
            if sample is not None:
                _carry_further(climber)
            new += climber.new
            if climber.interrupted:
                raise KeyboardInterrupt
            rows = {step: row for step, row in climber.rows.items() if not step.whole}
    if time.monotonic() >= ends:
        observer.say("the budget is spent: what was measured until now decides")
    return new


def _carry_further(climber: Climber) -> None:
    """Run what reaches the recall, and the rungs above it, on both numbers of points."""
    carried = climber.climb.carried(climber.rows)
    for further in range(_RUNGS_CARRIED):
        for reached in carried:
            for whole in (False, True):
                step = Step(reached.strategy, reached.rung + further, whole)
                is_new = step in climber.runs and step not in climber.rows
                if is_new and climber.seconds_left > 0 and not climber.interrupted:
                    climber.take(step)


def _available(points: PointsRequest) -> tuple[str, ...]:
    """All strategies that can run here by the metric asked for, Spark's only where a master is named."""
    runtime = java.find()
    return tuple(
        name
        for name in catalog.names()
        if catalog.why_unavailable((listing := catalog.load(name)).entry, runtime) is None
        and catalog.why_not_asked(listing, points.metric or "", queries=False) is None
        and (points.master is not None or not listing.takes_master)
    )


def _without_idle_master(points: PointsRequest, strategies: tuple[str, ...]) -> PointsRequest:
    """Leave the master out where there is nothing for it to do."""
    if points.read_by_spark or any(catalog.load(name).takes_master for name in strategies):
        return points
    return replace(points, master=None)
