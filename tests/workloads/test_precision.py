"""What float32 does to neighbors: the mean is subtracted where that keeps them, else it is refused."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.judge.truth import exact_neighbors
from bench.workloads import files, preset, stage
from tests.workloads.choosing import chosen_file

K = 10


def walk(n=2000):
    """Unix time beside UTM coordinates: about a second and a meter between neighbors."""
    rng = np.random.default_rng(0)
    steps = [rng.uniform(0.5, 1.5, n), rng.normal(size=n), rng.normal(size=n)]
    return np.array([1490702404.46, 400000, 5400000]) + np.cumsum(np.stack(steps, axis=1), axis=0)


def recall(values, rows):
    """Share of the staged rows' neighbors that are neighbors of the file's own values, in long doubles."""
    found = exact_neighbors(rows, np.arange(len(rows)), K).indices
    values = values.astype(np.longdouble)
    hits = 0
    for row, ids in enumerate(found):
        squared = np.square(values - values[row]).sum(axis=1)
        squared[row] = np.inf
        hits += np.count_nonzero(squared[ids] <= np.partition(squared, K - 1)[K - 1] * (1 + 1e-9))
    return hits / found.size


@pytest.mark.parametrize("block_bytes", [2048, 1 << 23])
def test_float64_far_from_zero_keeps_its_neighbors(tmp_path, staged, monkeypatch, block_bytes):
    monkeypatch.setattr(files, "_BLOCK_BYTES", block_bytes)
    np.save(tmp_path / "a.npy", walk())
    rows, found = staged(tmp_path / "a.npy", k=K)
    assert recall(walk(), rows) > 0.9999
    assert any("the mean was subtracted before float64 became float32" in note for note in found.notes)
    np.testing.assert_array_equal(rows, (walk() - np.array(found.center)).astype(np.float32))
    assert staged(tmp_path / "a.npy", k=K)[1] == found
    assert recall(walk(), walk().astype(np.float32)) < 0.8  # why it is done


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.longdouble])
def test_integers_that_even_float64_does_not_hold_keep_their_neighbors(tmp_path, staged, dtype):
    values = (np.random.default_rng(0).integers(0, 1000, (1500, 3)) + (1 << 60)).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    rows, found = staged(tmp_path / "a.npy", k=K)
    assert recall(values, rows) == 1.0
    whole = [int(middle) for middle in found.center]
    np.testing.assert_array_equal(rows.astype(int) + np.array(whole, object), values.astype(object))


def test_what_float32_cannot_hold_is_refused_with_its_share_and_taken_when_allowed(tmp_path, staged, cache):
    values = np.random.default_rng(0).normal(size=(1000, 2)) * 1e-9
    values[::2] += 1.0
    values[::4] -= 2.0
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(ValueError, match=r"^a\.npy: float32 does not hold these float64 points: ") as error:
        stage(chosen_file(tmp_path / "a.npy"), cache)
    message = str(error.value)
    assert "% of the neighbors of 64 points are others than before, and " in message
    assert "became equal to another one only by it; --allow-loss goes on all the same" in message
    assert not list(cache.rglob("*.npy"))
    rows, found = staged(tmp_path / "a.npy", allow_loss=True)
    assert rows.shape == (1000, 2)
    assert any("float32 does not hold these float64 points" in note for note in found.notes)


def test_points_that_lose_nothing_worth_it_are_staged_as_they_always_were(tmp_path, staged):
    values = np.random.default_rng(0).normal(size=(1000, 8)) + 100
    np.save(tmp_path / "a.npy", values)
    rows, found = staged(tmp_path / "a.npy")
    np.testing.assert_array_equal(rows, values.astype(np.float32))
    assert found.center is None


def test_true_duplicates_are_no_loss(tmp_path, staged):
    values = np.repeat(np.random.default_rng(0).normal(size=(20, 3)), 50, axis=0)
    np.save(tmp_path / "a.npy", values)
    rows, found = staged(tmp_path / "a.npy", k=K)
    np.testing.assert_array_equal(rows, values.astype(np.float32))
    assert found.center is None


def test_near_duplicates_under_cosine_are_told_apart_or_said(tmp_path, staged):
    rng = np.random.default_rng(0)
    base = np.repeat(rng.normal(size=(30, 16)), 30, axis=0) * 1e6
    np.save(tmp_path / "far.npy", base + rng.normal(size=base.shape))
    np.save(tmp_path / "near.npy", base + rng.normal(size=base.shape) * 1e-2)
    far, near = (staged(tmp_path / name, metric="cosine", k=K)[1].notes for name in ("far.npy", "near.npy"))
    assert any("float32 cannot tell some directions apart: " in note for note in near)
    share = [note.split("%")[0].split()[-1] for note in far if "directions" in note]
    assert not share or float(share[0]) < 20


def test_a_record_of_an_older_cache_is_still_believed(cache):
    first = stage(preset("small", n=500), cache)
    (record,) = cache.rglob("*.json")
    fields = json.loads(record.read_text())
    del fields["center"]
    record.write_text(json.dumps(fields))
    assert stage(preset("small", n=500), cache) == first


@pytest.mark.parametrize(
    "name", ["a.csv", "a.tsv.gz", "a.jsonl", "a.parquet", "decimals.parquet", "holes.parquet"]
)
def test_nanoseconds_keep_their_neighbors_from_every_format_with_integers(tmp_path, cache, name):
    """float64 rounds them to multiples of 256."""
    rows = 1_700_000_000_000_000_000 + np.random.default_rng(3).integers(0, 1 << 14, (300, 2))
    frame = pd.DataFrame(rows, columns=["t", "u"]).assign(z=np.linspace(0, 1000, 300) + 0.5)
    table = pa.Table.from_pandas(frame)
    path = tmp_path / name
    if name.endswith(".jsonl"):
        frame.to_json(path, orient="records", lines=True)
    elif name == "decimals.parquet":
        kinds = pa.schema([("t", pa.decimal128(25, 2)), ("u", pa.decimal128(25, 2)), ("z", pa.float64())])
        pq.write_table(table.cast(kinds), path)
    elif name == "holes.parquet":
        gap = [None if i == 299 else int(t) for i, t in enumerate(rows[:, 0])]
        pq.write_table(table.set_column(0, "t", pa.array(gap, pa.int64())), path)
    elif name == "a.parquet":
        pq.write_table(table, path)
    else:
        frame.to_csv(path, index=False, sep="\t" if "tsv" in name else ",")
    found = stage(chosen_file(path, columns="t,u,z", drop_bad_rows=name == "holes.parquet"), cache)
    exact = np.column_stack([rows - rows.min(), frame["z"]]).astype(np.float64)[: found.id.n]
    assert neighbors(np.load(found.path)) == neighbors(exact)


def neighbors(points):
    """The five nearest of each, as sets, by direct differences."""
    distances = np.square(points[:, None].astype(np.float64) - points[None]).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return [set(row) for row in np.argsort(distances, axis=1, kind="stable")[:, :5].tolist()]
