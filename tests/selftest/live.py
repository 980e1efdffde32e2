"""Pairs of real runs: the same work under two names, and 20 % more work under one."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import catalog
from bench.analysis.compare import LOOKS
from bench.analysis.repeats import compare_series, undecided
from bench.measure.schedule import Limits, PlannedRun, Request, plan
from bench.measure.session import Session
from bench.results import AUTO_REPEATS, Measurement, Store
from tests.measure.runs import fake, runner, stage

WORK = 150


@dataclass
class Silent:
    """A display that shows nothing."""

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        pass

    def progress(self, message: dict[str, Any]) -> None:
        pass

    def ends(self, row: Measurement | None) -> None:
        pass


def called_different(more_work: float, seed: int) -> tuple[bool, int, float]:
    """Compare two by ``--repeats auto``; return the verdict, the repeats and the ratio it found."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        points, workload = stage(directory, n=100)
        (directory / "results").mkdir()
        judged = runner(directory, points, Limits(60), judge=False)
        session = Session(judged, Store(directory / "results"), Silent())
        runs = plan(request(more_work, seed), workload, "")
        rows = session.measure_until(runs, [], undecided, None)
    a, b = ([row for row in rows if row.params["label"] == label] for label in "ab")
    found = compare_series(a, b)
    return found.verdict == "different", len(a), found.ratio


def request(more_work: float, seed: int) -> Request:
    listing = catalog.load(fake("burns_cpu"))
    work = {"a": WORK, "b": round(WORK * more_work)}
    return Request(
        strategies=(listing,),
        params={listing.name: tuple({"label": label, "work": units} for label, units in work.items())},
        pinned={listing.name: frozenset({"label", "work"})},
        threads=(1,),
        repeats=LOOKS[-1],
        repeats_asked=AUTO_REPEATS,
        seed=seed,
    )
