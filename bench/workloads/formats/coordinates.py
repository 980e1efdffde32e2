"""Which columns of a table are coordinates of points, and which are ids, labels or text beside them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.catalog import near_match
from bench.workloads.reading import Reading
from bench.workloads.stream import UnreadableError

LOOK_ROWS = 10_000
"""How many of the first rows tell whether integers count, name or label rows."""
_LOOK_VALUES = 1 << 22
_FEWEST_ROWS = 8
"""Below, integers that ascend may do so by chance."""
_MANY_ROWS = 1000
"""From here on, features that are whole numbers repeat a value; ids do not."""
_LISTED = 20
_ID = re.compile(
    r"(?i:^(?:.*[\W_])?(?:ids?|idx|index|key|pk|uuid|guid|rowid|rownum|objectid)$"
    r"|^(?:row|rows|row[\W_]?(?:nr|no|num|number)|fid|gid|oid|unnamed: ?\d+|level_\d+)$)"
    r"|[a-z](?:Id|ID|Idx|Index|Key)$"
)
_LABEL = re.compile(
    r"(?i:^(?:.*[\W_])?(?:labels?|target|class|cluster|category|fold|split)$)|[a-z](?:Label|Class|Cluster)$"
)


LISTS_AS_TEXT = "lists as text"
"""The kind of a column whose texts are lists of numbers, such as ``[0.1, 0.2]``."""
_LIST_AS_TEXT = re.compile(r"\s*\[[-+\d.eE,\sNaInf]*\d[-+\d.eE,\sNaInf]*\]\s*")


def is_list_as_text(values: Sequence[str]) -> bool:
    """Whether texts are lists of numbers."""
    return bool(values) and all(_LIST_AS_TEXT.fullmatch(value) for value in values)


def parsed_list(text: str | None) -> list[float] | None:
    """The numbers of such a text, separated by commas or, as numpy prints them, by spaces."""
    if text is None or not text.strip():
        return None
    return [float(number) for number in text.strip().strip("[]").replace(",", " ").split()]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: str
    """``integer``, ``float`` or, where it holds no numbers, what it holds in a word."""
    told: str = ""
    """What the file's metadata say it is, where that is no coordinate."""

    @property
    def is_number(self) -> bool:
        """Whether it can be a coordinate at all."""
        return self.kind in ("integer", "float")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The columns that are the points."""

    names: list[str]
    note: str
    """One line: what was taken and what was left out, and why."""


Look = Callable[[list[str], int], Mapping[str, NDArray[Any]]]
"""Reads so many of the first rows of some columns."""


def choose(file: str, reading: Reading, columns: Sequence[Column], look: Look) -> Chosen:
    """Say which columns are coordinates: those asked for, else all numbers that are no ids or labels.

    Raises UnreadableError where a column asked for is missing or holds no numbers, or where none is left.
    """
    there = {column.name: column for column in columns}
    excluded = excluded_columns(file, reading, list(there))
    asked = matched(file, reading.columns, list(there)) if reading.columns else list(there)
    vectors = [n for n in asked if there[n].kind == LISTS_AS_TEXT and n not in excluded]
    if len(vectors) > 1 or (vectors and reading.columns and len(asked) > 1):
        raise UnreadableError(
            f"{file} has lists as text in {listed(vectors)}: choose one alone with --columns"
        )
    if vectors:
        rest = {c.name: "" if c.is_number else c.kind for c in columns if c.name not in vectors}
        return Chosen(vectors, described(vectors, rest, lists=True))
    if reading.columns is not None:
        names = [name for name in matched(file, reading.columns, list(there)) if name not in excluded]
        for name in names:
            if not there[name].is_number:
                fit = [column.name for column in columns if column.is_number]
                raise UnreadableError(
                    f"column {name!r} of {file} holds {there[name].kind}, points must be numbers; "
                    + (f"numeric are {listed(fit)}" if fit else "no column is numeric")
                )
        reasons = {name: "excluded" if name in excluded else "" for name in there if name not in names}
    else:
        reasons = {name: "id" if name == reading.id else "excluded" for name in excluded}
        reasons |= _left_out([column for column in columns if column.name not in excluded], look)
        names = [name for name in there if name not in reasons]
        reasons = {name: reasons[name] for name in there if name in reasons}
    if not names:
        raise UnreadableError(_none_left(file, there, reasons))
    return Chosen(names, described(names, reasons))


def matched(file: str, asked: str, there: Sequence[str]) -> list[str]:
    """The columns that names and patterns, separated by commas, mean; raises where one means none."""
    if asked in there:  # a name may hold a comma
        return [asked]
    found: dict[str, None] = {}
    for part in (part.strip() for part in asked.split(",")):
        names = [part] if part in there else [name for name in there if fnmatchcase(name, part)]
        if not names:
            raise UnreadableError(
                f"{file} has no column {part!r}{near_match(part, list(there))}; there are {listed(there)}"
            )
        found |= dict.fromkeys(names)
    return list(found)


def excluded_columns(file: str, reading: Reading, there: Sequence[str]) -> list[str]:
    """The columns that are not to be coordinates; the ids' column is one where no columns are named."""
    excluded = matched(file, reading.exclude, there) if reading.exclude else []
    ids = [reading.id] if reading.id in there and reading.columns is None else []
    return [*excluded, *(name for name in ids if name is not None and name not in excluded)]


def check_there(file: str, names: Sequence[str], there: Sequence[str]) -> None:
    """Raise UnreadableError where a part lacks a column that the first part had."""
    for name in names:
        if name not in there:
            raise UnreadableError(
                f"{file} has no column {name!r}, as the parts before it; there are {listed(there)}"
            )


def check_ids(file: str, column: str, there: Sequence[str]) -> None:
    """Raise UnreadableError where a table lacks the column of ids."""
    if column not in there:
        raise UnreadableError(
            f"{file} has no column {column!r} for --id{near_match(column, list(there))}; "
            f"there are {listed(there)}"
        )


def described(names: Sequence[str], reasons: Mapping[str, str], *, lists: bool = False) -> str:
    """One line that says which columns are the points and which are left out, with the reason of each."""
    if lists:
        taken = f"lists of column {names[0]}"
    elif len(names) == 1:
        taken = f"1 column {names[0]}"
    else:
        shown = ", ".join(names) if len(names) <= 4 else f"{names[0]} ... {names[-1]}"
        taken = f"{len(names)} columns {shown}"
    left = [f"{name} ({reason})" if reason else name for name, reason in reasons.items()]
    return f"points: {taken}" + (f"; left out: {listed(left)}" if left else "")


def listed(names: Sequence[str]) -> str:
    """Names with commas between them, cut aloud where there are many."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _none_left(file: str, there: Mapping[str, Column], reasons: Mapping[str, str]) -> str:
    if not there:
        return f"{file} has no columns"
    left = listed([f"{name} ({reason})" for name, reason in reasons.items()])
    numeric = [name for name, column in there.items() if column.is_number]
    how = f"; --columns {numeric[0]} takes one all the same" if numeric else ""
    return f"{file} has no column of coordinates: left out are {left}{how}"


def _left_out(columns: Sequence[Column], look: Look) -> dict[str, str]:
    """The columns that are no coordinates, each with the reason, in the file's order."""
    reasons = {column.name: column.told for column in columns if column.told}
    reasons |= {c.name: c.kind for c in columns if not c.is_number and c.name not in reasons}
    open_ = [column for column in columns if column.name not in reasons]
    rows = max(256, min(LOOK_ROWS, _LOOK_VALUES // max(1, len(open_))))
    values = look([column.name for column in open_], rows) if open_ else {}
    whole = {column.name: _whole_numbers(values[column.name]) for column in open_}
    names = [column.name for column in columns]
    reasons |= {c.name: what for c in open_ if whole[c.name] is not None and (what := named(c.name, names))}
    rest = [column for column in open_ if column.name not in reasons]
    counted = {c.name: what for c in rest if (what := _by_values(whole[c.name], c, rest, whole))}
    if len(counted) < len(rest):  # all of them cannot be ids: they are what there is
        reasons |= counted
    return {column.name: reasons[column.name] for column in columns if column.name in reasons}


def _whole_numbers(values: NDArray[Any]) -> NDArray[Any] | None:
    """The values, where all that are there are whole numbers."""
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
        return values if len(values) and bool(np.all(values == np.floor(values))) else None
    return values if len(values) else None


def named(name: str, beside: Sequence[str] = ()) -> str:
    """What a column's name says that it is, where that is no coordinate."""
    if _ID.search(name):
        return "named like an id"
    is_y = name.lower() == "y" and bool(beside) and not {"x", "X"} & set(beside)
    return "named like a label" if is_y or _LABEL.search(name) else ""


def _by_values(
    values: NDArray[Any] | None,
    column: Column,
    beside: Sequence[Column],
    whole: Mapping[str, NDArray[Any] | None],
) -> str:
    """Why whole numbers are no coordinates: they count the rows, ascend, or are all different."""
    if values is None or len(values) < _FEWEST_ROWS:
        return ""
    rises = (values[1:] > values[:-1]) if values[-1] > values[0] else (values[1:] < values[:-1])
    if rises.all():
        return "counts the rows" if _is_dense(values) else "integers in order"
    flat = values[1:] == values[:-1]
    distinct = len(np.unique(values))
    if np.all(rises | flat) and distinct > 2 and len(values) >= 4 * _FEWEST_ROWS:
        return "integers in order"
    if distinct < len(values):
        return ""
    if len(values) >= 2 * _FEWEST_ROWS and _is_dense(values):
        return "numbers the rows"
    if column.kind != "integer" or len(values) < 4 * _FEWEST_ROWS:
        return ""
    others = [whole[other.name] for other in beside if other.name != column.name]
    alone = bool(others) and all(other is None for other in others)
    return "integers, all different" if alone or len(values) >= _MANY_ROWS else ""


def _is_dense(values: NDArray[Any]) -> bool:
    return int(values.max()) - int(values.min()) + 1 == len(values)
