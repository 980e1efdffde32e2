"""How hard a workload's points are, as the rows' directory describes them, for people to read."""

from collections.abc import Mapping
from typing import Any

from bench.units import format_bytes


def point_facts(description: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name the figures of ``bench.judge.difficulty``, as far as they are known."""
    facts = {
        "Points": _number(description.get("n")),
        "Dimensions": _number(description.get("d")),
        "Size": format_bytes(description["bytes"]) if "bytes" in description else "",
        "Repeated points": _duplicates(description),
        "Zero vectors": _number(description.get("zero_vectors")),
        "Norms": _range(description, "norm_median", "norm_min", "norm_max", "{} (all between {} and {})"),
        "Local intrinsic dimension": _range(
            description, "lid_median", "lid_low", "lid_high", "{} (half between {} and {})"
        ),
        "Contrast": _figure(description.get("contrast")),
    }
    return [(name, value) for name, value in facts.items() if value]


def point_verdicts(description: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the verdicts of ``bench.judge.point_verdicts``; nothing where the directory holds others."""
    verdicts = description.get("verdicts") or []
    known = ("name", "level", "figure", "thresholds", "to_try")
    is_known = all(isinstance(one, dict) and set(known) <= set(one) for one in verdicts)
    return [{name: str(one[name]) for name in known} for one in verdicts] if is_known else []


def _duplicates(description: Mapping[str, Any]) -> str:
    share, largest = description.get("duplicates_share"), description.get("largest_group")
    if share is None:
        return ""
    return f"{share:.2%}, up to {largest:,} equal ones" if share and largest else "none"


def _range(description: Mapping[str, Any], middle: str, low: str, high: str, form: str) -> str:
    values = [_figure(description.get(name)) for name in (middle, low, high)]
    return form.format(*values) if all(values) else values[0]


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}" if value else "none"
