"""A user's mistake: one exception, whose message is one line."""

from collections.abc import Iterator
from contextlib import contextmanager


class BadUsageError(Exception):
    """What was asked for cannot be done; the message is one line that says what is allowed."""


@contextmanager
def bad_usage() -> Iterator[None]:
    """Turn the ValueError or OSError of a check into the user's one line."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise BadUsageError(" ".join(str(error).split())) from error
