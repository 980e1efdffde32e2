"""The scripts inside the page, and the policy that lets these run and nothing else."""

import base64
import gzip
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bench.report.rendering import TEMPLATES, digest

_PARTS = ("ranking", "answer", "reference", "table", "packed", "names", "chart", "copying", "address", "page")


@dataclass(frozen=True, slots=True)
class Scripts:
    """What the page runs, and its policy."""

    own: str
    """Runs first, and answers before the library is there."""
    styles: str
    """Marks the style elements of the library with the nonce."""
    nonce: str
    library: str
    """The library's script, compressed: gzip in base64."""
    policy: str
    """A Content-Security-Policy: these scripts, this style, and style elements with the nonce."""


def _library() -> str:
    """Read Bokeh's script as its package ships it, under BSD-3-Clause; it evaluates no text by itself.

    The package itself, which takes half a second to import, is not needed here.
    """
    spec = find_spec("bokeh")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent / "server" / "static" / "js" / "bokeh.min.js").read_text(
        encoding="utf-8"
    )
    return text.partition("//# sourceMappingURL")[0]


def pack(text: str) -> str:
    """Compress what the page unpacks: gzip in base64."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


@cache
def scripts_for(style: str) -> Scripts:
    """Collect the scripts for a page of a style."""
    parts = "\n".join(_read(name) for name in _PARTS)
    own, styles = f'"use strict";\n(() => {{\n{parts}\n}})();', _read("styles")
    library = _library()
    nonce = digest(style + own)[:22]
    rules = (
        "default-src 'none'",
        f"script-src {_source(own)} {_source(styles)} {_source(library)}",
        f"style-src {_source(style)} 'nonce-{nonce}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return Scripts(own, styles, nonce, pack(library), "; ".join(rules))


def _read(name: str) -> str:
    return (TEMPLATES / "scripts" / f"{name}.js").read_text(encoding="utf-8")


def _source(text: str) -> str:
    return f"'sha256-{digest(text)}'"
