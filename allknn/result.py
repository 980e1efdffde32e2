"""What a search gives back: neighbors, and how good they are."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass
class Report:
    """How a search went."""

    recall: float = 1.0
    """Share of the true neighbors that was found, of rows drawn at random; 1.0 where the answer is exact."""
    recall_low: float = 1.0
    """The recall of all rows lies above this with 95 % confidence."""
    rounds: int = 0
    """Rounds of leaves, or of buckets looked into, that were done."""
    exact: bool = True
    seconds: float = 0.0


class Result(tuple[NDArray[np.int32], NDArray[np.float32]]):  # noqa: SLOT001 (a tuple can have no others)
    """Indices and distances, to be unpacked as a pair; as attributes besides, with how they were found."""

    def __new__(cls, indices: NDArray[np.int32], distances: NDArray[np.float32], report: Report) -> Self:
        """Make the pair."""
        pair = super().__new__(cls, (indices, distances))
        pair._report = replace(report)
        return pair

    _report: Report

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what a copy is made of."""
        return self.indices, self.distances, self._report

    @property
    def indices(self) -> NDArray[np.int32]:
        """(rows, k): ids, nearest first."""
        return self[0]

    @property
    def distances(self) -> NDArray[np.float32]:
        """(rows, k)."""
        return self[1]

    @property
    def recall(self) -> float:
        """Share of the true neighbors that was found, of rows drawn at random; 1.0 where exact."""
        return self._report.recall

    @property
    def recall_low(self) -> float:
        """The recall of all rows lies above this with 95 % confidence."""
        return self._report.recall_low

    @property
    def rounds(self) -> int:
        """Rounds of leaves, or of buckets looked into, that were done."""
        return self._report.rounds

    @property
    def exact(self) -> bool:
        """Whether the answer is exact: asked for, or cheaper than going on."""
        return self._report.exact

    @property
    def seconds(self) -> float:
        """What the search took."""
        return self._report.seconds
