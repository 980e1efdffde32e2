"""docs/contenders.md shows what the rows that are kept say: its tables cannot drift."""

from pathlib import Path

import pytest

from bench.results import Measurement, Store
from bench.workloads.identity import WorkloadId
from tests.report.rows import ENVIRONMENT, failed, row
from tools.contenders import KEPT, PAGE, TABLES, keep, main, tables

PATCHES = WorkloadId("patches", 30_000, 64, 10, "euclidean", None, "b" * 16)
SAMPLE = WorkloadId("patches", 3_000, 64, 10, "euclidean", None, "c" * 16)
MARKED = f"before\n{TABLES.begin}\nold\n{TABLES.end}\nafter\n"


def rung(strategy: str, seconds: float, recall: float, **fields: object) -> Measurement:
    interval = {"recall": recall, "recall_low": recall - 0.005, "recall_high": min(1.0, recall + 0.005)}
    known = {"exact": False, "workload": PATCHES, "params": {"rung": seconds}}
    known |= {"points_options": "--workload patches -n 30000"}
    return row(strategy, seconds=seconds, **known | interval | fields)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    directory = tmp_path / "results"
    directory.mkdir()
    rows = [
        rung("annoy_loop", 1.0, 0.99, workload=SAMPLE),
        rung("annoy_loop", 30.0, 0.953),
        rung("annoy_loop", 20.0, 0.96, peak_memory_bytes=3 << 30),
        rung("annoy_loop", 10.0, 0.904),
        rung("pynndescent", 8.0, 0.998, start_seconds=2.0, first_start_seconds=50.0),
        rung("sklearn_matrix", 60.0, 1.0, exact=True),
        rung("voyager", 5.0, 0.88),
        failed("voyager", "skipped", "predicted to take more than three times as long", workload=PATCHES),
        failed("spark_native", "unavailable", "most_points is 10,000", workload=PATCHES),
    ]
    for one in rows:
        Store(directory).append(one, ENVIRONMENT)
    return directory


def lines_of(text: str, name: str) -> list[str]:
    return [line for line in text.splitlines() if f"`{name}`" in line]


def test_the_page_is_made_of_the_rows_that_are_kept() -> None:
    assert TABLES.written(PAGE.read_text(encoding="utf-8")) == tables(KEPT)


def test_each_cell_is_the_cheapest_run_that_surely_reaches_the_target(results: Path, tmp_path: Path) -> None:
    keep(results, tmp_path / "kept")
    text = tables(tmp_path / "kept")
    cell = "20 s, 0.960 [0.955, 0.965]"
    (annoy, missing) = lines_of(text, "annoy_loop")
    assert annoy == f"| `annoy_loop` | {cell} | {cell} | – | 400 ms | 3 GiB |"  # noqa: RUF001 (tables' dash)
    assert missing == "- `annoy_loop` at 0.99: 0.960 [0.955, 0.965] at most, in 20 s."
    (exact,) = lines_of(text, "sklearn_matrix")
    assert exact.startswith("| `sklearn_matrix` (exact) | 60 s, 1.000 [0.995, 1.000] |")


def test_the_first_start_of_what_compiles_stands_beside_the_later_one(results: Path, tmp_path: Path) -> None:
    keep(results, tmp_path / "kept")
    (line,) = lines_of(tables(tmp_path / "kept"), "pynndescent")
    assert "| 2 s (the first 50 s) |" in line


def test_what_reaches_nothing_or_was_not_run_is_named_with_its_reason(results: Path, tmp_path: Path) -> None:
    keep(results, tmp_path / "kept")
    text = tables(tmp_path / "kept")
    (voyager,) = lines_of(text, "voyager")
    assert "0.880 [0.875, 0.885] at most, in 5 s; skipped: predicted to take more" in voyager
    (native,) = lines_of(text, "spark_native")
    assert native.endswith("unavailable: most_points is 10,000.")


def test_a_section_names_command_machine_commit_and_versions(results: Path, tmp_path: Path) -> None:
    keep(results, tmp_path / "kept")
    text = tables(tmp_path / "kept")
    assert text.startswith("## patches, 30,000 points\n")
    chosen = "annoy_loop pynndescent sklearn_matrix spark_native voyager"
    assert f"`allknn-bench run {chosen} --workload patches -n 30000" in text
    assert "--at-recall 0.9,0.95,0.99`" in text
    assert "Some CPU at 2.00 GHz" in text
    assert "commit 0123456789ab" in text
    assert "With annoy 1.17.3, numpy 2.4.6, scikit-learn 1.9.0." in text


def test_the_command_writes_the_page_and_writing_it_again_changes_nothing(
    results: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(MARKED)
    main([results], tmp_path / "kept", page)
    text = page.read_text()
    assert text.startswith(f"before\n{TABLES.begin}\n## patches")
    assert text.endswith(f"\n{TABLES.end}\nafter\n")
    main([], tmp_path / "kept", page)
    assert page.read_text() == text
    with pytest.raises(ValueError, match="lacks the marks"):
        TABLES.replaced("no marks", "")


def test_rows_kept_already_are_no_run_to_keep_and_without_rows_there_is_none(
    results: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    keep(results, kept)
    before = tables(kept)
    with pytest.raises(ValueError, match="choose the results of another run"):
        keep(kept / "patches-30000", kept)
    with pytest.raises(ValueError, match="no rows in"):
        keep(tmp_path / "nothing", kept)
    assert tables(kept) == before
