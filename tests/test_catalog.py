"""Strategies are found by file name, and named again when the name is nearly right."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import catalog, source_code

ANY = catalog.names()[0]
MINE = """
from collections.abc import Iterator
from dataclasses import dataclass
from bench.strategy import Entry, Neighbors, Strategy
{more}
@dataclass
class Mine(Strategy):
    depth: int = 3
    def kneighbors(self, k: int) -> Iterator[Neighbors]:
        return iter(())
strategy = Entry(Mine, exact=False, requires=("no-such-distribution",))
"""


def test_a_strategy_may_be_any_python_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MINE.format(more=""))
    listing = catalog.load(str(path))
    assert (listing.name, listing.parameters) == ("mine", {"depth": 3})
    assert catalog.missing_packages(listing.entry) == ["no-such-distribution"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (f"{ANY[0]}{ANY[2:]}", f"did you mean {ANY!r}"),
        ("no_such.py", "no strategy file"),
    ],
)
def test_an_unknown_strategy_is_refused_with_the_near_match(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        catalog.load(name)


@pytest.mark.parametrize(
    ("text", "message"), [("x = 1", "declares no strategy"), ("import nothing_here", "cannot be imported")]
)
def test_a_file_that_is_no_strategy_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        catalog.load(str(path))


def test_the_code_hash_changes_with_a_shared_module_it_imports(tmp_path: Path) -> None:
    path, shared = tmp_path / "mine.py", tmp_path / "_shared.py"
    path.write_text(MINE.format(more="from _shared import x"))
    shared.write_text("x = 1")
    before = source_code.code_hash(path)
    shared.write_text("x = 2")
    assert source_code.code_hash(path) != before


@pytest.mark.parametrize(
    ("imports", "module"),
    [
        ("import helper", "helper.py"),
        ("from package import part", "package/__init__.py"),
        ("from package import part", "package/part.py"),
        ("import package.part", "package/beside.py"),
        ("import elsewhere", "../lib/elsewhere.py"),
    ],
)
def test_the_code_hash_of_a_users_file_changes_with_every_module_of_the_users_that_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, imports: str, module: str
) -> None:
    folder, library = tmp_path / "mine", tmp_path / "lib"
    (folder / "package").mkdir(parents=True)
    library.mkdir()
    (folder / "package" / "part.py").write_text("from . import beside")
    for name in ("package/__init__.py", "package/beside.py", "helper.py", "../lib/elsewhere.py"):
        (folder / name).write_text("")
    monkeypatch.syspath_prepend(str(library))
    path = folder / "mine.py"
    path.write_text(MINE.format(more=imports))
    before = source_code.code_hash(path)
    changed = folder / module
    changed.write_text(changed.read_text() + "\nx = 2")
    assert source_code.code_hash(path) != before


def test_the_code_hash_of_our_own_strategies_has_nothing_of_the_harness() -> None:
    files = source_code._with_imports(catalog.DIRECTORY / f"{ANY}.py", set(), ())
    assert {file.relative_to(catalog.DIRECTORY.parent).parts[0] for file in files} <= {"strategies", "allknn"}


def test_files_of_one_name_are_called_by_as_much_of_their_path_as_keeps_them_apart() -> None:
    paths = [Path("/a/v1/mine.py"), Path("/a/v2/mine.py"), Path("/b/v1/mine.py"), Path("/b/other.py")]
    assert list(catalog.distinct_names(paths).values()) == ["a/v1/mine", "v2/mine", "b/v1/mine", "other"]
    ours, theirs = catalog.DIRECTORY / f"{ANY}.py", Path(f"/me/{ANY}.py")
    assert catalog.distinct_names([ours, theirs]) == {ours: ANY, theirs: f"me/{ANY}"}


def test_listing_all_strategies_imports_none_of_their_libraries() -> None:
    code = (
        "import sys; from bench import catalog; [catalog.load(n) for n in catalog.names()];"
        "print(sorted({'sklearn', 'annoy', 'pyspark', 'faiss', 'pandas', 'scipy'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


WITHOUT_EACH = """
import sys
from bench import catalog, source_code
from bench.cli import main
for path in sorted(catalog.DIRECTORY.glob("[!_]*.py")):
    away = path.rename(path.with_suffix(".away"))
    for module in [name for name in sys.modules if name.startswith("strategies")]:
        del sys.modules[module]
    others = [catalog.load(name).name for name in catalog.names()]
    assert others and path.stem not in others
    assert main(["list"]) == 0
    away.rename(path)
print(catalog.DIRECTORY)
"""


RUN = """
import sys
import bench.cli, bench.report
bench.report.write_report = lambda *_, **__: None  # the page takes longer than the run
sys.exit(bench.cli.main(["run", *sys.argv[1:]]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A place with a copy of the project's code, to take files away from."""
    for room in ("allknn", "bench", "strategies"):
        shutil.copytree(catalog.DIRECTORY.parent / room, tmp_path / room)
    return tmp_path


def ran_in(copy: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.slow
def test_any_strategy_may_be_deleted_and_the_others_are_listed(copy: Path) -> None:
    told = ran_in(copy, "-c", WITHOUT_EACH).splitlines()
    assert told[-1] == str(copy / "strategies")
    assert sum(line.startswith(f"{ANY} ") for line in told) == len(catalog.names()) - 1


@pytest.mark.slow
def test_a_strategy_runs_where_all_others_are_deleted(copy: Path) -> None:
    alone = next(name for name in catalog.names() if not catalog.load(name).entry.requires)
    for path in (copy / "strategies").glob("[!_]*.py"):
        if path.stem != alone:
            path.unlink()
    points = ["--workload", "small", "-n", "2000", "--truth-rows", "100"]
    told = ran_in(copy, "-c", RUN, *points, "--results", "here", "--cache", "cache", "--json")
    assert [(row["strategy"], row["status"]) for row in map(json.loads, told.splitlines())] == [(alone, "ok")]
