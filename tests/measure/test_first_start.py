"""What a library compiles and keeps is compiled once: the total has a later start, the row both."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.measure.compiled import KeptCode
from bench.measure.environment import environment
from bench.results import Measurement
from bench.workloads import cache_size, clear_cache
from tests.measure.runs import fake, planned, runner, stage

pytestmark = pytest.mark.slow

CODE = "allknn-compiled"


def run(directory: Path, path: str, *, first_start: bool = False, **params: bool) -> Measurement:
    points, workload = stage(directory, n=300)
    one = replace(planned(path, workload, **params), first_start=first_start)
    return runner(directory, points).run(one, lambda _progress: None)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("first-start")


@pytest.fixture(scope="module")
def earlier(directory: Path) -> Measurement:
    """The row of the first run there."""
    return run(directory, fake("compiles"))


def test_even_the_first_run_has_a_later_start_and_knows_the_first(earlier: Measurement) -> None:
    assert (earlier.status, earlier.recall, earlier.details["compiled"]) == ("ok", 1.0, 0.0)
    assert earlier.first_start_seconds
    assert earlier.start_seconds != earlier.first_start_seconds
    assert earlier.total_seconds == pytest.approx(
        sum(earlier.phases[name].seconds for name in ("start", "fit", "query")), rel=1e-6
    )


def test_a_later_run_finds_what_was_compiled_and_keeps_the_figure(
    directory: Path, earlier: Measurement
) -> None:
    row = run(directory, fake("compiles"))
    assert (row.status, row.details["compiled"]) == ("ok", 0.0)
    assert row.first_start_seconds == earlier.first_start_seconds
    assert len([*(directory / "cache" / CODE).glob("*/first-start.json")]) == 1


def test_a_first_start_that_is_asked_for_is_in_the_total_and_leaves_nothing(
    directory: Path, earlier: Measurement
) -> None:
    size = cache_size(directory / "cache")
    row = run(directory, fake("compiles"), first_start=True)
    assert (row.status, row.details["compiled"], row.first_start) == ("ok", 1.0, True)
    assert row.start_seconds == row.first_start_seconds
    assert not earlier.first_start
    assert cache_size(directory / "cache") == size


@pytest.mark.usefixtures("earlier")
def test_other_code_has_a_first_start_of_its_own(directory: Path) -> None:
    path = directory / "compiles_more.py"
    path.write_text(Path(fake("compiles")).read_text().replace("** 2", "** 2 + 0.0"))
    row = run(directory, str(path))
    assert (row.status, row.details["compiled"]) == ("ok", 0.0)
    assert len([*(directory / "cache" / CODE).glob("*/first-start.json")]) == 2


def test_a_start_that_fails_is_a_failure_and_nothing_is_kept(tmp_path: Path) -> None:
    row = run(tmp_path, fake("compiles"), fails=True)
    assert (row.status, row.first_start_seconds) == ("crashed", None)
    assert "this fake compiles and gives up" in row.reason
    assert not (tmp_path / "cache" / CODE).exists()


def test_what_compiles_nothing_starts_once_and_has_no_first_start(tmp_path: Path) -> None:
    row = run(tmp_path, fake("finds_some"))
    assert (row.status, row.first_start_seconds) == ("ok", None)
    assert not (tmp_path / "cache" / CODE).exists()


def test_clearing_the_cache_forgets_compiled_code_and_nothing_of_others(tmp_path: Path) -> None:
    compiled = tmp_path / "compiled"
    (compiled / "of_a_module").mkdir(parents=True)
    (compiled / "of_a_module" / "f.nbc").write_bytes(bytes(1000))
    cache = tmp_path / "cache"
    kept = KeptCode.of(cache, "0123", environment("17"))
    assert kept.copy_to(tmp_path / "copy") is None
    kept.keep(compiled, 50.0)
    kept.keep(compiled, 50.0)
    assert kept.copy_to(tmp_path / "copy") == 50.0
    assert (tmp_path / "copy" / "of_a_module" / "f.nbc").stat().st_size == 1000
    others = cache / CODE / ("89ab" * 8)
    others.mkdir()
    assert 1000 < cache_size(cache) < 2000
    assert clear_cache(cache) > 1000
    assert [path.name for path in (cache / CODE).iterdir()] == [others.name]
    assert kept.copy_to(tmp_path / "copy") is None


def test_code_is_kept_apart_by_the_versions_of_libraries_and_by_processor(tmp_path: Path) -> None:
    here = environment("17")
    elsewhere = replace(here, machine=replace(here.machine, cpu="another one"))
    newer = replace(here, packages=here.packages | {"numba": "99"})
    folders = {KeptCode.of(tmp_path, "0123", where).folder for where in (here, elsewhere, newer)}
    folders.add(KeptCode.of(tmp_path, "4567", here).folder)
    assert len(folders) == 4
    assert KeptCode.of(tmp_path, "0123", here).folder in folders
