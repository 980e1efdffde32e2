"""What rows say, in words: how a run ended, what a group is about, and the sentence that answers first."""

from collections import Counter

from bench.analysis.summary import Group, Outcome, fastest
from bench.report.units import UNKNOWN, format_bytes, format_recall, format_seconds
from bench.results import Measurement
from bench.workloads.identity import WorkloadId

GOOD_RECALL = 0.95
"""The recall that an approximate strategy must reach to be recommended."""

STATUS_WORDS = {
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


def describe_workload(workload: WorkloadId) -> str:
    """Say which points and which k: ``1,000,000 points in 12 dimensions, k = 10, euclidean``."""
    return f"{workload.n:,} points in {workload.d:,} dimensions, k = {workload.k}, {workload.metric}"


def describe_ending(row: Measurement) -> str:
    """Say in a few words how a run ended and when."""
    word = STATUS_WORDS.get(row.status, row.status)
    if row.status == "ok":
        return format_seconds(row.total_seconds)
    if row.total_seconds is None:
        return word
    if row.extrapolated_seconds is not None:
        share = row.rows_answered / row.workload.n
        whole = format_seconds(row.extrapolated_seconds)
        return f"{word}: {share:.0%} answered in {format_seconds(row.total_seconds)}; {whole} extrapolated"
    return f"{word} after {format_seconds(row.total_seconds)}"


def answer(group: Group) -> list[str]:
    """Answer in sentences: the fastest with good recall, the fastest exact one, and how sure that is."""
    if not group.ok:
        return [_none_finished(group)]
    measured = (
        f"of the {len(group.outcomes)} measured" if len(group.outcomes) > 1 else "the only one measured"
    )
    good, exact = fastest(group.ok, recall=GOOD_RECALL), fastest(group.ok, exact=True)
    sentences = []
    if good is not None:
        kind = ", and exact" if good is exact else ""
        sentences.append(
            f"{good.label} was the fastest {measured} to reach a recall of {GOOD_RECALL}{kind}:"
            f" {_figures(good)}."
        )
    else:
        best = max(group.ok, key=lambda outcome: outcome.median.recall or -1.0)
        reached = (
            f"; the best was {best.label} with {_figures(best)}" if best.median.recall is not None else ""
        )
        sentences.append(f"None {measured} is known to reach a recall of {GOOD_RECALL}{reached}.")
    if exact is not None and exact is not good:
        sentences.append(f"The fastest exact one was {exact.label}: {_figures(exact)}.")
    return [*sentences, certainty(group)]


def certainty(group: Group) -> str:
    """Say what the number of repeats allows to conclude."""
    if len(group.ok) < 2:
        return "There is nothing to compare it with."
    if all(len(outcome.runs) == 1 for outcome in group.ok):
        return "Each ran once, so no comparison was made: repeats may change the order of close ones."
    return "Times are those of the median run of the repeats; no test of their differences was made here."


def _figures(outcome: Outcome) -> str:
    run = outcome.median
    figures = [format_seconds(run.total_seconds)]
    if run.recall is not None:
        figures.append(f"recall {format_recall(run.recall)}")
    if run.peak_memory_bytes is not None:
        figures.append(f"{format_bytes(run.peak_memory_bytes)} of memory at the peak")
    return ", ".join(figures)


def _none_finished(group: Group) -> str:
    endings = Counter(STATUS_WORDS.get(row.status, row.status) for row in group.rows)
    listed = ", ".join(f"{number} {word}" for word, number in endings.most_common())
    estimates = [
        row for row in group.rows if row.status == "partial" and row.extrapolated_seconds is not None
    ]
    quickest = min(estimates, key=lambda row: row.extrapolated_seconds or 0.0, default=None)
    if quickest is None:
        return f"No run gave a complete and right answer: {listed}."
    whole = format_seconds(quickest.extrapolated_seconds)
    return f"No run came to its end: {listed}. {quickest.strategy} would take about {whole}, extrapolated."


def doubts(row: Measurement) -> list[str]:
    """List what makes a row's figures doubtful, its own warnings first."""
    found = list(row.warnings)
    if row.extrapolated_seconds is not None:
        share = row.rows_answered / row.workload.n
        found.append(
            f"Its total of {format_seconds(row.extrapolated_seconds)} is extrapolated from {share:.1%} of the"
            " rows; recall is judged on those alone."
        )
    return found


def describe_cores(row: Measurement) -> str:
    """Say how many cores a run kept busy, and of how many where it left a good part idle."""
    if row.cores_used is None:
        return UNKNOWN
    idle = row.multi_threaded and row.cores_used < 0.8 * row.threads
    return f"{row.cores_used:.1f} of {row.threads}" if idle else f"{row.cores_used:.1f}"
