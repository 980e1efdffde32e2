"""Which runs are to be done, in which order, and which are measured already."""

import hashlib
import itertools
import json
import platform
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench import catalog, source_code
from bench.catalog import Listing
from bench.master import local_cores
from bench.measure.environment import machine
from bench.results import Measurement
from bench.workloads.identity import WorkloadId


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run; None means no limit."""

    time_seconds: float | None = None
    """Of start + fit + query."""
    memory_bytes: int | None = None
    """Of non-reclaimable memory."""
    stop_after_rows: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Which runs the user asked for, checked and complete."""

    strategies: tuple[Listing, ...]
    params: Mapping[str, tuple[dict[str, Any], ...]]
    """Parameter sets of each strategy, without ``threads`` and ``master``."""
    pinned: Mapping[str, frozenset[str]]
    """Parameters that the user set, for each strategy."""
    threads: tuple[int, ...]
    master: str | None = None
    repeats: int = 1
    repeats_asked: str = "1"
    seed: int = 0
    """Of the order of runs."""
    blas_kernel: str | None = None
    wrap: str | None = None
    first_start: bool = False
    """Whether runs start without the compiled code that an earlier start left."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that may change speed or answers."""
    shared_dir: str = ""
    """A directory that all hosts see, for strategies that take one."""
    neighbors_to: str = ""
    """A directory for the answers, for strategies whose tasks write them themselves."""
    neighbors_at: str = ""
    """The final name of that directory, once it is complete."""

    @property
    def places(self) -> dict[str, str]:
        """Fields of strategies that name a directory, as far as one is given."""
        places = {"shared_dir": self.shared_dir, "neighbors_to": self.neighbors_to}
        return {name: place for name, place in places.items() if place}


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run to do, with everything that identifies it."""

    listing: Listing
    params: dict[str, Any]
    """All fields of the strategy, ``threads`` and ``master`` included."""
    threads: int
    master: str | None
    repeat: int
    repeats_asked: str
    workload: WorkloadId
    blas_kernel: str | None
    wrap: str | None
    code_hash: str
    run_id: str
    series_id: str
    first_start: bool = False
    """See ``Request``."""
    places: dict[str, str] = field(default_factory=dict)
    """Directories for the strategy: fields like ``params``, but not part of the run's identity."""
    neighbors_at: str = ""
    """See ``Request``."""
    predicted: Mapping[str, float] = field(default_factory=dict)
    """What it is predicted to cost; see ``Measurement.predicted``."""
    expected_seconds: float | None = None
    """What it is expected to take, by whatever is known: shown while it runs, and not recorded."""

    @property
    def final_places(self) -> dict[str, str]:
        """``places`` as they are after the run."""
        final = {"neighbors_to": self.neighbors_at} if "neighbors_to" in self.places else {}
        return self.places | final

    @property
    def source(self) -> str:
        """What ``catalog.load`` takes: the name of one of the project's strategies, or a path."""
        inside = self.listing.path.parent == catalog.DIRECTORY
        return self.listing.name if inside else str(self.listing.path)


@dataclass(frozen=True, slots=True)
class _Code:
    """What identifies a strategy's code: read once, however many runs there are of it."""

    hash: str
    versions: dict[str, str | None]
    """Of the distributions that it requires."""

    @classmethod
    def of(cls, listing: Listing) -> "_Code":
        requires = (name for name in listing.entry.requires if name != "java")
        return cls(source_code.code_hash(listing.path), {name: catalog.version(name) for name in requires})


def plan(request: Request, workload: WorkloadId, java: str) -> list[PlannedRun]:
    """All requested runs; with repeats, strategies are interleaved in a seeded random order.

    ``java`` is the version of the runtime: part of the identity of strategies that need one.
    """
    runs: list[PlannedRun] = []
    order = random.Random(request.seed)
    code = {listing.path: _Code.of(listing) for listing in request.strategies}
    for repeat in range(1, request.repeats + 1):
        in_repeat = [
            _planned(request, workload, listing, dict(params), threads, repeat, java, code[listing.path])
            for listing in request.strategies
            for params, threads in itertools.product(request.params[listing.name], request.threads)
        ]
        if request.repeats > 1:
            order.shuffle(in_repeat)
        runs += in_repeat
    return list(
        {run.run_id: run for run in runs}.values()
    )  # a strategy without threads has one run for all thread counts


def _planned(
    request: Request,
    workload: WorkloadId,
    listing: Listing,
    params: dict[str, Any],
    threads: int,
    repeat: int,
    java: str,
    code: _Code,
) -> PlannedRun:
    seed_counts_repeats = isinstance(params.get("seed"), int) and "seed" not in request.pinned[listing.name]
    if seed_counts_repeats:
        params["seed"] += repeat - 1
    if listing.takes_master and request.master:
        threads = local_cores(request.master) or 1  # on a cluster the budget here is moot
    master = (request.master or f"local[{threads},4]") if listing.takes_master else None
    if listing.takes_threads:
        params["threads"] = threads
    if listing.takes_master:
        params["master"] = master
    multi_threaded = listing.takes_threads or listing.takes_master
    without = ("n_queries",) if workload.n_queries is None else ()  # as rows of before have it
    identity = {
        "strategy": listing.path.stem,
        "code": code.hash,
        "params": params,
        "seed_counts_repeats": seed_counts_repeats,
        "threads": threads if multi_threaded else 1,
        "master": master,
        "blas_kernel": request.blas_kernel,
        "wrap": request.wrap,
        "workload": {name: value for name, value in asdict(workload).items() if name not in without},
        "repeat": repeat,
        "versions": code.versions | {"python": platform.python_version()},
        "java": java if "java" in listing.entry.requires else None,
        "machine": machine().key,
    }
    if request.first_start:
        identity["start"] = "first"
    if request.variables:
        identity["variables"] = dict(request.variables)
    shared_params = {p: v for p, v in params.items() if p != "seed" or not seed_counts_repeats}
    return PlannedRun(
        listing=listing,
        params=params,
        threads=threads if multi_threaded else 1,
        master=master,
        repeat=repeat,
        repeats_asked=request.repeats_asked,
        workload=workload,
        blas_kernel=request.blas_kernel,
        wrap=request.wrap,
        code_hash=code.hash,
        run_id=_hash(identity),
        series_id=_hash(identity | {"repeat": None, "params": shared_params}),
        first_start=request.first_start,
        places={name: place for name, place in request.places.items() if name in listing.defaults},
        neighbors_at=request.neighbors_at,
    )


def _hash(identity: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16]


def already_measured(
    runs: Sequence[PlannedRun], rows: Iterable[Measurement], limits: Limits
) -> dict[str, Measurement]:
    """The rows, by run_id, that make a planned run unnecessary under these limits."""
    planned = {run.run_id for run in runs}
    return {
        row.run_id: row
        for row in rows
        if row.run_id in planned
        and row.is_done(limits.time_seconds, limits.memory_bytes, limits.stop_after_rows)
    }
