"""The order of one run: what the harness asks of the supervisor and the worker."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

COMPILED = "compiled"
"""Folder in the scratch directory for code that libraries compile and keep."""
LIMITED = ("start", "fit", "query")
"""The phases that the time limit counts."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the supervisor and the worker need to know of one run; a JSON file in its scratch directory."""

    strategy: str
    """Name, or path of a Python file."""
    params: dict[str, Any]
    """All fields of the strategy, ``threads`` and ``master`` included."""
    points: str
    """Path of the staged ``.npy``."""
    k: int
    scratch: str
    """Directory of the run's answers and temporary files; deleted after it."""
    log: str
    """File for the worker's standard output and error."""
    samples: str
    """CSV file for memory over time."""
    environment: dict[str, str] = field(default_factory=dict)
    """All environment variables of the worker: it inherits none."""
    wrap: tuple[str, ...] = ()
    """Command prefix for the worker, such as perf or numactl."""
    time_limit_seconds: float | None = None
    memory_limit_bytes: int | None = None
    stop_after_rows: int | None = None
    start_alone: bool = False
    """Whether the run ends after a start that compiled code, to be done again with that code."""
    warm_up_bytes: int = 0
    """Memory touched and freed just before the worker starts."""

    def save(self) -> Path:
        """Write the job into its scratch directory."""
        path = Path(self.scratch) / "job.json"
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> "Job":
        """Read a job back."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(**values | {"wrap": tuple(values["wrap"])})
