"""What worker, supervisor and harness tell each other during a run: dataclasses, sent as lines of JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeAlias

_KIND = "$message"
"""The key that names a dataclass in JSON."""


# From the worker to the supervisor.


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase is about to begin; the worker waits for the answer."""

    phase: str


@dataclass(frozen=True, slots=True)
class PhaseEnded:
    """A phase has ended; the worker waits for the answer."""

    phase: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RowsAnswered:
    """How far the query is."""

    rows: int
    done: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class ThreadPool:
    """One thread pool of the worker, as threadpoolctl describes it."""

    library: str
    version: str | None
    kernel: str | None
    """OpenBLAS's name of the kernel it runs; None for libraries without one."""
    threads: int
    file: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The worker went through all phases that it was to go through."""

    rows: int
    only_started: bool = False
    """It ended after its start, which compiled code that later starts find; see ``Job.start_alone``."""
    done: float = 0.0
    """Share of the query done, blocks in flight included."""
    store_seconds: float = 0.0
    details: dict[str, float | str] = field(default_factory=dict)
    thread_pools: tuple[ThreadPool, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    """Of the libraries that it had imported, by distribution."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The strategy raised an exception, or gave an answer that cannot be right."""

    kind: Literal["wrong", "memory", "exception"]
    reason: str


# From the supervisor to the harness.


@dataclass(frozen=True, slots=True)
class Stopped:
    """The supervisor ended the run: at the time limit, at the memory limit, or because the user asked."""

    cause: Literal["time", "memory", "cancelled"]
    phase: str = ""
    anonymous_bytes: int = 0
    """Non-reclaimable memory held at that moment; only for ``memory``."""


@dataclass(frozen=True, slots=True)
class Exited:
    """The worker's process ended without a word."""

    code: int | None = None
    """None where nobody saw it end."""
    kernel_killed: bool = False
    """Whether the kernel killed a process of this machine for lack of memory meanwhile."""


RunEnd: TypeAlias = Finished | Failed | Stopped | Exited


@dataclass(frozen=True, slots=True)
class Peaks:
    """The most that was held, each figure at its own moment."""

    total_bytes: int = 0
    anonymous_bytes: int = 0
    file_bytes: int = 0


JUDGING = "judging"
"""The phase after the run, in which it is judged."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Where a run is."""

    phase: str
    phase_seconds: float = 0.0
    rows: int = 0
    done: float = 0.0
    """Share of the query, 0 to 1."""
    memory_bytes: int | None = None
    """Non-reclaimable memory held now."""


ShowProgress: TypeAlias = Callable[[RunProgress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """All that the supervisor measured; the defaults say that it measured nothing."""

    end: RunEnd = Exited()
    rows: int = 0
    """Rows answered."""
    done: float = 0.0
    """Share of the query done, blocks in flight included, as far as the strategy tells."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Of each phase, by the worker's clock."""
    first_start_seconds: float | None = None
    """Of the start that compiled what this one found; added by the harness."""
    phases_cpu_seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float | None = None
    peak: Peaks | None = None
    phases_peak: dict[str, Peaks] = field(default_factory=dict)
    roles_peak: dict[str, int] = field(default_factory=dict)
    """Peak bytes of each role, see ``ProcessTree``."""
    baseline_bytes: int | None = None
    """Held before ``fit``."""
    peak_cgroup_bytes: int | None = None
    memory_method: str = ""
    most_threads: int | None = None
    first_touch_seconds_per_gib: float | None = None
    sampler_cpu_share: float | None = None
    disturbed: float | None = None
    """CPU that other processes used, in cores."""


Message: TypeAlias = (
    PhaseStarted | PhaseEnded | RowsAnswered | ThreadPool | RunEnd | Peaks | RunProgress | RunReport
)
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in Message.__args__}


def encode(message: Message) -> bytes:
    """Write one message as one line."""
    return json.dumps(message, default=_as_dict).encode() + b"\n"


def _as_dict(value: object) -> dict[str, Any]:
    if not is_dataclass(value):
        raise TypeError(f"cannot send a {type(value).__name__}")
    content = {f.name: getattr(value, f.name) for f in fields(value)}
    return {_KIND: type(value).__name__} | content


def _as_message(values: dict[str, Any]) -> Any:
    if (name := values.pop(_KIND, None)) is None:
        return values
    kind = _KINDS[name]
    return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


@dataclass(slots=True)
class MessageLines:
    """Puts a stream of bytes back together into messages."""

    _rest: bytes = b""

    def feed(self, data: bytes) -> list[Message]:
        """Take in what was read; return the messages that are complete now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line, object_hook=_as_message) for line in lines if line]
