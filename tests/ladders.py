"""Made-up rows of one setting at growing n, by laws that a test states."""

from collections.abc import Iterable
from typing import Any

from bench.results import Measurement, Phase
from bench.workloads.identity import WorkloadId
from tests.rows import row

SIZES = (10_000, 30_000, 100_000)
MIB = 2**20


def ladder(
    strategy: str,
    sizes: Iterable[int] = SIZES,
    *,
    seconds: float = 10.0,
    exponent: float = 1.1,
    bytes_a_point: float = 700.0,
    recall: float = 1.0,
    **fields: Any,
) -> list[Measurement]:
    """Runs whose query takes ``seconds`` at 100,000 points, a tenth of it the fit, one second the start."""
    return [
        rung(
            strategy, n, seconds * (n / 1e5) ** exponent, int(200 * MIB + bytes_a_point * n), recall, **fields
        )
        for n in sizes
    ]


def rung(
    strategy: str, n: int, query_seconds: float, peak_bytes: int, recall: float = 1.0, **fields: Any
) -> Measurement:
    """One run."""
    fit = 0.1 * query_seconds
    known: dict[str, Any] = {
        "run_id": f"{strategy}-{n}-{fields.get('params', {})}-{fields.get('repeat', 1)}"
        f"-{fields.get('master')}",
        "series_id": f"{strategy}-{n}-{fields.get('params', {})}",
        "strategy": strategy,
        "exact": recall == 1.0,
        "params": {},
        "workload": WorkloadId("made-up", n, 12, 10, "euclidean", 0, f"hash-{n}"),
        "start_seconds": 1.0,
        "fit_seconds": fit,
        "query_seconds": query_seconds,
        "total_seconds": 1.0 + fit + query_seconds,
        "peak_memory_bytes": peak_bytes,
        "peak_anonymous_bytes": int(0.8 * peak_bytes),
        "phases": {"start": Phase(1.0, 1.0, 190 * MIB, 150 * MIB)},
        "recall": recall,
        "recall_low": recall if recall == 1.0 else recall - 0.004,
        "recall_high": recall if recall == 1.0 else recall + 0.004,
        "truth_rows": 2000,
        "rows_answered": n,
        "started_at": "2026-01-01T00:00:00+00:00",
    }
    return row(**known | fields)
