"""The verdicts on the claims in words, and how the strategies they speak of are written."""

from bench import catalog, source_code
from bench.analysis.claims import NAMED, Figure, JudgedClaim, Written, claims
from bench.analysis.summary import Group
from bench.units import format_bytes, format_interval, format_recall, format_seconds, shorten

_WIDEST = 120


def verdicts(group: Group) -> list[JudgedClaim]:
    """Check the claims by a group's rows and by those files of strategies that exist."""
    listings = [catalog.load(name) for name in NAMED if name in catalog.names()]
    written = {
        listing.name: Written(
            source_code.code_lines(listing.path),
            listing.entry.requires,
            len(listing.entry.snippet.splitlines()),
        )
        for listing in listings
    }
    return claims(group, written)


def describe_figure(figure: Figure) -> str:
    """Write a figure behind a verdict: ``query of sklearn_matrix: 44.9 s``."""
    return f"{figure.what}: {_value(figure)}"


def _value(figure: Figure) -> str:
    if isinstance(figure.value, str):
        return shorten(figure.value, _WIDEST)
    if figure.interval is not None:
        interval = figure.interval
        return format_interval(interval.median, interval.low, interval.high, format_seconds)
    match figure.unit:
        case "seconds":
            return format_seconds(figure.value)
        case "bytes":
            return format_bytes(figure.value)
        case "recall":
            return format_recall(figure.value)
        case "ratio":
            return f"{figure.value:.2f}"
    return f"{figure.value:g}"
