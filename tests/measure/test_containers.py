"""What a control group allows: threads, memory and the row that says so."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench import allowed
from bench.experiment import planning
from bench.master import local_cores
from bench.measure import environment
from tests.measure.runs import fake, run

GIB = 1 << 30
Allow = Callable[[str, dict[str, str]], None]


@pytest.fixture
def allow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Allow]:
    """Stand-ins for the kernel's files."""
    root = tmp_path / "cgroup"
    monkeypatch.setattr(allowed, "_ROOT", root)
    monkeypatch.setattr(allowed, "_OWN", tmp_path / "own")

    def allow(own: str, files: dict[str, str]) -> None:
        (tmp_path / "own").write_text(own)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        environment.machine.cache_clear()

    yield allow
    environment.machine.cache_clear()


VERSION_2 = "0::/system.slice/run-1.scope\n"
VERSION_1 = "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n3:cpuset:/docker/1\n0::/\n"


@pytest.mark.parametrize(
    ("own", "files", "cores"),
    [
        (VERSION_2, {"system.slice/run-1.scope/cpu.max": "100000 100000\n"}, 1.0),
        (VERSION_2, {"cpu.max": "150000 100000\n"}, 1.5),
        (VERSION_2, {"system.slice/run-1.scope/cpu.max": "max 100000\n"}, None),
        (
            VERSION_2,
            {"system.slice/cpu.max": "50000 100000", "system.slice/run-1.scope/cpu.max": "200000 100000"},
            0.5,
        ),
        (VERSION_1, {"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1.0),
        (VERSION_1, {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
        ("", {}, None),
    ],
)
def test_the_quota_is_that_of_the_narrowest_group(
    allow: Allow, own: str, files: dict[str, str], cores: float | None
) -> None:
    allow(own, files)
    assert allowed.cpu_quota() == cores


@pytest.mark.parametrize(("quota", "usable"), [(None, 8), (1.0, 1), (0.5, 1), (2.7, 2), (64.0, 8)])
def test_threads_are_whole_cores_of_the_quota_and_one_at_least(quota: float | None, usable: int) -> None:
    machine = environment.Machine("made up", (), 8, 16 * GIB, "x86_64", quota)
    assert machine.usable_cores == usable


def test_a_machine_without_a_quota_keeps_its_key() -> None:
    parts = ("made up", ("avx2",), 8, 16 * GIB, "x86_64")
    free, held = environment.Machine(*parts), environment.Machine(*parts, 1.0)
    assert free.key == "fa55a56037e6"
    assert held.key != free.key


def test_two_gib_leave_a_memory_limit_of_1_6(allow: Allow) -> None:
    allow(VERSION_2, {"system.slice/run-1.scope/memory.max": str(2 * GIB)})
    assert planning.memory_limit(None) == int(1.6 * GIB)


def test_a_quota_of_one_core_gives_one_thread_and_a_row_that_says_both(allow: Allow, tmp_path: Path) -> None:
    allow(VERSION_2, {"cpu.max": "100000 100000", "memory.max": str(2 * GIB)})
    row = run(tmp_path, fake("finds_some"))
    assert environment.machine().usable_cores == local_cores("local[*]") == 1
    assert row.quota_cores == 1.0
    assert row.machine_cores == environment.machine().cores
    assert row.allowed_memory_bytes == 2 * GIB


def test_more_points_than_a_strategy_takes_are_unavailable_before_anything_starts(tmp_path: Path) -> None:
    row = run(tmp_path, fake("takes_few"))
    assert row.status == "unavailable"
    assert row.reason.startswith("1,000 points, most_points is 100")
    assert row.start_seconds is None
