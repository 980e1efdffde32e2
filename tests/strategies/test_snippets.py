"""The scripts that strategies offer run as they are and find the neighbors."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import catalog
from bench.experiment.script import filled
from bench.measure import java
from tests.needs import marked

pytestmark = pytest.mark.slow

N, K = 1000, 5
LIVES_FOR_SECONDS = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "PYSPARK_SUBMIT_ARGS": "--driver-java-options -XX:TieredStopAtLevel=1 pyspark-shell",
}
"""What a script's Spark session shall be: on loopback, and soon there."""
OFFERING = [name for name in catalog.names() if catalog.load(name).entry.snippet]


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Points of which some are equal."""
    path = tmp_path_factory.mktemp("snippets") / "points.npy"
    drawn = np.random.default_rng(0).standard_normal((N, 6)).astype(np.float32)
    drawn[:20] = drawn[20:40]
    np.save(path, drawn)
    return path


def true_distances(points: Path) -> np.ndarray:
    drawn = np.load(points).astype(np.float64)
    lengths = np.sqrt(((drawn[:, None] - drawn) ** 2).sum(axis=2))
    np.fill_diagonal(lengths, np.inf)
    return np.sort(lengths, axis=1)[:, :K]


@pytest.mark.parametrize("name", marked(OFFERING))
def test_a_snippet_leaves_the_neighbors_that_its_strategy_promises(
    name: str, points: Path, tmp_path: Path
) -> None:
    listing = catalog.load(name)
    strongest = dict(listing.entry.ladder[-1]) if listing.entry.ladder else {}
    values = (
        {"recall": 0.95}
        | {field: default for field, default in listing.defaults.items() if field != "recall" or default}
        | strongest
        | {"threads": 2, "master": "local[1]", "k": K, "points": str(points)}
    )
    script = filled(listing.entry.snippet, values)
    assert 4 <= len(script.splitlines()) <= 25
    found = java.find()
    variables = {} if isinstance(found, str) else found.environment
    code = f"{script}\nnp.savez('found.npz', indices=indices, distances=distances)\n"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | variables | LIVES_FOR_SECONDS,
        check=True,
        timeout=240,
    )
    answer = np.load(tmp_path / "found.npz")
    assert answer["indices"].shape == answer["distances"].shape == (N, K)
    assert (answer["indices"] != np.arange(N)[:, None]).all()
    # Squares, since norms and products in float32 leave something between points that are equal.
    right = answer["distances"] ** 2 <= true_distances(points) ** 2 * (1 + 2e-4) + 1e-5
    assert right.mean() >= (1.0 if listing.entry.exact else 0.9)
