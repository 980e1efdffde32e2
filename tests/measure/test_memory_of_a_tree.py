"""The peak memory of a run against shapes of processes whose true peak is known."""

from pathlib import Path

import pytest

from bench.measure.schedule import Limits
from tests.measure.runs import fake, run

pytestmark = pytest.mark.slow

MIB = 1 << 20


def peak_mib(directory: Path, shape: str, size_mib: int, seconds: float) -> float:
    """What the run added to the points and the interpreter, in MiB."""
    row = run(directory, fake("holds_memory"), Limits(120), shape=shape, size_mib=size_mib, seconds=seconds)
    assert row.peak_memory_bytes is not None
    assert row.baseline_memory_bytes is not None
    return (row.peak_memory_bytes - row.baseline_memory_bytes) / MIB


@pytest.mark.parametrize(
    ("shape", "size_mib", "seconds", "truth_mib", "tolerance"),
    [
        ("grandchild", 512, 0.5, 512, 0.05),
        ("grandchild", 300, 0.2, 300, 0.15),
        ("orphan", 512, 0.5, 512, 0.05),
        ("file_in_four", 512, 0.5, 512, 0.05),
        ("eight_share_then_private", 1024, 0.5, 1024, 0.05),
    ],
)
def test_the_peak_is_that_of_the_whole_tree_with_shared_pages_once(
    tmp_path: Path, shape: str, size_mib: int, seconds: float, truth_mib: float, tolerance: float
) -> None:
    interpreters_mib = 30
    measured = peak_mib(tmp_path, shape, size_mib, seconds)
    assert truth_mib * (1 - tolerance) <= measured <= truth_mib * (1 + tolerance) + interpreters_mib


@pytest.mark.spark
def test_two_python_workers_of_spark_are_seen_under_their_role(tmp_path: Path) -> None:
    row = run(tmp_path, fake("spark_holds_memory"), Limits(120), size_mib=500, seconds=3.0)
    assert set(row.peak_memory_by_role) >= {"worker", "spark_driver_jvm", "python_worker"}
    assert row.peak_memory_bytes is not None
    roles = row.peak_memory_by_role
    interpreters_mib = 150  # of the daemon and of both workers
    assert 1000 * 0.95 <= roles["python_worker"] / MIB <= 1000 * 1.05 + interpreters_mib
    assert roles["python_worker"] + roles["worker"] < row.peak_memory_bytes <= sum(roles.values())


def test_what_the_harness_holds_is_not_the_runs(tmp_path: Path) -> None:
    held = b"1" * (1024 * MIB)
    assert peak_mib(tmp_path, "grandchild", 100, 0.3) < 200
    assert len(held) == 1024 * MIB


def test_a_newcomer_is_held_to_the_memory_limit_at_once(tmp_path: Path) -> None:
    row = run(
        tmp_path,
        fake("holds_memory"),
        Limits(120, memory_bytes=400 * MIB),
        shape="grandchild",
        size_mib=2048,
        seconds=5.0,
    )
    assert row.status == "out_of_memory"
    assert row.peak_anonymous_bytes is not None
    assert row.peak_anonymous_bytes < 1500 * MIB


def test_a_mapped_file_is_not_what_the_memory_limit_speaks_of(tmp_path: Path) -> None:
    row = run(
        tmp_path,
        fake("holds_memory"),
        Limits(120, memory_bytes=300 * MIB),
        shape="file_in_four",
        size_mib=512,
        seconds=0.3,
    )
    assert row.status == "wrong"  # it came to its end, where it answers nothing
    assert row.peak_file_bytes is not None
    assert row.peak_file_bytes > 500 * MIB
