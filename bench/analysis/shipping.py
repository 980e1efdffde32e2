"""What each way to ship costs a cluster: network, memory and disk of a host, and how far it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from bench.analysis.curves import Curve
from bench.analysis.fitting import learn_bytes
from bench.analysis.prediction import DRAWS, Interval
from bench.analysis.regression import Floats
from bench.results import Measurement

Ship = Literal["broadcast", "file", "path"]
_SEED = 20160217
_JVM_BYTES = 2.0**29
"""Of an executor's JVM, where no row tells: assumed."""
_WORKER_BYTES = 150 * 2.0**20
"""Of a Python worker without points and index, where no row tells: assumed."""
_LARGEST = 1e12
"""Largest number of points tried when looking for the first that does not fit."""


@dataclass(frozen=True, slots=True)
class ShippingCost:
    """What one way to ship costs."""

    ship: Ship
    network_bytes: Interval
    """Into all executors and between them, and the answers back."""
    memory_bytes: Interval
    """Of an executor's host: JVM, Python workers and their index."""
    disk_bytes: Interval
    """Of an executor's host: what it fetched, and what its tasks have for others."""
    fits: bool | None
    """Whether the upper end is within the memory given; None where none was."""
    fails_from_n: int | None
    """From about this many points on the index does not fit; None without a memory or if it always fits."""


def shipping_costs(
    curve: Curve, n: int, executors: int, cores: int, memory_bytes: float | None
) -> tuple[ShippingCost, ...]:
    """Describe the ways that are possible: an index that cannot be pickled is not broadcast."""
    picklable = not any(str(row.details.get("picklable", "")).startswith("no") for row in curve.rows)
    has_index = any(shipped_bytes(row) for row in curve.rows)
    ships: tuple[Ship, ...] = ("broadcast", "file", "path") if picklable and has_index else ("file", "path")
    sizes = np.append(float(n), np.geomspace(max(n / 1e3, 1e3), _LARGEST, 200))
    index = draw_bytes(curve, shipped_bytes, sizes) if has_index else np.zeros((DRAWS, len(sizes)))
    moved = draw_bytes(curve, moved_bytes, sizes[:1])[:, 0] if any(map(moved_bytes, curve.rows)) else 0.0
    fixed = _fixed_bytes(curve.rows, cores)
    answers = 8.0 * n * curve.setting.family.k
    points = 4.0 * n * curve.setting.family.d
    described = []
    for ship in ships:
        copies = cores if ship == "broadcast" else 1
        memory = fixed + copies * index
        held = Interval.of(memory[:, 0])
        described.append(
            ShippingCost(
                ship=ship,
                network_bytes=Interval.of(
                    executors * (index[:, 0] + points) + _sent(moved, executors) + answers
                ),
                memory_bytes=held,
                disk_bytes=Interval.of((ship != "path") * (index[:, 0] + points) + moved / executors),
                fits=None if memory_bytes is None else held.high <= memory_bytes,
                fails_from_n=_first_above(sizes[1:], np.median(memory[:, 1:], axis=0), memory_bytes),
            )
        )
    return tuple(described)


def shipped_bytes(row: Measurement) -> float:
    """Size of the index as it was shipped."""
    return detail(row, "shipped_bytes")


def moved_bytes(row: Measurement) -> float:
    """What tasks had for other tasks."""
    return detail(row, "moved_bytes")


def _sent(moved: Floats | float, executors: int) -> Floats | float:
    """What of it goes to another host."""
    return moved * (executors - 1) / executors


def detail(row: Measurement, name: str) -> float:
    """A number that the strategy told of its run, 0 where it did not."""
    value = row.details.get(name, 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def draw_bytes(curve: Curve, value: Callable[[Measurement], float], sizes: Floats) -> Floats:
    """Draw (draws, m) numbers of bytes that rows tell."""
    posterior = learn_bytes(curve, value)
    logs, _ = posterior.draw(sizes / curve.sizes[-1], np.random.default_rng(_SEED), DRAWS)
    drawn: Floats = np.exp(logs)
    return drawn


def _fixed_bytes(rows: tuple[Measurement, ...], cores: int) -> float:
    """What a host holds without the index: by rows where they tell, else assumed."""
    workers = [size for row in rows if (size := _worker_bytes(row)) is not None]
    machines = [row.peak_memory_by_role["executor_jvm"] for row in rows if _has_executor(row)]
    return (median(machines) if machines else _JVM_BYTES) + cores * (
        median(workers) if workers else _WORKER_BYTES
    )


def _has_executor(row: Measurement) -> bool:
    return "executor_jvm" in row.peak_memory_by_role


def _worker_bytes(row: Measurement) -> float | None:
    """A Python worker's memory without its share of the index."""
    held, workers = row.peak_memory_by_role.get("python_worker"), detail(row, "python_workers")
    if held is None or not workers:
        return None
    copies = workers if row.params.get("ship") == "broadcast" else 1.0
    return max(held - copies * shipped_bytes(row), 0.0) / workers


def _first_above(sizes: Floats, memory: Floats, limit: float | None) -> int | None:
    if limit is None or memory[-1] <= limit:
        return None
    return int(sizes[np.argmax(memory > limit)])
