"""``run --at-recall``: for each strategy the cheapest rung of its ladder that reaches each recall."""

import time
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from bench.analysis.climb import Climb
from bench.analysis.rungs import Ladder, Step
from bench.cli import INTERRUPTED, points, progress, terminal
from bench.cli.announcing import announce_duration, announce_points
from bench.cli.found import show
from bench.cli.way import Way
from bench.measure import environment, probe
from bench.measure.schedule import PlannedRun, Request, already_measured, plan
from bench.measure.session import Session
from bench.workloads import Staged

_SAMPLE_SHARE = 0.1
_FEWEST_SAMPLED = 5_000
"""Fewer points say little of how a strategy fares."""
FEWEST_WORTH_A_SAMPLE = 25_000
"""Below, imports and compilation cost more than a sample would save."""
_BUDGET_SHARE_OF_SAMPLE = 1 / 3


def sample(arguments: Namespace, staged: Staged, cache: Path) -> tuple[Staged, str] | None:
    """Stage fewer points of the same kind, with the options that choose them; None of a small workload."""
    if staged.id.n < FEWEST_WORTH_A_SAMPLE:
        return None
    n = max(_FEWEST_SAMPLED, round(staged.id.n * _SAMPLE_SHARE))
    fewer = Namespace(**{**vars(arguments), "n": n})
    return points.stage(points.workload(fewer), cache), points.as_options(fewer)


def climb(
    arguments: Namespace,
    asked: Request,
    session: Session,
    staged: Staged,
    sampled: tuple[Staged, str] | None,
    ends: float,
) -> int:
    """Choose rungs on the sample, confirm them on all points, and say which way is the best."""
    java = session.runner.environment.java
    whole = _planned(asked, staged, java, whole=True)
    series = whole | (_planned(asked, sampled[0], java, whole=False) if sampled else {})
    runs = {step: repeats[0] for step, repeats in series.items()}
    every = [run for repeats in series.values() for run in repeats]
    labels = terminal.run_labels([replace(run, blas_kernel=None) for run in every])  # all have the same
    for step, run in runs.items():
        labels[run.run_id] += "" if step.whole else f" on {run.workload.n:,} points"
    way = Way(
        _climb(arguments, asked, staged, sampled),
        runs,
        _sessions(session, labels, sampled, idle=arguments.dry_run),
        ends,
        _sample_ends(ends),
        arguments.anyway,
    )
    if not arguments.fresh:
        measured = already_measured([*runs.values()], session.store.rows(), session.runner.limits)
        way.rows |= {step: measured[run.run_id] for step, run in runs.items() if run.run_id in measured}
    announce_points(staged.id, staged.notes)
    _announce(way, asked.blas_kernel)
    if arguments.dry_run:
        return 0
    way.go()
    if asked.repeats > 1 and not way.interrupted:
        way.repeat(whole)
    show(way, labels, as_json=arguments.json)
    return INTERRUPTED if way.interrupted else 0


def _climb(arguments: Namespace, asked: Request, staged: Staged, sampled: tuple[Staged, str] | None) -> Climb:
    ladders = [
        Ladder(listing.name, listing.entry.exact, len(asked.params[listing.name]))
        for listing in asked.strategies
    ]
    n_sampled = sampled[0].id.n if sampled else None
    complete = arguments.budget is not None
    return Climb(tuple(ladders), arguments.at_recall, staged.id.n, n_sampled, complete)


def _sample_ends(ends: float) -> float:
    """When the sample has had its share of a budget that ends then."""
    now = time.monotonic()
    return now + _BUDGET_SHARE_OF_SAMPLE * (ends - now)


def _sessions(
    session: Session, labels: dict[str, str], sampled: tuple[Staged, str] | None, *, idle: bool
) -> dict[bool, Session]:
    """What runs on all points (True), and what runs on the sample."""
    warm_up_bytes = 0 if idle else probe.warm_up_bytes(environment.usable_memory_bytes())
    runner = replace(session.runner, warm_up_bytes=warm_up_bytes)
    whole = replace(session, runner=runner, display=progress.display(runner.limits.memory_bytes, labels))
    if sampled is None:
        return {True: whole}
    on_sample = replace(runner, points=sampled[0].path, points_options=sampled[1])
    return {True: whole, False: replace(whole, runner=on_sample)}


def _planned(asked: Request, staged: Staged, java: str, *, whole: bool) -> dict[Step, list[PlannedRun]]:
    """The repeats of each step on all points, or on the sample."""
    steps = {}
    for listing in asked.strategies:
        for rung, params in enumerate(asked.params[listing.name]):
            one = replace(asked, strategies=(listing,), params={listing.name: (params,)})
            steps[Step(listing.name, rung, whole)] = plan(one, staged.id, java)
    return steps


def _announce(way: Way, blas_kernel: str | None) -> None:
    recalls = ", ".join(f"{recall:g}" for recall in way.climb.recalls)
    n = way.climb.n_sampled
    where = (
        f"rungs are chosen on {n:,} points, then confirmed on all" if n else "rungs are tried on all points"
    )
    rungs = sum(ladder.rungs for ladder in way.climb.ladders)
    terminal.say(
        f"at recall {recalls}: {len(way.climb.ladders)} strategies with {rungs} rungs, {where}; "
        f"{len(way.rows)} runs measured already"
    )
    if blas_kernel is not None:
        terminal.say(f"OpenBLAS takes its {blas_kernel} kernel in every run")
    unknown = [None] * len(way.climb.on_sample(way.rows))
    announce_duration([*way.climb.worth_running(way.rows).values(), *unknown], way.ends)
