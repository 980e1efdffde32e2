"""A file of options stands for the words of a command line, and is printed from them."""

import shlex
import tomllib
from pathlib import Path

import pytest

from bench.cli import main
from bench.cli.observer import TerminalObserver
from bench.experiment import series
from bench.experiment.planning import plan_of
from bench.experiment.requests import RunRequest
from bench.measure.schedule import plan
from bench.workloads import WorkloadId
from tests.measure.runs import fake

WORDS = {
    "plain": "sklearn_matrix --workload small --repeats auto",
    "sweep": "annoy_loop --workload small -n 500,1e3 -k 3 --set annoy_loop.n_trees=2,5 --fresh --threads 1,2 "
    "--set annoy_loop.search_k=9 --knob latent=3",
    "file": "annoy_loop --data 'a \"file\".npy' --columns 'x,y*' --rows 5:90 --time-limit 1h30m",
    "path": f"{fake('finds_some')} annoy_loop --workload small --memory-limit 2GiB --truth-rows all",
}


@pytest.fixture
def requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What commands ask for, instead of its being carried out."""
    asked: list[RunRequest] = []
    monkeypatch.setattr(series, "run", lambda request, _: asked.append(request) or iter(()))
    monkeypatch.chdir(tmp_path)
    return asked


def run_ids(request: RunRequest) -> list[str]:
    points = WorkloadId("small", 1000, 8, 10, "euclidean", 0, "hash")
    return [run.run_id for run in plan(plan_of(request, TerminalObserver()), points, "17")]


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_what_is_printed_of_words_asks_for_the_same_runs_as_they_do(
    words: str, requests: list[RunRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", *shlex.split(words), "--dry-run", "--print-config"]) == 0
    text = capsys.readouterr().out
    assert "dry" not in text
    Path("run.toml").write_text(text)
    assert main(["run", "--config", "run.toml", "--dry-run"]) == 0
    assert main(["run", "--config=run.toml", "--dry-run", "--print-config"]) == 0
    assert capsys.readouterr().out == text
    assert requests[0] == requests[1] == requests[2]
    assert run_ids(requests[0]) == run_ids(requests[1])


def test_a_file_by_hand_has_lists_numbers_and_truths(requests: list[RunRequest]) -> None:
    Path("run.toml").write_text(
        'strategies = "annoy_loop"\nworkload = "small"\nn = [500, 1_000]\nset = ["annoy_loop.n_trees=2"]\n'
        "fresh = true\nanyway = false\nduplicates = 0.1\ntime-limit = 90\n"
    )
    assert main(["run", "--config", "run.toml", "--dry-run"]) == 0
    words = "annoy_loop --workload small -n 500,1000 --set annoy_loop.n_trees=2 --fresh --duplicates 0.1"
    assert main(["run", *words.split(), "--time-limit", "90", "--dry-run"]) == 0
    assert requests[0] == requests[1]


def test_words_beside_a_file_win_and_add(requests: list[RunRequest]) -> None:
    Path("run.toml").write_text('strategies = ["annoy_loop"]\nworkload = "small"\nk = 5\nknob = "latent=3"\n')
    main(["run", "--config", "run.toml", "sklearn_matrix", "-k", "7", "--knob", "noise=1", "--dry-run"])
    (request,) = requests
    assert request.strategies == ("sklearn_matrix",)
    assert request.points.k == 7
    assert request.points.knobs == (("latent", 3), ("noise", 1))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("k = ", "run.toml is not TOML: Invalid value"),
        ("tread = 3", "there is no option 'tread' (did you mean 'threads'?)"),
        ("dry-run = true", "there is no option 'dry-run'"),
        ("fresh = 1", "fresh is 1, allowed are true and false"),
        ("k = 2020-01-01", "k is datetime.date(2020, 1, 1), allowed are"),
        ('workload = "small"\nk = "x"', "'x' is not a whole number above 0"),
        ("k = 3", "--workload --data is required"),
    ],
)
def test_a_file_that_is_not_understood_is_one_line(
    text: str, told: str, requests: list[RunRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("run.toml").write_text(text)
    assert main(["run", "--config", "run.toml"]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert requests == []


def test_texts_with_quotes_come_back(requests: list[RunRequest], capsys: pytest.CaptureFixture[str]) -> None:
    name = 'täg "x"\\y\t.npy'
    assert main(["run", "--data", name, "--dry-run", "--print-config"]) == 0
    assert tomllib.loads(capsys.readouterr().out)["data"] == name
