"""``--queries`` and ``--metric inner_product`` as a user gives them: run, save, score, refuse, advise."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from bench.cli import main
from bench.results import Measurement, Store

pytestmark = pytest.mark.strategies("blocked_exact", "leaf_join")

N, D, K = 600, 5, 4


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of points, queries of two forms, and queries of too few dimensions."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "points.npy", rng.standard_normal((N, D)).astype(np.float32))
    queries = rng.standard_normal((9, D)).astype(np.float32)
    np.save(tmp_path / "queries.npy", queries)
    lists = pa.FixedSizeListArray.from_arrays(queries.ravel(), D)
    parquet.write_table(pa.table({"v": lists}), tmp_path / "queries.parquet")
    np.save(tmp_path / "narrow.npy", queries[:, :3])
    np.save(tmp_path / "bad.npy", np.vstack([np.full((1, D), np.nan), queries[:1]]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLKNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("bench.report.write_report", lambda *_, **__: None)  # the page is no part of this
    return tmp_path


def bench(command: str) -> int:
    return main(shlex.split(command))


def rows_of(files: Path) -> list[Measurement]:
    return Store(files / "results").rows()


def true_keys(files: Path, asking: str, metric: str) -> np.ndarray[Any, Any]:
    points = np.load(files / "points.npy").astype(np.float64)
    rows = np.load(files / asking).astype(np.float64)
    return -(rows @ points.T) if metric == "inner_product" else np.linalg.norm(rows[:, None] - points, axis=2)


@pytest.mark.parametrize("metric", ["euclidean", "inner_product"])
def test_neighbors_of_queries_are_found_saved_and_scored(files: Path, metric: str) -> None:
    asked = f"--data points.npy --queries queries.parquet --metric {metric} -k {K}"
    assert bench(f"run blocked_exact {asked} --threads 1 --save-neighbors found.npz") == 0
    (row,) = rows_of(files)
    assert (row.status, row.recall, row.rows_answered, row.truth_rows) == ("ok", 1.0, 9, 9)
    assert (row.workload.n, row.workload.n_queries) == (N, 9)
    assert "--queries queries.parquet" in row.points_options
    with np.load(files / "found.npz") as found:
        keys = true_keys(files, "queries.npy", metric)
        assert np.array_equal(found["indices"], np.argsort(keys, axis=1, kind="stable")[:, :K])
        assert np.allclose(found["distances"], np.sort(keys, axis=1)[:, :K], atol=1e-5)
        ids = found["indices"]
    assert bench(f"score found.npz {asked}") == 0
    np.save(files / "products.npy", -np.sort(keys, axis=1)[:, :K])
    np.save(files / "ids.npy", ids)
    if metric == "inner_product":
        assert bench(f"score ids.npy products.npy {asked} --name products") == 2
        assert bench(f"score ids.npy products.npy {asked} --name products --distances product") == 0
    assert {row.recall for row in rows_of(files)} == {1.0}
    assert {row.rows_answered for row in rows_of(files)} == {9}


def test_other_strategies_are_unavailable_with_the_reason(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench("run leaf_join --data points.npy --queries queries.npy") == 1  # asked for alone
    assert bench("run leaf_join --data points.npy --metric inner_product") == 1
    assert [(row.status, row.total_seconds) for row in rows_of(files)] == [("unavailable", None)] * 2
    out = capsys.readouterr().out
    assert "leaf_join: it finds the neighbors of all points, not those of --queries" in out
    assert "leaf_join: it finds the nearest points, not the largest inner products" in out


def test_other_queries_are_another_run(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = "run blocked_exact --data points.npy --threads 1 --queries"
    assert bench(f"{command} queries.npy") == 0
    np.save(files / "others.npy", np.load(files / "queries.npy") + 1)
    capsys.readouterr()
    assert bench(f"{command} queries.parquet --dry-run") == 0  # the same rows
    assert "1 measured already, 0 to run" in capsys.readouterr().err
    assert bench(f"{command} others.npy --dry-run") == 0
    assert "0 measured already, 1 to run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--queries narrow.npy", "--queries narrow.npy has 3 dimensions, the points 5"),
        ("--queries none.npy", "none.npy"),
        ("--queries bad.npy --drop-bad-rows", "bad.npy has NaN or infinity in row 0, which is 50% of them"),
        ("--queries queries.npy --id a", "--id a is not for --queries"),
        ("--queries queries.npy --zero-vectors last", "--zero-vectors last is not for --queries"),
        ("--queries queries.npy --save-neighbors a.npz --with-self", "--with-self is not for --queries"),
        (
            "--metric inner_product --save-neighbors a.npz --with-self",
            "--with-self is not for inner products",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(
    files: Path, words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(f"run blocked_exact --data points.npy {words}") == 2
    (line,) = capsys.readouterr().err.splitlines()[-1:]
    assert line.startswith("allknn-bench: ")
    assert message in line
    assert "goes on without" not in line
    assert not (files / "results" / "rows.jsonl").exists()
    assert not (files / "a.npz").exists()


def test_points_without_their_mean_are_asked_by_queries_without_it(files: Path) -> None:
    """Seconds since 1970: float32 would make most of them equal."""
    base = np.random.default_rng(1).uniform(0, 1000, (N, D)) + 1.7e9
    np.save(files / "points.npy", base)
    np.save(files / "queries.npy", base[:9] + 0.25)
    assert bench("run blocked_exact --data points.npy --queries queries.npy --threads 1 "
                 "--save-neighbors found.npz") == 0  # fmt: skip
    with np.load(files / "found.npz") as found:
        assert np.array_equal(found["indices"][:, 0], np.arange(9))


def test_data_says_how_many_queries_there_are(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("data --data points.npy --queries queries.npy --json") == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["n"], line["n_queries"]) == (N, 9)
    assert "9 queries from queries.npy" in line["notes"]


@pytest.mark.parametrize(
    ("names", "metric"),
    [(["leaf_join", "allknn_recall", "exact_auto"], "euclidean"), (["blocked_exact"], "inner_product")],
)
def test_of_ours_the_line_of_the_library_is_advised_and_runs(
    files: Path, names: list[str], metric: str, capsys: pytest.CaptureFixture[str]
) -> None:
    points = f"--data points.npy -k {K} --metric {metric}"
    assert bench(f"run {' '.join(names)} {points} --threads 1") == 0
    keys = true_keys(files, "points.npy", metric)
    np.fill_diagonal(keys, np.inf)
    scripts = []
    for name in names:
        capsys.readouterr()
        assert bench(f"advise {name} {points} --recall 0.5 --json") == 0
        scripts.append(json.loads(capsys.readouterr().out.splitlines()[-1])["script"])
        assert f"allknn.nearest_neighbors(points, {K}, " in scripts[-1]
        scripts.append(f"np.save('{name}.npy', indices)")
    subprocess.run([sys.executable, "-c", "\n".join(scripts)], check=True, cwd=files)
    for name in names:
        assert np.array_equal(np.load(files / f"{name}.npy"), np.argsort(keys, axis=1, kind="stable")[:, :K])
