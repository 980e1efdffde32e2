"""Points on their way into the cache: a stream of row blocks, whatever they come from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Receives the rows done and the rows in all; the latter is 0 where only reading to the end tells."""


class UnreadableError(ValueError):
    """A file that cannot be taken as points; its message is one line for the user."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a table that were chosen as points, and all that there are."""

    chosen: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows in order, block by block, in the dtype they come in."""

    n: int | None
    """Rows in all; None where only reading to the end tells."""
    d: int
    dtype: str
    blocks: Iterator[NDArray[Any]]
    """Arrays of shape (rows, d), numeric; nothing is open before the first is asked for."""
    notes: tuple[str, ...] = ()
    """What a user should know about how it was read, one line each."""
    table: Table | None = None
    """Of a table, its columns."""


class Source(Protocol):
    """Where a workload's points come from."""

    def key(self) -> dict[str, Any]:
        """All that decides what the points are, fit for JSON: equal keys, equal points."""
        ...

    def open(self) -> Stream:
        """Begin to read or to generate."""
        ...


def cut(stream: Stream, start: int, stop: int | None) -> Stream:
    """Keep the rows from ``start`` up to ``stop`` (None: to the end)."""
    n = None if stream.n is None else len(range(stream.n)[start:stop])
    return replace(stream, n=n, blocks=_cut(stream.blocks, start, stop))


def _cut(blocks: Iterator[NDArray[Any]], start: int, stop: int | None) -> Iterator[NDArray[Any]]:
    position = 0
    for block in blocks:
        end = position + len(block)
        kept = block[max(start - position, 0) : None if stop is None else max(stop - position, 0)]
        if len(kept):
            yield kept
        position = end
        if stop is not None and position >= stop:
            return


def joined(streams: list[tuple[str, Stream]]) -> Stream:
    """Put named streams one behind the other; an empty one has no say.

    Raises UnreadableError where they differ in width.
    """
    streams = [(name, stream) for name, stream in streams if stream.n != 0] or streams[:1]
    first_name, first = streams[0]
    for name, stream in streams:
        if stream.d != first.d:
            raise UnreadableError(f"{name} has {stream.d} columns, {first_name} before it has {first.d}")
    sizes = [stream.n for _, stream in streams]
    known = [n for n in sizes if n is not None]
    return Stream(
        n=sum(known) if len(known) == len(sizes) else None,
        d=first.d,
        dtype=str(np.result_type(*(np.dtype(stream.dtype) for _, stream in streams))),
        blocks=chain.from_iterable(stream.blocks for _, stream in streams),
        notes=tuple(dict.fromkeys(note for _, stream in streams for note in stream.notes if note)),
    )
