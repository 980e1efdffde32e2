"""One Jinja environment for both pages: their templates, filters and style sheets."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from bench.analysis.compare import ALPHA, ALPHA_OF_A_LOOK, LOOKS, fewest_repeats
from bench.analysis.independent import more_needed
from bench.analysis.prediction import LEVEL
from bench.report.figures.palette import color
from bench.report.wording import describe_status, describe_workload
from bench.units import format_bytes, format_recall, format_seconds, shorten

TEMPLATES = Path(__file__).parent / "templates"


def make_environment(**filters: Callable[..., Any]) -> jinja2.Environment:
    """Return an environment with the filters of both pages and those that one page has besides."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": format_seconds,
        "size": format_bytes,
        "recall": format_recall,
        "shorten": shorten,
        "color": color,
        "status": describe_status,
        "workload": describe_workload,
        "data_uri": _data_uri,
    }
    environment.filters |= filters
    environment.globals |= {
        "looks": f"{', '.join(map(str, LOOKS[:-1]))} and {LOOKS[-1]}",
        "alpha": f"{100 * ALPHA:g} %",
        "alpha_of_a_look": f"{100 * ALPHA_OF_A_LOOK:g} %",
        "confidence": f"{100 * (1 - ALPHA):g} %",
        "equals_to_one_error": f"{1 / ALPHA:g}",
        "level": f"{100 * LEVEL:g} %",
        "fewest_repeats": fewest_repeats(),
        "fewest_on_each_side": more_needed(0, 0, ALPHA),
    }
    return environment


def read_style(*names: str) -> str:
    """Join style sheets for a page's style element."""
    return "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def digest(text: str) -> str:
    """Return a text's SHA-256 in base64, as a Content-Security-Policy names it."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml,{quote(svg, safe=' =:;,/()[]{}!*?+')}"
