"""The join by overlapping clusters: nothing dropped, no cluster too large, the same bytes for any threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from allknn.answers import Block
from allknn.approximate import clustering
from allknn.approximate.join import Overlapping
from bench.judge import exact_neighbors

ROWS = 256
K = 10


def clustered(n: int, n_centers: int, spread: float, seed: int = 0) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(n_centers, 8))
    shares = 1 / np.arange(1, n_centers + 1) ** 1.5  # few hold most
    which = rng.choice(n_centers, n, p=shares / shares.sum())
    return (centers[which] + spread * rng.normal(size=(n, 8))).astype(np.float32)


def answered(
    points: NDArray[np.float32], overlap: int = 3, threads: int = 2
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    join = Overlapping(points, ROWS, overlap, 0, threads)
    blocks = [block for block in join.run(K) if isinstance(block, Block)]
    rows = np.concatenate([np.asarray(block.rows) for block in blocks])
    order = np.argsort(rows)
    assert np.array_equal(rows[order], np.arange(len(points)))
    indices = np.concatenate([block.indices for block in blocks])[order]
    distances = np.concatenate([block.distances for block in blocks])[order]
    return indices, distances


def recall(points: NDArray[np.float32], distances: NDArray[np.float32]) -> float:
    rows = np.arange(len(points))
    true = exact_neighbors(points, rows, K, threads=2).distances
    return float((distances <= true[:, -1:] * (1 + 1e-5)).mean())


def clusters_of(points: NDArray[np.float32], overlap: int) -> list[NDArray[np.int32]]:
    everyone = np.arange(len(points), dtype=np.int32)
    centroids, _ = clustering.find(points, everyone, ROWS, overlap, 0)
    with ThreadPoolExecutor(2) as pool:
        found = clustering.gather(points, everyone, centroids, overlap, pool)
    most = clustering.most_rows(ROWS, overlap)
    clusters = [found.of(cluster) for cluster in range(len(found.begin) - 1)]
    return [part for cluster in clusters for part in clustering.bounded(points, cluster, most)]


@pytest.mark.parametrize("spread", [0.3, 1e-3])
def test_every_point_is_in_as_many_clusters_as_asked_for_and_none_is_too_large(spread: float) -> None:
    points = clustered(20_000, 30, spread)
    clusters = clusters_of(points, 3)
    assert np.bincount(np.concatenate(clusters), minlength=len(points)).tolist() == [3] * len(points)
    assert max(map(len, clusters)) <= clustering.CAP * 3 * ROWS


def test_points_that_no_centroids_part_are_cut_until_no_cluster_is_too_large() -> None:
    rng = np.random.default_rng(0)
    points = np.zeros((6000, 4), np.float32)
    points[:, 0] = np.nextafter(np.float32(1), np.float32(2)) * rng.integers(2, size=6000)
    clusters = clusters_of(points, 2)
    assert max(map(len, clusters)) <= clustering.CAP * 2 * ROWS
    assert sum(map(len, clusters)) == 2 * len(points)


def test_the_bytes_are_the_same_for_any_number_of_threads() -> None:
    points = clustered(8000, 30, 0.5)
    one, other = answered(points, threads=1), answered(points, threads=3)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


def test_more_overlap_finds_more() -> None:
    points = np.random.default_rng(0).random((6000, 12), np.float32)
    two, four = (recall(points, answered(points, overlap)[1]) for overlap in (2, 4))
    assert 0.3 < two < four < 1


def test_equal_points_are_one_anothers_neighbors() -> None:
    points = clustered(3000, 30, 0.5)
    points[1500:] = points[:20].repeat(75, axis=0)
    indices, distances = answered(points)
    assert np.all(distances[1500:] == 0)
    assert all(len(set(row)) == K for row in indices.tolist())
    assert recall(points, distances) > 0.95


def test_fewer_points_than_neighbors_asked_for_leave_places_empty() -> None:
    points = np.random.default_rng(0).random((K - 3, 2), np.float32)
    indices, distances = answered(points)
    assert np.all((indices >= 0).sum(axis=1) == K - 4)
    assert np.all(np.isinf(distances[:, K - 4 :]))


def test_by_way_of_cells_nearly_the_same_clusters_are_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).random((20_000, 6), np.float32)
    everyone = np.arange(len(points), dtype=np.int32)
    monkeypatch.setattr(clustering, "_FLAT", 64)
    found, sizes = clustering.find(points, everyone, ROWS // 4, 3, 0)
    assert len(found.cells) > 10
    assert len(found.centers) == len(sizes) == found.begin[-1]
    nearest = clustering.assign(points, found, 3)
    differences = points[:, None] - found.centers[None]
    true = np.argsort((differences**2).sum(axis=2), axis=1)[:, :3]
    assert (nearest[:, 0] == true[:, 0]).mean() > 0.99
    assert np.mean([len(set(a) & set(b)) for a, b in zip(nearest, true, strict=True)]) > 2.95


def test_points_far_from_the_origin_are_given_to_their_nearest_clusters() -> None:
    points = np.random.default_rng(0).random((6000, 4), np.float32)
    near, far = (recall(these, answered(these)[1]) for these in (points, points + np.float32(4096)))
    assert far > near - 0.02
