"""Rows that differ only in the number of points, put together: one setting, measured at growing n."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bench.analysis.summary import write_setting
from bench.results import Measurement
from bench.workloads import PointsRequest, family


@dataclass(frozen=True, slots=True)
class Family:
    """Points of one kind, in any number, with k and metric."""

    name: str
    """Of a synthetic family or of a file."""
    d: int
    k: int
    metric: str
    seed: int | None
    options: tuple[str, ...] = ()
    """What else chose the points, as a shell takes it: knobs, a column."""

    def __str__(self) -> str:
        return " ".join([self.name, f"d={self.d}", f"k={self.k}", self.metric, *self.options])


@dataclass(frozen=True, slots=True)
class Setting:
    """All that decides a run's cost but the number of points; a strategy's seed does not."""

    strategy: str
    params: str
    """JSON, without the seed."""
    threads: int
    master: str | None
    blas_kernel: str | None
    wrap: str | None
    start: str | None
    """``first`` where a first start is in the total."""
    machine: str
    family: Family


@dataclass(frozen=True, slots=True)
class Curve:
    """The runs of one setting, from which its cost at another n is predicted."""

    setting: Setting
    label: str
    """The strategy, and what tells it from the other settings of it."""
    rows: tuple[Measurement, ...]
    """With a total for all points, by growing n; at least one."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The numbers of points there are, ascending, each once."""
        return tuple(sorted({row.workload.n for row in self.rows}))

    def up_to(self, n: int) -> "Curve | None":
        """Leave out what was measured on more than n points; None where nothing is left."""
        rows = tuple(row for row in self.rows if row.workload.n <= n)
        return Curve(self.setting, self.label, rows) if rows else None

    def at(self, n: int) -> tuple[Measurement, ...]:
        """Return the complete runs on n points."""
        return tuple(row for row in self.rows if row.workload.n == n and row.status == "ok")


def family_of(row: Measurement) -> Family:
    """Name the kind of points of a row, whatever their number."""
    w = row.workload
    request = PointsRequest.parse(row.points_options)
    return Family(family(w.name), w.d, w.k, w.metric, w.seed, request.variant)


def setting_of(row: Measurement) -> Setting:
    """Say what a row shares with those of the same curve."""
    params = {name: value for name, value in row.params.items() if name != "seed"}
    return Setting(
        row.strategy,
        json.dumps(params, sort_keys=True),
        row.threads if row.multi_threaded else 1,
        row.master,
        row.blas_kernel,
        row.wrap,
        "first" if row.first_start else None,
        row.machine,
        family_of(row),
    )


def curves(rows: Iterable[Measurement]) -> list[Curve]:
    """Put rows together by setting, as far as they tell the cost of all points: complete or extrapolated.

    Of rows with the same ``run_id`` the last one counts; settings come in the order of their first row.
    """
    by_setting: dict[Setting, list[Measurement]] = defaultdict(list)
    for row in {row.run_id: row for row in rows}.values():
        if row.query_seconds is not None and (row.status == "ok" or row.extrapolated_seconds is not None):
            by_setting[setting_of(row)].append(row)
    labels = _labels(by_setting)
    return [
        Curve(setting, labels[setting], tuple(sorted(runs, key=lambda row: row.workload.n)))
        for setting, runs in by_setting.items()
    ]


def _labels(settings: Iterable[Setting]) -> dict[Setting, str]:
    """Name each setting by its strategy and those of its values in which others of the same points differ."""
    values = {setting: _values(setting) for setting in settings}
    labels = {}
    for setting, own in values.items():
        others = [
            v for s, v in values.items() if (s.strategy, s.family) == (setting.strategy, setting.family)
        ]
        varying = [
            f"{name}={value}" for name, value in own.items() if any(o.get(name) != value for o in others)
        ]
        labels[setting] = " ".join([setting.strategy, *varying])
    return labels


def _values(setting: Setting) -> dict[str, str]:
    own = {name: write_setting(value) for name, value in json.loads(setting.params).items()}
    rest = {
        "threads": str(setting.threads),
        "master": setting.master,
        "blas_kernel": setting.blas_kernel,
        "wrap": setting.wrap,
        "start": setting.start,
        "machine": setting.machine,
    }
    return own | {name: value for name, value in rest.items() if value is not None}
