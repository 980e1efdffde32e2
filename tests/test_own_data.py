"""The examples of docs/own-data.md, run as they stand, and its table held to the formats that there are."""

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.neighbors import NearestNeighbors

from bench.cli import main
from bench.judge.distance_kinds import KINDS
from bench.workloads.formats import FORMATS
from tests.test_documents import BENCH, ROOT, commands
from tests.workloads.stores import put_into_store

DOCUMENT = ROOT / "docs" / "own-data.md"
EXAMPLES = [
    line.removeprefix(BENCH)
    for line in commands(DOCUMENT)
    if line.startswith((f"{BENCH}data", f"{BENCH}score")) or "vectors.parquet" in line
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files that the examples speak of."""
    directory = tmp_path_factory.mktemp("own")
    points = np.random.default_rng(0).standard_normal((300, 6)).astype(np.float32)
    pq.write_table(
        pa.table({"embedding": list(points), "title": [f"t{i}" for i in range(300)]}),
        directory / "vectors.parquet",
    )
    pd.DataFrame(points, columns=[f"d{i}" for i in range(6)]).to_csv(directory / "table.csv", index=False)
    np.save(directory / "vectors.npy", points)
    np.save(directory / "walk.npy", np.cumsum(points.astype(np.float64), axis=0) + 1.5e9)
    distances, indices = NearestNeighbors(n_neighbors=5).fit(points).kneighbors()
    np.savez(directory / "theirs.npz", indices=indices, distances=distances)
    return directory


@pytest.mark.slow
@pytest.mark.strategies("sklearn_matrix")
@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_does_what_it_says(line: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    monkeypatch.setenv("ALLKNN_CACHE", str(place / "cache"))
    words = shlex.split(line)
    put_into_store(monkeypatch, "https", {"example.org/vectors.npy": (place / "vectors.npy").read_bytes()})
    if words[:2] == ["run", "--data"]:
        words.insert(1, "sklearn_matrix")  # all strategies would take minutes
    assert main(words) == 0


def test_there_are_examples_of_reading_and_of_judging() -> None:
    assert {shlex.split(line)[0] for line in EXAMPLES} == {"data", "run", "score"}


def test_every_format_and_every_kind_of_distance_is_in_a_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    packed = (".gz", ".bz2", ".xz", ".zst")
    named = set(re.findall(r"`(\.[\w.]+)`", text))
    assert {name for name in FORMATS if not name.endswith(packed)} <= named
    assert set(KINDS) <= set(re.findall(r"`([\w-]+)`", text))
