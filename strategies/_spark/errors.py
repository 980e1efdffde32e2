"""Tell in one line why Spark failed, where Spark itself needs a hundred."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

CAUSES = (
    r"no executor is left, for .*?\)",
    r"java\.lang\.OutOfMemoryError.*",
    r"Fatal Python error: .*",
    r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(\S.*)",
    r"Python worker .*",
    r"Job aborted .*",
    r"^: ([\w.]+: .+)",  # whatever else a Java exception says
)
"""Where the cause stands in the text of a failure, the most telling first."""


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn an error from the JVM into a MemoryError or a RuntimeError of one line; it keeps the long one."""
    from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it has none

    try:
        yield
    except Py4JError as error:
        cause = cause_of(str(error))
        kind = (
            MemoryError if cause.startswith(("MemoryError", "java.lang.OutOfMemoryError")) else RuntimeError
        )
        raise kind(cause) from error


def cause_of(text: str) -> str:
    """Find the line that says why in what Spark prints for a failure; its first line where none does."""
    for cause in CAUSES:
        found = re.findall(cause, text, re.MULTILINE)
        if found:
            return str(found[-1]).strip()  # of chained exceptions, the one that ended the task
    return text.partition("\n")[0].strip()
