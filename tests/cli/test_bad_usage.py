"""A user's mistake is one line on standard error, exit code 2, and nothing written."""

from pathlib import Path

import numpy as np
import pytest

from bench.cli import main
from tests.measure.runs import fake

pytestmark = pytest.mark.strategies("sklearn_matrix", "annoy_loop", "leaf_join", "spark_sklearn")

FINDS = fake("finds_some")
RUN = ["run", "sklearn_matrix", "--workload", "small"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([*RUN, "-k", "20000"], "k must be less than the number of points, 20000"),
        ([*RUN, "-k", "0"], "'0' is not a whole number above 0"),
        ([*RUN, "-n", "0"], "'0' is not a whole number above 0"),
        ([*RUN, "-d", "-2"], "'-2' is not a whole number above 0"),
        (["run", "sklearn_matrx", "--workload", "small"], "did you mean 'sklearn_matrix'"),
        (["run", "overlap_join", "--workload", "small"], "'overlap_join' has moved: it is 'leaf_join' now"),
        (["run", "sklearn_matrix", "--workload", "smal"], "did you mean 'small'"),
        ([*RUN, "--set", "sklearn_matrix.leaf_siz=3"], "did you mean 'leaf_size'"),
        ([*RUN, "--set", "sklearn_matrix.leaf_size=x"], "'x' is not of type int"),
        ([*RUN, "--set", "sklearn_matrix.algorithm=kdtree"], "did you mean 'kd_tree'"),
        ([*RUN, "--set", "annoy_loop.n_trees=3"], "not among the strategies to run"),
        ([*RUN, "--set", "nonsense"], "expected STRATEGY.PARAM=VALUE"),
        ([*RUN, "--time-limit", "10x"], "invalid duration '10x'"),
        ([*RUN, "--memory-limit", "lots"], "invalid size 'lots'"),
        ([*RUN, "--metric", "cosin"], "cosin"),
        ([*RUN, "--threads", "0"], "'0' is not a whole number above 0"),
        ([*RUN, "--results", "/proc/nowhere"], "'/proc/nowhere' cannot be written"),
        ([*RUN, "--cache", "/proc/nowhere"], "/proc/nowhere cannot be written"),
        ([*RUN, "--column", "x"], "--column is for --data"),
        ([*RUN, "--with-self"], "--with-self needs --save-neighbors"),
        ([*RUN, "--save-neighbors", "x.txt"], "'.txt', allowed are"),
        ([*RUN, "--save-neighbors", "hdfs://h/a.parquet"], "takes no URI, allowed is a path on this machine"),
        ([*RUN, "--repeats", "2", "--save-neighbors", "x.h5"], "is for one run, these are 2"),
        (["run", "sklearn_matrix"], "--workload --data is required"),
        (["run", "sklearn_matrix", "--data", "missing.npy"], "missing.npy"),
        (["run", "sklearn_matrix", "--data", "missing.npy", "--seed", "1"], "--seed is for --workload"),
        (["run", "missing.py", "--workload", "small"], "no strategy file 'missing.py'"),
        ([*RUN, "--knob", "d=3"], "that has an option of its own, -d"),
        ([*RUN, "--knob", "latent=inf"], "invalid knob 'latent=inf'"),
        ([*RUN, "--wrap", "no-such-program -v"], "there is no program 'no-such-program'"),
        ([*RUN, "--wrap", "time '"], "No closing quotation"),
        ([*RUN, "--master", "local[2]"], "--master is for Spark's strategies and for points that"),
        (["run", "spark_sklearn", "--workload", "small", "--master", "sprk://x"], "sprk://x"),
        ([*RUN, "--at-recall", "0.9,95"], "invalid recall '95': use a number above 0, at most 1"),
        ([*RUN, "--at-recall", "0.9", "--stop-after-rows", "9"], "--stop-after-rows is for --ladder"),
        ([*RUN, "--at-recall", "0.9", "--repeats", "auto"], "takes a number of --repeats, not 'auto'"),
        ([*RUN, "--at-recall", "0.9", "--threads", "1,2"], "takes one number of threads, not 2"),
        ([*RUN, "--at-recall", "0.9", "--save-neighbors", "x.h5"], "--save-neighbors is for one run"),
        ([*RUN, "--at-recall", "0.9", "--ladder"], "not allowed with argument --at-recall"),
        ([*RUN, "--ladder", "--set", "sklearn_matrix.leaf_size=3,4"], "set one value of a parameter"),
        (
            ["run", FINDS, "--workload", "small", "--ladder", "--set", "finds_some.share=1"],
            "--set finds_some.share: the ladder of finds_some climbs that parameter",
        ),
        (["run", "sklearn_matrix", *RUN[1:]], "named sklearn_matrix: name each once"),
        (["rnu"], "did you mean 'run'"),
        (["--no-such-option"], "COMMAND"),
        ([*RUN, "--config", "missing.toml"], "--config missing.toml: No such file or directory"),
        ([*RUN, "--conf", "run.toml"], "--config and --print-config must be written out"),
        ([*RUN, "--print-config"], "--print-config is for --dry-run"),
        (["report"], "no results directory 'results'"),
        (["score", "missing.h5", "--workload", "small"], "missing.h5"),
        (
            ["data", "--workload", "small", "--master", "local[2]"],
            "--master local[2]: these points are read here",
        ),
        (
            ["score", "x.h5", "--workload", "small", "--master", "yarn"],
            "--master yarn: these points are read here",
        ),
    ],
)
def test_one_line_says_what_was_wrong(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLKNN_CACHE", str(tmp_path / "cache"))
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1
    assert "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} <= {"cache"}


def test_a_file_with_nan_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLKNN_CACHE", str(tmp_path / "cache"))
    points = np.ones((50, 3), np.float32)
    points[7, 1] = np.nan
    np.save("points.npy", points)
    assert main(["run", "sklearn_matrix", "--data", "points.npy"]) == 2
    assert "row 7" in capsys.readouterr().err
    assert not Path("results").exists()


@pytest.mark.parametrize(
    ("field", "told"),
    [("depth: int", "depth needs a default"), ("where: object = sys", "where needs a default")],
)
def test_a_strategy_whose_parameters_cannot_be_recorded_is_refused(
    field: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "import sys\nfrom dataclasses import dataclass\nfrom bench.strategy import Entry, Strategy\n"
        f"@dataclass\nclass Mine(Strategy):\n    {field}\nstrategy = Entry(Mine, exact=True)\n"
    )
    assert main(["run", str(path), "--workload", "small"]) == 2
    assert told in capsys.readouterr().err


def test_a_results_file_that_is_spoiled_in_the_middle_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "measurements.jsonl").write_text("not json\n{}\n")
    assert main(["report", "--results", str(tmp_path)]) == 2
    assert "line 1 of measurements.jsonl is not a JSON object" in capsys.readouterr().err
