"""A row in words: on which points it ran, how it ended, and what makes it doubtful."""

from collections.abc import Sequence

from bench.results import Measurement
from bench.units import UNKNOWN, format_seconds
from bench.workloads.identity import WorkloadId

_STATUS_WORDS = {
    "ok": "ok",
    "partial": "partial",
    "timeout": "timeout",
    "out_of_memory": "out of memory",
    "crashed": "crashed",
    "wrong": "wrong answers",
    "unavailable": "unavailable",
    "skipped": "skipped",
    "interrupted": "interrupted",
}

WEAK_KERNEL = "BLAS kernel below the CPU's capability"
_MARKS = {"--fix-blas": WEAK_KERNEL, "others used": "disturbed", "cores in fit": "idle cores"}
"""A word for each kind of warning, by what only its text holds."""


def describe_status(status: str) -> str:
    """Write a status as words; one of another version of the schema stays as it is."""
    return _STATUS_WORDS.get(status, status)


def misunderstood_in_words(reasons: Sequence[str]) -> str:
    """Say how many lines are left out because they are not understood, and why the first is."""
    if not reasons:
        return ""
    lines = "1 line is" if len(reasons) == 1 else f"{len(reasons):,} lines are"
    return f"{lines} not understood and left out: {'; '.join(reasons[:3])}."


def describe_workload(workload: WorkloadId) -> str:
    """Say which points and which k: ``1,000,000 points in 12 dimensions, k = 10, euclidean``."""
    asking = f"{count_queries(workload)} to " if workload.n_queries is not None else ""
    return f"{asking}{workload.n:,} points in {workload.d:,} dimensions, k = {workload.k}, {workload.metric}"


def count_queries(workload: WorkloadId) -> str:
    """Say how many rows are answered, where they are not the points: ``1,000 queries``."""
    number = workload.n_rows
    return f"{number:,} {'query' if number == 1 else 'queries'}"


def describe_ending(row: Measurement) -> str:
    """Say in a few words how a run ended and when."""
    word = describe_status(row.status)
    if row.status == "ok":
        return format_seconds(row.total_seconds)
    if row.total_seconds is None:
        return word
    if row.extrapolated_seconds is not None:
        share = 100 * row.rows_answered / row.workload.n_rows
        whole = format_seconds(row.extrapolated_seconds)
        return f"{word}, {share:.0f} % in {format_seconds(row.total_seconds)}; {whole} extrapolated"
    return f"{word} after {format_seconds(row.total_seconds)}"


def doubts(row: Measurement) -> list[str]:
    """List what makes a row's figures doubtful, its own warnings first."""
    texts = list(row.warnings)
    if row.extrapolated_seconds is not None:
        share = 100 * row.rows_answered / row.workload.n_rows
        asking = "points" if row.workload.n_queries is None else "queries"
        texts.append(
            f"Its total of {format_seconds(row.extrapolated_seconds)} is extrapolated from {share:.1f} % of"
            f" the {asking}; its recall is that of those {asking} only."
        )
    return texts


def mark_of(warning: str) -> str:
    """Name a warning in a few words; one of an unknown kind is a "warning"."""
    return next((mark for text, mark in _MARKS.items() if text in warning), "warning")


def describe_cores(row: Measurement) -> str:
    """Say how many cores a run kept busy, and of how many where it left a good part idle."""
    if row.cores_used is None:
        return UNKNOWN
    idle = row.multi_threaded and row.cores_used < 0.8 * row.threads
    return f"{row.cores_used:.1f} of {row.threads}" if idle else f"{row.cores_used:.1f}"
