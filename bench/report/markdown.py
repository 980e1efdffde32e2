"""The comparison of two results directories as Markdown, for a pull request's comment."""

import re
from collections.abc import Iterator, Sequence

from bench.analysis.before_after import BeforeAfter, Change, median_run
from bench.report.changes import (
    caveats,
    describe_ratio,
    describe_verdict,
    difference_lines,
    own_differences,
    summarize,
)
from bench.report.wording import describe_workload
from bench.units import format_bytes, format_recall, format_seconds

_MARKS = re.compile(r"[\\`*_{}\[\]<>()#+!|~&-]")
_HEAD = ("Strategy", "A", "B", "B / A", "Verdict", "Recall in A", "Recall in B", "Peak in A", "Peak in B")
_TEXT_COLUMNS = ("Strategy", "Verdict")


def comparison_as_markdown(comparison: BeforeAfter, names: tuple[str, str], *, same: bool) -> str:
    """Write the answer, a table for each workload, and what the two directories do not share."""
    answer, *more = map(plain, summarize(comparison))
    parts = [f"**{answer}**", *more, f"A: {plain(names[0])}, B: {plain(names[1])}"]
    parts += [f"> {plain(sentence)}" for sentence in caveats(comparison, same=same)]
    for workload in dict.fromkeys(change.workload for change in comparison.changes):
        changes = [change for change in comparison.changes if change.workload == workload]
        parts.append(f"**{plain(f'{workload.name}: {describe_workload(workload)}')}**")
        parts.append("\n".join(_table([_cells(change) for change in changes])))
        own = {change.label: own_differences(comparison, change) for change in changes}
        if lines := [f"- {plain(name)} differs in {plain('; '.join(of))}" for name, of in own.items() if of]:
            parts.append("\n".join(lines))
    if everywhere := difference_lines(comparison.differences_everywhere):
        parts.append(
            "\n".join(["Differences in every pair:", "", *(f"- {plain(line)}" for line in everywhere)])
        )
    return "\n\n".join(parts)


def plain(text: str) -> str:
    """Write text so that Markdown shows it as it is, in one line."""
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", " ".join(text.split()))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(_HEAD)} |"
    yield f"|{'|'.join('---' if name in _TEXT_COLUMNS else '--:' for name in _HEAD)}|"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"


def _cells(change: Change) -> list[str]:
    runs = [median_run(change.before), median_run(change.after)]
    seconds = [format_seconds(run.total_seconds if run else None) for run in runs]
    recalls = [format_recall(run.recall if run else None) for run in runs]
    peaks = [format_bytes(run.peak_memory_bytes if run else None) for run in runs]
    return [change.label, *seconds, describe_ratio(change), describe_verdict(change), *recalls, *peaks]
