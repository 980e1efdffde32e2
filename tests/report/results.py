"""Made-up results directories, as a harness leaves them."""

from collections.abc import Iterable
from pathlib import Path

from bench.results import Measurement, Store
from tests.report.rows import ENVIRONMENT


def leave(directory: Path, rows: Iterable[Measurement]) -> Path:
    """Write rows with their environment, logs and samples."""
    store = Store(directory)
    for name in ("logs", "samples"):
        (directory / name).mkdir()
    for row in rows:
        store.append(row, ENVIRONMENT)
        log = "".join(f"line {i} of <i>{row.strategy}</i>\n" for i in range(30))
        (directory / "logs" / f"{row.run_id}.log").write_text(log)
        if row.total_seconds:
            (directory / "samples" / f"{row.run_id}.csv").write_text(_samples(row))
    return directory


def _samples(row: Measurement) -> str:
    lines = ["seconds,phase,role,memory_bytes,anonymous_bytes"]
    for i in range(40):
        phase = ("start", "load", "fit", "query")[min(i // 4, 3)]
        held = (row.peak_memory_bytes or 0) * (i + 10) // 50
        for role, part in (("worker", 2), ("child", 3)):
            lines.append(f"{(row.total_seconds or 0) * i / 40:.3f},{phase},{role},{held // part},{held // 4}")
    return "\n".join(lines) + "\n"
