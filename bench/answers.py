"""The neighbors that a worker stores, in files made beforehand: a run that is ended keeps them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from bench.disk import naming
from bench.strategy import Neighbors

_FILES = {"indices": np.dtype(np.int32), "distances": np.dtype(np.float32), "answered": np.dtype(np.bool_)}
_EMPTY = {"indices": -1, "distances": np.inf, "answered": False}
_ROWS_AT_ONCE = 1 << 16


@dataclass(frozen=True, slots=True)
class Answers:
    """All neighbors of one run, mapped from a directory; rows not answered yet hold -1 and inf."""

    indices: NDArray[np.int32]
    """(n_samples, k)."""
    distances: NDArray[np.float32]
    """(n_samples, k), Euclidean."""
    answered: NDArray[np.bool_]
    """(n_samples,): set after the row's answer is complete."""

    @classmethod
    def create(cls, directory: Path, n_samples: int, k: int) -> Self:
        """Write empty answers into ``directory``; raises OSError where the disk does not hold them."""
        for name, dtype in _FILES.items():
            shape = (n_samples,) if name == "answered" else (n_samples, k)
            path = directory / f"{name}.npy"
            try:
                _write(path, dtype, shape, _EMPTY[name])
            except OSError as error:
                raise OSError(error.errno, f"no room for the answers: {error.strerror}", str(path)) from error
        return cls.open(directory, writable=True)

    @classmethod
    def open(cls, directory: Path, *, writable: bool = False) -> Self:
        """Map the answers in ``directory``."""
        mode: Literal["r+", "r"] = "r+" if writable else "r"
        return cls(*(np.load(directory / f"{name}.npy", mmap_mode=mode) for name in _FILES))

    @property
    def rows_answered(self) -> int:
        """How many points have an answer."""
        return int(np.count_nonzero(self.answered))

    def store(self, block: Neighbors) -> None:
        """Copy one block in.

        Raises ValueError where its shape or its rows cannot be right, or where a row was answered before.
        """
        n_samples, k = self.indices.shape
        expected = (len(block.rows), k)
        for name, array in (("indices", block.indices), ("distances", block.distances)):
            if array.shape != expected:
                raise ValueError(f"{name} of a block have shape {array.shape}, expected {expected}")
        at = _positions(block.rows, n_samples)
        if np.any(self.answered[at]):
            first = np.asarray(block.rows)[np.flatnonzero(self.answered[at])[0]]
            raise ValueError(f"row {first} was answered twice")
        self.indices[at] = block.indices
        self.distances[at] = block.distances
        self.answered[at] = True


def _write(path: Path, dtype: np.dtype[Any], shape: tuple[int, ...], value: float) -> None:
    """Fill a ``.npy`` file with real pages, so that the worker pays for none."""
    with naming(path), path.open("wb") as file:
        header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, shape[0], _ROWS_AT_ONCE):
            rows = min(_ROWS_AT_ONCE, shape[0] - start)
            file.write(np.full((rows, *shape[1:]), value, dtype).data)


def _positions(rows: range | NDArray[np.int64], n_samples: int) -> slice | NDArray[np.int64]:
    """Turn a block's rows into an index of the answers, each row once and in range."""
    if isinstance(rows, range):
        if len(rows) and not (0 <= rows[0] < n_samples and 0 <= rows[-1] < n_samples and rows.step > 0):
            raise ValueError(f"a block answers {rows}, allowed are rows 0 to {n_samples - 1}, ascending")
        return slice(rows.start, rows.stop, rows.step)
    if rows.size and (rows.min() < 0 or rows.max() >= n_samples):
        raise ValueError(
            f"a block answers rows {rows.min()} to {rows.max()}, allowed are 0 to {n_samples - 1}"
        )
    if np.unique(rows).size != rows.size:
        raise ValueError("a block answers a row twice")
    return rows
