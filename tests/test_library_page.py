"""The examples of docs/library.md do what the page says, with the packages that they are for."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import threadpoolctl

import allknn

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/library.md").read_text()
EXAMPLES = dict(
    re.findall(r"^##+ ([^\n]+)\n(?:(?!^##).)*?^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)
LABELS = np.repeat(np.arange(3), 80)


def points() -> np.ndarray:
    """Three groups of points, far apart."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(3, 10))[LABELS] * 12 + rng.normal(size=(240, 10))).astype(np.float32)


def run(name: str, **changed: Any) -> dict[str, Any]:
    """Run an example on these points; return the names that it leaves."""
    given = points()
    names: dict[str, Any] = {"allknn": allknn, "points": given, "others": given[:20] + 1, **changed}
    exec(compile(EXAMPLES[name], f"docs/library.md, {name}", "exec"), names)  # noqa: S102 (our own page)
    return names


def test_neighbors_are_found_as_on_the_page() -> None:
    line, recall, sets = run("One line"), run("At a recall"), run("Two sets")
    assert line["indices"].shape == line["distances"].shape == (240, 15)
    assert recall["answer"].exact
    assert sets["indices"].shape == (20, 15)
    assert run("scikit-learn")["graph"].nnz == 240 * 16
    assert run("Limits, progress, memory")["answer"].exact


def keeps_groups_apart(embedding: np.ndarray) -> bool:
    """Whether the nearest neighbor of each point in an embedding is of its own group."""
    nearest = allknn.nearest_neighbors(embedding, 1).indices[:, 0]
    return embedding.shape == (240, 2) and bool((LABELS[nearest] == LABELS).mean() > 0.95)


def umap_keeps_groups_apart() -> bool:
    EXAMPLES["UMAP"] = EXAMPLES["UMAP"].replace("UMAP(", "UMAP(n_epochs=20, ")  # it would take 500
    return keeps_groups_apart(run("UMAP")["embedding"])


def scanpy_links_no_groups() -> bool:
    adata = run("scanpy")["adata"]
    first, second = adata.obsp["connectivities"].nonzero()
    return adata.obsp["distances"].shape == (240, 240) and bool((LABELS[first] == LABELS[second]).all())


@pytest.mark.slow
@pytest.mark.parametrize("example", [umap_keeps_groups_apart, scanpy_links_no_groups])
def test_what_compiles_itself_takes_the_neighbors(example: Callable[[], bool]) -> None:
    code = f"from tests import test_library_page as page; print(page.{example.__name__}())"
    interpreted = os.environ | {"NUMBA_DISABLE_JIT": "1"}  # compiling would take a minute
    command = [sys.executable, "-W", "ignore", "-c", code]
    ran = subprocess.run(command, cwd=ROOT, env=interpreted, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1:] == ["True"], ran.stderr


def test_t_sne_takes_the_graph() -> None:
    with threadpoolctl.threadpool_limits(1):  # its threads wait for one another, long where there are others
        assert keeps_groups_apart(run("t-SNE")["embedding"])


@pytest.mark.parametrize(
    ("name", "of"),
    [("Leiden", lambda names: names["communities"]), ("DBSCAN", lambda names: names["clusters"])],
)
def test_clusters_are_found(name: str, of: Callable[[dict[str, Any]], np.ndarray]) -> None:
    clusters = of(run(name))
    groups = [set(clusters[label == LABELS]) for label in range(3)]
    assert sum(map(len, groups)) == len(set().union(*groups)) == len(set(clusters))
    assert name != "DBSCAN" or len(set(clusters)) == 3


def test_duplicates_are_removed() -> None:
    given = points()
    given[100:110] = given[:10] + np.float32(1e-4)
    given[200] = given[100]
    names = run("Duplicates", points=given)
    assert names["keep"].tolist() == [*range(100), *range(110, 200), *range(201, 240)]


def test_every_example_of_the_page_is_run_here() -> None:
    here = Path(__file__).read_text()
    assert len(EXAMPLES) == 11
    assert [name for name in EXAMPLES if f'"{name}"' not in here] == []
