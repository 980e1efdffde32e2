"""``predict --executors``: what a cluster would take, term by term."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace

from rich.table import Table
from rich.text import Text

from bench import catalog
from bench.analysis.cluster import Cluster, OnCluster, Planner, on_cluster, spark_curves
from bench.analysis.curves import Curve
from bench.analysis.prediction import Interval
from bench.cli import terminal
from bench.experiment import selection
from bench.experiment.requests import RowsRequest
from bench.units import UNKNOWN, format_bytes, format_interval, format_seconds


def cluster_of(
    executors: int | None,
    *,
    cores: int | None,
    executor_memory: int | None,
    price: float | None,
    bandwidth: int | None,
) -> Cluster | None:
    """Describe the cluster, None where none is asked for; ValueError where options miss ``--executors``."""
    if executors is None:
        options = {"cores": cores, "executor-memory": executor_memory, "price": price, "bandwidth": bandwidth}
        for option, value in options.items():
            if value is not None:
                raise ValueError(f"--{option} is of a cluster: --executors says how many executors it has")
        return None
    if price is not None and price < 0:
        raise ValueError(f"--price is {price}, allowed is 0 or more")
    cluster = Cluster(executors, cores or 1, executor_memory, price)
    return cluster if bandwidth is None else replace(cluster, bandwidth=bandwidth)


def show(
    request: RowsRequest, curves: Sequence[Curve], sizes: Sequence[int], on: Cluster, *, as_json: bool
) -> None:
    """Print what each strategy on Spark would take; ValueError where none was measured."""
    measured = spark_curves(curves)
    if not measured:
        raise ValueError(
            "nothing measured of a strategy on Spark: "
            f"`{selection.missing_commands(request)} --master 'local[1,4]'`"
        )
    predicted = [(curve, on_cluster(curve, n, on, _planner(curve))) for n in sizes for curve in measured]
    if as_json:
        terminal.print_lines(json.dumps(_as_dict(curve, on, prediction)) for curve, prediction in predicted)
        return
    for curve, prediction in predicted:
        terminal.print_lines(_in_words(curve, on, prediction))
        terminal.print_rich(_terms(prediction))
        terminal.print_rich(_shipments(prediction, on))
        terminal.print_lines([""])


def _planner(curve: Curve) -> Planner:
    """Return how the strategy itself plans its query."""
    setting, kind = curve.setting, curve.setting.family
    return catalog.planner(setting.strategy, json.loads(setting.params), kind.d, kind.k)


def _in_words(curve: Curve, on: Cluster, prediction: OnCluster) -> Iterator[str]:
    masters = sorted({row.master or "" for row in curve.rows})
    sizes = ", ".join(f"{n:,}" for n in curve.sizes)
    yield f"{curve.label} on {curve.setting.family}, n = {prediction.n:,}"
    yield f"{on.executors:,} executors of {on.cores} cores, from runs at n = {sizes} on {', '.join(masters)}"
    hours = _interval(prediction.core_hours, lambda x: f"{x:,.2f} core-hours")
    cost = (
        "" if prediction.money is None else f", costing {_interval(prediction.money, lambda x: f'{x:,.2f}')}"
    )
    yield f"wall {_interval(prediction.wall_seconds, format_seconds)}, {hours}{cost}"
    if prediction.phases:
        phases = prediction.phases.items()
        yield ", ".join(f"{name}: {jobs:,} jobs, {tasks:,} tasks" for name, (jobs, tasks) in phases)
    if prediction.driver_cpu_seconds is not None:
        yield f"driver {_interval(prediction.driver_cpu_seconds, lambda x: f'{x:,.1f} CPU seconds')}"
    top = prediction.ceiling
    yield (
        f"more than {top.slots:,} cores bring little: {format_seconds(top.wall_seconds)} there, "
        f"most of what they do not share is: {top.set_by}"
    )


def _terms(prediction: OnCluster) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("term", "seconds", "known by"):
        table.add_column(column)
    for term in prediction.terms:
        table.add_row(term.name, _interval(term.seconds, format_seconds), term.told)
    return table


def _shipments(prediction: OnCluster, on: Cluster) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("ship", "network", "memory a host", "disk a host"):
        table.add_column(column)
    if on.memory_bytes is not None:
        table.add_column("fits")
        table.add_column("no more from n", justify="right")
    for shipment in prediction.ways:
        sizes = shipment.network_bytes, shipment.memory_bytes, shipment.disk_bytes
        cells = [_interval(size, format_bytes) for size in sizes]
        if on.memory_bytes is not None:
            fails = (
                UNKNOWN if shipment.fails_from_n is None else f"{float(f'{shipment.fails_from_n:.2g}'):,.0f}"
            )
            cells += ["yes" if shipment.fits else "no", fails]
        table.add_row(Text(shipment.ship), *cells)
    return table


def _interval(interval: Interval, write: Callable[[float], str]) -> str:
    return format_interval(interval.median, interval.low, interval.high, write)


def _as_dict(curve: Curve, on: Cluster, prediction: OnCluster) -> dict[str, object]:
    return {
        "strategy": curve.setting.strategy,
        "params": json.loads(curve.setting.params),
        "points": asdict(curve.setting.family),
        "cluster": asdict(on),
        "measured_n": curve.sizes,
        "rows": [row.run_id for row in curve.rows],
        **asdict(prediction),
    }
