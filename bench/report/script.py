"""The scripts inside the page, and the policy that lets these run and nothing else."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.report.chart import LIBRARY

_SCRIPTS = Path(__file__).parent / "scripts"
_PARTS = ("ranking", "answer", "table", "chart", "page")


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it stands in the page."""

    text: str
    nonce: str = ""
    """What it may mark style elements with."""

    @property
    def source(self) -> str:
        """Its name in a policy."""
        return _source(self.text)


@cache
def page_scripts(style: str) -> tuple[Script, ...]:
    """Return the scripts in their order: what answers input before the library that draws."""
    parts = "\n".join(_read(name) for name in _PARTS)
    library = LIBRARY.read_text(encoding="utf-8").partition("//# sourceMappingURL")[0]
    nonce = _digest(style + parts)[:22]
    return (
        Script(f'"use strict";\n(() => {{\n{parts}\n}})();'),
        Script(_read("styles"), nonce),
        Script(library),
    )


def policy(style: str, scripts: Sequence[Script]) -> str:
    """Write the Content-Security-Policy: these scripts, this style, and style elements of the library."""
    nonces = [f"'nonce-{script.nonce}'" for script in scripts if script.nonce]
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src", *(script.source for script in scripts)]),
            " ".join(["style-src", _source(style), *nonces]),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _read(name: str) -> str:
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")


def _source(text: str) -> str:
    return f"'sha256-{_digest(text)}'"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
