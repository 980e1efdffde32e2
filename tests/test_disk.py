"""What a disk refuses is said with the place."""

from pathlib import Path

import pytest

from bench.disk import naming
from bench.measure.causes import in_one_line


def test_a_write_that_finds_no_space_says_where(tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match=r"No space left on device: '.*/answer\.npz'"),
        naming(tmp_path / "answer.npz"),
        Path("/dev/full").open("wb") as file,
    ):
        file.write(b"x" * 100)


def test_a_name_that_an_error_has_is_kept(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing"), naming(tmp_path / "answer.npz"):
        (tmp_path / "missing").read_bytes()


def test_a_strategy_without_space_says_where_its_files_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    line = in_one_line(OSError(28, "No space left on device"))
    assert line.endswith(f"No space left on device; files of a run lie in {tmp_path}, which TMPDIR moves")
