"""The sentences that answer first: what was fastest, and how sure that is."""

from collections import Counter

from bench.analysis.repeats import compare_series
from bench.analysis.summary import Group, Outcome, fastest
from bench.report.units import format_bytes, format_recall, format_seconds, shorten
from bench.report.wording import describe_status

GOOD_RECALL = 0.95
"""The recall that an approximate strategy must reach to be recommended."""


def answer(group: Group) -> list[str]:
    """Name the fastest with good recall and the fastest exact one; then say how sure that is."""
    if not group.ok:
        return [_none_finished(group)]
    ran = [outcome.strategy for outcome in group.outcomes if outcome.median.total_seconds is not None]
    if len(ran) == 1:
        only = group.ok[0]
        return [f"{_name(only)}, the only one measured, took {_figures(only)}."]
    measured = f"Of the {len(ran)} {'strategies' if len(set(ran)) == len(ran) else 'settings'} measured"
    good, exact = fastest(group.ok, recall=GOOD_RECALL), fastest(group.ok, exact=True)
    sentences = []
    if good is not None:
        sentences.append(
            f"{measured}, {_name(good)} was the fastest to reach a recall of {GOOD_RECALL}: {_figures(good)}."
        )
    else:
        best = max(group.ok, key=lambda outcome: outcome.median.recall or -1.0)
        reached = "" if best.median.recall is None else f"; the best was {_name(best)}: {_figures(best)}"
        sentences.append(f"{measured}, none is known to reach a recall of {GOOD_RECALL}{reached}.")
    if exact is not None and exact is good:
        sentences.append("It is the fastest exact one too.")
    elif exact is not None:
        sentences.append(f"The fastest exact one was {_name(exact)}: {_figures(exact)}.")
    return [*sentences, _certainty(group, good or group.ok[0])]


def _certainty(group: Group, winner: Outcome) -> str:
    """Say what the repeats allow to conclude, by a test of the winner against the next."""
    others = [outcome for outcome in group.ok if outcome is not winner]
    if not others:
        return "No other came to its end, so there is nothing to compare it with."
    rivals = [other for other in others if (other.median.recall or 0.0) >= GOOD_RECALL] or others
    rival = fastest(rivals) or rivals[0]
    comparison = compare_series(winner.runs, rival.runs)
    if comparison.repeats < 2:
        return "These are single runs, so no comparison was made: repeats may change the order of close ones."
    return f"{comparison.in_words(_name(winner), _name(rival))}."


def _name(outcome: Outcome) -> str:
    return shorten(outcome.label, 80)


def _figures(outcome: Outcome) -> str:
    run = outcome.median
    figures = format_seconds(run.total_seconds)
    if run.recall is not None:
        figures += f" at recall {format_recall(run.recall)}"
    if run.peak_memory_bytes is not None:
        figures += f", with {format_bytes(run.peak_memory_bytes)} of memory at its peak"
    return figures


def _none_finished(group: Group) -> str:
    endings = Counter(describe_status(row.status) for row in group.rows)
    listed = ", ".join(f"{number} {word}" for word, number in endings.most_common())
    sentence = f"No run gave complete and right answers: {listed}."
    estimates = [o for o in group.outcomes if o.median.extrapolated_seconds is not None]
    quickest = min(estimates, key=lambda o: o.median.extrapolated_seconds or 0.0, default=None)
    if quickest is None:
        return sentence
    whole = format_seconds(quickest.median.extrapolated_seconds)
    return f"{sentence} {_name(quickest)} would take about {whole}, extrapolated."
