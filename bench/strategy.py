"""The contract between the harness and a strategy: what goes in, what comes out, and when."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float32]
"""(n_samples, n_features), C-contiguous: a read-only map of the staged file, read once before the clock
starts. It is a ``numpy.memmap``; its ``filename`` is what a distributed strategy ships."""

PART_COLUMNS = ("row", "indices", "distances")
"""Columns of the Parquet files in ``neighbors_to``: int64, and fixed-size lists of k int32 and k float32."""
PART_NAME = "part-{first_row:010d}.parquet"
"""Their names."""


@dataclass(frozen=True, slots=True)
class Neighbors:
    """A block of answers; over a run, each point is answered by exactly one block."""

    rows: range | NDArray[np.int64]
    """Which points these answers are for."""
    indices: NDArray[np.int32]
    """(len(rows), k), nearest first, the point itself excluded by id; -1 where none was found. With queries,
    rows are theirs and nothing is excluded."""
    distances: NDArray[np.float32]
    """(len(rows), k), Euclidean, or inner products with a minus; inf where the index is -1."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Share of the query done, what is in flight included, from a strategy that has no block to give yet."""

    done: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class SparkQuery:
    """A query to be planned."""

    n_samples: int
    n_features: int
    k: int
    slots: int
    """Tasks that run at a time."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a phase of a query on Spark consists of."""

    jobs: int
    tasks: int


class Strategy(Protocol):
    """One way to compute all neighbors: a dataclass whose fields are its parameters.

    A field named ``threads`` receives the thread budget, one named ``master`` the Spark master, one
    named ``shared_dir`` a directory that all hosts see, one named ``shared_scratch`` one in it that goes away
    after the run, one named ``neighbors_to`` the directory in which its tasks shall write their answers; the
    last three are empty where there is none. A strategy reads none of them from the machine. Two more fields
    say that it can do more than find every point's nearest others, and that it shall: ``queries_from``, the
    path of a .npy like that of the points, with the rows whose k nearest points are to be found, empty where
    there are none; ``by_products``, whether the nearest are those with the largest inner product, none of
    which is the point itself. Only strategies that have the field are run on such workloads. One with a
    parameter ``most_points`` is not started on more points than that. Heavy libraries are imported inside
    ``start``. A ``ValueError`` from ``__post_init__`` refuses a parameter's value: its message is shown to
    the user.
    """

    details: Mapping[str, float | str] = MappingProxyType({})
    """What the strategy knows more about its run, named and with units; read once, after the query.

    ``growth`` is how its time grows with the points, ``quadratic`` or ``near-linear``: predictions hold to it
    unless the rows say otherwise.
    """

    def start(self) -> None:
        """Import, open sessions, compile on toy points; timed as ``start_seconds``."""

    def fit(self, points: Points) -> None:
        """Build whatever the query needs; timed as ``fit_seconds``."""

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield the k nearest neighbors of every point, block by block; timed as ``query_seconds``."""
        ...

    def planned(self, query: SparkQuery) -> Mapping[str, Planned]:  # noqa: ARG002 (nothing is known of it)
        """Say of what the phases of a query would consist; nothing is started, and nothing said by default.

        Of each phase the details tell ``…_busy_seconds`` of all tasks and ``…_longest_task_seconds``; their
        ``driver_…_seconds`` are what the driver computes, whatever the slots.
        """
        return {}

    def close(self) -> None:
        """Release what ``start`` and ``fit`` took; always called, not timed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a strategy's module declares in its last line, under the name ``strategy``."""

    factory: Callable[..., Strategy]
    """The strategy's dataclass."""
    exact: bool
    """Whether the answer must equal brute force up to ties."""
    requires: tuple[str, ...] = ()
    """Distributions (names as pip knows them) and ``java`` that must be there for it to run."""
    ladder: tuple[Mapping[str, Any], ...] = ()
    """Parameter sets from fast to accurate."""
    snippet: str = ""
    """A script of about a dozen lines that does the same without the harness: a ``string.Template`` that
    takes ``$points`` (path of a .npy file), ``$k`` and each parameter, and leaves ``indices`` and
    ``distances``. One of our library has ``$asked`` where arguments for queries and products go."""
