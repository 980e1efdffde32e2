"""Which files of a results directory are kept with the project."""

import shutil
from pathlib import Path

KEPT = (
    "measurements.jsonl",
    "measurements.csv",
    "environments.jsonl",
    "workloads.jsonl",
    "report.html",
    "plots/*.png",
)
"""The page holds the rest: the end of each log, each curve of memory, the plots as SVG."""


def keep(results: Path, reference: Path) -> None:
    """Replace the kept files by those of a results directory.

    Raises FileNotFoundError where that holds no rows.
    """
    if not (results / KEPT[0]).is_file():
        raise FileNotFoundError(f"no {KEPT[0]} in {results}: `make bench` writes one")
    if reference.exists() and reference.samefile(results):
        raise ValueError(f"{results} is where the files are kept: choose the results of another run")
    for path in [path for pattern in KEPT for path in reference.glob(pattern)]:
        path.unlink()
    for pattern in KEPT:
        for path in results.glob(pattern):
            target = reference / path.relative_to(results)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
