"""What identifies a workload in a row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkloadId:
    """Which points and which k a row speaks of."""

    name: str
    n: int
    d: int
    k: int
    metric: str
    seed: int | None
    content_hash: str
    """Of the staged float32 points, row by row."""
