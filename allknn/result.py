"""What a search gives back: neighbors, and how good they are."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(eq=False)
class Report:
    """How a search went."""

    recall: float = 1.0
    """Share of the true neighbors that was found, of rows drawn at random; 1.0 where the answer is exact."""
    recall_low: float = 1.0
    """The recall of all rows lies above this with 95 % confidence."""
    rounds: int = 0
    """Rounds of leaves, or of buckets looked into, that were done."""
    exact: bool = True
    """Whether the answer is exact: asked for, or less work than to go on."""
    exact_because: str = ""
    """Why the answer is exact where a recall was asked for; empty where it was not."""
    seconds: float = 0.0


class Result(Report, tuple[NDArray[np.int32], NDArray[np.float32]]):  # noqa: SLOT001 (a report has no slots)
    """Indices and distances, (rows, k), to be unpacked as a pair, with the attributes of a report besides.

    >>> import allknn
    >>> answer = allknn.nearest_neighbors([[0.0], [1.0], [3.0]], k=1)
    >>> answer.indices.ravel().tolist(), answer.recall_low, answer.exact
    ([1, 0, 1], 1.0, True)
    """

    def __new__(cls, indices: NDArray[np.int32], distances: NDArray[np.float32], report: Report) -> Self:
        """Make the pair."""
        del report
        return tuple.__new__(cls, (indices, distances))

    def __init__(self, indices: NDArray[np.int32], distances: NDArray[np.float32], report: Report) -> None:
        super().__init__(**vars(report))
        self.indices, self.distances = indices, distances

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Give what a copy is made of."""
        return *self, Report()  # what it reports is copied with its attributes
