"""Which rung of which strategy's ladder to run next, so that each recall is reached at least cost."""

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from bench.experiment.rungs import (
    EXACTLY,
    NEARLY_LINEAR,
    Ladder,
    Rows,
    Step,
    best,
    forecast,
    grown,
    hopeless,
    reaches,
)
from bench.measure.session import out_of_budget

State = Literal["reached", "open", "failed"]


class _Need(IntEnum):
    """How much a run on all points is needed, the most first."""

    FIRST = 0
    """Nothing of its kind, exact or approximate, reaches the recall yet."""
    MAY_BE_BEST = 1
    COMPLETES = 2
    """It cannot be the best any more."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A strategy that is to reach a recall."""

    strategy: str
    recall: float
    state: State
    step: Step | None
    """The run that reaches it, or the one that would be next; None where none is left."""
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True, slots=True)
class Climb:
    """All that is asked for, and how many points there are.

    Rungs are tried on a sample of the points first, and the first that reaches a recall there is the first to
    be run on all points; since recall falls as points come in, it may take a higher one.
    """

    ladders: tuple[Ladder, ...]
    recalls: tuple[float, ...]
    n_samples: int
    n_sampled: int | None
    """Points of the sample; None where rungs are tried on all points at once."""
    complete: bool = False
    """Whether what cannot be the best any more is run too, after all that may be."""
    n_asked: int | None = None
    """Points for which the best is looked for, where all points are themselves a sample of those."""
    slower_by: float | None = None
    """How many times as slow as the best a run must be forecast to be to be left out, on the sample too.

    None: as many as repeats say, and on the sample every ladder is climbed.
    """

    @property
    def times_as_many(self) -> float:
        """Points for each one of the sample."""
        return self.n_samples / (self.n_sampled or self.n_samples)

    @property
    def beyond(self) -> float:
        """Points asked for, for each one there is here."""
        return (self.n_asked or self.n_samples) / self.n_samples

    def next(self, rows: Rows, seconds_left: float, sample_seconds_left: float = math.inf) -> Step | None:
        """Say what to run next; None where nothing is left that is worth it and fits into the time.

        The sample comes first, low rungs before high ones, as long as there is time for it. Then, on all
        points, what would be the first of its kind to reach a recall; then what may still be the best; then
        the rest of the sample; then, where the table is to be complete, what cannot be the best: each time
        the run that is forecast to take least.
        """
        if seconds_left <= 0:
            return None
        on_sample = self.on_sample(rows)
        if on_sample and sample_seconds_left > 0:
            return on_sample[0]
        needs = self._needs(rows)
        seconds = {step: self.most_seconds(step, rows) or 0.0 for step in needs}
        fitting = [step for step in needs if seconds[step] <= seconds_left]
        cheapest = min(fitting, key=lambda step: (needs[step], seconds[step], step.rung), default=None)
        if on_sample and (cheapest is None or needs[cheapest] == _Need.COMPLETES):
            return on_sample[0]
        return cheapest

    def on_sample(self, rows: Rows) -> list[Step]:
        """What may come next on the sample, exact strategies after the others, since they take longer."""
        steps: dict[Step, Ladder] = {}
        for ladder in self.ladders if self.n_sampled else ():
            if recalls := self._recalls_of(ladder):
                pair = _attempt(ladder, max(recalls), rows, whole=False)
                if (
                    pair.state == "open"
                    and pair.step
                    and not self._is_too_slow(pair.step, max(recalls), rows)
                ):
                    steps[pair.step] = ladder
        return sorted(steps, key=lambda step: (step.rung, steps[step].exact))

    def worth_running(self, rows: Rows) -> dict[Step, float | None]:
        """The runs on all points that may come next, and the seconds that each may take, if known."""
        return {step: self.most_seconds(step, rows) for step in self._needs(rows)}

    def most_seconds(self, step: Step, rows: Rows) -> float | None:
        """Seconds that a run on all points may take, if known."""
        return forecast(step, rows, self.times_as_many, at_most=True)

    def sample_seconds(self, seconds_left: float) -> float:
        """Seconds after which a run on the sample says that the one on all points will not fit any more."""
        return seconds_left / float(self.times_as_many**NEARLY_LINEAR)

    def _needs(self, rows: Rows) -> dict[Step, _Need]:
        """The runs on all points that may come next, and how much they are needed."""
        exact = {ladder.strategy: ladder.exact for ladder in self.ladders}
        needs: dict[Step, _Need] = {}
        for pair in self.pairs(rows):
            if pair.state != "open" or pair.step is None:
                continue
            need = _Need.MAY_BE_BEST
            if self._hopeless(pair, rows):
                need = _Need.COMPLETES
            elif best(pair.recall, rows, exact=exact[pair.strategy]) is None:
                need = _Need.FIRST
            if need < _Need.COMPLETES or self.complete:
                needs[pair.step] = min(need, needs.get(pair.step, need))
        return needs

    def pairs(self, rows: Rows) -> list[Pair]:
        """Say how far each strategy is with each recall; approximate ones are not asked for exactness."""
        return [
            self._pair(ladder, recall, rows) for ladder in self.ladders for recall in self._recalls_of(ladder)
        ]

    def carried(self, rows: Rows) -> list[Step]:
        """The runs that reach a recall and may be the best at it."""
        pairs = (pair for pair in self.pairs(rows) if pair.state == "reached")
        return [pair.step for pair in pairs if pair.step is not None and not self._hopeless(pair, rows)]

    def left_out(self, rows: Rows, seconds_left: float) -> dict[Step, str]:
        """Say of each run on all points that would have come next why it was not started."""
        reasons: dict[Step, str] = {}
        for pair in self.pairs(rows):
            if pair.step is None or pair.step in rows:
                continue
            if pair.state == "failed":
                reasons.setdefault(pair.step, pair.reason)
            elif why := self._hopeless(pair, rows):
                reasons.setdefault(pair.step, why)
            else:
                reasons[pair.step] = out_of_budget(seconds_left, self.most_seconds(pair.step, rows))
        return reasons

    def _recalls_of(self, ladder: Ladder) -> tuple[float, ...]:
        return tuple(recall for recall in self.recalls if ladder.exact or recall < EXACTLY)

    def _hopeless(self, pair: Pair, rows: Rows) -> str | None:
        if pair.step is None:
            return None
        return hopeless(
            pair.step, pair.recall, rows, self.times_as_many, beyond=self.beyond, slower_by=self.slower_by
        )

    def _is_too_slow(self, step: Step, recall: float, rows: Rows) -> bool:
        """Whether the rung below took so long on the sample that this one cannot be the best."""
        below = rows.get(Step(step.strategy, step.rung - 1, whole=False))
        if below is None or self.slower_by is None:
            return False
        times = self.times_as_many * self.beyond
        good = [grown(row, times) for step, row in rows.items() if not step.whole and reaches(row, recall)]
        return grown(below, times) > self.slower_by * min(good, default=math.inf)

    def _pair(self, ladder: Ladder, recall: float, rows: Rows) -> Pair:
        if self.n_sampled is None:
            return _attempt(ladder, recall, rows, whole=True)
        on_sample = _attempt(ladder, recall, rows, whole=False)
        if on_sample.state == "reached" and on_sample.step:
            return _attempt(ladder, recall, rows, whole=True, first=on_sample.step.rung)
        reason = (
            "the budget ended before its rungs were tried" if on_sample.state == "open" else on_sample.reason
        )
        last = Step(ladder.strategy, ladder.rungs - 1, whole=True)
        return Pair(ladder.strategy, recall, "failed", last, f"{reason} (on {self.n_sampled:,} points)")


def _attempt(ladder: Ladder, recall: float, rows: Rows, *, whole: bool, first: int = 0) -> Pair:
    """Go up a ladder, from a rung on, until one reaches a recall, fails, or has not been run."""
    most = 0.0
    for rung in range(first, ladder.rungs):
        step = Step(ladder.strategy, rung, whole)
        row = rows.get(step)
        if row is None:
            return Pair(ladder.strategy, recall, "open", step)
        if reaches(row, recall):
            return Pair(ladder.strategy, recall, "reached", step)
        if row.status != "ok":
            reason = row.reason if row.status == "skipped" else f"{row.status}: {row.reason}"
            return Pair(ladder.strategy, recall, "failed", step, reason)
        most = row.recall or 0.0
    reason = f"its most accurate rung reaches a recall of {most:.4f}, {recall:g} is asked for"
    return Pair(ladder.strategy, recall, "failed", None, reason)
