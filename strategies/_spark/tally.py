"""What the records of a query's tasks say together: where the time went, how evenly, on which hosts."""

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from strategies import _neighbors

if TYPE_CHECKING:
    from strategies._spark.task import Record


@dataclass(slots=True)
class Tally:
    """Adds up the records of a query, without their answers."""

    n_samples: int
    n_parts: int
    cores_per_task: int
    _load: list[float] = field(default_factory=list)
    _compute: list[float] = field(default_factory=list)
    _write: list[float] = field(default_factory=list)
    _longest: tuple[float, int] = (0.0, -1)
    _retries: int = 0
    _workers: set[tuple[str, int]] = field(default_factory=set)
    _executors: set[str] = field(default_factory=set)
    _held: dict[str, int] = field(default_factory=dict)

    def add(self, record: "Record") -> None:
        """Take one record in."""
        self._load.append(record.load_seconds)
        self._compute.append(record.compute_seconds)
        self._write.append(record.write_seconds)
        self._longest = max(self._longest, (record.compute_seconds, record.part))
        self._retries += record.attempt
        self._workers.add((record.host, record.worker))
        self._executors.add(record.executor)
        for role, size in record.held_bytes.items():
            name = f"{record.host}_{role}_bytes"
            self._held[name] = max(self._held.get(name, 0), size)

    def details(self, slots: int, query_seconds: float) -> dict[str, float | str]:
        """Figures by name; a slot is what one task at a time has.

        ``load_seconds``, ``compute_seconds``, ``write_seconds`` and ``idle_seconds`` add up to the query's
        wall time, as the mean slot spent it; ``…_sum`` is over all tasks.
        """
        load, compute, write = (sum(seconds) for seconds in (self._load, self._compute, self._write))
        rows = _neighbors.row_range(self.n_samples, self.n_parts, max(self._longest[1], 0))
        cores = slots * self.cores_per_task
        return {
            "n_partitions": float(self.n_parts),
            "load_seconds": load / slots,
            "compute_seconds": compute / slots,
            "write_seconds": write / slots,
            "idle_seconds": query_seconds - (load + compute + write) / slots,
            "load_seconds_sum": load,
            "load_seconds_longest": max(self._load, default=0.0),
            "compute_seconds_sum": compute,
            "compute_seconds_median": median(self._compute or [0.0]),
            "compute_seconds_longest": self._longest[0],
            "longest_task": f"rows {rows.start} to {rows.stop - 1}",
            "core_seconds": cores * query_seconds,
            "cores": float(cores),
            "executors": float(len(self._executors)),
            "hosts": float(len({host for host, _ in self._workers})),
            "python_workers": float(len(self._workers)),
            "retries": float(self._retries),
            **{name: float(size) for name, size in self._held.items()},
        }
