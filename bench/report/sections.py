"""What the page says of each group of rows that may be compared."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.analysis.claims import JudgedClaim
from bench.analysis.curves import family_of
from bench.analysis.summary import Group, Outcome
from bench.report.answer import Answer, answer
from bench.report.comparisons import Comparisons, compare_outcomes
from bench.report.details import (
    PARAMETERS,
    PEAKS_BY_ROLE,
    PREDICTED,
    REPORTED,
    Facts,
    all_facts,
    shared,
    without,
)
from bench.report.drawings import Drawing, Figures
from bench.report.payload import payload
from bench.report.records import Records
from bench.report.table_bars import Span, memory_bar, time_bar
from bench.report.time_spent import PARTS, TimeSpent, time_spent
from bench.report.verdicts import verdicts
from bench.report.wording import WEAK_KERNEL, describe_workload, mark_of
from bench.results import Measurement

_ALWAYS = (PARAMETERS, PEAKS_BY_ROLE, REPORTED, PREDICTED)
"""What is shown with every run, even where it is the same in all."""


@dataclass(frozen=True, slots=True)
class Section:
    """What the page says of one group."""

    slug: str
    title: str
    group: Group
    answer: Answer
    comparisons: Comparisons
    machine: dict[str, Any]
    """Its environment, the latest where there are several."""
    points: dict[str, Any]
    """What is known of its points; may be empty."""
    drawings: list[Drawing] | None
    """None where nobody asked for them."""
    chart: dict[str, Any] | None
    """The interactive chart, as Bokeh's script takes it."""
    claims: list[JudgedClaim]
    """None where the rows say nothing of any, or a larger n of the same kind was measured."""
    payload: dict[str, Any]
    """What the page's own script is given."""
    alike: Facts
    """What is the same in every run, where there are several."""
    alike_by_strategy: dict[str, Facts]
    """What is the same in every run of a strategy and not in every other, where it has several runs."""

    @property
    def failures(self) -> list[Measurement]:
        """The rows that did not succeed."""
        return [row for row in self.group.rows if row.status != "ok"]

    @property
    def figures(self) -> list[Drawing]:
        """Figures shown in the page; of memory over time only the first, since each row has its own."""
        return [drawing for drawing in self.drawings or () if not drawing.name[-1].isdigit()]

    @property
    def warned(self) -> list[Outcome]:
        """The outcomes that succeeded and of which a run has a warning."""
        return [outcome for outcome in self.group.ok if any(run.warnings for run in outcome.runs)]

    @property
    def trouble(self) -> str:
        """How many runs never began, failed, and have warnings; nothing where none."""
        not_begun = sum(row.status in ("unavailable", "skipped") for row in self.failures)
        failed = len(self.failures) - not_begun
        warned = sum(row.status == "ok" and bool(row.warnings) for row in self.group.rows)
        parts = [f"{not_begun} did not begin"] * bool(not_begun)
        parts += [f"{failed} did not succeed"] * bool(failed)
        parts += [f"{warned} {'has' if warned == 1 else 'have'} warnings"] * (warned > 0)
        words = " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)
        return f"Of {len(self.group.rows)} runs, {words}." if parts else ""

    @property
    def weak_kernels(self) -> list[tuple[str, list[str]]]:
        """Each warning of a BLAS kernel below the CPU's capability, with the strategies that have it."""
        strategies: dict[str, set[str]] = defaultdict(set)
        for run in self.group.rows:
            for warning in run.warnings:
                if mark_of(warning) == WEAK_KERNEL:
                    strategies[warning].add(run.strategy)
        return sorted((warning, sorted(names)) for warning, names in strategies.items())

    def own(self, run: Measurement) -> Facts:
        """What is known of a run: its own settings and details, and what is not the same in every other."""
        facts = all_facts(run)
        rest = without(without(facts, self.alike), self.alike_by_strategy[run.strategy])
        return rest | {about: facts[about] for about in _ALWAYS}

    @property
    def strategies(self) -> list[str]:
        """The strategies of the group, each once."""
        return list(dict.fromkeys(outcome.strategy for outcome in self.group.outcomes))

    @property
    def time_spent(self) -> list[TimeSpent]:
        """Where the time of each success went."""
        return time_spent(self.group)

    @property
    def parts_of_time(self) -> dict[str, str]:
        """The parts that any of these has, each with its color."""
        there = {name for spent in self.time_spent for name in spent.seconds}
        return {name: paint for name, paint in PARTS.items() if name in there}

    def time_bar(self, outcome: Outcome) -> list[Span]:
        """How the total of an outcome is made up."""
        return time_bar(outcome, self.group.outcomes)

    def memory_bar(self, outcome: Outcome) -> list[Span]:
        """How the peak of an outcome is made up."""
        return memory_bar(outcome, self.group.outcomes)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A kind of warning that runs of an outcome have."""

    mark: str
    """A word or two."""
    warning: str
    """The median run's warning, or another's where that has none."""
    runs: str
    """In how many of the runs: ``3 of 5``; nothing where in all of them."""


def doubts_about(outcome: Outcome) -> list[Doubt]:
    """Collect what makes an outcome's figures doubtful, by kind."""
    by_mark: dict[str, dict[str, str]] = defaultdict(dict)
    for run in (outcome.median, *outcome.runs):
        for warning in run.warnings:
            by_mark[mark_of(warning)].setdefault(run.run_id, warning)
    total = len(outcome.runs)
    return [
        Doubt(mark, next(iter(texts.values())), f"{len(texts)} of {total}" if len(texts) < total else "")
        for mark, texts in by_mark.items()
    ]


def make_section(
    records: Records, slug: str, group: Group, groups: Sequence[Group], figures: Figures
) -> Section:
    """Collect what the page says of a group, which is one of ``groups``."""
    latest = max(group.rows, key=lambda row: row.started_at)
    environment = records.environments.get(latest.environment, {})
    title = f"{group.workload.name}: {describe_workload(group.workload)}"
    if any(other.machine != group.machine for other in groups):
        title += f", on {environment.get('machine', {}).get('cpu', 'machine')} ({group.machine})"
    alike = shared([all_facts(row) for row in group.rows])
    by_strategy: dict[str, list[Facts]] = defaultdict(list)
    for row in group.rows:
        by_strategy[row.strategy].append(without(all_facts(row), alike))
    return Section(
        slug=slug,
        title=title,
        group=group,
        answer=answer(group),
        comparisons=compare_outcomes(group),
        machine=environment,
        points=records.workloads.get(group.workload.content_hash, {}),
        drawings=figures.drawings,
        chart=figures.chart,
        claims=_claims(group, groups),
        payload=payload(group),
        alike=alike,
        alike_by_strategy={strategy: shared(facts) for strategy, facts in by_strategy.items()},
    )


def _claims(group: Group, groups: Sequence[Group]) -> list[JudgedClaim]:
    """Judge the claims where all of the most points of their kind are asked, and the rows say something."""
    if group.workload.n_queries is not None:
        return []
    kind = family_of(group.rows[0])
    of_kind = [g for g in groups if g.machine == group.machine and family_of(g.rows[0]) == kind]
    if group.workload.n < max(g.workload.n for g in of_kind):
        return []
    judged = verdicts(group)
    return judged if any(claim.rows and claim.verdict != "undecided" for claim in judged) else []
