"""What takes minutes: the main job itself, many kills, another instrument."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bench.results import Measurement, Store
from tests.cli.test_run import alive, wait_until
from tests.measure.runs import fake
from tools.selftest.real import BUSY_LOOP

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.strategies(
        "sklearn_matrix", "sklearn_chunked", "annoy_loop", "spark_sklearn", "spark_annoy", "full_matrix"
    ),
]

MISSION = ("sklearn_matrix", "sklearn_chunked", "annoy_loop", "spark_sklearn", "spark_annoy")


def bench(directory: Path, *words: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {"ALLKNN_CACHE": str(directory / "cache")}
    return subprocess.Popen([sys.executable, "-m", "bench", *words], cwd=directory, env=environment)


def rows(directory: Path) -> list[Measurement]:
    return Store(directory / "results").rows()


def test_five_strategies_answer_a_million_points_and_the_full_matrix_meets_the_memory(tmp_path: Path) -> None:
    assert bench(tmp_path, "run", *MISSION, "full_matrix", "--workload", "million").wait() == 0
    *answered, exhausted = rows(tmp_path)
    assert {row.strategy: row.status for row in answered} == dict.fromkeys(MISSION, "ok")
    assert (exhausted.strategy, exhausted.status) == ("full_matrix", "out_of_memory")
    for row in answered:
        assert row.recall is not None
        assert row.recall >= (1.0 if row.exact else 0.9)


def test_twelve_runs_survive_twenty_kills(tmp_path: Path) -> None:
    pauses = [round(0.001 * step, 3) for step in range(12)]
    sweep = ["run", fake("answers_slowly"), "--workload", "small", "-n", "500", "--truth-rows", "50"]
    sweep += ["--set", f"answers_slowly.pause_seconds={','.join(map(str, pauses))}"]
    instants = random.Random(0)
    kills = 0
    while kills < 20:
        process = bench(tmp_path, *sweep)
        try:
            process.wait(timeout=instants.uniform(0.2, 2.5))
            (tmp_path / "results" / "measurements.jsonl").unlink()  # it came to its end: once more
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
        assert wait_until(lambda: alive(tmp_path) == [], seconds=10)
    assert bench(tmp_path, *sweep).wait() == 0
    assert sorted(row.params["pause_seconds"] for row in rows(tmp_path)) == pauses
    assert {row.status for row in rows(tmp_path)} == {"ok"}
    assert len({row.run_id for row in rows(tmp_path)}) == 12


def test_another_instrument_reads_the_same(tmp_path: Path) -> None:
    """GNU time in front of the worker, and the kernel's own count of the group's memory."""
    told = tmp_path / "told"
    words = ["run", str(BUSY_LOOP), "--workload", "small", "--set", "busy_loop.work=20000"]
    assert bench(tmp_path, *words, "--wrap", f"/usr/bin/time -o {told} -f '%e %U %S %M'").wait() == 0
    (row,) = rows(tmp_path)
    wall, user, system, resident_kib = map(float, told.read_text().split())
    phases = sum(phase.seconds for phase in row.phases.values())
    assert row.cpu_seconds == pytest.approx(user + system, rel=0.03)
    assert phases == pytest.approx(wall, rel=0.02)
    assert row.peak_memory_bytes is not None
    libraries = 20 << 20  # GNU time counts whole what other processes map too
    assert resident_kib * 1024 - libraries <= row.peak_memory_bytes <= resident_kib * 1024
