"""What a command asks for, made once from its options: frozen, typed, in plain units."""

from dataclasses import dataclass, field
from pathlib import Path

from bench.measure.schedule import Limits
from bench.results import AUTO_REPEATS
from bench.workloads import PointsRequest


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows and staged points lie."""

    results: Path = Path("results")
    cache: str | None = None
    """None: the platform's cache directory."""


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """Which file or folder the neighbors of a run are saved to, and how."""

    target: str | None = None
    """None: they are not saved."""
    with_self: bool = False
    """Whether each point is included as its own first neighbor."""
    graph: bool = False
    """Whether they are saved as a sparse matrix of distances."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Which strategies to run, on which points, how, and within which limits."""

    points: PointsRequest
    strategies: tuple[str, ...] = ()
    """Names, or paths of Python files; all where it is empty."""
    sizes: tuple[int | None, ...] = (None,)
    """Numbers of points, one after the other; None: as many as the points are."""
    settings: tuple[str, ...] = ()
    """Values to sweep, each as ``STRATEGY.PARAM=V1,V2``."""
    ladder: bool = False
    """Whether every rung of the strategies' ladders is run."""
    recalls: tuple[float, ...] = ()
    """For each, the cheapest rung that reaches it is run."""
    repeats: int | None = 1
    """None: until the strategies are distinguishable."""
    budget_seconds: float | None = None
    """For all runs together."""
    threads: tuple[int, ...] = ()
    """All cores where it is empty."""
    fix_blas: bool = False
    wrap: str | None = None
    """Command prefix for the worker."""
    first_start: bool = False
    """Whether runs start without the compiled code that an earlier start left."""
    quiet_runs: bool = False
    """Whether a run is repeated if other processes used the CPU."""
    limits: Limits = field(default_factory=Limits)
    """Without a memory limit, most of the memory there is."""
    truth_rows: int | None = 2000
    """Rows to judge; None: all."""
    save: SaveRequest = field(default_factory=SaveRequest)
    fresh: bool = False
    """Whether existing runs are measured again."""
    anyway: bool = False
    """Whether runs that are predicted to exceed their limits are started too."""
    dry_run: bool = False
    """Whether only the plan is wanted."""
    places: Places = field(default_factory=Places)

    @property
    def repeats_asked(self) -> str:
        """The repeats as a row has them."""
        return AUTO_REPEATS if self.repeats is None else str(self.repeats)

    @property
    def climbs(self) -> bool:
        """Whether the strategies' ladders give the parameters."""
        return self.ladder or bool(self.recalls)


@dataclass(frozen=True, slots=True)
class RowsRequest:
    """Which of the rows there are a decision is about."""

    points: PointsRequest
    """Those of all points where it names none."""
    strategies: tuple[str, ...] = ()
    """Names, or paths of Python files; all where it is empty."""
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """What is to be advised on, under which limits, and what may be measured for it."""

    rows: RowsRequest
    recall: float = 0.95
    memory_bytes: int | None = None
    """None: most of the memory there is."""
    seconds: float | None = None
    budget_seconds: float = 600.0
    """For runs on samples of a file, where nothing was measured of it."""
