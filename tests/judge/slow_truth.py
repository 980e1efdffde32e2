"""The judge's figures by the shortest code in float64 that can be right; and points hard to judge."""

import numpy as np


def slow_distances(points, row):
    wide = points.astype(np.float64)
    return np.sqrt(((wide - wide[row]) ** 2).sum(axis=1))


def slow_neighbors(points, rows, k):
    indices, distances = [], []
    for row in rows:
        distance = slow_distances(points, row)
        order = [i for i in np.lexsort((np.arange(len(points)), distance)) if i != row][:k]
        indices.append(order)
        distances.append(distance[order])
    return np.array(indices), np.array(distances)


def slow_row_recalls(points, rows, answers):
    recalls = []
    for row, answer in zip(rows, answers, strict=True):
        distance = slow_distances(points, row)
        kth = np.sort(np.delete(distance, row))[len(answer) - 1]
        counted = {i for i in answer.tolist() if 0 <= i < len(points) and i != row}
        recalls.append(sum(distance[i] <= kth * (1 + 1e-5) for i in counted) / len(answer))
    return np.array(recalls)


def normal(seed, n, d):
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def on_the_sphere(points):
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def tight_clusters(seed, n, d, n_clusters, radius=1e-4):
    """Unit vectors in clusters of equal size, each point ``radius`` from its center; and the clusters."""
    rng = np.random.default_rng(seed)
    centers = on_the_sphere(rng.standard_normal((n_clusters, d)))
    cluster = rng.permutation(np.arange(n) % n_clusters)
    return on_the_sphere(centers[cluster] + radius / np.sqrt(d) * rng.standard_normal((n, d))), cluster


def twenty_times(seed, n, d):
    """n points, 20 copies of each."""
    rng = np.random.default_rng(seed)
    return rng.permutation(np.repeat(rng.standard_normal((n // 20, d)), 20, axis=0)).astype(np.float32)


def hard_points(n=600, d=8):
    """Points on which a harness goes wrong, by name."""
    base = normal(1, n, d)
    rng = np.random.default_rng(2)
    tight, _ = tight_clusters(3, n, d, 5)
    outlier = tight.copy()
    outlier[n // 2] = 1e5
    return {
        "far from the origin": (normal(4, n, d) + 1e6).astype(np.float32),
        "each point 20 times": twenty_times(5, n, d),
        "all points equal": np.full((n, d), 0.1, np.float32),
        "all points zero": np.zeros((n, d), np.float32),
        "two values only": np.repeat([[0.0], [1.0]], n // 2, axis=0).astype(np.float32),
        "tight clusters": tight,
        "tight clusters and one far point": outlier,
        "large": base * np.float32(1e4),
        "small": base * np.float32(1e-4),
        "near float32's end": base * np.float32(1e37),
        "below float32's normal range": base * np.float32(1e-42),
        "norms over 25 decades": (base * 10.0 ** rng.uniform(-20, 5, (n, 1))).astype(np.float32),
        "corners of a cube": rng.integers(0, 2, (n, d)).astype(np.float32),
        "zeros of both signs": rng.choice(np.array([0.0, -0.0, 1.0], np.float32), (n, 3)),
        "sorted on a line": np.sort(normal(6, n, 1), axis=0),
        "one point in many": np.repeat(base[:3], [n - 20, 10, 10], axis=0),
    }
