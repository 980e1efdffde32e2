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
    """Of the staged float32 points, row by row; with queries, of both."""
    n_queries: int | None = None
    """Rows of ``--queries``, whose neighbors among the points are asked for; None: those of all points."""

    @property
    def n_rows(self) -> int:
        """How many rows an answer has: the queries, without them the points."""
        return self.n if self.n_queries is None else self.n_queries
