"""A recall asked for is reached, whatever the metric, with one or two sets; limits and Ctrl-C are kept."""

import signal
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import allknn
from allknn.search import Search
from tests.allknn import brute_force

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(12_000, 8)).astype(np.float32)
QUERIES = RNG.normal(size=(2_000, 8)).astype(np.float32)
ROWS = np.arange(0, 2_000, 20)


def recall_of(answer: allknn.Result, queries: Any, metric: str) -> float:
    """Judge some rows of an answer by brute force: do their ids lie as near as the true neighbors do?"""
    lengths = brute_force.distances(POINTS, (POINTS if queries is None else queries)[ROWS], metric)
    if queries is None:
        lengths[np.arange(len(ROWS)), ROWS] = np.inf
    last = np.sort(lengths, axis=1)[:, 9:10]
    found = np.take_along_axis(lengths, answer.indices[ROWS].astype(np.int64), axis=1)
    assert np.allclose(answer.distances[ROWS], found, rtol=1e-5, atol=1e-6)
    assert all(len(set(row)) == 10 for row in answer.indices.tolist())
    return float((found <= last + 1e-6 * abs(last)).mean())


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "inner_product"])
@pytest.mark.parametrize("queries", [None, QUERIES], ids=["one set", "two sets"])
def test_a_recall_asked_for_is_reached_and_any_number_of_threads_gives_the_same(
    metric: str, queries: Any
) -> None:
    one, two = (
        allknn.nearest_neighbors(POINTS, 10, queries=queries, metric=metric, recall=0.8, n_jobs=threads)
        for threads in (1, 2)
    )
    assert one.indices.tobytes() == two.indices.tobytes()
    assert one.distances.tobytes() == two.distances.tobytes()
    assert one.recall >= one.recall_low >= 0.8
    assert one.exact or one.rounds >= 1
    assert recall_of(one, queries, metric) > 0.8


def test_what_float32_cannot_hold_is_measured_in_float64() -> None:
    points = POINTS.astype(np.float64) + 1e7
    answer = allknn.nearest_neighbors(points, 3, recall=0.9)
    near = points[answer.indices[:50]] - points[:50, None]
    assert not answer.exact
    assert np.allclose(answer.distances[:50], np.sqrt((near**2).sum(axis=2)), rtol=1e-6)


@pytest.mark.parametrize("shift", [0.0, 1e-9], ids=["float32", "float64"])
def test_where_exact_takes_less_time_the_answer_is_exact_and_says_so(shift: float) -> None:
    hard = RNG.random((13_000, 60), np.float32) + np.float64(shift)
    expected = allknn.nearest_neighbors(hard, 5, n_jobs=2)
    assert (expected.exact, expected.rounds, expected.exact_because) == (True, 0, "")
    for recall, seconds, rounds in ((0.97, None, 0), (0.97, 600, 1), (0.999, None, 0)):
        answer = allknn.nearest_neighbors(hard, 5, recall=recall, n_jobs=2, seconds=seconds)
        assert (answer.exact, answer.recall, answer.recall_low, answer.rounds) == (True, 1.0, 1.0, rounds)
        assert "compute" in answer.exact_because
        assert answer.indices.tobytes() == expected.indices.tobytes()
    few = allknn.nearest_neighbors(hard[:5000], 5, recall=0.97)
    assert (few.exact, few.rounds) == (True, 0)
    assert few.exact_because


def test_a_time_limit_gives_what_is_known_by_then_and_says_how_good_it_is() -> None:
    points = RNG.random((14_000, 30), np.float32)
    answer = allknn.nearest_neighbors(points, 10, seconds=1e-9, n_jobs=2)
    assert not answer.exact
    assert answer.rounds == 1
    assert 0 < answer.recall_low <= answer.recall < 1
    with_a_recall = allknn.nearest_neighbors(points, 10, recall=0.9999, seconds=1e-9, n_jobs=2)
    assert with_a_recall.rounds == 1
    assert allknn.nearest_neighbors(POINTS, 10, seconds=600, n_jobs=2).exact


def test_progress_grows_from_0_to_1() -> None:
    shares: list[float] = []
    allknn.nearest_neighbors(POINTS, 10, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 10


@pytest.mark.parametrize("recall", [None, 0.99])
@pytest.mark.slow
def test_an_interrupt_ends_a_search(recall: float | None) -> None:
    code = (
        "import allknn, numpy as np\n"
        "points = np.random.default_rng(0).random((400_000, 48), np.float32)\n"
        "said = []\n"
        "def say(share):\n"
        "    if not said: said.append(share); print('begun', flush=True)\n"
        f"allknn.nearest_neighbors(points, 10, recall={recall}, n_jobs=2, progress=say)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert errors.rstrip().endswith(b"KeyboardInterrupt")


def test_what_was_not_found_under_cosine_has_no_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*_: Any) -> Any:
        yield 0.5
        return np.array([[1, -1]], np.int32), np.array([[0.5, np.inf]], np.float32)

    monkeypatch.setattr(Search, "_solve", found)
    points = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    answer = allknn.nearest_neighbors(
        points, 2, queries=[[1, 2]], metric="cosine", recall=0.5, zero_vectors="last"
    )
    assert answer.indices.tolist() == [[2, -1]]
