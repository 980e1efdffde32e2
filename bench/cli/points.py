"""From the options about points to a staged workload."""

import shlex
from argparse import Namespace
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench import workloads
from bench.cli import progress, reaching
from bench.cli.values import writable_directory
from bench.master import is_local
from bench.measure import environment
from bench.workloads import Spark, Staged, Workload
from bench.workloads.files import File
from bench.workloads.reading import Reading
from bench.workloads.sample import Sample
from bench.workloads.spark.source import is_for_spark, local_path

_DEFAULT_K = 10
_NO_KNOBS = {name: f"-{name}" for name in "ndk"} | {
    name: f"--{name}" for name in ("metric", "seed", "duplicates")
}
_DEFAULTS = {"duplicates": 0.0}
_OPTIONS = {"columns": "--column"}
"""Where an option is written otherwise than its value is named: older rows have it so."""


def workload(arguments: Namespace) -> Workload:
    """What the options describe; ValueError where they contradict each other or the workload.

    Raises OSError where ``--shared-dir`` is no directory that takes files.
    """
    chosen = _chosen(arguments)
    if arguments.sample is not None:
        chosen = replace(chosen, source=_sample(arguments, chosen))
    return replace(chosen, shared_dir=_shared_dir(arguments.shared_dir))


def _sample(arguments: Namespace, chosen: Workload) -> Sample:
    if not isinstance(chosen.source, File):
        raise ValueError(  # noqa: TRY004 (the user's mistake is an option)
            "--sample is for files read here; of other points, -n takes as many as you like"
        )
    return Sample(chosen.source, arguments.sample)


def _shared_dir(text: str | None) -> Path | None:
    if text is None:
        return None
    if not text.strip():
        raise ValueError("--shared-dir is empty: is a variable unset?")
    if not Path(text).is_dir():
        raise FileNotFoundError(f"--shared-dir {text}: there is no such directory")
    with writable_directory(text) as directory:
        return directory.resolve()


def _chosen(arguments: Namespace) -> Workload:
    if arguments.data is not None:
        for option in ("d", "seed", "knob", "duplicates"):
            if getattr(arguments, option):
                dashes = "-" if len(option) == 1 else "--"
                raise ValueError(f"{dashes}{option} is for --workload, not for --data")
        if read_by_spark(arguments):
            return _from_spark(arguments)
        return workloads.from_file(
            (arguments.data.strip() and local_path(arguments.data)) or arguments.data,
            reading=_reading(arguments),
            rows=arguments.rows,
            k=_DEFAULT_K if arguments.k is None else arguments.k,
            metric=arguments.metric,
            n=arguments.n,
        )
    for option in ("columns", "exclude", "key", "rows", "drop_bad_rows", "zero_vectors", "allow_loss"):
        if getattr(arguments, option):
            raise ValueError(f"--{option.replace('_', '-')} is for --data, not for --workload")
    for name, _ in arguments.knob:
        if name in _NO_KNOBS:
            raise ValueError(f"--knob {name}: that has an option of its own, {_NO_KNOBS[name]}")
    return workloads.preset(
        arguments.workload,
        n=arguments.n,
        d=arguments.d,
        k=arguments.k,
        metric=arguments.metric,
        seed=arguments.seed,
        duplicates=arguments.duplicates,
        **dict(arguments.knob),
    )


def _reading(arguments: Namespace) -> Reading:
    return Reading(
        columns=arguments.columns,
        exclude=arguments.exclude,
        key=arguments.key,
        drop_bad_rows=arguments.drop_bad_rows,
        zero_vectors=arguments.zero_vectors,
        allow_loss=arguments.allow_loss,
    )


def refuse_idle_master(arguments: Namespace) -> None:
    """Raise ValueError where a master is given to a command that has nothing for it to do."""
    if arguments.master is not None and not read_by_spark(arguments):
        raise ValueError(
            f"--master {arguments.master}: these points are read here; Spark reads those at a URI"
        )


def read_by_spark(arguments: Namespace) -> bool:
    """Whether the points are read by Spark's tasks, wherever its master is."""
    return arguments.data is not None and is_for_spark(arguments.data, on_cluster=_on_cluster(arguments))


def _on_cluster(arguments: Namespace) -> bool:
    return not is_local(arguments.master)


def _from_spark(arguments: Namespace) -> Workload:
    """Points at a URI; ValueError where its tasks could not write."""
    if arguments.key is not None:
        raise ValueError(f"--key is for HDF5 and npz files, {arguments.data} is read by Spark")
    if _on_cluster(arguments) and arguments.shared_dir is None:
        raise ValueError(
            f"--data {arguments.data} on {arguments.master}: --shared-dir must name a directory that all "
            "its hosts see, for tasks write the points there"
        )
    cache = workloads.cache_directory(arguments.cache)
    home = _shared_dir(arguments.shared_dir) or cache
    master = arguments.master or f"local[{environment.machine().cores},4]"
    return workloads.from_spark(
        arguments.data,
        home=home,
        spark=Spark(master, home, partial(reaching.to_read, arguments.data, master, cache)),
        reading=_reading(arguments),
        rows=arguments.rows,
        k=_DEFAULT_K if arguments.k is None else arguments.k,
        metric=arguments.metric,
        n=arguments.n,
        tell=progress.Staging("shards"),
    )


def as_options(arguments: Namespace) -> str:
    """The options that choose these points again, as a shell takes them."""
    words: list[str] = []
    for name in (
        "workload",
        "data",
        "n",
        "d",
        "k",
        "metric",
        "seed",
        "duplicates",
        "columns",
        "exclude",
        "key",
        "zero_vectors",
        "sample",
        "shared_dir",
        *(["master"] if read_by_spark(arguments) else []),
    ):
        value = getattr(arguments, name)
        if value is not None and value != _DEFAULTS.get(name):
            option = _OPTIONS.get(name, ("-" if len(name) == 1 else "--") + name.replace("_", "-"))
            words += [option, str(value)]
    if arguments.rows is not None:
        bounds = (arguments.rows.start, arguments.rows.stop)
        words += ["--rows", ":".join("" if bound is None else str(bound) for bound in bounds)]
    for name in ("drop_bad_rows", "allow_loss"):
        words += [f"--{name.replace('_', '-')}"] if getattr(arguments, name) else []
    for name, value in arguments.knob:
        words += ["--knob", f"{name}={value}"]
    return shlex.join(words)


def stage(chosen: Workload, cache: Path) -> Staged:
    """Write the points where they are to lie, unless they are there already, and say how far it is."""
    return workloads.stage(chosen, cache, progress.Staging(chosen.name))
