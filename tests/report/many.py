"""A made-up results directory of many rows that have little in common."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from bench.results import Measurement, Phase
from bench.results.store import ENVIRONMENTS, ROWS
from tests.report.rows import ENVIRONMENT, GIB, row

_STRATEGIES = ("annoy_loop", "faiss_ivf", "pynndescent", "usearch", "spark_voyager")
_PHASES = ("start", "load", "fit", "query")
_MOMENTS = 200


def leave_many(directory: Path, many: int) -> Path:
    """Write rows whose params, figures, details, curves, logs and environments all differ."""
    rows, environments = [], []
    for name in ("logs", "samples"):
        (directory / name).mkdir()
    for i in range(many):
        made = _row(i, many)
        packages = ENVIRONMENT["packages"] | {"scikit-learn": f"1.9.{i}", "annoy": f"1.{i}"}
        environment = {"environment": made.environment, "kernel": f"6.1.{i}", "packages": packages}
        rows.append(json.dumps(asdict(made)) + "\n")
        environments.append(json.dumps(ENVIRONMENT | environment) + "\n")
        log = "".join(f"{made.run_id}: step {j} took {i * j * 1.37 % 61:.3f} s\n" for j in range(30))
        (directory / "logs" / f"{made.run_id}.log").write_text(log)
        (directory / "samples" / f"{made.run_id}.csv").write_text(_samples(made, i))
    (directory / ROWS).write_text("".join(rows))  # at once: a store flushes each to the disk
    (directory / ENVIRONMENTS).write_text("".join(environments))
    return directory


def _row(i: int, many: int) -> Measurement:
    seconds, recall, peak = 20 + i * 1.317, 0.5 + i / (2.1 * many), GIB // 3 + i * 1_234_567
    made = row(
        _STRATEGIES[i % len(_STRATEGIES)],
        seconds=seconds,
        params={"n_trees": i + 1, "search_k": 7 * i, "metric": "euclidean", "seed": i},
        exact=False,
        recall=recall,
        recall_low=recall - 0.0123,
        recall_high=recall + 0.0117,
        recall_by_id=recall - 0.001,
        peak_memory_bytes=peak,
        peak_anonymous_bytes=peak // 2,
        peak_file_bytes=peak - peak // 2,
        baseline_memory_bytes=GIB // 8 + i * 4096,
        peak_memory_by_role={"worker": peak - i * 1024, "child": i * 1024},
        cores_used=1 + i % 97 / 100,
        details={"index_bytes": i * 99_991, "build_seconds": seconds * 0.07, "levels": f"{i % 7} of {i}"},
        warnings=[f"uses 1.{i % 97} of 2 threads"] * (i % 3 == 0),
        environment=f"env{i}",
        started_at=f"2025-01-01T{i // 60 % 24:02}:{i % 60:02}:00+00:00",
    )
    phases = {
        name: Phase(seconds * (j + 1) / 10, seconds * (j + 1) / 6, peak // (5 - j), peak // (6 - j))
        for j, name in enumerate(_PHASES)
    }
    return replace(made, phases=phases)


def _samples(made: Measurement, i: int) -> str:
    lines = ["seconds,phase,role,memory_bytes,anonymous_bytes"]
    for j in range(_MOMENTS):
        phase, held = _PHASES[min(j // 20, 3)], (made.peak_memory_bytes or 0) * (1 + (i * j * 31) % 89) // 90
        lines.append(f"{(made.total_seconds or 0) * j / _MOMENTS:.3f},{phase},worker,{held},{held // 2}")
    return "\n".join(lines) + "\n"
