"""How hard a workload's points are, as the rows' directory describes them, for people to read."""

from collections.abc import Mapping
from typing import Any

from bench.units import format_bytes


def point_facts(known: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name the figures of ``bench.judge.difficulty``, as far as they are known."""
    facts = {
        "Points": _number(known.get("n")),
        "Dimensions": _number(known.get("d")),
        "Size": format_bytes(known["bytes"]) if "bytes" in known else "",
        "Repeated points": _duplicates(known),
        "Zero vectors": _number(known.get("zero_vectors")),
        "Norms": _range(known, "norm_median", "norm_min", "norm_max", "{} (all between {} and {})"),
        "Local intrinsic dimension": _range(
            known, "lid_median", "lid_low", "lid_high", "{} (half between {} and {})"
        ),
        "Contrast": _figure(known.get("contrast")),
    }
    return [(name, value) for name, value in facts.items() if value]


def _duplicates(known: Mapping[str, Any]) -> str:
    share, largest = known.get("duplicates_share"), known.get("largest_group")
    if share is None:
        return ""
    return f"{share:.2%}, up to {largest:,} equal ones" if share and largest else "none"


def _range(known: Mapping[str, Any], middle: str, low: str, high: str, form: str) -> str:
    values = [_figure(known.get(name)) for name in (middle, low, high)]
    return form.format(*values) if all(values) else values[0]


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}" if value else "none"
