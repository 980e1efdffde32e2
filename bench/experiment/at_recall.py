"""``run --at-recall``: for each strategy the cheapest rung of its ladder that reaches each recall."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from bench.experiment.announcements import announce_points
from bench.experiment.climber import Climber, make_climber
from bench.experiment.opening import Experiment
from bench.experiment.results import RunResult
from bench.experiment.rungs import EXACTLY, best
from bench.measure.schedule import already_measured
from bench.units import format_recall, format_seconds

_SAMPLE_SHARE = 0.1
_FEWEST_SAMPLED = 5_000
"""Fewer points say little of how a strategy fares."""
FEWEST_WORTH_A_SAMPLE = 25_000
"""Below, imports and compilation cost more than a sample would save."""


def climb(experiment: Experiment, ends: float) -> RunResult:
    """Choose rungs on a sample, confirm them on all points, and say which strategy is the best."""
    request = experiment.request
    sample = _sample(experiment) if experiment.staged.id.n >= FEWEST_WORTH_A_SAMPLE else None
    climber = make_climber(experiment, sample, ends, complete=request.budget_seconds is not None)
    if not request.fresh:
        climber.use_existing()
    _announce(climber, experiment)
    if request.dry_run:
        return RunResult()
    climber.go()
    if not climber.interrupted:
        _record_left_out(climber)
    if request.repeats != 1 and not climber.interrupted:
        _repeat(climber)
    return _result(climber)


def _sample(experiment: Experiment) -> Experiment:
    """Fewer points of the same kind."""
    n = max(_FEWEST_SAMPLED, round(experiment.staged.id.n * _SAMPLE_SHARE))
    return experiment.on(replace(experiment.request.points, n=n))


def _announce(climber: Climber, experiment: Experiment) -> None:
    asked, observer = climber.climb, experiment.observer
    announce_points(experiment.staged.id, experiment.notes, observer)
    recalls = ", ".join(f"{recall:g}" for recall in asked.recalls)
    n = asked.n_sampled
    where = (
        f"rungs are chosen on {n:,} points, then confirmed on all" if n else "rungs are tried on all points"
    )
    rungs = sum(ladder.rungs for ladder in asked.ladders)
    observer.say(
        f"at recall {recalls}: {len(asked.ladders)} strategies with {rungs} rungs, {where}; "
        f"{len(climber.rows)} runs measured already"
    )
    if experiment.plan.blas_kernel is not None:
        observer.say(f"OpenBLAS takes its {experiment.plan.blas_kernel} kernel in every run")
    climber.announce_duration()


def _record_left_out(climber: Climber) -> None:
    """Leave a row for each run on all points that would have come next, with why it was not started."""
    session = climber.experiments[True].session
    for step, reason in climber.climb.left_out(climber.rows, climber.seconds_left).items():
        climber.rows[step] = session.skip(climber.runs[step], reason)


def _repeat(climber: Climber) -> None:
    """Run again what reaches a recall, as often as asked for and as the budget allows."""
    session = climber.experiments[True].session
    reached = {pair.step for pair in climber.climb.pairs(climber.rows) if pair.state == "reached"}
    again = [run for step in climber.runs if step in reached for run in climber.repeats[step][1:]]
    again.sort(key=lambda run: run.repeat)
    done = already_measured(again, session.store.rows(), session.runner.limits)
    took = {row.series_id: row.total_seconds or 0.0 for row in climber.rows.values()}
    to_run = [run for run in again if run.run_id not in done]
    climber.new += session.measure(to_run, climber.ends, took)


def _result(climber: Climber) -> RunResult:
    """The runs on all points, what became of the others, and the answer last."""
    rows = tuple(
        (climber.labels[run.run_id], climber.rows[step])
        for step, run in climber.runs.items()
        if step.whole and step in climber.rows
    )
    shown = tuple((label, row) for label, row in rows if row.status != "skipped")
    sentences = [*_failures(climber), "", *_answers(climber)]
    return RunResult(rows, shown, tuple(sentences), climber.interrupted)


def _failures(climber: Climber) -> Iterator[str]:
    """Say of the strategies that do not reach a recall why: one line for each reason."""
    recalls: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in climber.climb.pairs(climber.rows):
        if pair.state == "failed":
            alike = pair.reason.partition(", up to ")[0]  # what each would have taken stands in its row
            recalls[alike, pair.strategy].append(f"{pair.recall:g}")
    strategies: dict[str, list[str]] = defaultdict(list)
    for (reason, strategy), missed in recalls.items():
        strategies[reason].append(f"{strategy} ({', '.join(missed)})")
    if strategies:
        yield "not reached, or not confirmed, at recall:"
    for reason, named in strategies.items():
        yield f"  {', '.join(named)}: {reason}"


def _answers(climber: Climber) -> Iterator[str]:
    """Name the best approximate and the best exact run at each recall."""
    for recall in climber.climb.recalls:
        named = []
        for exact, kind in ((False, "approximate"), (True, "exact")):
            step = best(recall, climber.rows, exact=exact)
            if step is not None:
                row = climber.rows[step]
                seconds, reached = format_seconds(row.total_seconds), format_recall(row.recall)
                label = climber.labels[climber.runs[step].run_id]
                named.append(f"best {kind} {label} ({seconds}, recall {reached})")
            elif not (recall >= EXACTLY and not exact):
                named.append(f"no {kind} one")
        yield f"at recall {recall:g}: {'; '.join(named)}"
