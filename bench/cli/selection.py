"""From the options of the commands that decide to the rows they are about; says what is missing."""

import shlex
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench import catalog
from bench.analysis.curves import Curve, Family, curves, other_options
from bench.analysis.prediction import FEWEST_SIZES
from bench.cli import points
from bench.measure.environment import machine
from bench.report.commands import repeat_command
from bench.results import Measurement, Store
from bench.workloads import family

SIZES = (10_000, 30_000, 100_000)
"""Numbers of points to measure for a prediction."""
_ALL_POINTS = {"n": None, "sample": None}
"""In place of the options that say how many points."""


def rows_of(arguments: Namespace, missing: str | None = None) -> list[Measurement]:
    """Read the rows that count; ValueError with the command that makes some where there are none."""
    store = Store(Path(arguments.results))
    rows = store.latest() if store.path.is_file() else []
    if not rows:
        command = missing or missing_commands(arguments)
        raise ValueError(f"no measurements in {arguments.results!r}: `{command}`")
    return rows


def curves_of(arguments: Namespace, rows: Sequence[Measurement]) -> list[Curve]:
    """Find the curves of the points and strategies asked for, without points those of all.

    Those of other machines only where there are none of this one.
    """
    names = strategies(arguments)
    wanted = [
        curve
        for curve in curves(rows)
        if (not names or curve.setting.strategy in names) and is_about(arguments, curve.setting.family)
    ]
    return [curve for curve in wanted if curve.setting.machine == machine().key] or wanted


def predictable(arguments: Namespace, rows: Sequence[Measurement]) -> list[Curve]:
    """Find the curves asked for, each of two sizes or more.

    Raises ValueError with the commands that measure what is missing.
    """
    wanted = curves_of(arguments, rows)
    enough = [curve for curve in wanted if len(curve.sizes) >= FEWEST_SIZES]
    lacking = [name for name in strategies(arguments) if all(name != c.setting.strategy for c in enough)]
    if enough and not lacking:
        return enough
    short = next((curve for curve in wanted if not lacking or curve.setting.strategy in lacking), None)
    told = f"only n = {', '.join(f'{n:,}' for n in short.sizes)}" if short else "nothing"
    raise ValueError(
        f"{told} measured of {' and '.join(lacking) or _asked(arguments)}, a prediction needs "
        f"{FEWEST_SIZES} sizes or more: `{missing_commands(arguments, short)}`"
    )


def strategies(arguments: Namespace) -> list[str]:
    """The strategies asked for by name or file; ValueError where there is none of that name."""
    return [catalog.load(name).name for name in arguments.strategies]


def missing_commands(arguments: Namespace, short: Curve | None = None) -> str:
    """Write the commands that measure at growing n what is not measured yet."""
    sizes = [n for n in SIZES if short is None or n not in short.sizes]
    if short is not None:
        return "; ".join(command_at(short, n) for n in sizes)
    words = shlex.split(_options(arguments)) if names_points(arguments) else ["--workload", "million"]
    run = ["python", "-m", "bench", "run", *getattr(arguments, "strategies", ()), *words]
    return "; ".join(shlex.join([*run, "-n", str(n)]) for n in sizes)


def command_at(curve: Curve, n: int) -> str:
    """Write the command that runs a curve's setting on n points."""
    row = curve.rows[-1]
    words = shlex.split(row.points_options)
    for option in ("-n", "--sample"):
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
    at_n = replace(
        row,
        workload=replace(row.workload, n=n),
        points_options=shlex.join([*words, "-n", str(n)]) if words else "",
        time_limit_seconds=None,
        memory_limit_bytes=None,
        stop_after_rows=None,
    )
    return repeat_command(at_n).removesuffix(" --fresh")


def run_command(arguments: Namespace, names: Sequence[str]) -> str:
    """Write the command that runs strategies on the points asked for, those of ``make bench`` without any."""
    if names_points(arguments):
        words = shlex.split(points.as_options(arguments))
    else:
        words = ["--workload", "million", *([] if arguments.n is None else ["-n", str(arguments.n)])]
    return shlex.join(["python", "-m", "bench", "run", *names, *words])


def same_points_command(row: Measurement, names: Sequence[str]) -> str:
    """Write the command that runs other strategies on the points of a row."""
    words = shlex.split(row.points_options) or ["--workload", row.workload.name, "-n", str(row.workload.n)]
    return shlex.join(["python", "-m", "bench", "run", *names, *words])


def is_about(arguments: Namespace, found: Family) -> bool:
    """Whether a family is that of the options, or these name none; of a file, d is not known before."""
    if not names_points(arguments):
        return True
    workload = points.workload(Namespace(**{**vars(arguments), **_ALL_POINTS}))
    d = getattr(workload.source, "d", None)
    asked = (family(workload.name), workload.k, workload.metric, workload.seed)
    return (
        asked == (found.name, found.k, found.metric, found.seed)
        and d in (None, found.d)
        and other_options(_options(arguments)) == found.options
    )


def names_points(arguments: Namespace) -> bool:
    """Whether the options say which points are meant."""
    return arguments.workload is not None or arguments.data is not None


def _options(arguments: Namespace) -> str:
    """The options that choose the points, but for their number."""
    return points.as_options(Namespace(**{**vars(arguments), **_ALL_POINTS}))


def _asked(arguments: Namespace) -> str:
    names = ", ".join(arguments.strategies) or "any strategy"
    return f"{names} on {_options(arguments)}" if names_points(arguments) else names
