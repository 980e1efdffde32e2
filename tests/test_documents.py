"""What README and docs say: commands parse, cheap ones run, links lead somewhere, numbers are the code's."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.analysis.compare import ALPHA, LOOKS, compare
from bench.analysis.independent import more_needed
from bench.cli import main
from bench.cli.parser import parse
from bench.results import Store
from tests.analysis.test_before_after import repeated
from tests.report.rows import ENVIRONMENT

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "results/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
BENCH = "allknn-bench "
COMMANDS = "advise|claims|cluster|compare|data|list|predict|report|run|score"
OTHER_NAME = re.compile(rf"-m bench\b|(?<![-\w./])bench (?:{COMMANDS})\b")
"""What a document may not call the command."""
CHEAP = (
    "data --data vectors.parquet --column embedding",
    "run --data vectors.parquet --column embedding -k 15 --time-limit 10m --memory-limit 8GiB",
    "run ./mine.py sklearn_matrix --workload small -n 2000",
    "compare before after --fail-if-slower 10%",
    "list",
)
"""Commands of the README that take seconds."""
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def commands(path: Path) -> Iterator[str]:
    """What stands behind each prompt of a document, comments cut, continued lines joined."""
    for block in re.findall(r"```console\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                yield " ".join(line[2:].partition(" #")[0].split())


def commands_that_start(start: str) -> list[str]:
    return [
        line.removeprefix(start) for path in DOCUMENTS for line in commands(path) if line.startswith(start)
    ]


@pytest.mark.parametrize("line", commands_that_start(BENCH))
def test_a_documented_command_is_one_that_there_is(line: str) -> None:
    assert callable(parse(shlex.split(line)))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_knows_one_name_for_the_command(path: Path) -> None:
    assert OTHER_NAME.findall(path.read_text(encoding="utf-8")) == []


def test_the_readme_counts_the_strategies_that_make_bench_runs() -> None:
    (names,) = re.findall(r"^MISSION = (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"runs {NUMBERS[len(names.split())]} strategies on a million points" in readme


def test_the_repeats_that_documents_speak_of_are_those_of_the_code() -> None:
    method, report = (
        " ".join((ROOT / "docs" / name).read_text(encoding="utf-8").split())
        for name in ("measuring-method.md", "reading-the-report.md")
    )
    fewest_pairs = next(n for n in range(1, 9) if distinguishable_after(n))
    fewest_on_a_side = next(n for n in range(1, 9) if more_needed(n, n, ALPHA) == 0)
    assert f"looks after {', '.join(map(str, LOOKS[:-1]))} and {LOOKS[-1]} repeats" in method
    assert f"it takes {NUMBERS[fewest_pairs]} repeats to tell anything" in method
    assert f"where there are fewer than {NUMBERS[fewest_pairs]} repeats" in report
    assert f"That takes {NUMBERS[fewest_on_a_side]} repeats on each side" in report


def distinguishable_after(repeats: int) -> bool:
    """Whether so many pairs of runs, one always far slower, are called different."""
    seconds = np.linspace(1.0, 2.0, repeats)
    return compare(seconds, 10 * seconds).verdict == "different"


@pytest.mark.parametrize("target", commands_that_start("make "))
def test_a_documented_target_is_one_that_there_is(target: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert target.split(maxsplit=1)[0] in targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_or_a_heading_that_there_is(path: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def headings(path: Path) -> set[str]:
    """Anchors of a document's headings."""
    lines = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with what README's commands speak of: its example of a strategy, points, results."""
    directory = tmp_path_factory.mktemp("newcomer")
    (example,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    (directory / "mine.py").write_text(example)
    points = np.random.default_rng(0).standard_normal((500, 6)).astype(np.float32)
    pq.write_table(pa.table({"embedding": list(points)}), directory / "vectors.parquet")
    for name in ("before", "after"):
        (directory / name).mkdir()
        for row in repeated("x", 10.0):
            Store(directory / name).append(row, ENVIRONMENT)
    return directory


@pytest.mark.slow
@pytest.mark.strategies("sklearn_matrix")
@pytest.mark.parametrize("line", CHEAP)
def test_a_cheap_command_of_the_readme_does_what_it_says(
    line: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert line in [command.removeprefix(BENCH) for command in commands(ROOT / "README.md")]
    monkeypatch.chdir(place)
    monkeypatch.setenv("ALLKNN_CACHE", str(place / "cache"))
    words = shlex.split(line)
    if words[:2] == ["run", "--data"]:
        words.insert(1, "sklearn_matrix")  # all strategies would take minutes
    assert main(words) == 0
    assert capsys.readouterr().out != ""
    for row in Store(place / "results").rows():  # the README's own strategy among them
        assert (row.status, row.exact, row.recall) == ("ok", True, 1.0)
