"""predict, advise and claims as a user calls them, on made-up results."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from bench.cli import main
from bench.results import Measurement, Store
from tests.ladders import MIB, SIZES, ladder, rung

Leave = Callable[[Iterable[Measurement]], list[str]]


@pytest.fixture
def leave(tmp_path: Path) -> Leave:
    """Write rows; the options that name them."""

    def write(rows: Iterable[Measurement]) -> list[str]:
        store = Store(tmp_path)
        for row in rows:
            store.append(row)
        return ["--results", str(tmp_path)]

    return write


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_predict_prints_an_interval_for_each_setting_and_n(
    leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    options = leave([*ladder("sklearn_matrix"), *ladder("annoy_loop", recall=0.95)])
    assert main(["predict", "-n", "1e6,1e9", "--json", *options]) == 0
    found = told(capsys)
    assert [(line["strategy"], line["n"]) for line in found] == [
        (name, n) for name in ("sklearn_matrix", "annoy_loop") for n in (10**6, 10**9)
    ]
    seconds = found[0]["total_seconds"]
    assert isinstance(seconds, dict)
    assert seconds["low"] < seconds["median"] < seconds["high"]
    assert main(["predict", *options]) == 0
    assert "n = 1,000,000" in capsys.readouterr().out


def test_predict_check_shows_predicted_beside_measured_and_sums_up(
    leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    options = leave(ladder("annoy_loop", (*SIZES, 1_000_000), recall=0.95))
    assert main(["predict", "--check", "--up-to", "100000", "--json", *options]) == 0
    *pairs, summary = told(capsys)
    assert {pair["quantity"] for pair in pairs} == {"total_seconds", "peak_memory_bytes"}
    assert summary["pairs"] == 2
    assert main(["predict", "--check", "--up-to", "100000", *options]) == 0
    assert "median absolute error" in capsys.readouterr().out


def test_predict_for_a_cluster_tells_every_way_to_ship(
    leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    details = {"compute_seconds_sum": 20.0, "shipped_bytes": 1e7, "python_workers": 1.0, "cores": 1.0}
    options = leave(ladder("spark_sklearn", master="local[1,4]", details=details))
    cluster = ["--executors", "20", "--cores", "8", "--executor-memory", "16GiB", "--price", "0.05"]
    assert main(["predict", "-n", "1e9", *cluster, *options]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("broadcast", "path", "core-hours", "costing", "assumed"))
    assert main(["predict", "-n", "1e9", "--json", *cluster, *options]) == 0
    (line,) = told(capsys)
    assert line["n"] == 10**9
    assert isinstance(line["ways"], list)


@pytest.mark.parametrize(
    ("words", "rows", "message"),
    [
        (["predict"], [], "no measurements in"),
        (["advise"], [], "no measurements in"),
        (["claims"], [], "no measurements in"),
        (["predict"], ladder("annoy_loop", SIZES[:1]), "only n = 10,000 measured of any strategy"),
        (["predict", "voyager"], ladder("annoy_loop"), "nothing measured of voyager"),
        (["predict", "--check"], ladder("annoy_loop"), "no setting was measured at n = 1,000,000"),
        (["predict", "--executors", "2"], ladder("annoy_loop"), "nothing measured of a strategy on Spark"),
        (["advise", "-n", "1e6"], ladder("annoy_loop", SIZES[:1]), "nothing is known of n = 1,000,000"),
        (["claims"], ladder("voyager"), "nothing measured of sklearn_matrix"),
    ],
)
def test_with_too_few_rows_one_line_says_what_is_missing_and_how_to_get_it(
    words: list[str],
    rows: list[Measurement],
    message: str,
    leave: Leave,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([*words, *leave(rows)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "`python -m bench run " in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict", "annoy_lop"], "did you mean 'annoy_loop'"),
        (["predict", "--cores", "2"], "--executors says how many"),
        (["predict", "--executors", "2", "--price", "-1"], "--price is -1.0"),
        (["predict", "--executors", "0"], "'0' is no whole number above 0"),
        (["advise", "--recall", "1.1"], "'1.1' is no recall"),
        (["advise", "--workload", "smal"], "did you mean 'small'"),
        (["run", "annoy_loop", "--workload", "small", "--sample", "5"], "--sample is for files"),
        (["clams"], "did you mean 'claims'"),
    ],
)
def test_mistakes_are_told_in_one_line(
    words: list[str], message: str, leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [] if words[0] in ("clams", "run") else leave(ladder("annoy_loop"))
    assert main([*words, *options]) == 2
    assert message in capsys.readouterr().err


def test_advise_answers_with_a_command_and_a_script(leave: Leave, capsys: pytest.CaptureFixture[str]) -> None:
    fields = {"params": {"n_trees": 16, "search_k": -1, "build_threads": 1, "seed": 0}}
    rows = [
        *ladder("annoy_loop", recall=0.97, **fields),
        *ladder("sklearn_matrix", seconds=90.0, params={"algorithm": "auto", "leaf_size": 30, "threads": 2}),
    ]
    options = leave(rows)
    assert main(["advise", "--recall", "0.9", "-n", "200000", *options]) == 0
    out = capsys.readouterr().out
    assert "Use annoy_loop:" in out
    assert "Next: sklearn_matrix:" in out
    assert "--set annoy_loop.n_trees=16" in out
    assert "forest.build(16, 1)" in out
    assert main(["advise", "--recall", "0.999", "-n", "200000", "--json", *options]) == 0
    (line,) = told(capsys)
    assert isinstance(line["best"], dict)
    assert line["best"]["strategy"] == "sklearn_matrix"
    assert "NearestNeighbors(n_neighbors=10, algorithm='auto'" in str(line["script"])


def test_advise_says_that_none_fits_and_by_what(leave: Leave, capsys: pytest.CaptureFixture[str]) -> None:
    options = leave(ladder("annoy_loop", recall=0.97))
    assert main(["advise", "--memory-limit", "10MiB", "--time-limit", "1s", *options]) == 0
    out = capsys.readouterr().out
    assert "None fits" in out
    assert "x the limit" in out


def test_a_file_that_was_never_measured_is_tried_on_samples_and_what_is_advised_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = tmp_path / "vectors.npy"
    np.save(points, np.random.default_rng(0).standard_normal((16_000, 4)).astype(np.float32))
    places = ["--results", str(tmp_path / "results"), "--cache", str(tmp_path / "cache")]
    asked = ["advise", "scipy_kdtree", "annoy_loop", "--data", str(points), "--budget", "2m", "--json"]
    assert main([*asked, "--recall", "0.98", *places]) == 0
    (line,) = told(capsys)
    assert isinstance(line["best"], dict)
    assert line["n"] == 16_000
    assert line["best"]["recall_low"] >= 0.98
    script = f"{line['script']}\nassert indices.shape == distances.shape == (16000, 10)\n"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)
    words = shlex.split(str(line["command"]))
    assert words[:4] == ["python", "-m", "bench", "run"]
    assert main([*words[3:], *places, "--json", "--dry-run"]) == 0


def test_claims_prints_seven_verdicts_with_their_figures(
    leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        rung("sklearn_matrix", 10**6, 46.0, 650 * MIB),
        rung("annoy_loop", 10**6, 400.0, 350 * MIB, recall=0.95),
    ]
    options = leave(rows)
    assert main(["claims", "--json", *options]) == 0
    found = {str(line["claim"]): line for line in told(capsys)}
    assert list(found) == [f"C{i}" for i in range(1, 8)]
    assert (found["C1"]["verdict"], found["C4"]["verdict"]) == ("holds", "holds")
    assert found["C5"]["missing"] == ["sklearn_chunked", "spark_sklearn"]
    assert main(["claims", *options]) == 0
    out = capsys.readouterr().out
    assert "C4 holds: Annoy does worse" in out
    assert "run sklearn_chunked spark_sklearn" in out


def test_claims_speaks_of_the_most_points_of_each_kind(
    leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    options = leave(ladder("sklearn_matrix"))
    assert main(["claims", "--json", *options]) == 0
    assert {line["workload"]["n"] for line in told(capsys)} == {100_000}  # type: ignore[index]
    assert main(["claims", "--json", "-n", "10000", *options]) == 0
    assert {line["workload"]["n"] for line in told(capsys)} == {10_000}  # type: ignore[index]
