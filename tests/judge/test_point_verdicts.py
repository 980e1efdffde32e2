"""Verdicts on points that are made to deserve them."""

import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from bench.judge.difficulty import describe
from bench.judge.point_verdicts import point_verdicts, shape_of
from bench.judge.truth import exact_neighbors, sample_rows
from tests.judge.slow_truth import normal

DOCUMENT = Path(__file__).parents[2] / "docs" / "own-data.md"
NAMES = ["duplicates", "zero vectors", "norms", "intrinsic dimension", "contrast", "hubness"]
NAMES += ["anisotropy", "scale"]


def levels(points):
    truth = exact_neighbors(points, sample_rows(len(points), 100), min(50, len(points) - 1))
    verdicts = describe(points, truth, k=10).verdicts
    assert all(one.figure and one.thresholds and one.to_try for one in verdicts)
    return {one.name: one.level for one in verdicts}


def in_a_plane(n):
    """Two dimensions around the origin, stored in six."""
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.standard_normal((6, 2)))
    return ((rng.random((n, 2)) - 0.5) @ turned.T).astype(np.float32)


def test_easy_points_are_ok_in_every_way():
    assert levels(in_a_plane(3000)) == dict.fromkeys(NAMES, "ok")


def spoiled(how):
    points = in_a_plane(3000)
    if how == "duplicates":
        points[:1500] = points[0]
    elif how == "zero vectors":
        points[:100] = 0
    elif how == "norms":
        points[0] *= 1e5
    elif how == "anisotropy":
        points += 50
    elif how == "scale":
        points[:, 0] *= 1e5
    else:
        points = normal(1, 3000, 300)
    return points


@pytest.mark.parametrize("how", NAMES)
def test_each_way_to_be_hard_has_its_own_verdict(how):
    assert levels(spoiled(how))[how] == "fails"


def test_the_occurrence_of_points_is_counted_as_by_definition():
    points = normal(1, 300, 20)
    wide = points.astype(float)
    distances = np.linalg.norm(wide[:, None] - wide, axis=2)
    np.fill_diagonal(distances, np.inf)
    counts = np.bincount(np.argsort(distances, axis=1)[:, :5].ravel(), minlength=300)
    skew = np.mean((counts - counts.mean()) ** 3) / counts.std() ** 3
    shape = shape_of(points, 5)
    assert shape.hubness == pytest.approx(skew)
    assert shape.anti_hubs_share == pytest.approx(np.mean(counts == 0))


def test_anisotropy_is_the_mean_cosine_of_two_points():
    points = normal(1, 200, 5) + np.float32(1)
    unit = points / np.linalg.norm(points, axis=1, keepdims=True)
    cosines = (unit.astype(float) @ unit.T.astype(float))[~np.eye(200, dtype=bool)]
    assert shape_of(points, 5).mean_cosine == pytest.approx(cosines.mean(), rel=1e-5)


def test_points_of_which_nothing_varies_are_to_be_watched():
    points = np.ones((50, 3), np.float32)
    truth = exact_neighbors(points, np.arange(50), 10)
    verdicts = {one.name: one for one in describe(points, truth).verdicts}
    assert verdicts["intrinsic dimension"].level == verdicts["scale"].level == "watch out"
    assert verdicts["scale"].figure == "unknown, 3 constant"


@pytest.mark.parametrize(
    ("value", "level"), [(1.4, "ok"), (1.41, "watch out"), (5.0, "watch out"), (5.1, "fails")]
)
def test_a_threshold_belongs_to_the_better_side(value, level):
    truth = exact_neighbors(normal(1, 100, 3), np.arange(100), 10)
    figures = asdict(describe(normal(1, 100, 3), truth)) | {"hubness": value, "anti_hubs_share": 0.0}
    assert {one.name: one.level for one in point_verdicts(figures)}["hubness"] == level


def test_the_documents_name_the_thresholds():
    truth = exact_neighbors(normal(1, 100, 3), np.arange(100), 10)
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for verdict in describe(normal(1, 100, 3), truth).verdicts:
        (line,) = [line for line in lines if line.startswith(f"| {verdict.name} |")]
        assert set(re.findall(r"[\d.]+", verdict.thresholds)) <= set(re.findall(r"[\d.]+", line))
