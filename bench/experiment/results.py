"""What came of the runs on one number of points."""

from dataclasses import dataclass

from bench.results import Measurement


@dataclass(frozen=True, slots=True)
class RunResult:
    """The rows of a plan, and what they say."""

    rows: tuple[tuple[str, Measurement], ...] = ()
    """The rows that there are of the plan, in its order, each with its label."""
    table: tuple[tuple[str, Measurement], ...] = ()
    """Those of them that people want to see."""
    sentences: tuple[str, ...] = ()
    """What follows from them, a line each."""
    interrupted: bool = False
    """Whether the user ended it."""
