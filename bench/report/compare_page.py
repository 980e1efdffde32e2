"""The page of a comparison of two results directories: one file without any reference outward."""

import base64
import hashlib
from pathlib import Path
from urllib.parse import quote

import jinja2

from bench.analysis.before_after import BeforeAfter, median_run
from bench.report import matplotlib_kept_out_of_home
from bench.report.changes import (
    TOLD,
    caveats,
    describe_ratio,
    detail_verdict,
    differences,
    own_differences,
    summarize,
)
from bench.report.style import color
from bench.report.wording import describe_workload
from bench.results import write_atomically
from bench.units import format_bytes, format_recall, format_seconds, shorten

_HERE = Path(__file__).parent


def write_comparison(found: BeforeAfter, names: tuple[str, str], path: Path, *, same: bool) -> Path:
    """Render the comparison of two directories with these names into ``path``, whose directory must exist."""
    with matplotlib_kept_out_of_home():
        html = _render(found, names, same=same)
    write_atomically(path, html.encode())
    return path


def _render(found: BeforeAfter, names: tuple[str, str], *, same: bool) -> str:
    from bench.report.forest import draw_ratios  # noqa: PLC0415 (loads matplotlib)

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
        "recall": lambda run: format_recall(run.recall),
        "median_run": median_run,
        "color": color,
        "shorten": shorten,
        "ratio": describe_ratio,
        "details": detail_verdict,
        "verdict": lambda change: TOLD[change.verdict],
        "workload": describe_workload,
        "data_uri": lambda svg: f"data:image/svg+xml,{quote(svg, safe=' =:;,/()[]{}!*?+')}",
        "own_differences": lambda change: own_differences(found, change),
    }
    workloads = dict.fromkeys(change.workload for change in found.changes)
    groups = [[c for c in found.changes if c.workload == workload] for workload in workloads]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template("compare.html.jinja").render(
        found=found,
        names=names,
        answers=summarize(found),
        caveats=caveats(found, same=same),
        everywhere=differences(found.unlike_everywhere),
        groups=[(changes, draw_ratios(changes)) for changes in groups],
        style=style,
        style_hash=f"sha256-{digest}",
    )
