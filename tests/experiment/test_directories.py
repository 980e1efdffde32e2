"""Where a run may be started."""

from pathlib import Path

import pytest

from bench import catalog
from bench.experiment.directories import check_working_directory


@pytest.mark.parametrize("name", ["bench/__init__.py", "bench.py"])
def test_a_bench_of_the_users_in_the_working_directory_is_named(tmp_path: Path, name: str) -> None:
    check_working_directory(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(ValueError, match="has this program's name"):
        check_working_directory(tmp_path)


def test_the_checkout_and_a_folder_without_modules_hide_nothing(tmp_path: Path) -> None:
    (tmp_path / "bench").mkdir()
    check_working_directory(tmp_path)
    check_working_directory(catalog.DIRECTORY.parent)
