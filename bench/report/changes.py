"""What two results directories say together, in words: for the terminal and for the page."""

import math
from collections import defaultdict
from collections.abc import Iterable

from bench.analysis.before_after import BeforeAfter, Change, ChangeVerdict, endings
from bench.analysis.differences import Differences
from bench.report.wording import describe_status, mark_of
from bench.results import Measurement
from bench.units import shorten

VERDICT_WORDS: dict[ChangeVerdict, str] = {
    "fails now": "fails in B",
    "slower": "slower in B",
    "faster": "faster in B",
    "works now": "works in B",
    "not distinguishable": "not distinguishable",
    "too few repeats": "too few repeats to tell",
    "fails in both": "fails in both",
    "only in A": "only in A",
    "only in B": "only in B",
}
"""Each verdict in the order in which a reader asks for them."""
_BY_NAME = ("fails now", "slower", "faster", "works now")
_MOST_NAMED = 3
_MACHINE = ("machine", "cores", "memory", "instruction sets")
_PACKAGE = " (package)"


def summarize(comparison: BeforeAfter) -> list[str]:
    """Say what broke, became slower or faster, a sentence each; in the last one how many did not."""
    changes: dict[ChangeVerdict, list[Change]] = defaultdict(list)
    for change in comparison.changes:
        changes[change.verdict].append(change)
    news = [
        f"{VERDICT_WORDS[verdict]}: {_named(changes[verdict])}." for verdict in _BY_NAME if verdict in changes
    ]
    rest = [
        f"{words}: {len(changes[v])}"
        for v, words in VERDICT_WORDS.items()
        if v in changes and v not in _BY_NAME
    ]
    lines = [*(news or ["No differences were found."]), *([f"{', '.join(rest)}."] if rest else [])]
    return [line[0].upper() + line[1:] for line in lines]


def describe_ratio(change: Change) -> str:
    """Write the ratio, with its interval where there is one: ``1.20 [1.16, 1.24]``."""
    seconds = change.seconds
    if math.isnan(seconds.ratio):
        return ""
    if seconds.finding == "too few repeats":
        return f"{seconds.ratio:.2f}"
    return f"{seconds.ratio:.2f} [{seconds.low:.2f}, {seconds.high:.2f}]"


def describe_verdict(change: Change) -> str:
    """Say what became of it, and what is missing for an answer."""
    details = detail_verdict(change)
    return f"{VERDICT_WORDS[change.verdict]}{': ' if details else ''}{details}"


def detail_verdict(change: Change) -> str:
    """Say how it failed or how many repeats are missing, and whether recall fell; mostly nothing."""
    details = {
        "too few repeats": f"{change.seconds.more_needed} more needed",
        "fails now": _endings(change.after),
        "fails in both": _endings(change.after),
        "works now": f"{_endings(change.before)} in A",
    }.get(change.verdict, "")
    return ", ".join(part for part in (details, "recall fell" if change.recall_fell else "") if part)


def caveats(comparison: BeforeAfter, *, same: bool) -> list[str]:
    """List what a reader must know before the ratios."""
    sentences = []
    if same:
        sentences.append("A and B are the same directory, so nothing can differ.")
    elif comparison.shared_rows:
        sentences.append(f"{comparison.shared_rows:,} rows are in both directories: they are the same runs.")
    if any(name in comparison.differences_everywhere for name in _MACHINE):
        sentences.append("The machines differ: the ratios reflect that as much as anything else.")
    runs = [run for change in comparison.changes for run in (*change.before, *change.after)]
    disturbed = sum("disturbed" in map(mark_of, run.warnings) for run in runs)
    if disturbed:
        sentences.append(
            f"Other processes used the CPU during {disturbed:,} of {len(runs):,} runs: it affects the ratios."
            " Re-measure with run --fresh --quiet-runs."
        )
    short = [c.seconds.more_needed for c in comparison.changes if c.verdict == "too few repeats"]
    if short:
        sentences.append(
            f"Where there are too few repeats, {max(short)} more in each directory are enough: run --repeats."
        )
    if any(change.recall_fell for change in comparison.changes):
        sentences.append("Where recall fell, time was saved by less accurate answers.")
    return sentences


def difference_lines(differences: Differences) -> list[str]:
    """Write a line for each thing that differs, all packages in one."""
    packages = {name: values for name, values in differences.items() if name.endswith(_PACKAGE)}
    lines = [f"{name}: {a} → {b}" for name, (a, b) in differences.items() if name not in packages]
    versions = [f"{name.removesuffix(_PACKAGE)} {a} → {b}" for name, (a, b) in packages.items()]
    return [*lines, *([f"packages: {', '.join(versions)}"] if versions else [])]


def own_differences(comparison: BeforeAfter, change: Change) -> list[str]:
    """Write the differences of this pair that are not the same in every pair."""
    everywhere = comparison.differences_everywhere
    return difference_lines(
        {name: values for name, values in change.differences.items() if name not in everywhere}
    )


def _named(changes: list[Change]) -> str:
    names = [" ".join((shorten(c.label, 60), describe_ratio(c))).strip() for c in changes[:_MOST_NAMED]]
    more = len(changes) - len(names)
    return ", ".join([*names, *([f"{more} more"] if more else [])])


def _endings(runs: Iterable[Measurement]) -> str:
    listed = list(runs)
    return ", ".join(
        describe_status(status)
        if number == len(listed)
        else f"{number} of {len(listed)} {describe_status(status)}"
        for status, number in endings(listed).most_common()
    )
