"""Which series of two results directories belong together."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from bench.analysis.summary import settings
from bench.results import Measurement


@dataclass(frozen=True, slots=True)
class Series:
    """The repeats of one strategy with the same settings on the same points."""

    settings: dict[str, Any]
    """As rows have them; of a seed that counts the repeats, the first."""
    runs: tuple[Measurement, ...]
    """At least one; none that was interrupted."""

    @property
    def newest(self) -> Measurement:
        """The run made last."""
        return max(self.runs, key=lambda row: row.started_at)


SeriesPair: TypeAlias = tuple[Series | None, Series | None]


def series_of(rows: Iterable[Measurement]) -> list[Series]:
    """Gather the rows of one directory.

    Of several series with identical settings (before and after an edit, on two machines), the one measured
    last counts.
    """
    by_series: dict[str, list[Measurement]] = defaultdict(list)
    for row in rows:
        if row.status != "interrupted":
            by_series[row.series_id or row.run_id].append(row)
    series = [Series(_settings(runs), tuple(runs)) for runs in by_series.values()]
    oldest_first = sorted(series, key=lambda one: one.newest.started_at)
    return list({_exactly(one): one for one in oldest_first}.values())


def _settings(runs: Sequence[Measurement]) -> dict[str, Any]:
    first = settings(runs[0])
    if len({row.params.get("seed") for row in runs}) > 1:
        first["seed"] = runs[0].params["seed"] - (runs[0].repeat - 1)
    return first


def paired(a: list[Series], b: list[Series]) -> list[SeriesPair]:
    """SeriesPair series that have strategy, parameters, threads, master and points in common.

    Otherwise pair by strategy, parameters and description of the points alone, if each directory has just one
    such series, as on two machines with different cores. The rest stays unpaired.
    """
    pairs: list[tuple[Series, Series]] = []
    for key in (_exactly, _nearly):
        of_a, of_b = _grouped(key, a), _grouped(key, b)
        alone = [(x[0], of_b[k][0]) for k, x in of_a.items() if len(x) == 1 and len(of_b.get(k, [])) == 1]
        pairs += [(x, y) for x, y in alone if not any(x is p or y is q for p, q in pairs)]
    of_both = [[pair[side] for pair in pairs] for side in (0, 1)]
    return [
        *pairs,
        *((one, None) for one in a if one not in of_both[0]),
        *((None, one) for one in b if one not in of_both[1]),
    ]


def _grouped(key: Callable[[Series], str], series: Iterable[Series]) -> dict[str, list[Series]]:
    groups: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        groups[key(one)].append(one)
    return groups


def _exactly(one: Series) -> str:
    return _key(one, one.settings, asdict(one.newest.workload) | {"name": None, "seed": None})


def _nearly(one: Series) -> str:
    params = {name: one.settings[name] for name in one.newest.params if name not in ("threads", "master")}
    return _key(one, params, asdict(one.newest.workload) | {"content_hash": None})


def _key(one: Series, values: Mapping[str, Any], workload: Mapping[str, Any]) -> str:
    return json.dumps([one.newest.strategy, values, workload], sort_keys=True)
