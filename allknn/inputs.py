"""What users hold vectors in, as one NumPy array: checked, and not copied where that can be."""

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = (1 << 31) - 1
"""Ids are int32 throughout the compiled core."""
LARGE_BYTES = 1 << 30
_VALUES_AT_ONCE = 1 << 22


def as_array(given: Any, name: str = "points") -> NDArray[Any]:
    """Return vectors as an array of real numbers, (n_samples, n_features), all finite in float32.

    ``given`` is anything that NumPy makes such an array of, an Arrow array of lists of one length, an Arrow
    table or a pandas or polars frame of numbers, or a tensor that offers ``__array__`` or ``__dlpack__``.
    Raises ValueError where it is none of these.
    """
    array = _read(given, name)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} must have the shape (n_samples, n_features), got {array.shape}")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be real numbers, got {array.dtype}")
    if len(array) > MOST_POINTS:
        raise ValueError(f"{name} must be at most {MOST_POINTS} rows, got {len(array)}")
    bad, first = 0, -1
    largest = float(np.finfo(np.float32).max)
    for rows in blocks(array):
        with np.errstate(invalid="ignore"):
            finite = (np.abs(array[rows].astype(np.float64, copy=False)) <= largest).all(axis=1)
        if not finite.all():
            first = rows.start + int(np.argmin(finite)) if first < 0 else first
            bad += int((~finite).sum())
    if bad:
        raise ValueError(f"{name} must be finite in float32: {bad} rows are not, the first is {first}")
    return array


def is_large_map(array: NDArray[Any]) -> bool:
    """Whether an array lies in a file and is too large to be copied without a thought."""
    below: Any = array
    while below is not None and not isinstance(below, np.memmap | mmap.mmap):
        below = getattr(below, "base", None)
    return below is not None and array.nbytes > LARGE_BYTES


def blocks(array: NDArray[Any]) -> Iterator[slice]:
    """Cut an array into ranges of rows that are small beside it."""
    size = max(1, _VALUES_AT_ONCE // max(1, array.shape[1]))
    for start in range(0, len(array), size):
        yield slice(start, min(start + size, len(array)))


def _read(given: Any, name: str) -> NDArray[Any]:
    kind = type(given).__module__.partition(".")[0]
    if kind == "pyarrow":
        return _of_arrow(given, name)
    if kind in {"pandas", "polars"} and hasattr(given, "columns"):
        return _of_frame(given, name)
    if kind == "scipy" and hasattr(given, "toarray"):
        raise ValueError(f"{name} must be dense, got a sparse {type(given).__name__}")
    if not hasattr(given, "__array__") and hasattr(given, "__dlpack__"):
        given = _tried(lambda: np.from_dlpack(given), given, name)
    try:
        array = np.asarray(given)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(_not_an_array(given, name, error)) from None
    return array


def _not_an_array(given: Any, name: str, error: Exception) -> str:
    if isinstance(given, list | tuple):
        lengths = [len(row) if hasattr(row, "__len__") else 1 for row in given]
        for row, length in enumerate(lengths):
            if length != lengths[0]:
                return (
                    f"{name} must have as many values in each row: row {row} has {length}, row 0 {lengths[0]}"
                )
    return f"{name} must be an array of real numbers, got {type(given).__name__}: {_line(error)}"


def _of_frame(frame: Any, name: str) -> NDArray[Any]:
    for column, dtype in zip(frame.columns, _dtypes(frame), strict=True):
        is_number = dtype.is_numeric() if hasattr(dtype, "is_numeric") else dtype.kind in "fiub"
        if not is_number:
            raise ValueError(f"{name} must be a frame of numbers, column {column!r} is {dtype}")
    if type(frame).__module__.startswith("pandas") and any(
        hasattr(dtype, "na_value") for dtype in frame.dtypes
    ):
        array: NDArray[Any] = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        array = frame.to_numpy()
    return array


def _dtypes(frame: Any) -> list[Any]:
    return list(frame.dtypes)


def _of_arrow(given: Any, name: str) -> NDArray[Any]:
    """Take lists of one length, or columns of numbers, out of Arrow."""
    import pyarrow as pa

    if isinstance(given, pa.Table | pa.RecordBatch):
        if given.num_columns != 1:
            columns = [
                _of_arrow(column, f"column {n!r}")
                for n, column in zip(given.column_names, given.columns, strict=True)
            ]
            return np.column_stack(columns)
        given = given.column(0)
    if isinstance(given, pa.ChunkedArray):
        given = given.combine_chunks()
        if isinstance(given, pa.ChunkedArray):  # before pyarrow 18, where there are several chunks
            given = pa.concat_arrays(given.chunks)
    if given.null_count:
        first = given.is_null().to_numpy(zero_copy_only=False).argmax()
        raise ValueError(f"{name} must have no nulls: {given.null_count} rows are null, the first is {first}")
    if pa.types.is_fixed_size_list(given.type):
        width = given.type.list_size
    elif pa.types.is_list(given.type) or pa.types.is_large_list(given.type):
        lengths = np.diff(given.offsets.to_numpy())
        width = int(lengths[0]) if len(lengths) else 0
        if len(uneven := np.flatnonzero(lengths != width)):
            row = int(uneven[0])
            raise ValueError(
                f"{name} must have as many values in each row: row {row} has {lengths[row]}, row 0 {width}"
            )
    else:
        column: NDArray[Any] = given.to_numpy(zero_copy_only=False)
        return column
    values: NDArray[Any] = given.flatten().to_numpy(zero_copy_only=False)
    return values.reshape(len(given), width)


def _tried(read: Any, given: Any, name: str) -> Any:
    try:
        return read()
    except (BufferError, ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{name} cannot be read, {type(given).__name__}: {_line(error)}") from None


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]
