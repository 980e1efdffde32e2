"""The script that does without the harness what a row was measured with."""

from string import Template

from bench import catalog
from bench.results import Measurement
from bench.workloads import Staged

_COSINE = "distances = distances**2 / 2  # the points are normalized: cosine distances\n"
_BY_CONTRACT = """\
import numpy as np
from $module import strategy

points = np.load($points, mmap_mode="r")
search = strategy.factory(**$params)
search.start()
search.fit(points)
indices = np.full((len(points), $k), -1, np.int32)
distances = np.full(indices.shape, np.inf, np.float32)
for block in search.kneighbors($k):
    if hasattr(block, "rows"):
        indices[block.rows], distances[block.rows] = block.indices, block.distances
search.close()
"""
"""For a strategy that offers no script of its own: by its own code, without measuring."""


def without_harness(row: Measurement, staged: Staged | None) -> str:
    """Fill in the strategy's script: the row's parameters, and the points where they lie.

    Without staged points it reads ``points.npy``.
    """
    listing = catalog.load(row.source or row.strategy)
    inside = listing.path.parent == catalog.DIRECTORY
    values = {name: repr(value) for name, value in (listing.defaults | row.params).items()}
    path = "points.npy" if staged is None else str(staged.path.resolve())
    template = listing.entry.snippet or _BY_CONTRACT
    text = Template(template).substitute(
        values
        | {
            "points": repr(path),
            "k": str(row.workload.k),
            "module": f"strategies.{listing.name}" if inside else listing.name,
            "params": repr(row.params),
        }
    )
    return text + (_COSINE if row.workload.metric == "cosine" else "")
