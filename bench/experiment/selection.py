"""The rows that a decision is about, and the commands that measure what is missing."""

import shlex
from collections.abc import Sequence
from contextlib import suppress

from bench import catalog
from bench.analysis.curves import Curve, Family, curves
from bench.analysis.prediction import FEWEST_SIZES
from bench.experiment import points
from bench.experiment.requests import Places, RowsRequest
from bench.measure.environment import machine
from bench.report.commands import command_at, points_of, run_command
from bench.results import Measurement, Store
from bench.workloads import PointsRequest, family

SIZES = (10_000, 30_000, 100_000)
"""Numbers of points to measure for a prediction."""
_WITHOUT_ANY = PointsRequest(workload="million")
"""The points of ``make bench``, where none are named."""


def rows_of(request: RowsRequest, missing: str | None = None) -> list[Measurement]:
    """Read the rows that count; ValueError with the command that makes some where there are none."""
    store = Store(request.places.results)
    store.check()
    rows = store.latest() if store.path.is_file() else []
    if not rows:
        command = missing or missing_commands(request)
        raise ValueError(f"no measurements in {str(request.places.results)!r}: `{command}`")
    return rows


def curves_of(request: RowsRequest, rows: Sequence[Measurement]) -> list[Curve]:
    """Find the curves of the points and strategies asked for, without points those of all.

    Those of other machines only where there are none of this one.
    """
    names = strategies_of(request)
    matching = [
        curve
        for curve in curves(rows)
        if (not names or curve.setting.strategy in names) and is_about(request, curve.setting.family)
    ]
    return [curve for curve in matching if curve.setting.machine == machine().key] or matching


def predictable(request: RowsRequest, rows: Sequence[Measurement]) -> list[Curve]:
    """Find the curves asked for, each of two sizes or more.

    Raises ValueError with the commands that measure what is missing.
    """
    matching = curves_of(request, rows)
    enough = [curve for curve in matching if len(curve.sizes) >= FEWEST_SIZES]
    lacking = [name for name in strategies_of(request) if all(name != c.setting.strategy for c in enough)]
    if enough and not lacking:
        return enough
    short = next((curve for curve in matching if not lacking or curve.setting.strategy in lacking), None)
    measured = f"only n = {', '.join(f'{n:,}' for n in short.sizes)}" if short else "nothing"
    raise ValueError(
        f"{measured} measured of {' and '.join(lacking) or _describe(request)}, a prediction needs "
        f"{FEWEST_SIZES} sizes or more: `{missing_commands(request, short)}`"
    )


def strategies_of(request: RowsRequest) -> list[str]:
    """The strategies asked for by name or file; ValueError where there is none of that name."""
    return [catalog.load(name).name for name in request.strategies]


def is_about(request: RowsRequest, kind: Family) -> bool:
    """Whether a family is that of the points, or these are not named; of a file, d is not known before."""
    if not request.points:
        return True
    asked = request.points.with_n(None)
    workload = points.workload(asked, request.places.cache)
    d = getattr(workload.source, "d", None)
    named = (family(workload.name), workload.k, workload.metric, workload.seed)
    return (
        named == (kind.name, kind.k, kind.metric, kind.seed)
        and d in (None, kind.d)
        and asked.variant == kind.options
    )


def missing_commands(request: RowsRequest, short: Curve | None = None) -> str:
    """Write the commands that measure at growing n what is not measured yet."""
    places = request.places
    into = [] if places.results == Places().results else ["--results", str(places.results)]
    asked = points_of(short.rows[-1]) if short is not None else request.points or _WITHOUT_ANY
    sizes = _sizes(_rows_there(asked, places.cache), () if short is None else short.sizes)
    if short is not None:
        commands = [command_at(short.rows[-1], n) for n in sizes]
    else:
        commands = [run_command(request.strategies, asked.with_n(n)) for n in sizes]
    return "; ".join(shlex.join([*shlex.split(command), *into]) for command in commands)


def _sizes(there: int | None, measured: Sequence[int]) -> list[int]:
    """Numbers of points to measure: those that there are, fewer where a file has fewer."""
    chosen = [n for n in SIZES if there is None or n <= there]
    if there is not None and len({*chosen, *measured}) < FEWEST_SIZES + 1:
        chosen = [there // 10, there // 3, there]
    return [n for n in chosen if n not in measured]


def _rows_there(asked: PointsRequest, cache: str | None) -> int | None:
    """How many rows a file has; None where that is not plain, or the points are no file's."""
    if asked.data is None or asked.read_by_spark:
        return None
    with suppress(ValueError, OSError):
        return points.workload(asked.with_n(None), cache).source.open().n
    return None


def measuring_command(request: RowsRequest, strategies: Sequence[str]) -> str:
    """Write the command that runs strategies on the points asked for, those of ``make bench`` without any."""
    return run_command(strategies, request.points or _WITHOUT_ANY.with_n(request.points.n))


def _describe(request: RowsRequest) -> str:
    names = ", ".join(request.strategies) or "any strategy"
    return f"{names} on {request.points.with_n(None)}" if request.points else names
