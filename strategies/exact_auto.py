"""The exact way that suits the points: a kd-tree or our join, chosen by trying both on a few of them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bench.strategy import Entry, Neighbors, Points, Progress, Strategy
from strategies import _kd_tree
from strategies._allknn import ONE_LINE, adapted

if TYPE_CHECKING:
    from allknn.exact.join import Join

_SIZES = (4096, 16_384)
"""Points tried: the growth from few to many is assumed to go on."""
_QUERIES = 256
_K = 10
_MOST_FEATURES = 64
"""With more a kd-tree of few points says nothing that speaks for it."""
_FEW_COPIES = 0.1

Seconds: TypeAlias = float


@dataclass
class ExactAuto(Strategy):
    """Looks at the points for a fraction of a second; ``details`` say what it chose and why."""

    threads: int = 1

    def start(self) -> None:
        """Load the join's library and import the tree."""
        import scipy.spatial  # noqa: F401 (imported here so that fit does not pay for it)

        from allknn import _library
        from allknn.exact import join  # noqa: F401 (as above)

        _library.load()

    def fit(self, points: Points) -> None:
        """Choose, then build the tree or order the points for the join."""
        self._points = points
        self._chosen: dict[str, float | str] = _choose(points, self.threads)
        self._tree: Any = None
        if self._chosen["chosen"] == "join":
            self._join = _join_of(points, self.threads)
        else:
            self._tree = _tree_of(points)

    def kneighbors(self, k: int) -> Iterator[Neighbors | Progress]:
        """Yield what the chosen way yields."""
        if self._tree is not None:
            yield from _kd_tree.answers(self._tree, self._points, k, self.threads)
            self.details = self._chosen
        else:
            yield from adapted(self._join.run(k))
            self.details = {"growth": "quadratic"} | self._join.details | self._chosen


def _join_of(points: NDArray[np.float32], threads: int) -> "Join":
    from allknn.exact.join import Join

    return Join(points, threads)


def _tree_of(points: NDArray[np.float32]) -> Any:
    from scipy.spatial import KDTree

    return KDTree(points, _kd_tree.LEAFSIZE)


def _choose(points: Points, threads: int) -> dict[str, float | str]:
    n_samples, n_features = points.shape
    if n_samples <= _SIZES[-1]:
        return {"chosen": "join", "chosen_because": f"{n_samples} points are few"}
    if n_features > _MOST_FEATURES:
        return {"chosen": "join", "chosen_because": f"{n_features} features are many"}
    rng = np.random.default_rng(0)
    sample = np.asarray(points)[rng.choice(n_samples, _SIZES[-1], replace=False)]
    copies = 1 - len(np.unique(sample, axis=0)) / len(sample)
    if copies > _FEW_COPIES:
        return {"chosen": "join", "chosen_because": f"{copies:.0%} of a sample are copies"}
    join = _expected(n_samples, [_seconds_of_join(sample[:size], threads) for size in _SIZES])
    tree = _expected(n_samples, [_seconds_of_tree(sample[:size], threads) for size in _SIZES])
    return {
        "chosen": "join" if join <= tree else "kd-tree",
        "chosen_because": f"expected seconds: join {join:.3g}, kd-tree {tree:.3g}",
        "expected_join_seconds": join,
        "expected_kd_tree_seconds": tree,
    }


def _seconds_of_join(sample: NDArray[np.float32], threads: int) -> Seconds:
    began = time.perf_counter()
    for _ in _join_of(sample, threads).run(_K):
        pass
    return time.perf_counter() - began


def _seconds_of_tree(sample: NDArray[np.float32], threads: int) -> Seconds:
    """Those of building, and of as many queries as there are points, from some of them."""
    began = time.perf_counter()
    tree = _tree_of(sample)
    built = time.perf_counter()
    tree.query(sample[:_QUERIES], _K + 1, workers=threads)
    return built - began + (time.perf_counter() - built) * len(sample) / _QUERIES


def _expected(n_samples: int, measured: list[Seconds]) -> Seconds:
    """Extrapolate by the power of the number that two measurements show, from linear to quadratic."""
    few, many = measured
    power = np.clip(np.log(many / few) / np.log(_SIZES[1] / _SIZES[0]), 1, 2)
    return float(many * (n_samples / _SIZES[1]) ** power)


strategy = Entry(
    ExactAuto, exact=True, requires=("scipy",), snippet=ONE_LINE.format(arguments="n_jobs=$threads")
)
