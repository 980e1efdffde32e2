"""Files are read in blocks: staging one of 2 GB takes far less memory than it is large."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.workloads.staging_memory import D, write_large

GB = 10**9


@pytest.mark.acceptance
@pytest.mark.parametrize("name", ["a.npy", "a.parquet", "a.fvecs", "a.csv"])
def test_a_file_larger_than_the_memory_it_may_take_is_staged(tmp_path: Path, name: str) -> None:
    write_large(tmp_path / name, 2 * GB)
    words = [sys.executable, "-m", "tests.workloads.staging_memory", str(tmp_path / name), str(tmp_path)]
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    n, d, peak = map(int, done.stdout.split())
    assert d == D
    assert n > 10**6 if name != "a.csv" else n > 10**5
    assert peak < GB
