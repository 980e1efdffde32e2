"""What a join yields, blocks of neighbors and in between the share that is done; what it took."""

import time
from collections.abc import Generator, Iterator
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Share: TypeAlias = float
"""Share of the work done, 0 to 1."""


class Block(NamedTuple):
    """The neighbors of some points; over a join, each point is in exactly one block."""

    rows: NDArray[np.int64]
    """(rows,): which points."""
    indices: NDArray[np.int32]
    """(rows, k): ids, nearest first, never the point itself; -1 where none was found."""
    distances: NDArray[np.float32]
    """(rows, k): Euclidean; inf where the id is -1."""


Returned = TypeVar("Returned")


class Shares(Generic[Returned]):
    """The shares that a search yields; ``answer`` is what it has returned, once they are all read."""

    answer: Returned

    def __init__(self, search: Generator[Share, None, Returned]) -> None:
        self._search = search

    def __iter__(self) -> Iterator[Share]:
        self.answer = yield from self._search

    def close(self) -> None:
        """End the search."""
        self._search.close()


class Clock:
    """Adds the time spent within it to a detail."""

    def __init__(self, details: dict[str, float | str], name: str) -> None:
        self._details, self._name = details, name

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        before = float(self._details.get(self._name, 0.0))
        self._details[self._name] = before + time.perf_counter() - self._began
