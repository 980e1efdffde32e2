"""Made-up rows of every status, for tests of what reads them."""

import zlib
from dataclasses import replace
from typing import Any

from bench.results import Measurement, Phase
from bench.workloads.identity import WorkloadId

MILLION = WorkloadId("million", 1_000_000, 12, 10, "euclidean", 0, "a" * 16)
GIB = 2**30

_SHARED = ("threads", "master", "blas_kernel", "wrap", "first_start", "machine")


def row(strategy: str = "sklearn_matrix", *, seconds: float | None = 95.0, **fields: Any) -> Measurement:
    """A successful run on a million points; `seconds` is its total, split into phases."""
    identity = {"workload": MILLION, "params": {"algorithm": "auto"}, "repeat": 1, **fields}
    shared = {name: value for name, value in identity.items() if name in ("workload", "params", *_SHARED)}
    made = Measurement(
        run_id=_hash(strategy, seconds, identity),
        series_id=_hash(strategy, shared),
        strategy=strategy,
        exact=not strategy.endswith(("annoy", "annoy_loop")),
        params=identity["params"],
        workload=identity["workload"],
        repeat=identity["repeat"],
        threads=2,
        multi_threaded=True,
        master=None,
        status="ok",
        rows_answered=identity["workload"].n,
        cores_used=1.9,
        peak_memory_bytes=GIB // 2,
        peak_anonymous_bytes=GIB // 3,
        peak_file_bytes=GIB // 6,
        baseline_memory_bytes=GIB // 8,
        memory_method="PSS of the process tree",
        peak_memory_by_role={"worker": GIB // 2},
        time_limit_seconds=3600.0,
        memory_limit_bytes=19 * GIB,
        recall=1.0,
        recall_low=1.0,
        recall_high=1.0,
        recall_by_id=1.0,
        truth_rows=1000,
        environment="env1",
        machine="machine1",
        started_at="2025-01-01T10:00:00+00:00",
    )
    if seconds is not None:
        made = replace(made, **_times(seconds))
    return replace(made, **fields)


def failed(strategy: str, status: str, reason: str, **fields: Any) -> Measurement:
    """A run that did not come to its end: no recall, and no more time than it took."""
    unknown = {"recall": None, "recall_low": None, "recall_high": None, "rows_answered": 0}
    return row(strategy, **{"status": status, "reason": reason, **unknown, **fields})


def unstarted(strategy: str, status: str, reason: str) -> Measurement:
    """A run of which nothing is known but why it was not."""
    nothing = dict.fromkeys(("peak_memory_bytes", "peak_anonymous_bytes", "peak_file_bytes"))
    return failed(
        strategy, status, reason, seconds=None, baseline_memory_bytes=None, cores_used=None, **nothing
    )


def every_status() -> list[Measurement]:
    """One row of each status, successful ones of five strategies."""
    return [
        row("sklearn_matrix", seconds=95.2),
        row("sklearn_chunked", seconds=101.4, params={"chunk_size": 10_000}),
        row(
            "annoy_loop",
            seconds=241.0,
            params={"n_trees": 20, "seed": 0},
            recall=0.968,
            recall_low=0.961,
            recall_high=0.974,
            cores_used=1.0,
            warnings=["uses 1.0 of 2 threads"],
            peak_memory_bytes=GIB,
        ),
        row("spark_sklearn", seconds=143.0, master="local[2,4]", peak_memory_bytes=3 * GIB),
        row(
            "spark_annoy",
            seconds=160.0,
            recall=0.931,
            recall_low=0.92,
            recall_high=0.94,
            peak_memory_bytes=2 * GIB,
        ),
        failed(
            "numpy_brute",
            "partial",
            "stopped at the time limit of 10 min",
            seconds=600.0,
            rows_answered=120_000,
            recall=1.0,
            extrapolated_seconds=4990.0,
            time_limit_seconds=600.0,
        ),
        failed("slow_start", "timeout", "no block within 10 min", seconds=600.0, time_limit_seconds=600.0),
        failed(
            "full_matrix",
            "out_of_memory",
            "asked for 7.3 TiB",
            seconds=2.1,
            peak_memory_bytes=19 * GIB,
            peak_anonymous_bytes=19 * GIB,
        ),
        failed("breaks", "crashed", "RuntimeError: it broke", seconds=1.0),
        failed("liar", "wrong", "row 17 has itself among its neighbors", seconds=30.0, recall=0.4),
        unstarted("faiss_flat", "unavailable", "faiss-cpu is not installed: pip install faiss-cpu"),
        unstarted("left_out", "skipped", "would need more memory than there is"),
        failed("cut_short", "interrupted", "interrupted by the user", seconds=12.0),
    ]


def repeated(name: str, seconds: float, spread: int, **fields: Any) -> list[Measurement]:
    """Eight runs that wobble by 2 %."""
    wobble = [((i * spread) % 5 - 2) / 100 for i in range(8)]
    return [row(name, seconds=seconds * (1 + w), repeat=i, **fields) for i, w in enumerate(wobble, 1)]


def to_choose_from() -> list[Measurement]:
    """Rows among which limits and references choose: single runs, repeats, failures."""
    unsure = {"exact": False, "recall": 0.999, "recall_low": 0.997}
    return [
        *every_status(),
        *repeated("alike_a", 50.0, 7, peak_memory_bytes=5 * GIB),
        *repeated("alike_b", 50.2, 3, peak_memory_bytes=6 * GIB, **unsure),
        *repeated("slower", 80.0, 2, peak_memory_bytes=4 * GIB),
        *[r for r in repeated("too_few", 81.0, 3, peak_memory_bytes=GIB) if r.repeat < 4],
        row(
            "quick", seconds=3.0, params={"a": 1}, exact=False, recall=0.7, recall_low=0.65, recall_high=0.75
        ),
        row(
            "quick", seconds=6.0, params={"a": 2}, exact=False, recall=0.93, recall_low=0.91, recall_high=0.95
        ),
        row("unmeasured", seconds=70.0, peak_memory_bytes=None),
    ]


ENVIRONMENT = {
    "machine": {
        "cpu": "Some CPU at 2.00 GHz",
        "flags": ["avx2", "avx512f"],
        "cores": 2,
        "memory_bytes": 24 * GIB,
        "architecture": "x86_64",
    },
    "kernel": "6.1.0",
    "container": "container",
    "python": "3.11.9",
    "java": "21.0.8",
    "packages": {"numpy": "2.4.6", "scikit-learn": "1.9.0", "annoy": "1.17.3"},
    "git_commit": "0123456789ab",
}


def _hash(*parts: object) -> str:
    return f"{zlib.crc32(repr(parts).encode()):08x}"


def _times(seconds: float) -> dict[str, Any]:
    start, fit = 0.02 * seconds, 0.1 * seconds
    query = seconds - start - fit
    names = {"start": start, "load": 0.1, "fit": fit, "query": query}
    return {
        "start_seconds": start,
        "load_seconds": 0.1,
        "fit_seconds": fit,
        "query_seconds": query,
        "total_seconds": seconds,
        "cpu_seconds": seconds * 1.9,
        "phases": {name: Phase(s, s * 1.9, GIB // 2, GIB // 3) for name, s in names.items()},
    }
