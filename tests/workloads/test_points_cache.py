from pathlib import Path

import platformdirs
import pytest

from bench.workloads import cache_directory, cache_size, clear_cache, preset, stage


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch):
    monkeypatch.delenv("ALLKNN_CACHE", raising=False)


def test_the_cache_is_the_platforms_unless_chosen(monkeypatch):
    assert cache_directory(None) == Path(platformdirs.user_cache_dir("allknn-bench"))
    monkeypatch.setenv("ALLKNN_CACHE", "/somewhere/else")
    assert cache_directory(None) == Path("/somewhere/else")
    assert cache_directory("~/here") == Path.home() / "here"


def test_a_cache_that_is_not_there_has_no_size(tmp_path):
    assert cache_size(tmp_path / "cache") == clear_cache(tmp_path / "cache") == 0
    assert not (tmp_path / "cache").exists()


def test_clearing_frees_what_the_cache_holds_and_nothing_else(tmp_path):
    for name in ("mine.npy", "truth-of-mine.npz"):
        (tmp_path / name).write_text("not the cache's")
    found = stage(preset("small"), tmp_path)
    (tmp_path / f"truth-{'0123' * 8}.npz").write_bytes(bytes(1_000))
    size = cache_size(tmp_path)
    assert size > found.path.stat().st_size + 1_000
    assert clear_cache(tmp_path) == size
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.npy", "truth-of-mine.npz"]
    assert cache_size(tmp_path) == 0
    assert stage(preset("small"), tmp_path) == found
