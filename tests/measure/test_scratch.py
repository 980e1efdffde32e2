"""A run's directory among other people's files: only what a run made, and has ended, is removed."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from bench.measure.scratch import remove, scratch
from tests.measure.runs import fake, planned, runner, stage


def everything(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*")}


def left_behind(results: Path, name: str) -> Path:
    """The directory of a run that was killed."""
    with scratch(results, "killed") as path:
        content = (path / "lock").read_text()
    left = results / name
    left.mkdir()
    (left / "lock").write_text(content)
    (left / "answers").touch()
    return left


def test_a_run_s_directory_is_there_as_long_as_the_run(tmp_path: Path) -> None:
    with scratch(tmp_path, "one") as path:
        (path / "below").mkdir()
        assert path.parent == tmp_path
    assert everything(tmp_path) == set()


def test_the_next_run_removes_what_an_ended_one_left_and_nothing_else(tmp_path: Path) -> None:
    results, elsewhere = tmp_path / "results", tmp_path / "elsewhere"
    for directory in (results, elsewhere):
        directory.mkdir()
    for name in (".my-notes/lock", ".my-notes/thesis.tex", ".idea-x/lock/a", ".a-b/a", "notes.txt"):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text("mine")
    (results / ".link-x").symlink_to(left_behind(elsewhere, ".0123-left"))
    before = everything(tmp_path)
    left_behind(results, ".4567-left")
    with scratch(results, "running") as running, scratch(results, "next"):
        assert running.exists()
    assert everything(tmp_path) == before


@pytest.mark.parametrize("content", [None, "", "allknn"])
def test_a_directory_that_no_run_has_marked_is_not_removed(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "lock").write_text(content)
    remove(tmp_path)
    remove(Path())
    remove(tmp_path / "not there")
    assert tmp_path.exists()


def test_a_marked_one_is(tmp_path: Path) -> None:
    left = left_behind(tmp_path, "left")
    remove(left)
    assert not left.exists()


def test_what_a_killed_strategy_wrote_for_all_hosts_is_gone_after_the_run(tmp_path: Path) -> None:
    path = tmp_path / "writes_for_all.py"
    fields = 'class Segfaults(Strategy):\n    shared_scratch: str = ""\n    shared_dir: str = ""\n'
    writes = 'Path(self.shared_scratch, "index").touch()\n'
    writes += "        mode = Path(self.shared_scratch).stat().st_mode\n"
    writes += '        Path(self.shared_dir, "seen").write_text(f"{self.shared_scratch} {mode}")\n        '
    text = Path(fake("segfaults")).read_text().replace("class Segfaults(Strategy):\n", fields)
    text = text.replace("import ctypes\n", "import ctypes\nfrom pathlib import Path\n")
    path.write_text(text.replace("ctypes.string_at(0)", writes + "ctypes.string_at(0)"))
    shared = tmp_path / "shared"
    shared.mkdir()
    points, workload = stage(tmp_path)
    run = replace(planned(str(path), workload), places={"shared_dir": str(shared)})
    row = runner(tmp_path, points).run(run, lambda _progress: None)
    assert row.reason == "killed by SIGSEGV"
    assert everything(shared) == {"seen"}
    place, mode = (shared / "seen").read_text().split()
    assert Path(place).parent == shared
    assert stat.S_IMODE(int(mode)) == 0o755
