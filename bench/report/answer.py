"""The sentences that answer first: which strategy to use under limits, and how sure that is.

The sentences are templates: filled here for the page as it opens, and by the page's script when its reader
changes a limit.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bench.analysis.compare import PairVerdict
from bench.analysis.ranking import Figures, UserLimits, figures, misses, rank_outcomes
from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome
from bench.report.wording import describe_status
from bench.units import UNKNOWN, format_bytes, format_recall, format_seconds, shorten

OPENING = UserLimits(recall=0.95)
"""The limits with which a page opens."""

PHRASES: Mapping[str, str] = MappingProxyType(
    {
        "recall": "a recall of at least {recall}",
        "any_recall": "any recall",
        "memory": "at most {memory} of memory",
        "time": "a total of at most {time}",
        "fastest": "Of the {measured} measured, {name} was the fastest with {limits}: {figures}.",
        "only": "{name}, the only strategy measured, has {limits}: {figures}.",
        "none": "None of the {measured} measured is sure to meet your limits: {limits}.",
        "only_none": "The only strategy measured is not sure to meet your limits: {limits}.",
        "misses recall": "its recall may be as low as {worst_recall}",
        "misses memory": "it needs up to {worst_memory} of memory",
        "misses time": "it takes up to {worst_time}",
        "nearest": "The closest is {name}, {figures}: {misses}.",
        "untimed": "How long it took is not known: give --seconds to `score` to have it ranked.",
        "is_exact": "It is exact.",
        "exact": "The fastest exact one within your limits is {name}: {figures}.",
        "alone": "No other strategy is within your limits, so there is nothing to compare it with.",
        "single": "These are single runs, so they were not compared:"
        " repeats may change the order of close ones.",
        "different": "{a} is {ratio} x faster than {b} [{low}, {high}].",
        "not distinguishable": "{a} and {b}: not distinguishable, ratio {ratio} [{low}, {high}].",
        "too few repeats": "{a} and {b}: too few repeats ({repeats}) to tell.",
    }
)
_RECOMMENDED = "recommended"
_MARKS: Mapping[PairVerdict, str] = MappingProxyType(
    {
        "not distinguishable": "≈ recommended: not distinguishable",
        "too few repeats": "too few repeats to compare with recommended",
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one outcome stands under the limits."""

    rank: int | None
    """1 for the recommended one; None for one that misses a limit."""
    note: str
    """Which limits it misses, or how it compares with the recommended one; may be empty."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a group's rows under limits."""

    sentences: list[str]
    """The answer first, then how sure it is."""
    standings: list[Standing]
    """One for each outcome of the group, in its order."""


def answer(group: Group, limits: UserLimits = OPENING) -> Answer:
    """Recommend under limits, and say where each outcome stands."""
    ranking = rank_outcomes(group.outcomes, limits)
    order = {id(outcome): i for i, outcome in enumerate(ranking.fitting, 1)}
    standings = [
        Standing(order.get(id(o)), _note(o, ranking.fitting[0] if ranking.fitting else None, limits))
        for o in group.outcomes
    ]
    if not group.ok:
        return Answer([none_finished(group)], standings)
    if ranking.nearest is None and not ranking.fitting:  # computed elsewhere, and nobody said in what time
        return Answer([PHRASES["untimed"]], standings)
    measured = _measured(group)
    named = {"limits": limits_in_words(limits), "measured": measured}
    if ranking.nearest is not None:
        nearest = ranking.nearest
        words = _misses_in_words(nearest, limits)
        sentences = [
            PHRASES["none" if measured else "only_none"].format_map(named),
            PHRASES["nearest"].format_map(names_of(nearest) | {"misses": words}),
        ]
        return Answer(sentences, standings)
    winner = ranking.fitting[0]
    first = PHRASES["fastest" if measured else "only"].format_map(named | names_of(winner))
    exact = next((outcome for outcome in ranking.fitting if outcome.median.exact), None)
    sentences = [first]
    if exact is winner:
        sentences.append(PHRASES["is_exact"])
    elif exact is not None:
        sentences.append(PHRASES["exact"].format_map(names_of(exact)))
    if measured:
        sentences.append(_certainty(winner, ranking.fitting[1] if len(ranking.fitting) > 1 else None))
    return Answer(sentences, standings)


def limits_in_words(limits: UserLimits) -> str:
    """Name the limits that are set."""
    recall = PHRASES["recall" if limits.recall else "any_recall"].format(recall=f"{limits.recall:g}")
    parts = [recall]
    if limits.memory_bytes < math.inf:
        parts.append(PHRASES["memory"].format(memory=format_bytes(limits.memory_bytes)))
    if limits.seconds < math.inf:
        parts.append(PHRASES["time"].format(time=format_seconds(limits.seconds)))
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)


def names_of(outcome: Outcome) -> dict[str, str]:
    """Name an outcome and its figures, for a phrase."""
    run = outcome.median
    words = format_seconds(run.total_seconds)
    if run.recall is not None:
        words += f" at recall {format_recall(run.recall)}"
    if run.peak_memory_bytes is not None:
        words += f", with {format_bytes(run.peak_memory_bytes)} of memory at its peak"
    return {"name": shorten(outcome.label, 80), "figures": words}


def worst_in_words(costs: Figures) -> dict[str, str]:
    """Write the unfavorable ends of an outcome's figures, for a phrase."""
    return {
        "worst_recall": format_recall(costs.recall_low),
        "worst_memory": format_bytes(costs.memory_high) if costs.memory_high < math.inf else UNKNOWN,
        "worst_time": format_seconds(costs.seconds_high),
    }


def none_finished(group: Group) -> str:
    """Say how the runs ended where none succeeded."""
    endings = Counter(describe_status(row.status) for row in group.rows)
    listed = ", ".join(f"{number} {word}" for word, number in endings.most_common())
    sentence = f"No run gave complete and correct answers: {listed}."
    estimates = [o for o in group.outcomes if o.median.extrapolated_seconds is not None]
    quickest = min(estimates, key=lambda o: o.median.extrapolated_seconds or 0.0, default=None)
    if quickest is None:
        return sentence
    whole = format_seconds(quickest.median.extrapolated_seconds)
    return f"{sentence} {shorten(quickest.label, 80)} would take about {whole}, extrapolated."


def phrases(group: Group) -> dict[str, str]:
    """Return the templates with what does not depend on limits filled in, for the page."""
    measured = _measured(group)
    words = dict(PHRASES)
    words["fastest"] = PHRASES["fastest" if measured else "only"].replace("{measured}", measured)
    words["none"] = PHRASES["none" if measured else "only_none"].replace("{measured}", measured)
    words |= {f"mark {verdict}": mark for verdict, mark in _MARKS.items()} | {"recommended": _RECOMMENDED}
    return {name: phrase for name, phrase in words.items() if not name.startswith("only")}


def is_choice(group: Group) -> bool:
    """Whether there is more than one to choose from."""
    return bool(_measured(group))


def _misses_in_words(outcome: Outcome, limits: UserLimits) -> str:
    costs = figures(outcome)
    if costs is None:
        return ""
    worst = worst_in_words(costs)
    return " and ".join(PHRASES[f"misses {name}"].format_map(worst) for name in misses(costs, limits))


def _measured(group: Group) -> str:
    """How many there are to choose from; nothing where there is but one."""
    ran = [outcome.strategy for outcome in group.outcomes if outcome.median.total_seconds is not None]
    if len(ran) == 1:
        return ""
    return f"{len(ran)} {'strategies' if len(set(ran)) == len(ran) else 'settings'}"


def _certainty(winner: Outcome, rival: Outcome | None) -> str:
    """Say what the repeats allow to conclude, by a test of the winner against the next that fits."""
    if rival is None:
        return PHRASES["alone"]
    comparison = compare_series(winner.runs, rival.runs)
    if comparison.repeats < 2:
        return PHRASES["single"]
    return f"{comparison.in_words(names_of(winner)['name'], names_of(rival)['name'])}."


def _note(outcome: Outcome, winner: Outcome | None, limits: UserLimits) -> str:
    costs = figures(outcome)
    if costs is None:
        return ""
    if missed := misses(costs, limits):
        return f"misses {', '.join(missed)}"
    if winner is None or winner is outcome:
        return "" if winner is None else _RECOMMENDED
    comparison = compare_series(winner.runs, outcome.runs)
    return _MARKS.get(comparison.verdict, "") if comparison.repeats > 1 else ""
