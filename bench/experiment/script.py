"""The script that does without the harness what a row was measured with."""

import math
from collections.abc import Mapping
from string import Template
from typing import Any

from bench import catalog
from bench.results import Measurement
from bench.workloads import Staged

_COSINE = "distances = distances**2 / 2  # the points are normalized: cosine distances\n"
_BY_CONTRACT = """\
import numpy as np
from $module import strategy

points = np.load($points, mmap_mode="r")
search = strategy.factory(**$settings)
search.start()
search.fit(points)
indices = np.full(($rows, $k), -1, np.int32)
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
    listing, workload = catalog.load(row.source or row.strategy), row.workload
    path = "points.npy" if staged is None else str(staged.path.resolve())
    queries = "queries.npy" if staged is None or staged.queries is None else str(staged.queries.resolve())
    more: dict[str, Any] = {} if workload.n_queries is None else {"queries_from": queries}
    more |= {"by_products": True} if workload.metric == "inner_product" else {}
    recall = row.params.get("recall") or _hundredths(row.recall_low)
    values = listing.defaults | row.params | {"points": path, "k": workload.k, "recall": recall} | more
    if listing.entry.snippet and (not more or "$asked" in listing.entry.snippet):
        text = filled(listing.entry.snippet, values)
    else:
        inside = listing.path.parent == catalog.DIRECTORY
        text = Template(_BY_CONTRACT).substitute(
            points=repr(path),
            k=workload.k,
            module=f"strategies.{listing.name}" if inside else listing.name,
            settings=repr(row.params | more),
            rows="len(points)" if workload.n_queries is None else workload.n_queries,
        )
    return text + (_COSINE if workload.metric == "cosine" else "")


def filled(snippet: str, values: Mapping[str, Any]) -> str:
    """Fill in a strategy's snippet: points, k and its fields, and what our library is asked for besides."""
    asked = ', metric="inner_product"' if values.get("by_products") else ""
    asked += f", queries=np.load({values['queries_from']!r})" if values.get("queries_from") else ""
    return Template(snippet).substitute({name: repr(value) for name, value in values.items()}, asked=asked)


def _hundredths(recall: float | None) -> float:
    """A recall that was reached, rounded down, as one to ask for."""
    return min(max(math.floor(100 * (recall or 0)) / 100, 0.01), 0.99)
