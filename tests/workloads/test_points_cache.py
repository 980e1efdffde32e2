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


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


OTHERS = (
    "photo-0123456789abcdef0123456789abcdef.jpg",
    "allknn-points/thesis.npy",
    "allknn-points/unfinished-thesis/a.tex",
    "allknn-points/unfinished-shards/mine",
    "allknn-points/unfinished-notes.npy",
)


@pytest.mark.parametrize("linked", ["cache", "allknn-points"])
def test_clearing_a_cache_that_is_a_link_leaves_the_other_files_that_lie_there(tmp_path, linked):
    real, cache = tmp_path / "real", tmp_path / "cache"
    for name in OTHERS:
        (real / name).parent.mkdir(parents=True, exist_ok=True)
        (real / name).write_text("mine")
    if linked == "cache":
        cache.symlink_to(real)
    else:
        cache.mkdir()
        (cache / "allknn-points").symlink_to(real / "allknn-points")
    found = stage(preset("small"), cache)
    (real / "allknn-points" / "unfinished-shards" / f"{'0123' * 8}.shard").write_bytes(bytes(1_000))
    (real / "allknn-points" / f"{'89ab' * 8}.npy").symlink_to(real / OTHERS[0])
    assert clear_cache(cache) > 1_000
    assert not found.path.exists()
    assert files(real) == {*OTHERS, f"allknn-points/{'89ab' * 8}.npy"}
    assert all((real / name).read_text() == "mine" for name in OTHERS)
    assert clear_cache(cache) == cache_size(cache) == 0


def test_staging_removes_of_what_is_unfinished_only_what_staging_wrote(tmp_path):
    for name in OTHERS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    left = tmp_path / "allknn-points" / f"unfinished-{'0123' * 8}.json"
    left.touch()
    stage(preset("small"), tmp_path)
    assert not left.exists()
    assert all((tmp_path / name).read_text() == "mine" for name in OTHERS)
