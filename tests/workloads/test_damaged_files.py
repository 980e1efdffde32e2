"""Files of every format, truncated, appended to or with flipped bits: points or one line, nothing written."""

import tempfile
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from bench.workloads import stage
from tests.workloads.choosing import chosen_file
from tests.workloads.writers import WRITERS

POINTS = np.random.default_rng(0).integers(0, 100, (60, 6)).astype(np.float32)


def damage(content: bytes, how: str, at: float, more: bytes) -> bytes:
    place = int(at * (len(content) - 1))
    if how == "truncated":
        return content[:place]
    if how == "appended":
        return content + more
    return (
        content[:place]
        + bytes([content[place] ^ (more[0] if more and more[0] else 1)])
        + content[place + 1 :]
    )


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    how=st.sampled_from(["truncated", "appended", "flipped"]), at=st.floats(0, 1), more=st.binary(max_size=40)
)
def test_a_damaged_file_ends_in_points_or_in_one_line(name: str, how: str, at: float, more: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path, cache = Path(directory, name), Path(directory, "cache")
        WRITERS[name](path, POINTS)
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        file = files[int(at * (len(files) - 1))]
        file.write_bytes(damage(file.read_bytes(), how, at, more))
        try:
            staged = stage(chosen_file(path, allow_loss=True), cache)
        except (ValueError, OSError) as error:
            refusal = str(error)
        else:
            refusal = ""
            points = np.load(staged.path)
            assert points.shape == (staged.id.n, staged.id.d)
            assert np.isfinite(points).all()
        if refusal:
            assert "\n" not in refusal
            assert [p for p in cache.rglob("*") if p.is_file() and p.name != ".lock"] == []


def frame(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, columns=[f"x{j}" for j in range(values.shape[1])])


def in_hdf5(path: Path, values: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file["v"] = values


TYPED = {
    "a.npy": np.save,
    "a.npz": lambda path, values: np.savez(path, v=values),
    "a.h5": in_hdf5,
    "a.zarr": lambda path, values: zarr.create_array(str(path), data=values, chunks=(50, 2)),
    "a.safetensors": lambda path, values: save_file({"v": np.ascontiguousarray(values)}, path),
    "columns.parquet": lambda path, values: frame(values).to_parquet(path),
    "lists.parquet": lambda path, values: pd.DataFrame({"v": list(values)}).to_parquet(path),
    "a.feather": lambda path, values: frame(values).to_feather(path),
    "a.csv": lambda path, values: frame(values).to_csv(path, index=False),
    "a.jsonl": lambda path, values: frame(values).to_json(path, orient="records", lines=True),
}
"""Writers that keep the type of the values, or write them out."""
TYPES = [*"?bBhHiIlLqQefdgFD", "U3", "S3", "M8[s]", "m8[s]", "O", ">f4", ">i2", ">i8"]
PLAIN = "bBhHilfd"
"""Types that all of these formats hold."""


@pytest.mark.parametrize("name", TYPED)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(kind=st.sampled_from(TYPES), largest=st.sampled_from([1, 100, 2**31, 2**62]), seed=st.integers(0, 9))
def test_values_of_any_type_end_in_the_right_points_or_in_one_line(
    name: str, kind: str, largest: int, seed: int
) -> None:
    whole = np.random.default_rng(seed).integers(0, largest, (60, 4), endpoint=True)
    with tempfile.TemporaryDirectory() as directory, np.errstate(all="ignore"):
        path, cache = Path(directory, name), Path(directory, "cache")
        values = whole.astype(kind) if kind != "O" else whole.astype(float).astype(object)
        if name == "a.jsonl" and values.dtype.kind in "mMc":
            return  # pandas writes them as other numbers
        try:
            TYPED[name](path, values)
        except Exception:  # noqa: BLE001 (a type that this writer does not know)
            return
        columns = {} if name.startswith(("a.np", "a.h5", "a.z", "a.s", "lists")) else {"columns": "x*"}
        staged, refusal = None, ""
        try:
            staged = stage(chosen_file(path, allow_loss=True, **columns), cache)
        except (ValueError, OSError) as error:
            refusal = str(error)
        if staged is None:
            assert kind not in PLAIN or largest > 100, refusal
            assert "\n" not in refusal
            assert [p for p in cache.rglob("*") if p.is_file() and p.name != ".lock"] == []
            return
        points = np.load(staged.path).astype(np.longdouble)
        center = np.zeros(4) if staged.center is None else np.array(staged.center, dtype=object)
        expected = (values.astype(np.longdouble) - center.astype(np.longdouble)).astype(np.float32)
        np.testing.assert_allclose(points, expected, rtol=1e-6)
