import errno
import multiprocessing
import os
import signal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bench.workloads import Reading, from_file, preset, stage, staging, synthetic
from bench.workloads.conversion import Conversion


def small(**options):
    return preset("small", **{"n": 20_000, "k": 1, **options})


def files_in(cache):
    return sorted(path.name for path in cache.rglob("*") if path.is_file() and path.name != ".lock")


def test_the_staged_file_is_a_plain_float32_npy_that_can_be_mapped(cache):
    found = stage(small(), cache)
    points = np.load(found.path, mmap_mode="r")
    assert isinstance(points, np.memmap)
    assert (points.shape, points.dtype, points.flags.c_contiguous) == ((20_000, 12), np.float32, True)
    assert (found.path.stat().st_size - points.nbytes) % 64 == 0
    assert found.path.name == f"{found.id.content_hash}.npy"


def test_points_are_staged_once_whatever_k(cache, monkeypatch):
    first = stage(small(), cache)
    monkeypatch.setattr(synthetic.Synthetic, "open", None)
    second = stage(small(k=7), cache)
    assert (second.path, second.id.content_hash, second.id.k) == (first.path, first.id.content_hash, 7)


def test_points_that_were_deleted_or_cut_off_are_staged_anew(cache):
    first = stage(small(), cache)
    os.truncate(first.path, 1_000)
    assert np.load(stage(small(), cache).path).shape == (20_000, 12)
    first.path.unlink()
    assert np.load(stage(small(), cache).path).shape == (20_000, 12)


def test_equal_points_are_kept_once_however_they_came(tmp_path, cache):
    first = stage(small(), cache)
    np.save(tmp_path / "copy.npy", np.load(first.path).astype(np.float64))
    second = stage(from_file(tmp_path / "copy.npy"), cache)
    assert second.path == first.path
    assert (first.dtype, second.dtype, second.id.name) == ("float64", "float64", "copy.npy")


def test_other_shapes_of_the_same_bytes_have_another_hash(tmp_path, cache):
    for name, shape in (("a.npy", (6, 4)), ("b.npy", (4, 6))):
        np.save(tmp_path / name, np.arange(24.0).reshape(shape))
    hashes = {stage(from_file(tmp_path / name, k=1), cache).id.content_hash for name in ("a.npy", "b.npy")}
    assert len(hashes) == 2


def test_progress_tells_the_rows_done_and_in_all(cache):
    seen = []
    stage(small(), cache, lambda done, total: seen.append((done, total)))
    assert seen == [(8_192, 20_000), (16_384, 20_000), (20_000, 20_000)]


def test_an_interruption_leaves_nothing(cache):
    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage(small(), cache, interrupt)
    assert files_in(cache) == []


def _stage_and_die(cache):
    stage(small(), cache, lambda *_: os.kill(os.getpid(), signal.SIGKILL))


def test_what_a_killed_process_left_is_not_taken_as_whole_and_goes_with_the_next(cache):
    process = multiprocessing.get_context("spawn").Process(target=_stage_and_die, args=(cache,))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert files_in(cache) == ["unfinished-points.npy"]
    found = stage(small(seed=1), cache)
    assert set(files_in(cache)) == {found.path.name, *(path.name for path in cache.rglob("*.json"))}


def _stage_and_tell(cache, started, answers):
    def progress(done, total):
        started.set()

    answers.put(stage(small(), cache, progress).id.content_hash)


def test_two_processes_may_stage_the_same_points_at_once(cache):
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    started = [context.Event(), context.Event()]
    processes = [context.Process(target=_stage_and_tell, args=(cache, event, answers)) for event in started]
    for process in processes:
        process.start()
    hashes = {answers.get(timeout=20) for _ in processes}
    for process in processes:
        process.join()
    assert len(hashes) == 1
    assert sum(event.is_set() for event in started) == 1  # the other one waited and found them
    assert files_in(cache) == sorted([f"{hashes.pop()}.npy", next(cache.rglob("*.json")).name])


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_cache_is_one_line_and_leaves_nothing(cache, monkeypatch, number):
    def full(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match=f"^the cache {cache} is full: small needs 960128 bytes$"):
        stage(small(), cache)
    assert files_in(cache) == []


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"^the cache .*file cannot be written: "):
        stage(small(), tmp_path / "file")


def test_dropped_rows_are_counted_and_the_others_keep_their_numbers(tmp_path, points, staged):
    points[[3, 200]] = np.nan
    np.save(tmp_path / "a.npy", points)
    rows, found = staged(tmp_path / "a.npy", drop_bad_rows=True, rows=slice(2, 250))
    kept = [row for row in range(2, 250) if row not in (3, 200)]
    np.testing.assert_array_equal(rows, points[kept])
    np.testing.assert_array_equal(np.load(found.row_numbers), kept)
    assert found.notes == (
        "dropped rows with NaN or infinity: 2, the first was row 3",
        "ids number the rows that were kept, from 0, not the file's rows",
    )
    assert staged(tmp_path / "a.npy", drop_bad_rows=True, rows=slice(2, 250))[1] == found


def test_a_file_of_bad_rows_only_has_none_left(tmp_path, staged):
    np.save(tmp_path / "a.npy", np.full((9, 2), np.nan))
    with pytest.raises(
        ValueError, match=r"^a\.npy has NaN or infinity in each of its 9 rows: columns 0, 1 of "
    ):
        staged(tmp_path / "a.npy", drop_bad_rows=True)


def test_zero_vectors_are_dropped_under_cosine_only(tmp_path, points, staged):
    points[5] = 0
    np.save(tmp_path / "a.npy", points)
    assert staged(tmp_path / "a.npy", drop_bad_rows=True)[1].id.n == 257
    assert staged(tmp_path / "a.npy", drop_bad_rows=True, metric="cosine")[1].id.n == 256


def test_cosine_stages_unit_vectors(tmp_path, staged):
    wide = np.random.default_rng(0).standard_normal((500, 7)) * np.geomspace(1e-300, 1e300, 500)[:, None]
    np.save(tmp_path / "a.npy", wide)
    rows, found = staged(tmp_path / "a.npy", metric="cosine")
    scaled = wide / np.abs(wide).max(axis=1, keepdims=True)
    expected = scaled / np.linalg.norm(scaled, axis=1, keepdims=True)
    np.testing.assert_allclose(rows, expected, rtol=1e-7, atol=1e-9)
    assert "rows were divided by their norm (metric cosine)" in found.notes
    assert found.id.metric == "cosine"


def test_the_largest_loss_of_a_conversion_is_said(tmp_path, staged):
    np.save(tmp_path / "a.npy", np.array([[1.0, 0.1], [0.0, 2.0**-130 * 1.5], [3.0, 1 / 3]]))
    _, found = staged(tmp_path / "a.npy")
    assert found.notes == ("float64 became float32: the largest relative loss of a value is 3.0e-08",)


def test_a_conversion_that_loses_nothing_says_nothing(tmp_path, points, staged):
    np.save(tmp_path / "a.npy", points.astype(np.int64))
    assert staged(tmp_path / "a.npy")[1].notes == ()


@given(
    arrays.arrays(
        st.sampled_from([np.int64, np.uint32, np.float64, np.int8, np.bool_]), (40, 3), fill=st.nothing()
    ),
    st.lists(st.integers(1, 39), max_size=4),
    st.sampled_from(["euclidean", "cosine"]),
)
def test_a_conversion_does_not_depend_on_the_blocks(block, cuts, metric):
    def converted(blocks):
        conversion = Conversion(metric, Reading(drop_bad_rows=True), first_row=0)
        rows = np.concatenate([conversion.convert(b) for b in blocks])
        try:
            return rows, conversion.finish("it", "any"), conversion.row_numbers()
        except ValueError as error:
            return (
                rows,
                str(error).rpartition(" in row")[0],
                None,
            )  # which row is named first may depend on them

    whole, pieces = converted([block]), converted(np.split(block, sorted(cuts)))
    for one, other in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_record_is_written_last(cache, monkeypatch):
    def fail(path, write):
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(staging, "_save", fail)
    with pytest.raises(OSError, match="cannot be written: the disk is broken"):
        stage(small(), cache)
    assert list(cache.rglob("*.json")) == []
