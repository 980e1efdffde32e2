"""The estimators keep scikit-learn's conventions, and give the graphs that its own transformer gives."""

import doctest
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsTransformer
from sklearn.utils.estimator_checks import check_estimator

import allknn
from allknn import estimators

POINTS = np.random.default_rng(0).normal(size=(200, 4))


@pytest.mark.parametrize("estimator", [allknn.ExactNeighbors(), allknn.ApproximateNeighbors()], ids=str)
def test_scikit_learn_finds_nothing_wrong(estimator: Any) -> None:
    results = check_estimator(estimator, on_skip=None)
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    assert len(results) > 40


@pytest.mark.parametrize("mode", ["distance", "connectivity"])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_the_graph_is_that_of_scikit_learns_transformer(mode: str, metric: str) -> None:
    theirs = KNeighborsTransformer(n_neighbors=6, mode=mode, metric=metric).fit(POINTS)
    ours = allknn.ExactNeighbors(n_neighbors=6, mode=mode, metric=metric)
    expected = theirs.transform(POINTS).toarray()
    assert np.allclose(ours.fit_transform(POINTS).toarray(), expected, atol=1e-6)
    assert np.allclose(ours.transform(POINTS).toarray(), expected, atol=1e-6)
    assert np.allclose(ours.transform(POINTS[:3] + 1).toarray(), theirs.transform(POINTS[:3] + 1).toarray())
    assert ours.get_feature_names_out()[[0, -1]].tolist() == ["exactneighbors0", "exactneighbors199"]


def test_each_point_is_in_its_row_even_among_many_copies() -> None:
    points = np.repeat([[0.0], [1.0]], 40, axis=0)
    graph = allknn.ExactNeighbors(n_neighbors=3).fit_transform(points)
    assert (graph.indptr == np.arange(0, 321, 4)).all()
    assert graph.indices[::4].tolist() == list(range(80))
    assert (graph.data == 0).all()


def test_neighbors_are_found_of_the_points_and_of_others() -> None:
    neighbors = allknn.ApproximateNeighbors(n_neighbors=3, recall=0.9).fit(POINTS)
    expected = allknn.nearest_neighbors(POINTS, 3)
    distances, indices = neighbors.kneighbors()
    assert (indices.tolist(), distances.tolist()) == (expected.indices.tolist(), expected.distances.tolist())
    assert neighbors.kneighbors(POINTS, 1, return_distance=False).ravel().tolist() == list(range(200))
    graph = neighbors.kneighbors_graph(mode="connectivity")
    assert (graph.shape, graph.nnz, graph.sum()) == ((200, 200), 600, 600)


def test_the_recall_reached_is_an_attribute() -> None:
    points = np.random.default_rng(0).normal(size=(13_000, 12)).astype(np.float32)
    neighbors = allknn.ApproximateNeighbors(recall=0.8)
    assert neighbors.fit_transform(points).nnz == 6 * len(points)
    assert 0.8 <= neighbors.recall_low_ <= neighbors.recall_
    assert not neighbors.exact_


def test_the_point_itself_has_its_own_product() -> None:
    graph = allknn.ExactNeighbors(n_neighbors=1, metric="inner_product").fit_transform([[1.0], [3.0], [-2.0]])
    assert graph.toarray().tolist() == [[-1.0, -3.0, 0.0], [-3.0, -9.0, 0.0], [2.0, 0.0, -4.0]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_neighbors": 200}, "at least 1 and < n_samples_fit, got n_neighbors = 200, n_samples_fit = 200"),
        ({"n_neighbors": 0}, "n_neighbors must be at least 1, got 0"),
        ({"mode": "graph"}, "mode must be one of distance, connectivity, got 'graph'"),
        ({"metric": "l1"}, "metric must be one of euclidean, cosine, inner_product, got 'l1'"),
    ],
)
def test_bad_parameters_are_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        allknn.ExactNeighbors(**arguments).fit_transform(POINTS)


def test_the_examples_in_the_documentation_are_true() -> None:
    results = doctest.testmod(estimators)
    assert (results.failed, results.attempted) == (0, 6)


def test_what_is_heavy_is_imported_where_it_is_used() -> None:
    code = (
        "import sys, allknn; before = set(sys.modules); allknn.spark, allknn.ExactNeighbors\n"
        "print({'sklearn', 'scipy', 'allknn.spark'} & before, 'allknn.spark' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set() True\n"


def test_there_is_nothing_else_in_the_library() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Neighbors'"):
        _ = allknn.Neighbors  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["distance", "connectivity"])
def test_neighbors_that_were_not_found_are_not_in_the_graph(mode: str) -> None:
    indices, distances = np.array([[2, -1], [0, 1]], np.int32), np.array([[0.5, np.inf], [1, 2]], np.float32)
    graph = estimators._graph(indices, distances, mode, 3)
    graph.check_format(full_check=True)
    expected = [[0, 0, 0.5], [1, 2, 0]] if mode == "distance" else [[0, 0, 1], [1, 1, 0]]
    assert graph.toarray().tolist() == expected
