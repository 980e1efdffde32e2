"""Of runs of which nothing is measured, the run kept with the project says how long they will take."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import catalog
from bench.experiment import reference
from bench.measure import probe
from bench.measure.schedule import PlannedRun, Request, plan
from bench.results import Measurement, Phase, Store
from bench.workloads import WorkloadId
from tests.rows import row

POINTS = WorkloadId("million", 1000, 12, 10, "euclidean", 0, "hash")


def planned(name: str, **params: object) -> PlannedRun:
    listing = catalog.load(name)
    request = Request((listing,), {name: (listing.parameters | params,)}, {name: frozenset()}, threads=(2,))
    return plan(request, POINTS, "17")[0]


def kept(run: PlannedRun, seconds: float) -> Measurement:
    """A row of the reference."""
    whole = row(run_id=run.run_id, strategy=run.listing.name, params=run.params, workload=run.workload)
    return replace(whole, threads=run.threads, phases={"fit": Phase(seconds, 1.0, 1, 1)})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A reference with one run of 40 s, on a machine on which the probe took 2 s."""
    Store(tmp_path).append(kept(planned("sklearn_matrix"), 40.0))
    (tmp_path / reference.PROBE).write_text(json.dumps({"cpu_seconds": 2.0}))
    return tmp_path


def test_a_run_is_expected_to_take_what_it_took_there_times_what_the_probe_says(directory: Path) -> None:
    run = planned("sklearn_matrix")
    expected = reference.expect([run, planned("annoy_loop")], directory, lambda: 3.0)
    assert expected == reference.ByReference({run.run_id: 60.0}, 1.5)


@pytest.mark.parametrize("other", ["another strategy", "other parameters", "other points", "other threads"])
def test_of_another_run_nothing_is_expected_and_nothing_is_probed(directory: Path, other: str) -> None:
    run = planned("sklearn_matrix", **({"leaf_size": 7} if other == "other parameters" else {}))
    run = {
        "another strategy": planned("annoy_loop"),
        "other points": replace(run, workload=replace(POINTS, n=7)),
        "other threads": replace(run, threads=1),
    }.get(other, run)
    expected = reference.expect([run], directory, lambda: pytest.fail("it was probed"))
    assert expected == reference.ByReference()


def test_without_a_reference_nothing_is_expected(tmp_path: Path) -> None:
    assert reference.expect([planned("sklearn_matrix")], tmp_path / "none") == reference.ByReference()


def test_the_probe_takes_some_time_and_is_kept_beside_the_rows(directory: Path) -> None:
    assert (probe.speed_seconds() or 0) > 0
    reference.write_probe(directory)
    assert 0 < json.loads((directory / reference.PROBE).read_text())["cpu_seconds"] != 2.0


def test_the_reference_of_the_project_knows_how_long_the_mission_takes() -> None:
    rows = [r for r in Store(reference.DIRECTORY).latest() if r.workload.name == "million"]
    runs = [replace(planned(r.strategy), workload=r.workload, params=r.params) for r in rows]
    assert reference.expect(runs, probe_seconds=lambda: 1.0).seconds.keys() == {run.run_id for run in runs}
