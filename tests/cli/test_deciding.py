"""predict, advise and claims as a user calls them, on made-up results."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import KDTree

from bench.cli import main
from bench.cli.parser import parse
from bench.experiment import advising, samples
from bench.results import Measurement, Store
from bench.workloads import WorkloadId
from tests.ladders import MIB, SIZES, ladder, rung

pytestmark = pytest.mark.strategies(
    "sklearn_matrix", "sklearn_chunked", "annoy_loop", "spark_annoy", "spark_sklearn", "scipy_kdtree"
)

PRESETS = {"small": 20_000, "million": 1_000_000}
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


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
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


@pytest.mark.parametrize(
    ("words", "rows", "message"),
    [
        (["predict"], [], "no measurements in"),
        (["advise"], [], "no measurements in"),
        (["claims"], [], "no measurements in"),
        (["predict"], ladder("annoy_loop", SIZES[:1]), "only n = 10,000 measured of any strategy"),
        (["predict", "spark_annoy"], ladder("annoy_loop"), "nothing measured of spark_annoy"),
        (["predict", "--check"], ladder("annoy_loop"), "no setting was measured at n = 1,000,000"),
        (["predict", "--executors", "2"], ladder("annoy_loop"), "nothing measured of a strategy on Spark"),
        (["advise", "-n", "1e6"], ladder("annoy_loop", SIZES[:1]), "nothing is known of n = 1,000,000"),
        (["claims"], ladder("voyager"), "nothing measured of sklearn_matrix"),
        (["claims", "-n", "77"], ladder("annoy_loop"), "spark_annoy --workload million -n 77`"),
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
    assert "`allknn-bench run " in shown.err
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["predict", "annoy_lop"], "did you mean 'annoy_loop'"),
        (["predict", "--cores", "2"], "--executors says how many"),
        (["predict", "--executors", "2", "--price", "-1"], "--price is -1.0"),
        (["predict", "--executors", "0"], "'0' is not a whole number above 0"),
        (["advise", "--recall", "1.1"], "invalid recall '1.1'"),
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


@pytest.fixture
def points(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.npy"
    np.save(path, np.random.default_rng(0).standard_normal((3000, 4)).astype(np.float32))
    return path


def advised(capsys: pytest.CaptureFixture[str], points: Path, *words: str) -> dict[str, Any]:
    places = ["--results", str(points.parent / "results"), "--cache", str(points.parent / "cache")]
    assert main(["advise", *words, "--data", str(points), "--budget", "2m", "--json", *places]) == 0
    (line,) = told(capsys)
    return line


@pytest.mark.slow
def test_few_points_that_were_never_measured_are_measured_and_what_is_advised_delivers_the_recall(
    points: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = advised(capsys, points, "scipy_kdtree", "annoy_loop", "--recall", "0.9")
    assert (line["n"], line["best"]["by"]) == (3000, "measured")
    assert line["best"]["recall_low"] >= 0.9
    assert (points.parent / "results" / "report.html").exists()
    check = "import numpy as np\nassert distances.shape == (3000, 10)\nnp.save('indices.npy', indices)\n"
    subprocess.run([sys.executable, "-c", f"{line['script']}\n{check}"], check=True, cwd=points.parent)
    found, all_points = np.load(points.parent / "indices.npy"), np.load(points)
    true = KDTree(all_points).query(all_points, 11)[1][:, 1:]
    assert np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found, true, strict=True)]) >= 0.9
    words = shlex.split(line["command"])
    assert words[:2] == ["allknn-bench", "run"]
    (arguments,) = parse(words[1:]).args
    assert arguments.data == str(points)


@pytest.mark.slow
def test_of_more_points_samples_are_measured_and_the_whole_is_predicted(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "SIZES", (500, 1500))
    monkeypatch.setattr(advising, "write_report", lambda *_, **__: None)  # the page is no part of this
    line = advised(capsys, points, "scipy_kdtree", "--recall", "0.99")
    assert (line["n"], line["best"]["by"], len(line["best"]["rows"])) == (3000, "predicted", 2)
    assert line["best"]["recall_low"] == 1.0
    assert "--data" in line["command"]
    assert "--sample" not in line["command"]


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


def test_claims_on_a_preset_speaks_of_as_many_points_as_it_has(
    leave: Leave, capsys: pytest.CaptureFixture[str]
) -> None:
    presets = [WorkloadId(name, n, 12, 10, "euclidean", 0, name) for name, n in PRESETS.items()]
    options = leave(rung("sklearn_matrix", w.n, 46.0, 650 * MIB, workload=w) for w in presets)
    assert main(["claims", "--json", "--workload", "small", *options]) == 0
    assert {line["workload"]["n"] for line in told(capsys)} == {PRESETS["small"]}
