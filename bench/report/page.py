"""The page: a section for each group of comparable runs, in one file that loads nothing else."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from jinja2 import Environment
from markupsafe import Markup

from bench.analysis.compare import median_interval
from bench.analysis.summary import Outcome, groups
from bench.report.answer import OPENING
from bench.report.commands import repeat_command
from bench.report.details import differing, flatten, log_tail, machine_facts
from bench.report.drawings import Drawing, KeptFigures, figures_of_group, plots_of, provide
from bench.report.figures.memory_curve import draw_memory_curve
from bench.report.figures.palette import colors_for
from bench.report.own_settings import describe_own
from bench.report.payload import RECALLS, as_json
from bench.report.point_facts import point_facts, point_verdicts
from bench.report.records import Records
from bench.report.rendering import make_environment, read_style
from bench.report.scaling import GrowthTable, make_growth_tables
from bench.report.scripts import pack, scripts_for
from bench.report.sections import Section, doubts_about, make_section
from bench.report.slugs import name_groups
from bench.report.verdicts import describe_figure
from bench.report.wording import describe_cores, describe_ending, doubts, misunderstood_in_words
from bench.results import TORN, Measurement
from bench.units import format_bytes, format_recall, format_seconds

MOST_UNPACKED = 100
"""If there are more runs, their details are stored compressed, and showing them needs JavaScript."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a report writes."""

    html: str
    plots: dict[str, bytes]
    """Content by file name."""


def make_page(records: Records, kept: KeptFigures, asked: Collection[str] | None = None) -> Page:
    """Draw the figures that are not kept and render the page for at least one row.

    Only figures of the runs ``asked`` for are drawn; None asks for all.
    """
    all_groups = groups(records.rows)
    slugs = name_groups(all_groups)
    strategies = sorted({row.strategy for row in records.rows})
    tables = make_growth_tables(records.rows, strategies)
    wanted = [figures_of_group(group, records.homes, strategies) for group in all_groups]
    wanted += [table.figure for table in tables]
    figures = provide(wanted, kept, asked)
    sections = [
        make_section(records, slug, group, all_groups, drawn)
        for slug, group, drawn in zip(slugs, all_groups, figures, strict=False)
    ]
    growth = [(table, drawn.drawings) for table, drawn in zip(tables, figures[len(slugs) :], strict=True)]
    names = [*slugs, *(table.slug for table in tables)]
    plots = plots_of(zip(names, wanted, figures, strict=True))
    with colors_for(strategies):
        return Page(_render(records, sections, growth), plots)


def _render(
    records: Records,
    sections: Sequence[Section],
    growth_tables: Sequence[tuple[GrowthTable, list[Drawing] | None]],
) -> str:
    style = read_style("style.css", "interactive.css")
    environment = make_environment(
        json=lambda value: Markup(as_json(value)),  # noqa: S704 (written so that it cannot end its element)
        flatten=flatten,
        differing=differing,
        ending=describe_ending,
        recall_interval=_recall_interval,
        curve=lambda row: draw_memory_curve(records.homes[row.run_id], row),
        own_settings=describe_own,
        doubts_about=doubts_about,
        point_facts=point_facts,
        point_verdicts=point_verdicts,
        figure=describe_figure,
        command=repeat_command,
        doubts=doubts,
        log_tail=lambda row: log_tail(records.homes[row.run_id], row),
        interval_or_range=_interval_or_range,
        cores=describe_cores,
        machine_facts=machine_facts,
        packed_runs=lambda section: _packed_runs(environment, records, section),
    )
    return environment.get_template("page.html.jinja").render(
        sections=sections,
        growth_tables=growth_tables,
        environments=records.environments,
        is_packed=len(records.rows) > MOST_UNPACKED,
        torn=f"{records.torn_lines:,} lines were cut, or no JSON, and set aside in {TORN}."
        if records.torn_lines
        else "",
        misunderstood=misunderstood_in_words(records.misunderstood),
        style=style,
        scripts=scripts_for(style),
        opening=OPENING,
        recalls=RECALLS,
    )


def _packed_runs(environment: Environment, records: Records, section: Section) -> str:
    """Render the details of each run of a section, by the id of their element, and compress them."""
    template = environment.get_template("run.html.jinja")
    runs = {
        f"run-{run.run_id}": template.render(section=section, run=run, environments=records.environments)
        for run in section.group.rows
    }
    return pack(json.dumps(runs))


def _recall_interval(row: Measurement) -> str:
    if row.recall is None or row.recall_low is None or row.recall_high is None:
        return ""
    return format_recall(row.recall, row.recall_low, row.recall_high).partition(" ")[2]


def _interval_or_range(outcome: Outcome, field: str) -> str:
    """The interval of a median, or the range where there are too few repeats for one; nothing for one run."""
    write = format_bytes if field.endswith("_bytes") else format_seconds
    values = [value for run in outcome.runs if (value := getattr(run, field)) is not None]
    if interval := median_interval(np.array(values, float)):
        return f"[{write(interval[0])}, {write(interval[1])}]"
    return f"{write(min(values))} to {write(max(values))}" if len(values) > 1 else ""
