"""README shows what the reference's rows say: its table and its picture cannot drift."""

import shutil
from pathlib import Path

import pytest

from bench.results import Store
from tests.report.rows import ENVIRONMENT, every_status, failed, row
from tools.reference.__main__ import ROOT
from tools.reference.files import keep
from tools.reference.picture import page_hash, source_hash, take_picture
from tools.reference.readme import TABLE, table

REFERENCE = ROOT / "results" / "reference"
README = (ROOT / "README.md").read_text(encoding="utf-8")
MARKED = f"before\n{TABLE.begin}\nold\n{TABLE.end}\nafter\n"
MOST_BYTES = 5 * 2**20


def disagreements(readme: str, reference: Path, picture: Path) -> list[str]:
    """What README shows and the reference does not say; nothing where no reference is kept yet."""
    if not reference.exists():
        return []
    found = [] if TABLE.written(readme) == table(reference) else ["table"]
    return found if source_hash(picture) == page_hash(reference / "report.html") else [*found, "picture"]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    directory = tmp_path / "results"
    (directory / "plots").mkdir(parents=True)
    (directory / "logs").mkdir()
    for one in every_status():
        Store(directory).append(one, ENVIRONMENT)
    Store(directory).write_table()
    (directory / "report.html").write_text("<h1>a page</h1>")
    (directory / "plots" / "a.png").write_bytes(b"png")
    (directory / "logs" / "x.log").write_text("long")
    return directory


def test_readme_and_its_picture_are_made_of_the_reference() -> None:
    assert disagreements(README, REFERENCE, ROOT / "docs" / "report.png") == []
    assert TABLE.written(README) != ""


def test_the_reference_stays_small() -> None:
    assert sum(path.stat().st_size for path in REFERENCE.rglob("*") if path.is_file()) < MOST_BYTES


def test_a_table_that_drifted_is_found_and_mended(results: Path) -> None:
    picture = results / "report.html.png"
    shutil.copy(ROOT / "docs" / "report.png", picture)
    assert disagreements(MARKED, results, picture) == ["table", "picture"]
    mended = TABLE.replaced(MARKED, table(results))
    assert disagreements(mended, results, picture) == ["picture"]
    assert mended.startswith(f"before\n{TABLE.begin}\n")
    assert mended.endswith(f"\n{TABLE.end}\nafter\n")
    assert TABLE.replaced(mended, table(results)) == mended


@pytest.mark.browser
def test_a_picture_shows_the_page_that_it_names(results: Path) -> None:
    take_picture(results / "report.html", results / "report.png")
    assert disagreements(TABLE.replaced(MARKED, table(results)), results, results / "report.png") == []


def test_the_table_names_machine_and_points_and_shows_failures(results: Path) -> None:
    lines = table(results).splitlines()
    assert "1,000,000 points of 12 dimensions" in lines[0]
    assert "2 cores of a Some CPU at 2.00 GHz with 24 GiB" in lines[0]
    (partial,) = (line for line in lines if "numpy_brute" in line)
    assert "partial, all rows ~83.2 min" in partial
    (crashed,) = (line for line in lines if "breaks" in line)
    assert "crashed" in crashed


def test_of_several_settings_the_fastest_with_a_good_recall_stands_for_a_strategy(tmp_path: Path) -> None:
    settings = {1: (5.0, 0.5), 10: (20.0, 0.93), 100: (90.0, 0.99)}
    rows = [row("x", seconds=s, recall=r, params={"trees": t}) for t, (s, r) in settings.items()]
    for one in [*rows, failed("x", "crashed", "it broke", params={"trees": 1000})]:
        Store(tmp_path).append(one, ENVIRONMENT)
    (line,) = (line for line in table(tmp_path).splitlines() if line.startswith("| x"))
    assert line.startswith("| x trees=10 ")


def test_rows_page_and_plots_are_kept_and_logs_are_not(results: Path, tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    (reference / "plots").mkdir(parents=True)
    for name in ("plots/of_another_time.png", "plots/mine.svg", "notes.txt"):
        (reference / name).touch()
    keep(results, reference)
    kept = {str(path.relative_to(reference)) for path in reference.rglob("*") if path.is_file()}
    assert kept == {
        "measurements.jsonl",
        "measurements.csv",
        "environments.jsonl",
        "report.html",
        "plots/a.png",
        "plots/mine.svg",
        "notes.txt",
    }


def test_what_is_kept_already_is_no_run_to_keep(results: Path) -> None:
    with pytest.raises(ValueError, match="choose the results of another run"):
        keep(results, results)
    assert (results / "measurements.jsonl").exists()


def test_without_rows_the_reference_stays_as_it_is(results: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no measurements\.jsonl"):
        keep(tmp_path / "nothing", results)
    assert (results / "report.html").exists()
