"""One row: what a run leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from bench.results.types import odd_field
from bench.workloads.identity import WorkloadId

SCHEMA = 2
"""Version of a row. History: 1, the first; 2, what was predicted."""

AUTO_REPEATS = "auto"
"""What ``repeats_asked`` holds if the rows themselves decided how many repeats there are."""
TIME_LIMIT = "4h"
"""What ends a run for which no other limit was asked for."""
NOT_SAVED = "the neighbors were not saved"
"""How the warning begins that says why."""

Status = Literal[
    "ok", "partial", "timeout", "out_of_memory", "crashed", "wrong", "unavailable", "skipped", "interrupted"
]


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
    """One run: one strategy with one set of parameters on one workload, in its own process.

    What is not known is None, never zero.
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
    """How many were requested, or ``auto``; decides how strictly a comparison must be read."""
    series_id: str = ""
    """What repeats share: the identity without the repeat and a seed that only counts repeats."""
    threads: int
    """The budget given; a strategy without a ``threads`` or ``master`` field uses one."""
    machine_cores: int | None = None
    """Cores that the run might run on."""
    quota_cores: float | None = None
    """Cores that a control group allowed at once; None without a quota."""
    allowed_memory_bytes: int | None = None
    """The smaller of the machine's memory and what a control group allowed."""
    multi_threaded: bool
    """Whether the strategy takes the budget."""
    master: str | None
    """The Spark master, for strategies that have one."""
    blas_kernel: str | None = None
    """The BLAS kernel that ``--fix-blas`` forced."""
    wrap: str | None = None
    """The user's command prefix for the worker, such as perf or numactl."""
    first_start: bool = False
    """Whether ``--first-start`` had the run start without compiled code, which then is in its total."""
    status: Status
    reason: str = ""
    """One line: why the status is not ``ok``."""

    start_seconds: float | None = None
    """With the compiled code that an earlier start left, where the strategy's library keeps any."""
    first_start_seconds: float | None = None
    """Of the start that compiled it, once for a version of code, libraries and processor; outside the total
    unless ``first_start``. None where nothing is compiled and kept."""
    load_seconds: float | None = None
    """Reading the staged points once; outside the total."""
    fit_seconds: float | None = None
    query_seconds: float | None = None
    """From the call of ``kneighbors`` to the end of its iterator, the storing of blocks included."""
    total_seconds: float | None = None
    """start + fit + query, as far as the run came."""
    extrapolated_seconds: float | None = None
    """Estimated total for all rows, if only some were answered."""
    store_seconds: float | None = None
    """The part of ``query_seconds`` in which blocks were copied."""
    rows_answered: int = 0
    cpu_seconds: float | None = None
    """User and system time of the whole process tree, from its first to its last process."""
    cores_used: float | None = None
    """CPU seconds of fit and query over their wall seconds."""

    peak_memory_bytes: int | None = None
    peak_anonymous_bytes: int | None = None
    """Non-reclaimable memory: anonymous, shared memory, swap."""
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
    """Where the run had to stop, if not at the last row."""

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

    predicted: dict[str, float] = field(default_factory=dict)
    """What runs on other numbers of points predicted for this one before it was run: ``total_seconds``,
    ``peak_memory_bytes`` and ``peak_anonymous_bytes``, each with ``_low`` and ``_high`` of a 90 % interval;
    empty where there were too few."""

    details: dict[str, float | str] = field(default_factory=dict)
    thread_pools: list[dict[str, Any]] = field(default_factory=list)
    """Thread pools found in the worker: library, version, kernel, threads."""
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of the libraries that the worker had imported, by distribution."""
    most_threads: int | None = None
    """Most operating-system threads in the process tree at a time."""
    warnings: list[str] = field(default_factory=list)
    """Reasons to doubt the figures of this row, one line each."""
    disturbed: float | None = None
    """CPU that other processes used during the run, in cores."""
    first_touch_seconds_per_gib: float | None = None
    """First-touch (page-fault) cost of memory, measured just before the run."""
    warm_up_bytes: int = 0
    """Memory touched and freed just before the worker started, so that all start from the same state."""
    code_hash: str = ""
    environment: str = ""
    """Key into ``environments.jsonl``."""
    machine: str = ""
    """Rows of different machines are never compared."""
    started_at: str = ""
    """UTC, ISO 8601."""

    @property
    def full_seconds(self) -> float | None:
        """Total for all rows: an estimate if only some were answered."""
        return self.extrapolated_seconds or self.total_seconds

    @property
    def full_query_seconds(self) -> float:
        """Query time for all rows: an estimate if only some were answered, 0 if unknown."""
        if self.extrapolated_seconds is None:
            return self.query_seconds or 0.0
        return self.extrapolated_seconds - (self.start_seconds or 0.0) - (self.fit_seconds or 0.0)

    def is_done(
        self,
        time_limit_seconds: float | None,
        memory_limit_bytes: int | None,
        stop_after_rows: int | None,
    ) -> bool:
        """Whether this row makes it unnecessary to run the same again under these limits."""
        if self.status in ("ok", "wrong"):
            return True
        return self.status in ("partial", "timeout", "out_of_memory") and all(
            stored is None or (limit is not None and stored >= limit)
            for stored, limit in (
                (self.time_limit_seconds, time_limit_seconds),
                (self.memory_limit_bytes, memory_limit_bytes),
                (self.stop_after_rows, stop_after_rows),
            )
        )

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Measurement":
        """Read a row of the file; fields of other schema versions are left out.

        Raises ValueError where the row lacks what every version has, or a field is not what it should be.
        """
        try:
            values = _known(cls, row)
            values["workload"] = WorkloadId(**_known(WorkloadId, row["workload"]))
            phases = row.get("phases", {}).items()
            values["phases"] = {name: Phase(**_known(Phase, phase)) for name, phase in phases}
            read = cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a row of allknn-bench: {error}") from error
        if odd := odd_field(read):
            raise ValueError(f"not a row of allknn-bench: {odd}")
        return read


def _known(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: value for name, value in values.items() if name in names}
