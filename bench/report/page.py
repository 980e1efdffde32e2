"""The page: sections of what may be compared, rendered into one file without any reference outward."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from bench.analysis.compare import median_interval
from bench.analysis.summary import Group, Outcome, groups, settings, write_setting
from bench.report.answer import answer
from bench.report.details import flatten, log_tail, machine_facts, plain_fields, repeat_command
from bench.report.figures import NAMES, draw
from bench.report.style import Drawing, color
from bench.report.units import format_bytes, format_recall, format_seconds, shorten
from bench.report.wording import describe_cores, describe_ending, describe_status, describe_workload, doubts
from bench.results import Measurement, Store

SAMPLES = "samples"
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that a report writes."""

    html: str
    plots: dict[str, bytes]
    """Content by file name."""

    @staticmethod
    def is_plot(name: str) -> bool:
        """Whether a file's name is one that a report gives."""
        return re.search(rf"-({'|'.join(NAMES)})(-\d+)?\.(png|svg)$", name) is not None


@dataclass(frozen=True, slots=True)
class Section:
    """What the page says of one group."""

    slug: str
    title: str
    group: Group
    answer: list[str]
    machine: dict[str, Any]
    """Its environment, the latest where there are several."""
    drawings: list[Drawing]

    @property
    def troubled(self) -> list[Measurement]:
        """The rows that failed or have warnings."""
        return [row for row in self.group.rows if row.status != "ok" or doubts(row)]

    @property
    def trouble(self) -> str:
        """How many runs failed and how many figures are doubtful; nothing where none."""
        failures = sum(row.status != "ok" for row in self.group.rows)
        doubtful = sum(row.status == "ok" and bool(doubts(row)) for row in self.group.rows)
        parts = [f"{failures} did not succeed"] * (failures > 0) + [
            f"{doubtful} {'has' if doubtful == 1 else 'have'} warnings"
        ] * (doubtful > 0)
        return f"Of {len(self.group.rows)} runs, {' and '.join(parts)}." if parts else ""


def make_page(results: Path, rows: Sequence[Measurement]) -> Page:
    """Draw all figures and render the page for at least one row."""
    environments = Store(results).environments()
    found = groups(rows)
    sections = [
        _section(results, slug, g, found, environments) for slug, g in zip(_slugs(found), found, strict=True)
    ]
    plots = {
        f"{section.slug}-{drawing.name}.{form}": content
        for section in sections
        for drawing in section.drawings
        for form, content in (("png", drawing.png), ("svg", drawing.svg))
    }
    return Page(_render(results, sections, environments), plots)


def _section(
    results: Path,
    slug: str,
    group: Group,
    found: Sequence[Group],
    environments: Mapping[str, dict[str, Any]],
) -> Section:
    drawings = draw(group, results / SAMPLES)
    environment = environments.get(max(group.rows, key=lambda row: row.started_at).environment, {})
    title = f"{group.workload.name}: {describe_workload(group.workload)}"
    if any(other.machine != group.machine for other in found):
        title += f", on {environment.get('machine', {}).get('cpu', 'machine')} ({group.machine})"
    return Section(slug, title, group, answer(group), environment, drawings)


def _render(results: Path, sections: Sequence[Section], environments: Mapping[str, Mapping[str, Any]]) -> str:
    style = (_HERE / "style.css").read_text(encoding="utf-8")
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
        "shorten": shorten,
        "status": describe_status,
        "ending": describe_ending,
        "workload": describe_workload,
        "color": color,
        "recall": lambda row: format_recall(row.recall, row.recall_low, row.recall_high),
        "in_short": _in_short,
        "fields": plain_fields,
        "command": repeat_command,
        "doubts": doubts,
        "log_tail": lambda row: log_tail(results, row),
        "span": _span,
        "cores": describe_cores,
        "sizes": lambda sizes: [(name, format_bytes(size)) for name, size in sizes.items()],
        "machine_facts": machine_facts,
    }
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("template.html.jinja").render(
        sections=sections, environments=environments, style=style, style_hash=f"sha256-{digest}"
    )


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


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


def _slugs(found: Sequence[Group]) -> list[str]:
    """Name each group for its files: as short as keeps them apart."""
    names = [_plain(group.workload.name) for group in found]
    for part in (
        lambda g: f"n{g.workload.n}-d{g.workload.d}-k{g.workload.k}",
        lambda g: g.workload.metric,
        lambda g: g.machine,
        lambda g: g.workload.content_hash,
    ):
        parts = [_plain(part(group)) for group in found]
        split = {
            name for name in names if len({p for n, p in zip(names, parts, strict=True) if n == name}) > 1
        }
        names = [f"{n}-{p}" if n in split else n for n, p in zip(names, parts, strict=True)]
    return names


def _plain(text: str) -> str:
    """Letters, digits and dashes alone, 40 at most."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] or "points"
