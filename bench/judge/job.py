"""What the harness asks of the judging process."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class JudgeJob:
    """One run to judge: the arguments of ``judge``, in a JSON file."""

    points: str
    """Path of the staged ``.npy``."""
    content_hash: str
    answers: str
    """Their directory."""
    k: int
    metric: str
    truth_rows: int | Literal["all"]
    cache: str
    """Directory of cached truths."""
    threads: int
    queries: str = ""
    """Path of the staged rows whose neighbors these are; empty: the points."""

    def save(self, path: Path) -> Path:
        """Write the job to a file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: Path) -> "JudgeJob":
        """Read a job back."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))
