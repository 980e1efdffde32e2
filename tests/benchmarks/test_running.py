"""pytest-benchmark's own ways to keep, compare and draw what was timed work with our benchmarks."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parent


def benchmarked(directory: Path, *words: str, n: int) -> str:
    """Run two benchmarks from another directory; return what was printed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        str(BENCHMARKS),
        "--benchmark-only",
        "-p",
        "no:cacheprovider",
        "-n0",
    ]
    storage = f"--benchmark-storage=file://{directory / 'store'}"
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [*command, "-k", "sklearn_matrix or annoy_loop", storage, *words],
        cwd=directory,
        env=outside | {"ALLKNN_BENCHMARK_N": str(n)},  # not as a worker of xdist, which benchmarks nothing
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_runs_are_kept_drawn_and_compared_by_strategy_and_number_of_points(tmp_path: Path) -> None:
    first = benchmarked(tmp_path, "--benchmark-autosave", f"--benchmark-json={tmp_path / 'b.json'}", n=400)
    assert re.search(r"^annoy_loop +400 +[01]\.\d+ +[\d.]+ MiB$", first, re.MULTILINE)
    assert re.search(r"^sklearn_matrix +400 +1\.000 +[\d.]+ MiB$", first, re.MULTILINE)
    written = json.loads((tmp_path / "b.json").read_text())["benchmarks"]
    assert {one["name"] for one in written} == {
        "test_fit_and_query[annoy_loop-400]",
        "test_fit_and_query[sklearn_matrix-400]",
    }
    assert all(one["stats"]["rounds"] == 3 for one in written)
    assert all({"n", "recall", "peak_memory_bytes"} <= one["extra_info"].keys() for one in written)
    saved = list((tmp_path / "store").rglob("*.json"))
    assert len(saved) == 1
    again = benchmarked(
        tmp_path, "--benchmark-compare=0001", f"--benchmark-histogram={tmp_path / 'drawn'}", n=400
    )
    assert "test_fit_and_query[annoy_loop-400] (0001" in again
    assert next(tmp_path.glob("drawn*.svg")).stat().st_size > 1000
    other = benchmarked(tmp_path, "--benchmark-compare=0001", "--benchmark-compare-fail=median:1%", n=300)
    assert "annoy_loop-400" not in other
    assert "annoy_loop-300" in other
