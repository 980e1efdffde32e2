"""Whatever vectors are held in, the neighbors are the same, or one line says why it cannot be read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import sparse

import allknn
from allknn import inputs, metrics
from allknn.metrics import METRICS

POINTS = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
LISTS = pa.FixedSizeListArray.from_arrays(pa.array(POINTS.ravel()), 3)


class WithArray:
    """A tensor as torch has them."""

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = values

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._values


class WithDLPack:
    """A tensor that offers no more than DLPack."""

    def __dlpack__(self, **options: Any) -> Any:
        return POINTS.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return POINTS.__dlpack_device__()


class OnAnotherDevice:
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        raise TypeError("can't convert cuda:0 device type tensor to numpy.\nUse Tensor.cpu()")


class WithDLPackElsewhere:
    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("only the CPU is supported")

    def __dlpack_device__(self) -> Any:
        return 2, 0


def mapped(directory: Path) -> NDArray[Any]:
    np.save(directory / "points.npy", POINTS)
    return np.load(directory / "points.npy", mmap_mode="r")


@pytest.mark.parametrize(
    "held",
    [
        lambda _: POINTS.tolist(),
        lambda _: np.asfortranarray(POINTS),
        lambda _: POINTS.astype(">f8"),
        lambda _: POINTS[::-1][::-1],
        mapped,
        lambda _: LISTS,
        lambda _: pa.chunked_array([LISTS[:20], LISTS[20:]]),
        lambda _: pa.array(POINTS.tolist(), pa.list_(pa.float32())),
        lambda _: pa.table({"vector": LISTS}),
        lambda _: pa.table({name: POINTS[:, i] for i, name in enumerate("abc")}),
        lambda _: pd.DataFrame(POINTS, index=np.arange(60)[::-1]),
        lambda _: pd.DataFrame(POINTS).astype("Float32"),
        lambda _: pl.DataFrame(POINTS),
        lambda _: WithArray(POINTS),
        lambda _: WithDLPack(),
    ],
)
def test_all_that_vectors_are_held_in_gives_the_same_neighbors(
    held: Callable[[Path], Any], tmp_path: Path
) -> None:
    expected = allknn.nearest_neighbors(POINTS, 4)
    for queries, points in ((None, held(tmp_path)), (held(tmp_path), POINTS)):
        answer = allknn.nearest_neighbors(points, 4, queries=queries)
        if queries is None:
            assert answer.indices.tolist() == expected.indices.tolist()
            assert answer.distances.tobytes() == expected.distances.tobytes()
        else:
            assert answer.indices[:, 0].tolist() == list(range(60))


def test_a_slice_of_lists_gives_its_own_rows() -> None:
    expected = allknn.nearest_neighbors(POINTS[10:50], 4)
    assert allknn.nearest_neighbors(LISTS[10:50], 4).indices.tolist() == expected.indices.tolist()


@pytest.mark.parametrize("metric", METRICS)
def test_the_order_in_memory_changes_no_byte(metric: str) -> None:
    points = np.random.default_rng(0).normal(size=(300, 37)) + 5
    one, other = (
        allknn.nearest_neighbors(np.asarray(points, order=order), 4, metric=metric) for order in "CF"
    )
    assert one.indices.tobytes() == other.indices.tobytes()
    assert one.distances.tobytes() == other.distances.tobytes()


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ([], r"shape \(n_samples, n_features\), got \(0,\)"),
        (np.empty((0, 3)), r"got \(0, 3\)"),
        ([[1.0, 2.0], [3.0]], "points must have as many values in each row: row 1 has 1, row 0 2"),
        (pa.array([[1.0], [2.0, 3.0]]), "row 1 has 2, row 0 1"),
        (pa.array([[1.0], None, [2.0]]), "points must have no nulls: 1 rows are null, the first is 1"),
        (pd.DataFrame({"a": [1.0], "b": ["x"]}), "must be a frame of numbers, column 'b' is object"),
        (pl.DataFrame({"a": [1.0], "b": ["x"]}), "column 'b' is String"),
        (pl.DataFrame({"a": [1.0, None]}), "1 rows are not, the first is 1"),
        (pd.DataFrame({"a": pd.array([1, None], "Int64")}), "1 rows are not, the first is 1"),
        (sparse.eye(3, format="csr"), "points must be dense, got a sparse csr_matrix"),
        (OnAnotherDevice(), "got OnAnotherDevice: can't convert cuda:0 device type tensor to numpy.$"),
        (WithDLPackElsewhere(), "points cannot be read, WithDLPackElsewhere: "),
        (
            np.broadcast_to(np.float32(1), (1 << 31, 1)),
            "points must be at most 2147483647 rows, got 2147483648",
        ),
        (np.ones((3, 2), complex), "points must be real numbers, got complex128"),
        (np.array([[1.0, None]], object), "points must be real numbers, got object"),
        (np.array([[0.0], [np.nan], [1.0], [-np.inf]]), "2 rows are not, the first is 1"),
        (np.array([[0.0], [1e39]]), "finite in float32: 1 rows are not, the first is 1"),
    ],
)
def test_what_are_no_vectors_is_refused_in_one_line(held: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        allknn.nearest_neighbors(held, 1)
    assert "\n" not in str(raised.value)


def test_a_memory_map_is_read_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = inputs.as_array(mapped(tmp_path))
    assert np.shares_memory(metrics.euclidean(points, None).points, points)
    copied = allknn.nearest_neighbors(np.tile(POINTS, (80, 1)), 4, recall=0.5)
    monkeypatch.setattr(inputs, "LARGE_BYTES", 0)
    assert inputs.is_large_map(metrics.euclidean(points, None).points)
    assert not inputs.is_large_map(POINTS)
    np.save(tmp_path / "many.npy", np.tile(POINTS, (80, 1)))
    in_place = allknn.nearest_neighbors(np.load(tmp_path / "many.npy", mmap_mode="r"), 4, recall=0.5)
    assert in_place.indices.tobytes() == copied.indices.tobytes()
