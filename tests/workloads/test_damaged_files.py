"""Files of every format, truncated, appended to or with flipped bits: points or one line, nothing written."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
