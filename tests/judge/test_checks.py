import numpy as np
import pytest

from bench.answers import Answers
from bench.judge import checks
from bench.judge.checks import find_flaw, find_wrong_distance
from bench.judge.distances import squared_distances
from bench.judge.truth import exact_neighbors
from tests.judge.slow_truth import normal, tight_clusters

INF = float("inf")
NAN = float("nan")


def answers_of(points, k=4):
    truth = exact_neighbors(points, np.arange(len(points)), k)
    return Answers(truth.indices.copy(), truth.distances.astype(np.float32), np.ones(len(points), bool))


@pytest.fixture
def answers():
    return answers_of(normal(1, 50, 3))


def test_a_right_answer_has_no_flaw(answers):
    assert find_flaw(answers) is None


@pytest.mark.parametrize(
    ("indices", "distances", "reason"),
    [
        ([1, 2, 3, 50], None, "row 7: id 50 is out of range, allowed are 0 to 49"),
        ([1, 2, 3, -2], None, "row 7: id -2 is out of range, allowed are 0 to 49"),
        ([1, 7, 3, 4], None, "row 7: neighbor 2 is the row itself"),
        ([1, 2, 3, 1], None, "row 7: id 1 is there twice"),
        ([1, -1, 3, -1], [0, INF, 1, INF], "row 7: neighbor 2 is missing (-1), yet neighbor 3 is there"),
        (None, [0, 1, NAN, 3], "row 7: distance 3 is nan for a neighbor found"),
        (None, [-1, 1, 2, 3], "row 7: distance 1 is -1 for a neighbor found"),
        (
            None,
            [0, 1, 2, INF],
            "row 7: distance 4 is inf for a neighbor found; squares of such distances overflow float32",
        ),
        ([1, 2, 3, -1], [0, 1, 2, 3], "row 7: distance 4 is 3 for a missing neighbor"),
        (None, [1, 2, 3, 2.999], "row 7: wrong order, distance 4 (2.999) follows 3"),
    ],
)
def test_the_first_flaw_is_named_with_its_row(answers, monkeypatch, indices, distances, reason):
    monkeypatch.setattr(checks, "_ROWS_AT_ONCE", 4)
    if indices is not None:
        answers.indices[7] = indices
    if distances is not None:
        answers.distances[7] = distances
    answers.indices[30] = [30, 30, 99, -5]
    assert find_flaw(answers) == reason


def test_rows_not_answered_are_not_checked(answers):
    answers.indices[7] = 7
    answers.answered[7] = False
    assert find_flaw(answers) is None


def test_missing_neighbors_at_the_end_are_no_flaw(answers):
    answers.indices[7, 2:] = -1
    answers.distances[7, 2:] = np.inf
    answers.indices[8] = -1
    answers.distances[8] = np.inf
    assert find_flaw(answers) is None


def test_distances_that_descend_by_rounding_only_are_no_flaw(answers):
    answers.distances[7] = [1, 1, np.nextafter(np.float32(1), np.float32(0)), 2]
    assert find_flaw(answers) is None


def test_a_single_neighbor_can_be_checked():
    assert find_flaw(answers_of(normal(1, 10, 2), k=1)) is None


def expanded(points, row, other):
    """Distances as a float32 expansion gives them."""
    squared = np.einsum("ij,ij->i", points, points)
    product = np.einsum("ij,ij->i", points[row], points[other])
    return np.sqrt(np.maximum(squared[row] + squared[other] - 2 * product, 0))


@pytest.mark.parametrize("d", [2, 64, 784])
@pytest.mark.parametrize("offset", [0, 30, 1000])
def test_distances_from_a_float32_expansion_are_explained(d, offset):
    points = normal(1, 500, d) + np.float32(offset)
    points[:20] = tight_clusters(2, 20, d, 2)[0]
    rows = np.arange(400)
    others = np.random.default_rng(3).integers(0, 500, (400, 5)).astype(np.int32)
    others[:20] = np.random.default_rng(4).integers(0, 20, (20, 5))
    distances = expanded(points, np.repeat(rows, 5), others.ravel()).reshape(400, 5)
    assert distances.dtype == np.float32
    assert find_wrong_distance(points, rows, others, distances) is None


@pytest.mark.parametrize("scale", [1e-15, 1e-4, 1, 1e4, 1e15])
def test_a_distance_one_percent_off_is_named_with_its_row(scale):
    points = normal(1, 100, 16) * np.float32(scale)
    answers = answers_of(points)
    rows = np.arange(100)
    assert find_wrong_distance(points, rows, answers.indices, answers.distances) is None
    answers.distances[33, 2] *= 1.01
    reason = find_wrong_distance(points, rows, answers.indices, answers.distances)
    assert reason.startswith(f"row 33: distance to {answers.indices[33, 2]} is ")
    assert reason.endswith("more off than float32 explains")
    assert "\n" not in reason


def test_squared_distances_are_wrong_distances():
    points = normal(1, 100, 16)
    answers = answers_of(points)
    squared = squared_distances(points, np.repeat(np.arange(100), 4), answers.indices.ravel())
    assert find_wrong_distance(
        points, np.arange(100), answers.indices, squared.reshape(100, 4).astype(np.float32)
    )


def test_missing_and_impossible_ids_have_no_distance_to_be_wrong():
    points = normal(1, 10, 2)
    ids = np.array([[-1, 10, -9]], np.int32)
    assert find_wrong_distance(points, np.array([0]), ids, np.full((1, 3), NAN, np.float32)) is None
