"""From the options of ``run`` to what is to be measured, checked and complete."""

import itertools
import shlex
import shutil
from argparse import Namespace
from pathlib import Path
from typing import Any

from bench import catalog
from bench.analysis.compare import LOOKS
from bench.catalog import Listing
from bench.cli import points, terminal
from bench.cli.values import settings
from bench.measure import environment, threads
from bench.measure.schedule import Limits, Request
from bench.results import AUTO_REPEATS

_MEMORY_SHARE = 0.8


def request(arguments: Namespace) -> Request:
    """Check the options and load the strategies; ValueError with one line for the user."""
    listings = [catalog.load(name) for name in arguments.strategies or catalog.names()]
    names = [listing.name for listing in listings]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two strategies to run are named {', '.join(sorted(twice))}: name each once")
    spark = points.read_by_spark(arguments) or any(listing.takes_master for listing in listings)
    if arguments.master and not spark:
        raise ValueError(
            f"--master is for Spark's strategies and for points that Spark reads: none of {', '.join(names)} "
            "is one, and these points are read here"
        )
    _check_wrap(arguments.wrap)
    if arguments.at_recall:
        _check_at_recall(arguments)
    values = settings(arguments.set, listings)
    kernel = threads.right_kernel(environment.machine().flags) if arguments.fix_blas else None
    if arguments.fix_blas and kernel is None:
        terminal.say("--fix-blas: this CPU has neither AVX2 nor AVX-512, OpenBLAS's own choice stays")
    climbs = bool(arguments.ladder or arguments.at_recall)
    return Request(
        strategies=tuple(listings),
        params={
            listing.name: _sweep(listing, values[listing.name], arguments.master, climbs=climbs)
            for listing in listings
        },
        pinned={name: frozenset(set_values) for name, set_values in values.items()},
        threads=arguments.threads or (environment.machine().cores,),
        master=arguments.master,
        repeats=LOOKS[-1] if arguments.repeats == AUTO_REPEATS else arguments.repeats,
        repeats_asked=str(arguments.repeats),
        blas_kernel=kernel,
        wrap=arguments.wrap,
        shared_dir=str(Path(arguments.shared_dir).resolve()) if arguments.shared_dir else "",
    )


def limits(arguments: Namespace) -> Limits:
    """Where a run is ended, by default at most of the memory there is."""
    memory = arguments.memory_limit or int(environment.usable_memory_bytes() * _MEMORY_SHARE)
    return Limits(arguments.time_limit, memory, arguments.stop_after_rows)


def _check_at_recall(arguments: Namespace) -> None:
    """Refuse what goes against choosing one rung for each recall."""
    if arguments.stop_after_rows:
        raise ValueError("--stop-after-rows is for --ladder: --at-recall confirms a recall on all rows")
    if arguments.save_neighbors:
        raise ValueError(
            "--save-neighbors is for one run, --at-recall makes several: run again what it found"
        )
    if arguments.repeats == AUTO_REPEATS:
        raise ValueError("--at-recall takes a number of --repeats, not 'auto'")
    if arguments.threads and len(arguments.threads) > 1:
        raise ValueError(f"--at-recall takes one number of threads, not {len(arguments.threads)}")


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
