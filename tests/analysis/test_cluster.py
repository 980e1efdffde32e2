"""What a cluster would take, on made-up clusters whose laws are known."""

from dataclasses import replace
from typing import Any

import pytest

from bench.analysis.cluster import Cluster, OnCluster, on_cluster, spark_curves
from bench.analysis.curves import Curve, curves
from bench.results import Measurement
from tests.ladders import SIZES, rung

GIB = 2.0**30
SESSION, STARTING = 6.0, 0.005
N = 1_000_000


def ran(n: int, executors: int, cores: int, **details: Any) -> Measurement:
    """A run that obeys the laws: 100 core-seconds for a million points, an index of 200 bytes a point."""
    slots = executors * cores
    compute, tasks = 100.0 * n / 1e6, 16 * slots
    build, shipped, load = 5.0 * n / 1e6, 200.0 * n, 0.5 * n / 1e6
    idle = STARTING * tasks / slots
    query = compute / slots + load + idle
    made = rung("spark_x", n, query, int(GIB), master=f"spark://{executors}x{cores}", params={"ship": "file"})
    told = {
        "compute_seconds_sum": compute,
        "load_seconds_sum": load * slots,
        "python_workers": float(slots),
        "build_seconds": build,
        "shipped_bytes": shipped,
        "idle_seconds": idle,
        "n_partitions": float(tasks),
        "cores": float(slots),
        "growth": "near-linear",
    }
    fit = build + 0.2
    return replace(
        made,
        start_seconds=SESSION,
        fit_seconds=fit,
        total_seconds=SESSION + fit + query,
        details=told | details,
        peak_memory_by_role={"python_worker": int(slots * 0.1 * GIB + shipped)},
    )


def learned(*rows: Measurement) -> Curve:
    (found,) = spark_curves(curves(rows))
    return found


@pytest.fixture(scope="module")
def curve() -> Curve:
    return learned(*(ran(n, 1, 1) for n in (*SIZES, N)))


@pytest.mark.parametrize(("executors", "cores"), [(1, 2), (2, 1), (4, 4)])
def test_the_wall_time_of_another_cluster_is_told_from_one_core(
    curve: Curve, executors: int, cores: int
) -> None:
    truth = ran(N, executors, cores).total_seconds
    assert truth is not None
    found = on_cluster(curve, N, Cluster(executors, cores))
    assert found.wall_seconds.low < truth < found.wall_seconds.high
    assert found.wall_seconds.median == pytest.approx(truth, rel=0.25)


def test_masters_are_put_together_and_strategies_without_one_are_left_out() -> None:
    rows = [ran(SIZES[0], 1, 1), ran(SIZES[0], 1, 2), ran(SIZES[1], 2, 1), rung("local", SIZES[0], 1.0, 1000)]
    found = learned(*rows)
    assert (len(found.rows), found.label, found.sizes) == (3, "spark_x", SIZES[:2])


def test_core_hours_and_money_are_those_of_all_cores_all_the_time(curve: Curve) -> None:
    found = on_cluster(curve, N, Cluster(20, 8, price=0.05))
    assert found.money is not None
    assert found.core_hours.median == pytest.approx(160 * found.wall_seconds.median / 3600)
    assert found.money.median == pytest.approx(0.05 * found.core_hours.median)
    assert on_cluster(curve, N, Cluster(20, 8)).money is None


def by_ship(found: OnCluster) -> dict[str, Any]:
    return {way.ship: way for way in found.ways}


def test_a_broadcast_takes_a_copy_for_each_core_and_a_file_one_for_each_host(curve: Curve) -> None:
    ways = by_ship(on_cluster(curve, N, Cluster(20, 8, memory_bytes=16 * GIB)))
    index = 200.0 * N
    assert ways["broadcast"].memory_bytes.median - ways["file"].memory_bytes.median == pytest.approx(
        7 * index, rel=0.1
    )
    assert ways["file"].network_bytes.median == pytest.approx(20 * (index + 48 * N) + 80 * N, rel=0.1)
    assert all(way.fits for way in ways.values())


def test_it_says_from_where_on_the_index_no_longer_fits_an_executor(curve: Curve) -> None:
    ways = by_ship(on_cluster(curve, 10**9, Cluster(20, 8, memory_bytes=16 * GIB)))
    assert not any(way.fits for way in ways.values())
    room = 16 * GIB - 0.5 * GIB - 8 * 0.1 * GIB
    assert ways["broadcast"].fails_from_n == pytest.approx(room / (8 * 200), rel=0.25)
    assert ways["path"].fails_from_n == pytest.approx(room / 200, rel=0.25)


def test_without_a_memory_nothing_is_said_of_what_fits(curve: Curve) -> None:
    found = on_cluster(curve, N, Cluster(2))
    assert {(way.fits, way.fails_from_n) for way in found.ways} == {(None, None)}


def test_what_cannot_be_pickled_is_not_broadcast() -> None:
    found = on_cluster(learned(ran(N, 1, 1, picklable="no: cannot")), N, Cluster(2))
    assert [way.ship for way in found.ways] == ["file", "path"]


def test_each_term_says_whether_it_was_measured_or_assumed(curve: Curve) -> None:
    found = on_cluster(curve, N, Cluster(4, 2))
    assert {term.told for term in found.terms} == {"measured", "assumed"}
    session = next(term for term in found.terms if term.name == "session")
    assert session.seconds.low < SESSION < session.seconds.high
    assumed = {term.name for term in found.terms if term.told == "assumed"}
    assert assumed == {
        *("points and index over the network", "waiting for the last task", "answers over the network"),
    }


def test_a_join_ships_no_index_but_its_tasks_send_lists_to_one_another() -> None:
    moved = 300.0
    curve = learned(*(ran(n, 1, 1, shipped_bytes=0.0, moved_bytes=moved * n) for n in SIZES))
    told = on_cluster(curve, N, Cluster(4, 2, 2 * GIB, bandwidth=moved * N))
    seconds = {term.name: term.seconds.median for term in told.terms}
    assert seconds["between tasks over the network"] == pytest.approx(3 / 16, rel=0.1)
    by_file, by_path = told.ways
    assert (by_file.ship, by_path.ship) == ("file", "path")
    family = curve.setting.family
    points, answers = 4.0 * family.d * N, 8.0 * family.k * N
    assert by_path.disk_bytes.median == pytest.approx(moved * N / 4, rel=0.1)
    assert by_file.disk_bytes.median == pytest.approx(moved * N / 4 + points, rel=0.1)
    assert by_file.network_bytes.median == pytest.approx(4 * points + moved * N * 3 / 4 + answers, rel=0.1)
    assert by_file.fails_from_n is None
