"""How long runs will take of which nothing is measured: by the run kept with the project, and a probe."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import catalog
from bench.measure import probe
from bench.measure.schedule import PlannedRun
from bench.results import Measurement, Store

DIRECTORY = catalog.DIRECTORY.parent / "results" / "reference"
"""A full run that is kept with the project; an installed wheel has none."""
PROBE = "probe.json"
"""There: what the probe took on the machine of that run."""

_SECONDS = "cpu_seconds"


@dataclass(frozen=True, slots=True)
class ByReference:
    """What runs are expected to take."""

    seconds: dict[str, float] = field(default_factory=dict)
    """By ``run_id``, of those that the reference has, too."""
    times: float = 1.0
    """How many times as long as there, by the probe."""


def expect(
    runs: Sequence[PlannedRun],
    directory: Path = DIRECTORY,
    probe_seconds: Callable[[], float | None] = probe.speed_seconds,
) -> ByReference:
    """Expect of runs what they took in ``directory``, times how much longer the probe takes here than there.

    The probe, of a second, is run only where the reference has one of the runs.
    """
    rows = Store(directory).latest()
    there = {run.run_id: _took(row) for run in runs for row in rows if _is_same(run, row)}
    path = directory / PROBE
    if not there or not path.is_file():
        return ByReference()
    before = json.loads(path.read_text(encoding="utf-8"))[_SECONDS]
    now = probe_seconds()
    if now is None:
        return ByReference()
    times = now / before
    return ByReference({run_id: seconds * times for run_id, seconds in there.items()}, times)


def write_probe(directory: Path) -> None:
    """Keep beside a run what the probe takes on its machine."""
    (directory / PROBE).write_text(json.dumps({_SECONDS: probe.speed_seconds()}) + "\n", encoding="utf-8")


def _took(row: Measurement) -> float:
    return row.extrapolated_seconds or sum(phase.seconds for phase in row.phases.values())


def _is_same(run: PlannedRun, row: Measurement) -> bool:
    """Whether a row is of the same strategy, points, threads and parameters, as far as it has those."""
    alike = all(row.params.get(name, value) == value for name, value in run.params.items())
    same = (run.listing.name, run.workload, run.threads) == (row.strategy, row.workload, row.threads)
    return same and alike
