"""What is wrong with neighbors of another tool, said in the numbers of its own file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.judge.asked import ALL_POINTS, Asked
from bench.judge.distance_kinds import KINDS
from bench.judge.id_kinds import Numbering

_OFF = 1e-3


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The ids and distances of a file, row by row as the answers have them, before they became answers."""

    ids: NDArray[np.int64]
    distances: NDArray[Any] | None
    numbering: Numbering
    kind: str
    asked: Asked = ALL_POINTS

    def first_flaw(self, points: NDArray[np.float32], rows: NDArray[np.int64]) -> str | None:
        """Say what is wrong first in these rows: an id, the order or a distance; None if nothing is."""
        n_samples, first = len(points), self.numbering.first_id
        positions = self.numbering.positions(self.ids, self.ids == -1)
        outside = (positions < -1) | (positions >= n_samples)
        if outside.any():
            at, column = np.argwhere(outside)[0]
            allowed = f"{first} to {n_samples - 1 + first}"
            if self.numbering.row_numbers is not None:
                allowed = "rows of the file that were taken"
            return f"row {at}: id {self.ids[at, column]} is out of range, allowed are {allowed}"
        if self.distances is None:
            return None
        values = KINDS[self.kind][0](self.distances[rows].astype(np.float64))
        with np.errstate(invalid="ignore"):
            falls = values[:, 1:] < values[:, :-1] - _OFF * np.abs(values[:, :-1])
        if falls.any():
            at, column = np.argwhere(falls)[0]
            before, after = self.distances[rows[at], column : column + 2]
            return f"row {rows[at]}: wrong order, {after:.6g} follows {before:.6g}"
        there = positions[rows] >= 0
        at, column = np.nonzero(there)
        true = self.asked.distances(points, rows[at], positions[rows[at], column])
        off = np.abs(values[at, column] - true) > _OFF * np.abs(true) + 1e-6
        if not off.any():
            return None
        i = int(np.flatnonzero(off)[0])
        row, place = rows[at[i]], column[i]
        said = f"{self.distances[row, place]:.6g} for {self.ids[row, place]}"
        right = float(KINDS[self.kind][1](true[i : i + 1])[0])
        return f"row {row}: the file has {said}, by the points it is {right:.6g}"
