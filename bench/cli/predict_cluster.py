"""``predict --executors``: what a cluster would take, term by term."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace

from rich.table import Table
from rich.text import Text

from bench.analysis.cluster import Cluster, OnCluster, on_cluster, spark_curves
from bench.analysis.curves import Curve
from bench.analysis.prediction import Interval
from bench.cli import selection, terminal
from bench.units import UNKNOWN, format_bytes, format_interval, format_seconds


def cluster(arguments: Namespace) -> Cluster | None:
    """What the options describe, None where they describe none; ValueError where some miss their master."""
    if arguments.executors is None:
        for option in ("cores", "executor_memory", "price", "bandwidth"):
            if getattr(arguments, option) is not None:
                raise ValueError(f"--{option.replace('_', '-')} is of a cluster: --executors says how many")
        return None
    if arguments.price is not None and arguments.price < 0:
        raise ValueError(f"--price is {arguments.price}, allowed is 0 or more")
    found = Cluster(arguments.executors, arguments.cores or 1, arguments.executor_memory, arguments.price)
    return found if arguments.bandwidth is None else replace(found, bandwidth=arguments.bandwidth)


def predict(arguments: Namespace, curves: Sequence[Curve], sizes: Sequence[int], on: Cluster) -> None:
    """Print what each strategy on Spark would take; ValueError where none was measured."""
    found = spark_curves(curves)
    if not found:
        raise ValueError(
            "nothing measured of a strategy on Spark: "
            f"`{selection.missing_commands(arguments)} --master 'local[1,4]'`"
        )
    predicted = [(curve, on_cluster(curve, n, on)) for n in sizes for curve in found]
    if arguments.json:
        terminal.print_lines(json.dumps(_as_dict(curve, on, told)) for curve, told in predicted)
        return
    for curve, told in predicted:
        terminal.print_lines(_in_words(curve, on, told))
        terminal.print_rich(_terms(told))
        terminal.print_rich(_ways(told, on))
        terminal.print_lines([""])


def _in_words(curve: Curve, on: Cluster, told: OnCluster) -> Iterator[str]:
    masters = sorted({row.master or "" for row in curve.rows})
    sizes = ", ".join(f"{n:,}" for n in curve.sizes)
    yield f"{curve.label} on {curve.setting.family}, n = {told.n:,}"
    yield f"{on.executors:,} executors of {on.cores} cores, from runs at n = {sizes} on {', '.join(masters)}"
    hours = _interval(told.core_hours, lambda x: f"{x:,.2f} core-hours")
    cost = "" if told.money is None else f", costing {_interval(told.money, lambda x: f'{x:,.2f}')}"
    yield f"wall {_interval(told.wall_seconds, format_seconds)}, {hours}{cost}"


def _terms(told: OnCluster) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("term", "seconds", "known by"):
        table.add_column(column)
    for term in told.terms:
        table.add_row(term.name, _interval(term.seconds, format_seconds), term.told)
    return table


def _ways(found: OnCluster, on: Cluster) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("ship", "network", "memory a host", "disk a host"):
        table.add_column(column)
    if on.memory_bytes is not None:
        table.add_column("fits")
        table.add_column("no more from n", justify="right")
    for way in found.ways:
        told = way.network_bytes, way.memory_bytes, way.disk_bytes
        cells = [_interval(size, format_bytes) for size in told]
        if on.memory_bytes is not None:
            fails = UNKNOWN if way.fails_from_n is None else f"{float(f'{way.fails_from_n:.2g}'):,.0f}"
            cells += ["yes" if way.fits else "no", fails]
        table.add_row(Text(way.ship), *cells)
    return table


def _interval(found: Interval, write: Callable[[float], str]) -> str:
    return format_interval(found.median, found.low, found.high, write)


def _as_dict(curve: Curve, on: Cluster, told: OnCluster) -> dict[str, object]:
    return {
        "strategy": curve.setting.strategy,
        "params": json.loads(curve.setting.params),
        "points": asdict(curve.setting.family),
        "cluster": asdict(on),
        "measured_n": curve.sizes,
        "rows": [row.run_id for row in curve.rows],
        **asdict(told),
    }
