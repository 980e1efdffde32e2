"""How long a report takes, and with it the plots: all of it new, one workload changed, nothing changed.

    python -m tools.time_report [--rows 60] [--workloads 12]

Makes a results directory of made-up rows and runs ``allknn-bench report`` on it, each time in a new process.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.results import Measurement, Store
from bench.workloads.identity import WorkloadId

_STRATEGIES = ("sklearn_matrix", "sklearn_chunked", "annoy_loop", "spark_annoy", "spark_sklearn")
_PHASES = ("start", "load", "fit", "query")


def main() -> None:
    """Make the rows, write the report three times, and print what each took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=60)
    parser.add_argument("--workloads", type=int, default=12)
    options = parser.parse_args()
    with TemporaryDirectory() as directory:
        results = Path(directory)
        (results / "samples").mkdir()
        for i in range(options.rows):
            _leave(results, _row(i, options.workloads))
        print(f"{options.rows} rows of {options.workloads} workloads")
        for turn, words in enumerate(((), ("--plots",))):
            print(" ".join(("report", *words)))
            print(f"  all of it new         {_report(results, *words)}")
            _leave(results, _row(options.rows + turn, options.workloads))
            print(f"  one workload changed  {_report(results, *words)}")
            print(f"  nothing changed       {_report(results, *words)}")


def _report(results: Path, *words: str) -> str:
    started, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "bench", "report", "--results", str(results), *words]
    subprocess.run(command, check=True, capture_output=True)
    seconds, after = time.perf_counter() - started, os.times()
    cpu = sum(after[2:4]) - sum(before[2:4])
    return f"{seconds:.1f} s, {cpu:.1f} s of CPU time"


def _row(i: int, workloads: int) -> Measurement:
    kind, turn = i % workloads, i // workloads
    strategy, total = _STRATEGIES[turn % len(_STRATEGIES)], 10.0 + 3 * kind + turn
    recall = 0.95 if "annoy" in strategy else 1.0
    seconds: dict[str, Any] = {
        f"{phase}_seconds": total * share for phase, share in zip(_PHASES, (0.1, 0.1, 0.2, 0.6), strict=True)
    }
    return Measurement(
        run_id=f"run{i}",
        series_id=f"series{i}",
        strategy=strategy,
        exact=recall == 1,
        params={"turn": turn},
        workload=WorkloadId(f"kind-{kind}", 10_000 * (1 + kind), 12, 10, "euclidean", 0, f"{kind:016x}"),
        repeat=1,
        threads=2,
        multi_threaded=True,
        master=None,
        status="ok",
        rows_answered=10_000,
        total_seconds=total,
        recall=recall,
        recall_low=recall - 0.01,
        recall_high=recall,
        peak_memory_bytes=2**29,
        peak_anonymous_bytes=2**28,
        environment="here",
        machine="here",
        started_at="2025-01-01T10:00:00+00:00",
        **seconds,
    )


def _leave(results: Path, row: Measurement) -> None:
    Store(results).append(row, {"environment": "here"})
    lines = ["seconds,phase,role,memory_bytes,anonymous_bytes"]
    for i in range(200):
        phase = _PHASES[min(i // 20, 3)]
        lines.append(f"{(row.total_seconds or 0) * i / 200:.3f},{phase},worker,{2**20 * i},{2**19 * i}")
    (results / "samples" / f"{row.run_id}.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
