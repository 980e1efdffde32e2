import json
import subprocess
import sys
from dataclasses import asdict, fields

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from bench.answers import Answers
from bench.judge import JudgeJob, Verdict, judge
from bench.results import Measurement
from bench.strategy import Neighbors
from tests.judge.slow_truth import normal, on_the_sphere, tight_clusters, twenty_times

K = 10
TIGHT, CLUSTER = tight_clusters(1, 4000, 12, 4, radius=3e-4)
POINTS = {
    "each row 20 times": twenty_times(2, 2000, 8),
    "all points equal": np.full((1500, 8), 0.3, np.float32),
    "tight clusters of unit vectors": TIGHT,
    "tight clusters times 1e4": TIGHT * np.float32(1e4),
    "tight clusters times 1e-4": TIGHT * np.float32(1e-4),
    "far from the origin": (normal(3, 2000, 8) + 1e3).astype(np.float32),
}


@pytest.fixture
def judged(tmp_path):
    def judged(points, indices, distances, *, truth_rows=300, answered=None):
        path = tmp_path / "points.npy"
        np.save(path, points)
        answered = np.ones(len(points), bool) if answered is None else answered
        answers = Answers(indices.astype(np.int32), distances.astype(np.float32), answered)
        return judge(
            path, str(hash(points.tobytes())), answers, K, truth_rows=truth_rows, cache=tmp_path, threads=2
        )

    return judged


def neighbors_by(algorithm, points):
    distances, indices = (
        NearestNeighbors(n_neighbors=K + 1, algorithm=algorithm).fit(points).kneighbors(points)
    )
    own = indices == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True
    return indices[~own].reshape(-1, K), distances[~own].reshape(-1, K)


def with_distances(points, indices):
    wide = points.astype(np.float64)
    distances = np.sqrt(((wide[:, None] - wide[indices]) ** 2).sum(axis=2))
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(indices, order, 1), np.take_along_axis(distances, order, 1)


def of_the_same_cluster(seed):
    """K random other points of each point's cluster."""
    rng = np.random.default_rng(seed)
    members = np.argsort(CLUSTER, kind="stable").reshape(4, -1)
    size = members.shape[1]
    place = np.argsort(members.ravel()) % size
    steps = 1 + np.arange(K) * (size // K) + rng.integers(size // K - 1, size=(len(CLUSTER), K))
    return members[CLUSTER[:, None], (place[:, None] + steps) % size]


@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
@pytest.mark.parametrize("name", POINTS)
def test_an_exact_method_has_recall_one_on(name, algorithm, judged):
    verdict = judged(POINTS[name], *neighbors_by(algorithm, POINTS[name]))
    assert verdict.wrong is None
    assert verdict.recall == verdict.recall_high == verdict.recall_p01 == 1.0
    assert verdict.truth_rows == 300


@pytest.mark.parametrize("scale", [1e-4, 1, 1e4])
def test_random_points_of_the_same_tight_cluster_are_not_neighbors(scale, judged):
    points = TIGHT * np.float32(scale)
    verdict = judged(points, *with_distances(points, of_the_same_cluster(5)), truth_rows=2000)
    assert verdict.wrong is None
    assert verdict.recall <= 0.05


def half_right_answers():
    exact, _ = neighbors_by("kd_tree", TIGHT)
    answers = of_the_same_cluster(6)
    answers[:, :5] = exact[:, :5]
    return answers


def recalls(verdict):
    return verdict.recall, verdict.recall_low, verdict.recall_high, verdict.recall_p01, verdict.recall_p05


@pytest.mark.parametrize("exponent", [-40, -13, 13, 40])
def test_fixed_answers_score_the_same_at_every_power_of_two(exponent, judged):
    answers = half_right_answers()
    unscaled = judged(TIGHT, answers, np.zeros_like(answers))
    scaled = judged(TIGHT * np.float32(2.0**exponent), answers, np.zeros_like(answers))
    assert unscaled.recall == pytest.approx(0.5, abs=0.02)
    assert recalls(unscaled) == recalls(scaled)


@pytest.mark.parametrize("scale", [1e-4, 1e-1, 1e1, 1e4])
def test_fixed_answers_score_within_a_thousandth_at_every_scale(scale, judged):
    answers = half_right_answers()
    unscaled = judged(TIGHT, answers, np.zeros_like(answers), truth_rows=1000)
    scaled = judged(TIGHT * np.float32(scale), answers, np.zeros_like(answers), truth_rows=1000)
    assert scaled.recall == pytest.approx(unscaled.recall, abs=1e-3)


def test_only_answered_rows_are_judged(judged):
    points = normal(1, 500, 4)
    indices, distances = neighbors_by("kd_tree", points)
    answered = np.arange(500) < 120
    indices[~answered], distances[~answered] = -1, np.inf
    verdict = judged(points, indices, distances, answered=answered)
    assert (verdict.wrong, verdict.recall, verdict.recall_low, verdict.truth_rows) == (None, 1.0, 1.0, 120)


def test_nothing_answered_has_no_recall(judged):
    points = normal(1, 50, 4)
    indices, distances = neighbors_by("kd_tree", points)
    verdict = judged(points, indices, distances, answered=np.zeros(50, bool))
    assert set(asdict(verdict).values()) == {None}


def test_a_wrong_answer_has_a_reason_and_still_a_recall(judged):
    points = normal(1, 500, 4)
    indices, distances = neighbors_by("kd_tree", points)
    indices[400, 3] = 400
    verdict = judged(points, indices, distances)
    assert verdict.wrong == "row 400: neighbor 4 is the row itself"
    assert verdict.recall > 0.99


def test_wrong_distances_make_an_answer_wrong(judged):
    points = normal(1, 500, 4)
    indices, distances = neighbors_by("kd_tree", points)
    verdict = judged(points, indices, distances * 1.01)
    assert verdict.wrong.startswith("row 0: distance to ")
    assert verdict.recall == 1.0


@pytest.mark.parametrize(("k", "metric"), [(K + 1, "euclidean"), (K, "manhattan")])
def test_answers_that_do_not_fit_are_refused(k, metric, tmp_path):
    np.save(tmp_path / "points.npy", normal(1, 50, 2))
    answers = Answers(np.zeros((50, K), np.int32), np.zeros((50, K), np.float32), np.ones(50, bool))
    with pytest.raises(ValueError, match=r"allowed are euclidean|expected"):
        judge(tmp_path / "points.npy", "hash", answers, k, metric, cache=tmp_path)


def test_the_judging_process_prints_the_verdict_as_one_line(tmp_path):
    points = on_the_sphere(normal(1, 300, 4))
    np.save(tmp_path / "points.npy", points)
    answers = Answers.create(tmp_path, 300, K)
    indices, distances = neighbors_by("brute", points)
    answers.store(Neighbors(range(300), indices.astype(np.int32), distances.astype(np.float32)))
    job = JudgeJob(
        points=str(tmp_path / "points.npy"),
        content_hash="hash",
        answers=str(tmp_path),
        k=K,
        metric="cosine",
        truth_rows="all",
        cache=str(tmp_path / "cache"),
        threads=1,
    )
    done = subprocess.run(
        [sys.executable, "-m", "bench.judge", job.save(tmp_path / "job.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    verdict = Verdict(**json.loads(done.stdout))
    assert done.stdout.count("\n") == 1
    assert (verdict.wrong, verdict.recall, verdict.truth_rows) == (None, 1.0, 300)


def test_every_figure_of_a_verdict_is_a_field_of_the_row():
    assert Verdict("row 3 is wrong", recall=0.5).row_fields().keys() < {f.name for f in fields(Measurement)}
    assert "wrong" not in Verdict("row 3 is wrong").row_fields()
