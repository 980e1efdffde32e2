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
"""Not logs and samples, whose end and curve the page holds, nor drawings that the page holds too."""


def keep(results: Path, reference: Path) -> None:
    """Replace the files kept by those of a results directory."""
    if not (results / KEPT[0]).is_file():
        raise FileNotFoundError(f"no {KEPT[0]} in {results}: `make bench` makes one")
    if reference.exists() and reference.samefile(results):
        raise ValueError(f"{results} is where the files are kept: choose the results of another run")
    for path in [path for pattern in KEPT for path in reference.glob(pattern)]:
        path.unlink()
    for pattern in KEPT:
        for path in results.glob(pattern):
            target = reference / path.relative_to(results)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
