"""A series of runs, with a runner that only pretends: what is run, appended, repeated."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from bench.measure import environment
from bench.measure.messages import RunProgress
from bench.measure.schedule import Limits, PlannedRun, plan
from bench.measure.session import Session
from bench.results import Measurement, Store
from tests.measure.test_schedule import SEARCHES, THREADS, request
from tests.rows import WORKLOAD, row

if TYPE_CHECKING:
    from bench.measure.runner import Runner


@dataclass
class Pretends:
    """Gives out the rows it was told to, whatever is asked."""

    left: list[dict[str, Any]]
    limits: Limits = field(default_factory=Limits)

    environment: ClassVar = environment.environment("17")

    def run(self, planned: PlannedRun, *_rest: object) -> Measurement:
        identity = {"run_id": planned.run_id, "series_id": planned.series_id, "repeat": planned.repeat}
        return row(**identity | {"time_limit_seconds": self.limits.time_seconds} | self.left.pop(0))

    def skip(self, planned: PlannedRun, reason: str) -> Measurement:
        return row(run_id=planned.run_id, status="skipped", reason=reason)


class Remembers:
    """A display that keeps what it was shown."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        self.begun.append(f"{run.listing.name} {number}/{of}")

    def progress(self, progress: RunProgress) -> None:
        pass

    def ends(self, row: Measurement | None) -> None:
        pass


def session(directory: Path, *fields: dict[str, Any], **options: Any) -> Session:
    return Session(cast("Runner", Pretends(list(fields))), Store(directory), Remembers(), **options)


def runs(repeats: int = 1) -> list[PlannedRun]:
    return plan(request(SEARCHES, THREADS, repeats=repeats), WORKLOAD, "17")


def test_every_row_is_stored_as_soon_as_it_is_there(tmp_path: Path) -> None:
    measured = session(tmp_path, {}, {"status": "crashed"}).measure(runs())
    assert Store(tmp_path).rows() == measured
    assert [r.status for r in measured] == ["ok", "crashed"]
    assert (tmp_path / "measurements.csv").exists()


def test_a_run_that_is_predicted_to_outlast_the_budget_is_skipped_and_a_shorter_one_is_not(
    tmp_path: Path,
) -> None:
    long, short = runs()
    long = replace(long, predicted={"total_seconds": 90.0})
    measured = session(tmp_path, {}).measure([long, short], ends=time.monotonic() + 60.0)
    assert [r.status for r in measured] == ["skipped", "ok"]
    assert measured[0].reason.startswith("the budget ended before it: 60 s left, about 90 s expected")
    assert 0 < (measured[1].time_limit_seconds or 0) <= 60.0
    assert Store(tmp_path).rows() == measured


def test_an_interruption_ends_the_series(tmp_path: Path) -> None:
    measured = session(tmp_path, {"status": "interrupted"}, {}).measure(runs())
    assert [r.status for r in measured] == ["interrupted"]


def test_a_disturbed_run_is_repeated_where_that_is_asked_for(tmp_path: Path) -> None:
    disturbed, quiet = {"disturbed": 0.5}, {"disturbed": 0.01}
    measured = session(tmp_path, disturbed, disturbed, quiet, quiet, quiet_runs=True).measure(runs())
    assert [r.disturbed for r in measured] == [0.01, 0.01]
    assert [r.disturbed for r in Store(tmp_path).rows()] == [0.5, 0.5, 0.01, 0.01]


def test_a_run_that_is_always_disturbed_is_not_repeated_for_ever(tmp_path: Path) -> None:
    measured = session(tmp_path, *[{"disturbed": 0.5}] * 6, quiet_runs=True).measure(runs())
    assert len(measured) == 2
    assert len(Store(tmp_path).rows()) == 6


def undecided_until(repeat: int) -> Any:
    def undecided(rows: Sequence[Measurement], repeats: int) -> set[str]:
        return {r.series_id for r in rows} if repeats < repeat else set()

    return undecided


def test_repeats_go_on_until_nothing_is_undecided(tmp_path: Path) -> None:
    measured = session(tmp_path, *[{}] * 20).measure_until(runs(repeats=9), [], undecided_until(4))
    assert [r.repeat for r in measured] == [1, 1, 2, 2, 3, 3, 4, 4]


def test_repeats_end_with_the_budget(tmp_path: Path) -> None:
    measured = session(tmp_path, *[{}] * 20).measure_until(
        runs(repeats=9), [], undecided_until(9), time.monotonic()
    )
    assert len(measured) <= 2


def test_what_is_measured_counts_and_is_not_run_again(tmp_path: Path) -> None:
    planned = runs(repeats=3)
    done = [
        replace(row(), run_id=run.run_id, series_id=run.series_id, repeat=run.repeat) for run in planned[:3]
    ]
    measured = session(tmp_path, *[{}] * 20).measure_until(planned, done, undecided_until(3))
    assert [r.run_id for r in measured] == [run.run_id for run in planned[3:]]
