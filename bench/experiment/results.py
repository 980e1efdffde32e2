"""What came of the runs on one number of points."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.results import NOT_SAVED, Measurement


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


def only_run_failed(results: Sequence[RunResult], *, saved: bool) -> bool:
    """Whether a single run was asked for and failed, or, where its answers were to be saved, has none.

    One that was skipped because it was predicted not to keep its limits did not fail.
    """
    rows = [row for result in results for _, row in result.rows]
    if len(rows) != 1:
        return False
    (row,) = rows
    done = ("ok", "partial") if saved else ("ok", "partial", "skipped")
    return row.status not in done or any(warning.startswith(NOT_SAVED) for warning in row.warnings)
