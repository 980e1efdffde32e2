"""The page: sections of what may be compared, rendered into one file without any reference outward."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import jinja2
import numpy as np
from markupsafe import Markup

from bench.analysis.compare import median_interval
from bench.analysis.summary import Outcome, settings, write_setting
from bench.report.answer import OPENING
from bench.report.commands import repeat_command
from bench.report.curves import draw_curve
from bench.report.details import differing, flatten, log_tail, machine_facts
from bench.report.payload import RECALLS, as_json
from bench.report.points import points_facts
from bench.report.reading import Records
from bench.report.scaling import Growths, growths
from bench.report.script import pack, scripts_for
from bench.report.sections import Section, doubts_about, make_sections
from bench.report.style import color
from bench.report.units import format_bytes, format_recall, format_seconds, shorten
from bench.report.verdicts import describe_figure
from bench.report.wording import describe_cores, describe_ending, describe_status, doubts
from bench.results import TORN, Measurement

_HERE = Path(__file__).parent
MOST_UNPACKED = 100
"""Of more runs than these, what they open to lies in the page compressed, and takes scripts to be read."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a report writes."""

    html: str
    plots: dict[str, bytes]
    """Content by file name."""


def make_page(records: Records) -> Page:
    """Draw all figures and render the page for at least one row."""
    sections = make_sections(records)
    plots = {
        f"{section.slug}-{drawing.name}.{form}": content
        for section in sections
        for drawing in section.drawings
        for form, content in (("png", drawing.png), ("svg", drawing.svg))
    }
    found = growths(records.rows)
    for growth in found:
        plots[f"{growth.slug}-scaling.png"] = growth.drawing.png
        plots[f"{growth.slug}-scaling.svg"] = growth.drawing.svg
    return Page(_render(records, sections, found), plots)


def _render(records: Records, sections: Sequence[Section], found: Sequence[Growths]) -> str:
    style = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("style.css", "interactive.css"))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": format_seconds,
        "size": format_bytes,
        "data_uri": _data_uri,
        "flatten": flatten,
        "differing": differing,
        "shorten": shorten,
        "status": describe_status,
        "ending": describe_ending,
        "color": color,
        "recall": format_recall,
        "recall_interval": _recall_interval,
        "json": lambda value: Markup(as_json(value)),  # noqa: S704 (written so that it cannot end its element)
        "curve": lambda row: draw_curve(records.homes[row.run_id], row),
        "in_short": _in_short,
        "doubts_about": doubts_about,
        "points_facts": points_facts,
        "figure": describe_figure,
        "command": repeat_command,
        "doubts": doubts,
        "log_tail": lambda row: log_tail(records.homes[row.run_id], row),
        "span": _span,
        "cores": describe_cores,
        "machine_facts": machine_facts,
        "packed_runs": lambda section: _packed_runs(environment, records, section),
    }
    return environment.get_template("template.html.jinja").render(
        sections=sections,
        growths=found,
        environments=records.environments,
        is_packed=len(records.rows) > MOST_UNPACKED,
        torn=f"{records.torn_lines:,} lines were cut by a crash and set aside in {TORN}."
        if records.torn_lines
        else "",
        style=style,
        scripts=scripts_for(style),
        opening=OPENING,
        recalls=RECALLS,
    )


def _packed_runs(environment: jinja2.Environment, records: Records, section: Section) -> str:
    """Render what each run of a section opens to, by the id of its place, and compress it."""
    template = environment.get_template("run.html.jinja")
    runs = {
        f"run-{run.run_id}": template.render(section=section, run=run, environments=records.environments)
        for run in section.group.rows
    }
    return pack(json.dumps(runs))


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml,{quote(svg, safe=' =:;,/()[]{}!*?+')}"


def _recall_interval(row: Measurement) -> str:
    if row.recall is None or row.recall_low is None or row.recall_high is None:
        return ""
    return format_recall(row.recall, row.recall_low, row.recall_high).partition(" ")[2]


def _in_short(row: Measurement) -> str:
    """All settings of a run in one line."""
    return ", ".join(f"{name} {write_setting(value)}" for name, value in settings(row).items())


def _span(outcome: Outcome, field: str) -> str:
    """The interval of a median, or the range where there are too few repeats for one; nothing for one run."""
    write = format_bytes if field.endswith("_bytes") else format_seconds
    known = [value for run in outcome.runs if (value := getattr(run, field)) is not None]
    if interval := median_interval(np.array(known, float)):
        return f"[{write(interval[0])}, {write(interval[1])}]"
    return f"{write(min(known))} to {write(max(known))}" if len(known) > 1 else ""
