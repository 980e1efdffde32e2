"""What a report is made of: rows of one or several results directories, with environments and workloads."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench import catalog
from bench.results import Measurement, Store


@dataclass(frozen=True, slots=True)
class Records:
    """Everything read from results directories."""

    rows: list[Measurement]
    """Of those with the same ``run_id`` only the one measured last."""
    homes: dict[str, Path]
    """Each run's results directory, by ``run_id``: its log and its samples lie there."""
    environments: dict[str, dict[str, Any]]
    workloads: dict[str, dict[str, Any]]
    """What is known of the points, by content hash."""
    torn_lines: int
    """How many lines a crash had cut."""
    misunderstood: tuple[str, ...] = ()
    """Why lines are left out, one line each."""


def read(directories: Sequence[Path]) -> Records:
    """Read results directories together; one that is named twice counts once.

    What this software did not write, or does not understand, is left out and said.
    """
    stores = [Store(path) for path in {path.resolve(): path for path in directories}.values()]
    latest: dict[str, tuple[Measurement, Path]] = {}
    environments: dict[str, dict[str, Any]] = {}
    workloads: dict[str, dict[str, Any]] = {}
    for store in stores:
        for row in store.latest():
            if row.run_id not in latest or row.started_at >= latest[row.run_id][0].started_at:
                latest[row.run_id] = row, store.directory
        environments |= store.environments()
        workloads |= store.workloads()
    return Records(
        rows=_told_apart([row for row, _ in latest.values()]),
        homes={run_id: directory for run_id, (_, directory) in latest.items()},
        environments=environments,
        workloads=workloads,
        torn_lines=sum(store.torn_lines() for store in stores),
        misunderstood=tuple(reason for store in stores for reason in store.misunderstood()),
    )


def _told_apart(rows: list[Measurement]) -> list[Measurement]:
    """Name a user's files by as much of their path as keeps them apart."""
    paths = {row.run_id: Path(row.source) for row in rows if row.source.endswith(".py")}
    names = catalog.distinct_names(set(paths.values()))
    return [replace(row, strategy=names[paths[row.run_id]]) if row.run_id in paths else row for row in rows]
