"""Why something failed, in one line: the cause, not the first line of what it is wrapped in."""

import re
import tempfile
from collections.abc import Iterator

_RAISED = re.compile(r"^\s*([A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)(?:: .+)?)$", re.MULTILINE)
_FULL = "No space left on device"
_SUMMARY = 30
"""Characters of a message that no other text has in it by chance."""


def in_one_line(error: BaseException) -> str:
    """The error, and behind it the first cause that its own text or its chain tells."""
    line = _told(error)
    if _FULL in line and getattr(error, "filename", None) is None:
        line += f"; files of a run lie in {tempfile.gettempdir()}, which TMPDIR moves"
    return line


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split())
    own = f"{type(error).__name__}: {text}" if text else type(error).__name__
    cause = next(_causes(error), "")
    if not cause or (cause in own and len(own) <= len(cause) + 80):
        return own
    if len(text) >= _SUMMARY and text in cause:  # taken out of it, to say the same in one line
        return own
    if "Traceback (most recent call last)" in text:  # what a worker elsewhere raised, as text
        return f"{type(error).__name__}: {cause}"
    return own if cause in own else f"{own}; cause: {cause}"


def _causes(error: BaseException) -> Iterator[str]:
    """What an error's chain ends in, what a remote traceback in it says last, the same in its own text."""
    first: BaseException | None = error
    seen = set()
    while first is not None and id(first) not in seen:
        seen.add(id(first))
        below = first.__cause__ or (None if first.__suppress_context__ else first.__context__)
        if below is None and first is not error:
            raised = _RAISED.findall(str(first))
            yield " ".join((raised[-1] if raised else f"{type(first).__name__}: {first}").split())
        first = below
    raised = [line for line in _RAISED.findall(str(error)) if not line.startswith(("org.", "java."))]
    if raised:
        yield " ".join(raised[-1].split())
