"""Keeps the rows of runs at equal recall with the project, and writes docs/contenders.md's tables from them.

Of each results directory the points that it has most of are taken. Without one, the tables are written again
from the rows kept already.
"""

import argparse
import re
import shutil
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.analysis.summary import Group, groups
from bench.experiment.rungs import reaches
from bench.measure.row import DISTURBED_CORES
from bench.report.commands import points_of, run_command
from bench.report.wording import describe_status, describe_workload
from bench.results import Measurement, Store
from bench.units import UNKNOWN, format_bytes, format_recall, format_seconds, shorten
from tools.marks import Part

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "results" / "contenders"
PAGE = ROOT / "docs" / "contenders.md"
TABLES = Part("contenders")
"""What is written into PAGE."""
TARGETS = (0.9, 0.95, 0.99)
_REASON_WIDTH = 160
_MANY = 10
"""So many strategies were not chosen one by one."""
_DEFAULT = "bench-embeddings"
_EXTRAS = ("annoy", "contenders", "spark")
"""Those of pyproject.toml that bring the libraries of strategies."""


def tables(kept: Path) -> str:
    """Write a section for each directory of rows, those of the fewest points first."""
    stores = [Store(path.parent) for path in kept.glob("*/measurements.jsonl")]
    stores.sort(key=lambda store: _largest(store).workload.n)
    return "\n\n".join(section(store) for store in stores)


def section(store: Store) -> str:
    """Write what was measured, how and with which versions, the table, and why cells are empty."""
    group = _largest(store)
    rows = group.rows
    strategies = list(dict.fromkeys(row.strategy for row in rows))
    shown = {name: _cheapest(rows, name) for name in strategies}
    measured = sorted((name for name in strategies if shown[name]), key=lambda name: _order(shown[name]))
    environment = store.environments()[rows[0].environment]
    machine = environment["machine"]
    processor = f"{machine['cores']} cores of {machine['cpu']} with {format_bytes(machine['memory_bytes'])}"
    days = sorted({row.started_at[:10] for row in rows if row.started_at})
    fixed = ["--fix-blas"] if any(row.blas_kernel for row in rows) else []
    chosen = sorted(strategies) if len(strategies) < _MANY else ()
    command = run_command(chosen, points_of(rows[0]), *fixed, "--at-recall", ",".join(map(str, TARGETS)))
    lines = [
        f"## {group.workload.name}, {group.workload.n:,} points",
        "",
        f"`{command}`: {describe_workload(group.workload)}; {rows[0].threads} threads on {processor};",
        f"{' to '.join(dict.fromkeys((days[0], days[-1])))}, commit {environment['git_commit']}.",
        f"With {_versions(environment['packages'])}.{_disturbed(rows)}",
        "",
        f"| strategy | {' | '.join(f'at {target}' for target in TARGETS)} | start | peak memory |",
        f"|---|{'--:|' * (len(TARGETS) + 2)}",
        *(_line(name, shown[name]) for name in measured),
    ]
    notes = [note for name in strategies if (note := _why_empty(name, shown[name], rows))]
    return "\n".join([*lines, *([""] if notes else []), *notes])


def _largest(store: Store) -> Group:
    return max(groups(store.rows()), key=lambda group: (group.workload.n, len(group.rows)))


def _cheapest(rows: Iterable[Measurement], strategy: str) -> dict[float, Measurement]:
    """The quickest run of a strategy that surely reaches each target, as far as one does."""
    own = [row for row in rows if row.strategy == strategy]
    cheapest = {}
    for target in TARGETS:
        fitting = [row for row in own if reaches(row, target) and row.total_seconds is not None]
        if fitting:
            cheapest[target] = min(fitting, key=lambda row: row.total_seconds or 0.0)
    return cheapest


def _order(cells: dict[float, Measurement]) -> list[float]:
    return [cells[target].total_seconds or 0.0 if target in cells else float("inf") for target in TARGETS]


def _line(name: str, cells: dict[float, Measurement]) -> str:
    runs = list(cells.values())
    exact = " (exact)" if runs[0].exact else ""
    peak = max((run.peak_memory_bytes or 0 for run in runs), default=0) or None
    columns = [_cell(cells.get(target)) for target in TARGETS]
    return f"| {' | '.join([f'`{name}`{exact}', *columns, _start(runs[0]), format_bytes(peak)])} |"


def _cell(row: Measurement | None) -> str:
    if row is None:
        return UNKNOWN
    return (
        f"{format_seconds(row.total_seconds)}, {format_recall(row.recall, row.recall_low, row.recall_high)}"
    )


def _start(row: Measurement) -> str:
    start = format_seconds(row.start_seconds)
    first = row.first_start_seconds
    return start if first is None else f"{start} (the first {format_seconds(first)})"


def _why_empty(name: str, cells: dict[float, Measurement], rows: Sequence[Measurement]) -> str:
    """Say why a strategy has no figure at a target: how far it came, or why it was not run."""
    missing = [target for target in TARGETS if target not in cells]
    if not missing:
        return ""
    own = [row for row in rows if row.strategy == name]
    ok = [row for row in own if row.status == "ok" and row.recall is not None]
    at = f"`{name}` at {', '.join(map(str, missing))}: "
    if ok:
        best = max(ok, key=lambda row: row.recall or 0.0)
        text = f"{format_recall(best.recall, best.recall_low, best.recall_high)} at most"
        at += f"{text}, in {format_seconds(best.total_seconds)}"
    reasons = [row for row in own if row.status != "ok" and row.reason]
    why = [f"{describe_status(row.status)}: {shorten(row.reason, _REASON_WIDTH)}" for row in reasons[-1:]]
    return f"- {'; '.join([at.removesuffix(': ') if not ok else at, *why])}."


def _disturbed(rows: Sequence[Measurement]) -> str:
    """Say how many runs other processes disturbed; nothing where none was."""
    ok = [row for row in rows if row.status == "ok"]
    disturbed = [row for row in ok if (row.disturbed or 0.0) > DISTURBED_CORES]
    return f" Other processes disturbed {len(disturbed)} of {len(ok)} runs." if disturbed else ""


def _versions(packages: Mapping[str, str]) -> str:
    """Name the version of each library that strategies take."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [extras["dependencies"], *(extras["optional-dependencies"][name] for name in _EXTRAS)]
    names = sorted({re.split(r"[^\w-]", text)[0] for some in wanted for text in some})
    return ", ".join(f"{name} {packages[name]}" for name in names if name in packages)


def keep(results: Path, kept: Path) -> None:
    """Copy the rows on the points that a directory has most of, with their machine; ValueError without."""
    store = Store(results)
    if not store.rows():
        raise ValueError(f"no rows in {results}: `make {_DEFAULT} RESULTS={results}` writes some")
    group, environments = _largest(store), store.environments()
    place = kept / f"{group.workload.name}-{group.workload.n}"
    if place.is_dir() and place.samefile(results):
        raise ValueError(f"{results} is where the rows are kept: choose the results of another run")
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for row in group.rows:
        Store(place).append(row, environments[row.environment])


def main(results: Sequence[Path], kept: Path = KEPT, page: Path = PAGE) -> None:
    """Keep what is new and write the page."""
    for directory in results:
        keep(directory, kept)
    page.write_text(TABLES.replaced(page.read_text(encoding="utf-8"), tables(kept)), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.contenders", description=__doc__)
    parser.add_argument("results", type=Path, nargs="*", help="results directories to keep (default: none)")
    main(parser.parse_args().results)
