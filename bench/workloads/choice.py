"""A workload, chosen by a preset's name or by a file and checked before anything is read."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.catalog import near_match
from bench.workloads import patches, synthetic
from bench.workloads.files import File
from bench.workloads.metric import METRICS, believed
from bench.workloads.patches import Patches
from bench.workloads.reading import Reading
from bench.workloads.spark.process import Spark
from bench.workloads.spark.source import SparkFiles
from bench.workloads.stream import Progress, Source
from bench.workloads.synthetic import Synthetic
from bench.workloads.text import Text

_AS_IT_IS = Reading()
_MILLION = 1_000_000
_MOST_D_OF_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Workload:
    """What is to be staged, and how many neighbors are asked for."""

    name: str
    k: int
    metric: str
    """One of ``METRICS``."""
    seed: int | None
    """None for a file."""
    source: Source
    reading: Reading = _AS_IT_IS
    """What was said of how the points are to be read and made fit."""
    notes: tuple[str, ...] = ()
    """What a user should know of this choice, one line each."""
    first_row: int = 0
    """The file's row that is read first."""
    shared_dir: Path | None = None
    """Where the points are staged, so that all hosts of a cluster see them; None: in the cache."""
    ids: Callable[[], Any] | None = None
    """Reads the ids that are asked for, of all rows read, as an Arrow array; None where there are none."""
    believe: Callable[[], tuple[str, tuple[str, ...]]] | None = None
    """Gives metric and notes where only opening the source tells which metric it is for."""
    opened: AbstractContextManager[object] = field(default_factory=nullcontext)
    """What the source keeps open while the points are staged."""
    asks: bool = False
    """Whether these are queries to other points, of which there may be any number."""
    center: tuple[float, ...] | None = None
    """What was subtracted from those points, and is from queries to them."""

    def check_number(self, n: int | None) -> None:
        """Raise ValueError unless each of n points can have k others; queries need not be that many."""
        if not self.asks:
            check_k(self.k, n)


@dataclass(frozen=True, slots=True)
class _Preset:
    family: str
    n: int | None
    d: int
    k: int = 10
    metric: str = "euclidean"


_PRESETS = {
    "million": _Preset("manifold", _MILLION, 12),
    "small": _Preset("manifold", 20_000, 12),
    "ten-million": _Preset("manifold", 10 * _MILLION, 64),
    "hundred-million": _Preset("manifold", 100 * _MILLION, 64),
    "sisap": _Preset("embeddings", 3 * _MILLION, 384, 15, "cosine"),
    **{family: _Preset(family, _MILLION, 64) for family in (*synthetic.FAMILIES, "patches")},
    "text": _Preset("text", None, 64),
}


def preset_names() -> list[str]:
    """The names that ``preset`` takes."""
    return list(_PRESETS)


def family(name: str) -> str:
    """Name the family of points that a preset takes; a name that is no preset's is its own."""
    return _PRESETS[name].family if name in _PRESETS else name


def preset(
    name: str,
    *,
    n: int | None = None,
    d: int | None = None,
    k: int | None = None,
    metric: str | None = None,
    seed: int | None = None,
    duplicates: float = 0.0,
    **knobs: float,
) -> Workload:
    """Choose a workload that needs no file; what is None has the preset's own value, the seed 0.

    ``sisap`` has the shape of the SISAP challenge's self-join: unit vectors, cosine, 15 neighbors. Knobs are
    the parameters of a synthetic family. Raises ValueError with one line for the user.
    """
    if name not in _PRESETS:
        raise ValueError(
            f"unknown workload {name!r}{near_match(name, preset_names())}; there are {', '.join(_PRESETS)}"
        )
    chosen = _PRESETS[name]
    n = chosen.n if n is None else n
    d = chosen.d if d is None else d
    k = chosen.k if k is None else k
    metric = chosen.metric if metric is None else metric
    seed = 0 if seed is None else seed
    _check_at_least_one("n", n)
    _check_at_least_one("d", d)
    if not 0 <= seed < 2**64:
        raise ValueError(f"the seed must be from 0 to 2^64 - 1, got {seed}")
    if not 0 <= duplicates < 1:
        raise ValueError(f"duplicates must be a share of at least 0 and less than 1, got {duplicates}")
    check_k(k, n)
    check_metric(metric)
    source = _source(chosen.family, n, d, seed, duplicates, knobs)
    return Workload(name, k, metric, seed, source)


def from_file(
    path: str | Path,
    *,
    reading: Reading = _AS_IT_IS,
    rows: slice | None = None,
    k: int = 10,
    metric: str | None = None,
    n: int | None = None,
) -> Workload:
    """Choose a file's rows, or those of a folder of parts; all but its metric is read when it is staged.

    Of ``rows``, a start and a stop, the first n are taken. Without a ``metric`` it is the one that the file
    says, else euclidean. Raises ValueError, or FileNotFoundError where the file is not.
    """
    _check_at_least_one("n", n)
    check_k(k, n)
    if metric is not None:
        check_metric(metric)
    start, stop = _row_range(rows)
    file = File.find(path, reading, start=start, stop=stop, n=n)
    metric, notes = believed(file.path.name, file.said_metric(), metric)
    ids = file.ids if reading.id is not None else None
    return Workload(file.path.name, k, metric, None, file, reading, notes, start, ids=ids)


def from_spark(
    uri: str,
    *,
    home: Path,
    spark: Spark,
    reading: Reading = _AS_IT_IS,
    rows: slice | None = None,
    k: int = 10,
    metric: str | None = None,
    n: int | None = None,
    tell: Progress | None = None,
) -> Workload:
    """Choose rows of Parquet or ORC at a URI that Spark's tasks read; they are read when they are staged.

    ``home`` is the directory in which they are staged, which all hosts must see, ``spark`` the session that
    is asked, not before they are staged; the rest is as for ``from_file``. Raises ValueError.
    """
    _check_at_least_one("n", n)
    check_k(k, n)
    if metric is not None:
        check_metric(metric)
    if not uri.strip():
        raise ValueError("the file's name is empty: is a variable unset?")
    start, stop = _row_range(rows)
    files = SparkFiles(uri, reading, start, stop, n, home, spark, tell)
    believe = None if files.is_here else lambda: believed(files.name, files.said_metric(), metric)
    taken, notes = believed(files.name, files.said_metric() if files.is_here else None, metric)
    ids = files.ids if reading.id is not None else None
    return Workload(
        files.name, k, taken, None, files, reading, notes, start, ids=ids, believe=believe, opened=spark
    )


def check_k(k: int, n: int | None) -> None:
    """Raise ValueError unless each of n points (None: not known yet) can have k others."""
    _check_at_least_one("k", k)
    if n is not None and k >= n:
        raise ValueError(f"k must be less than the number of points, {n}; got {k}")


def _check_at_least_one(name: str, value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")


def check_metric(metric: str) -> None:
    """Raise ValueError unless the metric is known."""
    if metric not in METRICS:
        near = near_match(metric, list(METRICS))
        raise ValueError(f"unknown metric {metric!r}{near}; there are {', '.join(METRICS)}")


def _row_range(rows: slice | None) -> tuple[int, int | None]:
    if rows is None:
        return 0, None
    start, stop = rows.start or 0, rows.stop
    if rows.step not in (None, 1) or start < 0 or (stop is not None and stop <= start):
        raise ValueError(f"rows must be START:STOP with 0 <= START < STOP, got {rows.start}:{rows.stop}")
    return start, stop


def _source(
    family: str, n: int | None, d: int, seed: int, duplicates: float, knobs: dict[str, float]
) -> Source:
    if family in synthetic.FAMILIES:
        if n is None:  # every synthetic preset has one
            raise ValueError(f"{family} needs n")
        return Synthetic(family, n, d, seed, duplicates, _checked_knobs(family, knobs))
    for option, given in (("duplicates", duplicates), *knobs.items()):
        if given:
            raise ValueError(f"{family} are real points and take no {option}; got {given}")
    if family == "text":
        if d > _MOST_D_OF_TEXT:
            raise ValueError(f"text offers d from 1 to {_MOST_D_OF_TEXT}, got {d}")
        return Text(n, d, seed)
    if d not in patches.SHAPES:
        raise ValueError(f"patches offer d = {', '.join(map(str, patches.SHAPES))}; got {d}")
    n = patches.available(d) if n is None else n
    if n > patches.available(d):
        raise ValueError(f"there are {patches.available(d)} patches of d = {d}, n must not be more; got {n}")
    return Patches(n, d, seed)


def _checked_knobs(family: str, given: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """The family's knobs with the given values in place of defaults."""
    known: dict[str, Any] = synthetic.knobs(family)
    for name, value in given.items():
        if name not in known:
            there = f"it has {', '.join(known)}" if known else "it has none"
            raise ValueError(f"{family} has no parameter {name!r}{near_match(name, list(known))}; {there}")
        if isinstance(known[name], int) and (value != int(value) or value < 1):
            raise ValueError(f"{name} of {family} must be a whole number of at least 1, got {value}")
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name} of {family} must be a number of at least 0, got {value}")
    return tuple((name, type(default)(given.get(name, default))) for name, default in known.items())
