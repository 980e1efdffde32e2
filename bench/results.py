"""What a run leaves: one Measurement, appended to a file that loses nothing, loaded as a DataFrame.

``measurements.jsonl`` is the source of truth; ``measurements.csv`` is remade from it for people to open;
``environments.jsonl`` holds the machines and versions that rows refer to, ``workloads.jsonl`` what is known
of their points.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bench.workloads.identity import WorkloadId

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = 1
"""Version of a row. History: 1, the first."""

AUTO_REPEATS = "auto"
"""What ``repeats_asked`` holds where the rows themselves decided how many there are."""

Status = Literal[
    "ok", "partial", "timeout", "out_of_memory", "crashed", "wrong", "unavailable", "skipped", "interrupted"
]

ROWS = "measurements.jsonl"
TABLE = "measurements.csv"
ENVIRONMENTS = "environments.jsonl"
WORKLOADS = "workloads.jsonl"
TORN = "measurements.torn"


@dataclass(frozen=True, slots=True)
class Phase:
    """One timed phase of a run: ``start``, ``load``, ``fit`` or ``query``."""

    seconds: float
    cpu_seconds: float
    """User and system time of the whole process tree."""
    peak_memory_bytes: int
    peak_anonymous_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One run: one strategy with one set of parameters on one workload, in a process of its own.

    What is not known stays None: never zero.
    """

    schema: int = SCHEMA
    run_id: str
    """The run's identity: a hash of everything that could change its figures."""
    strategy: str
    source: str = ""
    """What the strategy was named by on the command line: its name, or the path of a file."""
    exact: bool
    params: dict[str, Any]
    workload: WorkloadId
    points_options: str = ""
    """The options that choose these points, as a shell takes them."""
    repeat: int
    """1 for the first."""
    repeats_asked: str = "1"
    """How many were asked for, or ``auto``: which decides how strictly a comparison must be read."""
    series_id: str = ""
    """The identity without the repeat and a seed that only counts repeats: what repeats share."""
    threads: int
    """The budget given; a strategy without a ``threads`` or ``master`` field uses one."""
    multi_threaded: bool
    """Whether the strategy takes the budget."""
    master: str | None
    """The Spark master, for strategies that have one."""
    blas_kernel: str | None = None
    """The BLAS kernel asked for by ``--fix-blas``."""
    wrap: str | None = None
    """The user's instrument in front of the worker."""
    status: Status
    reason: str = ""
    """One line: why the status is not ``ok``."""

    start_seconds: float | None = None
    load_seconds: float | None = None
    """Reading the staged points once; outside the total."""
    fit_seconds: float | None = None
    query_seconds: float | None = None
    """From the call of ``kneighbors`` to the end of its iterator, the storing of blocks included."""
    total_seconds: float | None = None
    """start + fit + query, as far as the run came."""
    extrapolated_seconds: float | None = None
    """What the total would be for all rows, where only some were answered."""
    store_seconds: float | None = None
    """The part of ``query_seconds`` in which blocks were copied."""
    rows_answered: int = 0
    cpu_seconds: float | None = None
    """User and system time of the whole process tree, from its first to its last process."""
    cores_used: float | None = None
    """CPU seconds of fit and query over their wall seconds."""

    peak_memory_bytes: int | None = None
    peak_anonymous_bytes: int | None = None
    """Memory that cannot be given back: anonymous, shared memory, swap."""
    peak_file_bytes: int | None = None
    """Pages of mapped files, each counted once."""
    baseline_memory_bytes: int | None = None
    """Points loaded, before ``fit``."""
    peak_cgroup_bytes: int | None = None
    """The kernel's own count, page cache of files read included; None where no cgroup may be made."""
    memory_method: str = ""
    phases: dict[str, Phase] = field(default_factory=dict)
    peak_memory_by_role: dict[str, int] = field(default_factory=dict)
    """Peak bytes of each role: worker, spark_driver_jvm, executor_jvm, python_worker, child."""
    sampler_cpu_share: float | None = None
    """CPU seconds the watching process used, over wall seconds."""
    time_limit_seconds: float | None = None
    memory_limit_bytes: int | None = None
    stop_after_rows: int | None = None
    """Where the run was to stop, if not at the last row."""

    recall: float | None = None
    """Mean share of the sampled rows' k answers no farther than the true k-th distance."""
    recall_low: float | None = None
    recall_high: float | None = None
    """95 % interval over rows."""
    recall_by_id: float | None = None
    """The same by comparing ids: lower under ties, through no fault of the strategy."""
    recall_p01: float | None = None
    recall_p05: float | None = None
    """1st and 5th percentile of the rows' recall."""
    ties_share: float | None = None
    """Share of sampled rows with a tie at the k-th distance."""
    truth_rows: int | None = None

    details: dict[str, float | str] = field(default_factory=dict)
    thread_pools: list[dict[str, Any]] = field(default_factory=list)
    """Thread pools found in the worker: library, version, kernel, threads."""
    most_threads: int | None = None
    """Most operating-system threads seen in the process tree."""
    warnings: list[str] = field(default_factory=list)
    """What makes the figures of this row doubtful, one line each."""
    disturbed: float | None = None
    """CPU that others used during the run, in cores."""
    first_touch_seconds_per_gib: float | None = None
    """Cost of touching fresh memory, probed just before the run."""
    code_hash: str = ""
    environment: str = ""
    """Key into ``environments.jsonl``."""
    machine: str = ""
    """Rows of unlike machines are never compared."""
    started_at: str = ""
    """UTC, ISO 8601."""

    def is_done(
        self,
        time_limit_seconds: float | None,
        memory_limit_bytes: int | None,
        stop_after_rows: int | None,
    ) -> bool:
        """Whether the same run, asked for under these limits, need not be run again."""
        if self.status in ("ok", "wrong"):
            return True
        return self.status in ("partial", "timeout", "out_of_memory") and all(
            stored is None or (asked is not None and stored >= asked)
            for stored, asked in (
                (self.time_limit_seconds, time_limit_seconds),
                (self.memory_limit_bytes, memory_limit_bytes),
                (self.stop_after_rows, stop_after_rows),
            )
        )

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Measurement":
        """Read a row as it stands in the file; fields of other schema versions are left out.

        Raises ValueError where the row lacks what every version has.
        """
        try:
            values = _known(cls, row)
            values["workload"] = WorkloadId(**_known(WorkloadId, row["workload"]))
            phases = row.get("phases", {}).items()
            values["phases"] = {name: Phase(**_known(Phase, phase)) for name, phase in phases}
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a row of {ROWS} is none of this software's: {error}") from error


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


class Store:
    """A results directory: rows are appended under a lock and never rewritten."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def path(self) -> Path:
        """The file of rows."""
        return self.directory / ROWS

    def append(self, measurement: Measurement, environment: Mapping[str, Any] | None = None) -> None:
        """Add one row, flushed to the disk; all of it or, on an OSError, nothing."""
        if environment is not None:
            self._append_environment(measurement.environment, environment)
        _append_line(self.path, json.dumps(asdict(measurement), allow_nan=False), self.directory / TORN)

    def _append_environment(self, key: str, environment: Mapping[str, Any]) -> None:
        path = self.directory / ENVIRONMENTS
        if key not in self.environments():
            _append_line(path, json.dumps({"environment": key, **environment}), self.directory / TORN)

    def describe_workload(self, content_hash: str, description: Mapping[str, Any]) -> None:
        """Keep what is known of a workload's points, once."""
        if content_hash not in self.workloads():
            line = json.dumps({"content_hash": content_hash, **description}, allow_nan=False)
            _append_line(self.directory / WORKLOADS, line, self.directory / TORN)

    def workloads(self) -> dict[str, dict[str, Any]]:
        """Descriptions of points (see ``bench.judge.difficulty``), by content hash."""
        return {row["content_hash"]: row for row in _read_lines(self.directory / WORKLOADS)}

    def rows(self) -> list[Measurement]:
        """All rows in the order of writing; a torn last line is not among them."""
        return [Measurement.from_json(row) for row in _read_lines(self.path)]

    def latest(self) -> list[Measurement]:
        """The rows that count: of those with the same ``run_id`` the last, which was measured anew."""
        return list({row.run_id: row for row in self.rows()}.values())

    def torn_lines(self) -> int:
        """How many lines were set aside because a crash cut them."""
        path = self.directory / TORN
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def environments(self) -> dict[str, dict[str, Any]]:
        """The machines and versions that rows refer to, by key."""
        return {row["environment"]: row for row in _read_lines(self.directory / ENVIRONMENTS)}

    def write_table(self) -> None:
        """Remake the flat table that people open, in one step."""
        text = to_frame(self.rows()).to_csv(index=False)
        write_atomically(self.directory / TABLE, text.encode())


def to_frame(rows: Iterable[Measurement]) -> "pd.DataFrame":
    """One line a row; nested fields become ``workload_n``, ``phases_fit_seconds`` and so on, params JSON."""
    import pandas as pd  # noqa: PLC0415 (a run needs no DataFrame)

    return pd.DataFrame([_flat(asdict(row)) for row in rows])


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and name in ("params", "details"):
            flat[prefix + name] = json.dumps(value, sort_keys=True)
        elif isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}_")
        elif isinstance(value, list):
            flat[prefix + name] = json.dumps(value)
        else:
            flat[prefix + name] = value
    return flat


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _append_line(path: Path, text: str, torn: Path) -> None:
    line = text.encode() + b"\n"
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = _set_torn_line_aside(file.fileno(), torn)
        try:
            view = memoryview(line)
            while view:
                view = view[os.write(file.fileno(), view) :]
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), size)
            raise


def _set_torn_line_aside(handle: int, torn: Path) -> int:
    """Move what follows the last line end to another file; return the size that is left."""
    size = os.fstat(handle).st_size
    start = size
    while start and os.pread(handle, 1, start - 1) != b"\n":
        start -= 1
    if start < size:
        with torn.open("ab") as file:
            file.write(os.pread(handle, size - start, start) + b"\n")
        os.ftruncate(handle, start)
    return start


def _read_lines(path: Path) -> list[dict[str, Any]]:
    """Rows of a JSON-lines file, none where it is missing; what follows the last line end is ignored."""
    if not path.exists():
        return []
    content = path.read_bytes()
    complete = content[: content.rfind(b"\n") + 1]
    try:
        return [json.loads(line) for line in complete.splitlines() if line.strip()]
    except ValueError as error:
        raise ValueError(f"{path} holds a line that is no JSON: {error}") from error
