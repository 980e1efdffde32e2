"""From a request to run to the runs to do: strategies loaded, options checked, parameters swept."""

import itertools
import os
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import catalog
from bench.analysis.compare import LOOKS
from bench.catalog import Listing
from bench.experiment.observer import Observer
from bench.experiment.requests import RunRequest
from bench.experiment.settings import parse_settings
from bench.measure import environment, threads, variables
from bench.measure.schedule import Limits, Request
from bench.workloads import PointsRequest

_MEMORY_SHARE = 0.8
"""Of the memory there is, what a run or an advised strategy may take if nothing else is said."""


def plan_of(request: RunRequest, observer: Observer) -> Request:
    """Check the options and load the strategies; ValueError with one line for the user."""
    listings = [catalog.load(name) for name in request.strategies or catalog.names()]
    paths = [listing.path for listing in listings]
    if twice := {listing.name for listing in listings if paths.count(listing.path) > 1}:
        raise ValueError(f"two strategies to run are named {', '.join(sorted(twice))}: name each once")
    names = catalog.distinct_names(paths)
    listings = [replace(listing, name=names[listing.path]) for listing in listings]
    _check_master(request.points, listings)
    _check_wrap(request.wrap)
    if request.recalls:
        _check_at_recall(request)
    values = parse_settings(request.settings, listings)
    kernel = threads.right_kernel(environment.machine().flags) if request.fix_blas else None
    if request.fix_blas and kernel is None:
        observer.say("--fix-blas: this CPU has neither AVX2 nor AVX-512, OpenBLAS's own choice stays")
    master, shared_dir = request.points.master, request.points.shared_dir
    return Request(
        strategies=tuple(listings),
        params={
            listing.name: _sweep(listing, values[listing.name], master, climbs=request.climbs)
            for listing in listings
        },
        pinned={name: frozenset(set_values) for name, set_values in values.items()},
        threads=request.threads or (environment.machine().usable_cores,),
        master=master,
        repeats=LOOKS[-1] if request.repeats is None else request.repeats,
        repeats_asked=request.repeats_asked,
        blas_kernel=kernel,
        wrap=request.wrap,
        first_start=request.first_start,
        variables=variables.counted(os.environ),
        shared_dir=str(Path(shared_dir).resolve()) if shared_dir else "",
    )


def memory_limit(asked_bytes: int | None) -> int:
    """Bytes that may be taken: what is asked for, by default most of the memory there is."""
    return asked_bytes or int(environment.usable_memory_bytes() * _MEMORY_SHARE)


def limits_of(request: RunRequest) -> Limits:
    """Where a run is ended."""
    return replace(request.limits, memory_bytes=memory_limit(request.limits.memory_bytes))


def _check_master(points: PointsRequest, listings: list[Listing]) -> None:
    if points.master and not points.read_by_spark and not any(listing.takes_master for listing in listings):
        names = ", ".join(listing.name for listing in listings)
        raise ValueError(
            f"--master is for Spark's strategies and for points that Spark reads: none of {names} "
            "is one, and these points are read here"
        )


def _check_at_recall(request: RunRequest) -> None:
    """Refuse what goes against choosing one rung for each recall."""
    if request.limits.stop_after_rows:
        raise ValueError("--stop-after-rows is for --ladder: --at-recall confirms a recall on all rows")
    if request.save.target:
        raise ValueError(
            "--save-neighbors is for one run, --at-recall makes several: run again what it found"
        )
    if request.repeats is None:
        raise ValueError("--at-recall takes a number of --repeats, not 'auto'")
    if len(request.threads) > 1:
        raise ValueError(f"--at-recall takes one number of threads, not {len(request.threads)}")


def _check_wrap(text: str | None) -> None:
    if text is not None:
        words = shlex.split(text)
        if not words or shutil.which(words[0]) is None:
            raise ValueError(f"--wrap {text!r}: there is no program {words[0] if words else ''!r}")


def _sweep(
    listing: Listing, values: dict[str, list[Any]], master: str | None, *, climbs: bool
) -> tuple[dict[str, Any], ...]:
    """Every combination of the values set, over the defaults; the strategy itself may refuse one.

    Of a strategy that climbs its ladder, every rung.
    """
    sets = [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    if climbs:
        sets = _rungs(listing, sets)
    filled = {"master": master} if master and listing.takes_master else {}
    for chosen in sets:
        try:
            listing.entry.factory(**listing.defaults | chosen | filled)
        except ValueError as error:
            raise ValueError(f"{listing.name}: {error}") from error
    return tuple(listing.parameters | chosen for chosen in sets)


def _rungs(listing: Listing, sets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rungs of the ladder from fast to accurate, over what was set of other parameters."""
    if len(sets) > 1:
        raise ValueError(f"--set {listing.name}: set one value of a parameter where ladders are climbed")
    ladder = [dict(rung) for rung in listing.entry.ladder] or [{}]
    climbed = {name for rung in ladder for name in rung}
    if both := sorted(climbed & sets[0].keys()):
        raise ValueError(
            f"--set {listing.name}.{both[0]}: the ladder of {listing.name} climbs that parameter"
        )
    return [sets[0] | rung for rung in ladder]
