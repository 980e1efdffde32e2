"""A request to run made ready: checked, its points staged, its results directory open."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench import locks, workloads
from bench.experiment import points
from bench.experiment.directories import writable_directory
from bench.experiment.observer import Observer
from bench.experiment.planning import limits_of, plan_of
from bench.experiment.requests import RunRequest, SaveRequest
from bench.experiment.saving import check_saving, saving
from bench.experiment.usage import bad_usage
from bench.judge.difficulty import describe_staged
from bench.measure import environment, java, probe
from bench.measure.runner import Runner
from bench.measure.schedule import Request
from bench.measure.session import Session
from bench.report.wording import misunderstood_in_words
from bench.results import TORN, Store
from bench.workloads import PointsRequest, Staged


@dataclass(frozen=True, slots=True)
class Experiment:
    """What the runs of a request need."""

    request: RunRequest
    plan: Request
    staged: Staged
    session: Session
    observer: Observer

    @property
    def java(self) -> str:
        """Version of the runtime there is, or why there is none."""
        return self.session.runner.environment.java

    @property
    def store(self) -> Store:
        """The results directory."""
        return self.session.store

    @property
    def notes(self) -> list[str]:
        """What is worth saying of the points, and of the user's environment where Spark is to run."""
        environment = self.session.runner.environment
        notes = [*self.staged.notes]
        if environment.left_out and any("java" in s.entry.requires for s in self.plan.strategies):
            notes.append(f"left out of the runs' environment: {', '.join(environment.left_out)}")
        if environment.variables:
            values = ", ".join(f"{name}={value}" for name, value in environment.variables.items())
            notes.append(f"of the environment, a part of what is measured: {values}")
        return notes

    def on(self, chosen: PointsRequest) -> "Experiment":
        """Return the same on other points of the same kind, which are staged; raises BadUsageError."""
        with bad_usage():
            staged = points.stage(chosen, self.request.places.cache, self.observer)
        runner = replace(
            self.session.runner, points=staged.path, queries=staged.queries, points_options=str(chosen)
        )
        return replace(self, staged=staged, session=replace(self.session, runner=runner))

    def ready(self, labels: Mapping[str, str], warm_up_bytes: int) -> "Experiment":
        """Return the same just before its runs start, with a display that names each of them."""
        runner = replace(self.session.runner, warm_up_bytes=warm_up_bytes)
        display = self.observer.runs(runner.limits.memory_bytes, labels)
        return replace(self, session=replace(self.session, runner=runner, display=display))


def bytes_to_warm_up() -> int:
    """Find out whether touching fresh memory must be kept out of the runs, and how much of it."""
    asked = probe.asked_to_warm_up()
    return probe.warm_up_bytes(environment.usable_memory_bytes()) if asked is None else asked


@contextmanager
def opened(request: RunRequest, observer: Observer) -> Iterator[Experiment]:
    """Check everything, stage the points, open the results; afterwards nothing unfinished is left.

    Raises BadUsageError, before anything is measured.
    """
    with ExitStack() as stack:
        with bad_usage():
            plan = plan_of(request, observer)
            points.workload(request.points, request.places.cache, observer)
            check_saving(request, plan)
            probe.asked_to_warm_up()
            cache = workloads.cache_directory(request.places.cache)
            if plan.master and not request.dry_run and any(s.takes_master for s in plan.strategies):
                os.environ.update(points.cluster_environment(plan.master, cache))
            store = Store(stack.enter_context(writable_directory(request.places.results)))
            store.check()
            if not request.dry_run and not locks.are_there(store.directory):
                observer.say(
                    "the results lie on a file system without locks: one run at a time may write there"
                )
            staged = points.stage(request.points, request.places.cache, observer)
            answers = stack.enter_context(saving(SaveRequest() if request.dry_run else request.save, staged))
        plan = replace(plan, neighbors_to=answers.neighbors_to, neighbors_at=answers.neighbors_at)
        runner = _runner(request, staged, store.directory, cache)
        display = observer.runs(runner.limits.memory_bytes, {})
        session = Session(runner, store, display, request.quiet_runs, answers.keep)
        yield Experiment(request, plan, staged, session, observer)


def _runner(request: RunRequest, staged: Staged, results: Path, cache: Path) -> Runner:
    runtime = java.find()
    return Runner(
        results=results,
        cache=cache,
        points=staged.path,
        queries=staged.queries,
        limits=limits_of(request),
        environment=environment.environment(
            runtime if isinstance(runtime, str) else runtime.version, request.points.master
        ),
        java=runtime if isinstance(runtime, str) else runtime.environment,
        truth_rows=request.truth_rows,
        points_options=str(request.points),
    )


def describe_points(experiment: Experiment) -> None:
    """Keep how hard the points are beside the rows; say what a crash had cut."""
    staged, store = experiment.staged, experiment.store
    if staged.id.content_hash not in store.workloads():
        cores, cache = environment.machine().usable_cores, experiment.session.runner.cache
        difficulty = describe_staged(staged.path, staged.id.content_hash, staged.id.k, cache, cores)
        store.describe_workload(staged.id.content_hash, asdict(difficulty) | {"notes": staged.notes})
    if left_out := misunderstood_in_words(store.misunderstood()):
        experiment.observer.say(left_out)
    if torn := store.torn_lines():
        experiment.observer.say(
            f"{torn} lines that were cut or no JSON are set aside in {store.directory / TORN}"
        )
