"""From the points asked for to a staged workload, and to what lets a process in at a cluster."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import cluster, workloads
from bench.experiment.directories import writable_directory
from bench.experiment.observer import Observer
from bench.measure import environment, java, variables
from bench.workloads import PointsRequest, Spark, Staged, Workload
from bench.workloads.files import File
from bench.workloads.remote import fetch, scheme_of
from bench.workloads.sample import Sample
from bench.workloads.spark.source import local_path

_DEFAULT_K = 10
_NOT_KNOBS = {name: f"-{name}" for name in "ndk"} | {
    name: f"--{name}" for name in ("metric", "seed", "duplicates")
}


def workload(points: PointsRequest, cache: str | None, observer: Observer | None = None) -> Workload:
    """Say what is to be staged, and fetch a file at a URL; ValueError where options contradict each other.

    ``observer`` is told of the bytes that are fetched, and of the shards that Spark writes. Raises OSError
    where ``--shared-dir`` is no directory that takes files.
    """
    chosen = _from_data(points, cache, observer) if points.data is not None else _preset(points)
    if points.sample is not None:
        chosen = replace(chosen, source=_sample(points.sample, chosen), ids=None)
    return replace(chosen, shared_dir=_shared_dir(points.shared_dir))


def stage(points: PointsRequest, cache: str | None, observer: Observer) -> Staged:
    """Write the points where they are to lie, unless they are there already, and show how far it is."""
    chosen = workload(points, cache, observer)
    directory = workloads.cache_directory(cache)
    queries = _queries(points, cache, observer)
    staged = workloads.stage(chosen, directory, observer.staging(chosen.name))
    if queries is None:
        return staged
    return workloads.stage_queries(queries, staged, directory, observer.staging(queries.name))


def _queries(points: PointsRequest, cache: str | None, observer: Observer) -> Workload | None:
    """Say which rows ``--queries`` names, read as the points are; ValueError where these cannot be asked."""
    if points.queries is None:
        return None
    for option in ("zero_vectors", "shared_dir", "id"):
        if value := getattr(points, option):
            raise ValueError(f"--{option.replace('_', '-')} {value} is not for --queries")
    file = PointsRequest(
        data=points.queries,
        metric=points.metric,
        column=points.column,
        exclude=points.exclude,
        key=points.key,
    )
    if file.read_by_spark:
        raise ValueError(f"--queries {points.queries}: it takes a file read here, none that Spark reads")
    return workload(file, cache, observer)


def refuse_idle_master(points: PointsRequest) -> None:
    """Raise ValueError where a master is given to a command that has nothing for it to do."""
    if points.master is not None and not points.read_by_spark:
        raise ValueError(
            f"--master {points.master}: these points are read here; Spark reads only points at a URI"
        )


def cluster_environment(master: str, cache: Path) -> dict[str, str]:
    """Variables that let a process in at a cluster started here; ValueError where no master answers."""
    cluster.check_reachable(master)
    variables: dict[str, str] = {}
    for place in dict.fromkeys((cache, workloads.cache_directory(None))):
        variables |= cluster.environment(master, cluster.directory(place))
    return variables


def _reading_environment(uri: str, master: str, cache: Path) -> dict[str, str]:
    """All variables of a Spark that reads points; ValueError where it could not read them."""
    runtime = java.find()
    if isinstance(runtime, str):
        raise ValueError(f"--data {uri} is read by Spark: {runtime}")  # noqa: TRY004 (no Java is no type)
    cluster.check_storage(uri)
    storage = local_path(uri) is None
    own = variables.for_reader(os.environ, master, storage=storage)
    return own | variables.OURS | runtime.environment | cluster_environment(master, cache)


def _sample(n: int, chosen: Workload) -> Sample:
    if not isinstance(chosen.source, File):
        raise ValueError(  # noqa: TRY004 (the user's mistake is an option)
            "--sample is for files read here; of other points, -n takes as many as you like"
        )
    return Sample(chosen.source, n)


def _shared_dir(text: str | None) -> Path | None:
    if text is None:
        return None
    if not text.strip():
        raise ValueError("--shared-dir is empty: is a variable unset?")
    if not Path(text).is_dir():
        raise FileNotFoundError(f"--shared-dir {text}: there is no such directory")
    with writable_directory(text) as directory:
        return directory.resolve()


def _preset(points: PointsRequest) -> Workload:
    for option in ("column", "exclude", "key", "id", "rows", "drop_bad_rows", "zero_vectors", "allow_loss"):
        if getattr(points, option):
            raise ValueError(f"--{option.replace('_', '-')} is for --data, not for --workload")
    for name, _ in points.knobs:
        if name in _NOT_KNOBS:
            raise ValueError(f"--knob {name}: that has an option of its own, {_NOT_KNOBS[name]}")
    return workloads.preset(
        points.workload or "",
        n=points.n,
        d=points.d,
        k=points.k,
        metric=points.metric,
        seed=points.seed,
        duplicates=points.duplicates,
        **dict(points.knobs),
    )


def _from_data(points: PointsRequest, cache: str | None, observer: Observer | None) -> Workload:
    for option, value in (
        ("-d", points.d),
        ("--seed", points.seed),
        ("--knob", points.knobs),
        ("--duplicates", points.duplicates),
    ):
        if value:
            raise ValueError(f"{option} is for --workload, not for --data")
    notes: tuple[str, ...] = ()
    if points.read_by_spark:
        choose = _spark_reads(points, cache, observer)
    elif scheme_of(points.data or ""):
        telling = observer.fetching(points.data or "") if observer is not None else None
        path, notes = fetch(points.data or "", workloads.cache_directory(cache), telling)
        choose = partial(workloads.from_file, path)
    else:
        choose = _read_here(points)
    chosen: Workload = choose(
        reading=points.reading,
        rows=points.rows,
        k=_DEFAULT_K if points.k is None else points.k,
        metric=points.metric,
        n=points.n,
    )
    return replace(chosen, notes=(*notes, *chosen.notes))


def _read_here(points: PointsRequest) -> Callable[..., Workload]:
    data = points.data or ""
    return partial(workloads.from_file, (data.strip() and local_path(data)) or data)


def _spark_reads(
    points: PointsRequest, cache: str | None, observer: Observer | None
) -> Callable[..., Workload]:
    """Points at a URI; ValueError where Spark's tasks could not write."""
    data = points.data or ""
    if points.key is not None:
        raise ValueError(f"--key is for HDF5 and npz files, {data} is read by Spark")
    if points.on_cluster and points.shared_dir is None:
        raise ValueError(
            f"--data {data} on {points.master}: --shared-dir must name a directory visible to all hosts, "
            "for tasks write the points there"
        )
    directory = workloads.cache_directory(cache)
    home = _shared_dir(points.shared_dir) or directory
    master = points.master or f"local[{environment.machine().usable_cores},4]"
    spark = Spark(master, home, partial(_reading_environment, data, master, directory))
    tell = observer.staging("shards") if observer is not None else None
    return partial(workloads.from_spark, data, home=home, spark=spark, tell=tell)
