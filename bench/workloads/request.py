"""The points that somebody asks for: typed options, which print themselves as those of a command line."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from bench.master import is_local
from bench.workloads.identity import WorkloadId
from bench.workloads.reading import Reading
from bench.workloads.spark.source import is_for_spark


def parse_rows(text: str) -> slice:
    """``1000:5000``, ``:5000``, ``1000:`` to a slice of rows; ValueError with what is allowed."""
    start, colon, stop = text.partition(":")
    if not (colon and start + stop) or not all(part.isdecimal() for part in (start, stop) if part):
        raise ValueError(f"invalid range of rows {text!r}: use 1000:5000, :5000 or 1000:")
    return slice(int(start) if start else None, int(stop) if stop else None)


def _print_rows(rows: slice) -> str:
    return ":".join("" if bound is None else str(bound) for bound in (rows.start, rows.stop))


_OPTIONS: Mapping[str, Callable[[str], Any]] = {
    "workload": str,
    "data": str,
    "queries": str,
    "n": int,
    "d": int,
    "k": int,
    "metric": str,
    "seed": int,
    "duplicates": float,
    "column": str,
    "exclude": str,
    "key": str,
    "id": str,
    "sample": int,
    "shared_dir": str,
    "master": str,
    "rows": parse_rows,
    "drop_bad_rows": bool,
    "zero_vectors": str,
    "allow_loss": bool,
    "knobs": str,
}
"""How each field is read from a command line, in the order in which they are printed."""
_FAMILY = ("workload", "data", "n", "d", "k", "metric", "seed", "sample", "shared_dir", "master", "rows")
"""What a family of points has fields of its own for, or what only says how many points and where."""


@dataclass(frozen=True, slots=True)
class PointsRequest:
    """Which points, as the options of a command name them; what is None is left to the workload.

    A row keeps it as text, so that its run can be made again.
    """

    workload: str | None = None
    """A preset or a family; else ``data`` names a file."""
    data: str | None = None
    queries: str | None = None
    """A file of rows whose neighbors among the points are asked for; None: those of all points."""
    n: int | None = None
    d: int | None = None
    k: int | None = None
    metric: str | None = None
    seed: int | None = None
    duplicates: float = 0.0
    column: str | None = None
    """Columns by name or pattern, separated by commas."""
    exclude: str | None = None
    key: str | None = None
    id: str | None = None
    """The column that holds the points' ids."""
    sample: int | None = None
    """How many rows of the file to draw at random."""
    shared_dir: str | None = None
    master: str | None = None
    """Spark's; it chooses points only where Spark reads them."""
    rows: slice | None = None
    drop_bad_rows: bool = False
    zero_vectors: str | None = None
    allow_loss: bool = False
    knobs: tuple[tuple[str, float], ...] = ()
    unknown: tuple[str, ...] = ()
    """Options of another version of this program, as they were written."""

    @classmethod
    def parse(cls, text: str) -> "PointsRequest":
        """Read the options of a row, as a shell takes them."""
        by_flag = {_flag(name): name for name in _OPTIONS}
        values: dict[str, Any] = {}
        knobs: list[tuple[str, float]] = []
        unknown: list[str] = []
        for option, *value in _options_of(shlex.split(text)):
            name = by_flag.get(option)
            if name == "knobs" and value:
                knob, _, number = value[0].partition("=")
                knobs.append((knob, float(number) if "." in number or "e" in number else int(number)))
            elif name is None or (_OPTIONS[name] is not bool and not value):
                unknown.append(shlex.join([option, *value]))
            else:
                values[name] = True if _OPTIONS[name] is bool else _OPTIONS[name](value[0])
        return cls(**values, knobs=tuple(knobs), unknown=tuple(unknown))

    @classmethod
    def of(cls, workload: WorkloadId) -> "PointsRequest":
        """Name points of which a row does not say how they were chosen; of a file only its name is known."""
        if workload.seed is None:
            return cls(data=workload.name, n=workload.n, k=workload.k, metric=workload.metric)
        return cls(
            workload=workload.name,
            n=workload.n,
            d=workload.d,
            seed=workload.seed,
            k=workload.k,
            metric=workload.metric,
        )

    def __bool__(self) -> bool:
        """Whether it says which points are meant."""
        return self.workload is not None or self.data is not None

    @property
    def on_cluster(self) -> bool:
        """Whether the master is one of other machines."""
        return not is_local(self.master)

    @property
    def read_by_spark(self) -> bool:
        """Whether the points are read by Spark's tasks, wherever its master is."""
        return self.data is not None and is_for_spark(self.data, on_cluster=self.on_cluster)

    @property
    def reading(self) -> Reading:
        """How a file is to be read; ValueError where a choice is not one that there is."""
        return Reading(
            columns=self.column,
            exclude=self.exclude,
            key=self.key,
            id=self.id,
            drop_bad_rows=self.drop_bad_rows,
            zero_vectors=self.zero_vectors,
            allow_loss=self.allow_loss,
        )

    def words(self) -> list[str]:
        """The options that choose these points again."""
        return [word for _, *words in self._given() for word in words] + [
            word for option in self.unknown for word in shlex.split(option)
        ]

    def __str__(self) -> str:
        """The options, as a shell takes them."""
        return shlex.join(self.words())

    @property
    def variant(self) -> tuple[str, ...]:
        """What tells points of one family apart, beside the fields of the family: knobs, a column."""
        own = (" ".join(words) for name, *words in self._given() if name not in _FAMILY)
        return tuple(sorted([*own, *self.unknown]))

    def with_n(self, n: int | None) -> "PointsRequest":
        """The same points, n of them; None: as many as there are."""
        return replace(self, n=n, sample=None)

    def _given(self) -> Iterator[list[str]]:
        """Each field that is not its default, and the words that give it."""
        defaults = {field.name: field.default for field in fields(self)}
        for name in _OPTIONS:
            value = getattr(self, name)
            if value == defaults[name] or (name == "master" and not self.read_by_spark):
                continue
            if name == "knobs":
                yield from ([name, _flag(name), f"{knob}={number}"] for knob, number in value)
            elif _OPTIONS[name] is bool:
                yield [name, _flag(name)]
            else:
                yield [name, _flag(name), _print_rows(value) if name == "rows" else str(value)]


def _flag(name: str) -> str:
    if len(name) == 1:
        return f"-{name}"
    return "--knob" if name == "knobs" else f"--{name.replace('_', '-')}"


def _options_of(words: Sequence[str]) -> Iterator[list[str]]:
    """Each option with the value that follows it, if one does."""
    left = list(words)
    while left:
        option = [left.pop(0)]
        if left and not left[0].startswith("-"):
            option.append(left.pop(0))
        yield option
