"""Rows as a flat table."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bench.results.measurement import Measurement

if TYPE_CHECKING:
    import pandas as pd


def to_frame(rows: Iterable[Measurement]) -> "pd.DataFrame":
    """One line a row; nested fields become ``workload_n``, ``phases_fit_seconds`` and so on, params JSON."""
    import pandas as pd  # noqa: PLC0415 (a run needs no DataFrame)

    return pd.DataFrame([_flat(asdict(row)) for row in rows])


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict) and name in ("params", "details"):
            flat[prefix + name] = json.dumps(value, sort_keys=True)
        elif isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}_")
        elif isinstance(value, list):
            flat[prefix + name] = json.dumps(value)
        else:
            flat[prefix + name] = value
    return flat
