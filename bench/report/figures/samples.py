"""What was sampled of each run while it went on, as a results directory keeps it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SAMPLES = "samples"
_MOST_MOMENTS = 120
_COLUMNS = ("seconds", "phase", "memory_bytes", "anonymous_bytes")


def read_samples(directory: Path, run_id: str, most: int = _MOST_MOMENTS) -> pd.DataFrame | None:
    """Read what is kept of a run, all roles together: seconds, phase, memory_bytes and anonymous_bytes.

    Of more than ``most`` moments those that show peaks and ends of phases stay. None where nothing is kept,
    or nothing that can be read: a run may have been killed while writing.
    """
    path = directory / f"{run_id}.csv"
    if Path(run_id).name != run_id or not path.is_file():
        return None
    try:
        table = pd.read_csv(path, on_bad_lines="skip").dropna()
    except (OSError, ValueError):
        return None
    if table.empty or not set(_COLUMNS) <= set(table.columns):
        return None
    at = table.groupby("seconds", sort=True)
    moments = at[["memory_bytes", "anonymous_bytes"]].sum().assign(phase=at.phase.last())
    return _thin(moments.reset_index(), most)


def phase_ends(moments: pd.DataFrame) -> list[tuple[str, float]]:
    """Name each phase with its end in seconds: its last moment, which was taken as it ended."""
    is_last = _is_last(moments.phase.to_numpy())
    return list(zip(moments.phase[is_last].astype(str), moments.seconds[is_last].astype(float), strict=True))


def _is_last(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of a row of values is the last before another."""
    return np.append(values[1:] != values[:-1], True)


def _thin(moments: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep the moment of most memory in each of many short spans of time, and the last of each phase."""
    if len(moments) <= most:
        return moments
    edges = np.linspace(moments.seconds.iloc[0], moments.seconds.iloc[-1], most)
    slots = np.digitize(moments.seconds, edges)
    by_memory = np.lexsort((moments.memory_bytes, slots))
    keep = _is_last(moments.phase.to_numpy())
    keep[by_memory[_is_last(slots[by_memory])]] = True
    return moments[keep]
