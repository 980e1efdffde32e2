"""A caller's DataFrame as numbered points: checked, sorted by id, equal ones counted once."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allknn.approximate import leaf_join
from allknn.spark import equal_tasks, messages, point_tasks
from allknn.spark.columns import part_of
from allknn.spark.point_tasks import NAMES, POINTS, PROBLEMS, Starts
from allknn.spark.shipping import Library

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_PART_ROWS, _MOST_PARTS = 1 << 15, 256
_SAMPLED = 4096
"""Points that come here to begin with, or up to twice as many."""
_MEETING_ROWS = 1 << 17
"""Points, about, that are compared in one place to find equal ones."""


@dataclass(frozen=True)
class NumberedPoints:
    """Points in the order of their ids, in parts."""

    points: "DataFrame"
    """Messages to each part: numbers, or a block's, and points; of equal ones the first."""
    names: "DataFrame"
    """Messages to each part: numbers, or a block's, and ids, and of equal points the others."""
    blocks: Starts
    """What numbers blocks have."""
    starts: NDArray[np.int64]
    """(parts + 1,): the first number of each part."""
    ranks: NDArray[np.int64]
    """(parts + 1,): likewise, equal points counted once."""
    sample: NDArray[np.float32]
    """Some of the points, in no order."""
    n_queries: int = 0
    """Of the numbers, the last so many are queries', which are nobody's neighbors."""
    longest: float = 0.0
    """The largest norm of a point."""
    is_wide: bool = False
    """Whether float32 may be too small for the squared distance of two points."""

    @property
    def n_features(self) -> int:
        """Values of a point."""
        return int(self.sample.shape[1])

    @property
    def n(self) -> int:
        """Points, equal ones counted once."""
        return int(self.ranks[-1]) - self.n_queries

    @property
    def first_query(self) -> int:
        """The number of the first query; that of points where there is none."""
        return int(self.starts[-1]) - self.n_queries

    def with_queries(self, queries: "NumberedPoints") -> "NumberedPoints":
        """Return these points and queries that were numbered after them."""
        n_queries = int(queries.starts[-1] - queries.starts[0])
        return NumberedPoints(
            self.points.union(queries.points),
            self.names.union(queries.names),
            Starts({**self.blocks, **queries.blocks}),
            np.append(self.starts, queries.starts[1:]),
            np.append(self.ranks, queries.starts[1:] - queries.starts[0] + self.ranks[-1]),
            self.sample,
            n_queries,
            self.longest,
        )


class Staging:
    """Makes numbered points; ``close`` gives back what Spark keeps for that."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: list[DataFrame] = []

    def keep(self, frame: "DataFrame") -> "DataFrame":
        """Have Spark keep what it computes of a frame."""
        self._kept.append(frame.persist())
        return frame

    def close(self) -> None:
        """Let go what Spark keeps; nothing happens where its session is over."""
        with suppress(Exception):
            while self._kept:
                self._kept.pop().unpersist()

    def keep_only(self, *frames: "DataFrame") -> None:
        """Have Spark compute and keep these messages, and let go what they were made of."""
        before, self._kept = self._kept, list(frames)
        for frame in frames:
            if not any(frame is other for other in before):
                frame.persist()
        reduce(lambda some, more: some.union(more), frames).count()
        for other in before:
            if not any(frame is other for frame in frames):
                other.unpersist()

    def number(
        self, selected: "DataFrame", *, metric: str, after: NumberedPoints | None = None
    ) -> NumberedPoints:
        """Check and number the points of a frame (id, vector).

        Parts and numbers of queries go on where those of the points ``after`` which they come end, and equal
        ones are all counted; so they are under ``inner_product``, where they need not be near one another.
        """
        from pyspark.sql import functions as F  # noqa: N812 (as everybody calls it)

        over, cosine_too = self._library.over, {"cosine": metric == "cosine"}
        first_part, first = (0, 0) if after is None else (len(after.starts) - 1, int(after.starts[-1]))
        bounds, n_rows = self._bounds(selected)
        n_parts = len(bounds) + 1
        part = part_of(selected, bounds).alias("part")
        split = over(selected.select(part, "id", "vector"), point_tasks.split, messages.SCHEMA, **cosine_too)
        arrived = messages.delivered(split, n_parts)
        how = {"first_part": first_part, "stride": max(1, n_rows // _SAMPLED), **cosine_too}
        blocks = self.keep(over(arrived, point_tasks.pack, point_tasks.BLOCK, **how))
        told = "to", "block", "points", "n_features", "least", "greatest", "longest", "first"
        facts = blocks.select(*told, "problems", "sample").collect()
        facts.sort(key=lambda row: (row.to, row.block))
        n_features = _refuse_bad(facts)
        sizes = np.array([row.points for row in facts], np.int64)
        begin = first + np.append(0, np.cumsum(sizes))
        starts = Starts({(row.to, row.block): int(at) for row, at in zip(facts, begin[:-1], strict=True)})
        parts = np.bincount([row.to - first_part for row in facts], sizes, n_parts).astype(np.int64)
        part_starts = first + np.append(0, np.cumsum(parts))
        points, names, digests = (
            blocks.select("to", F.lit(kind).alias("kind"), F.col(column).alias("data"))
            for column, kind in (("vectors", POINTS), ("ids", NAMES), ("digests", POINTS))
        )
        wide = leaf_join.is_wide(
            n_features, min(row.least for row in facts), max(row.greatest for row in facts)
        )
        sample = np.concatenate([messages.unpacked(row.sample) for row in facts])
        longest = max(row.longest for row in facts)
        numbered = NumberedPoints(
            points, names, starts, part_starts, part_starts, sample, longest=longest, is_wide=wide
        )
        if after is not None or metric == "inner_product":
            return numbered
        return self._distinct(digests, numbered)

    def _distinct(self, digests: "DataFrame", numbered: NumberedPoints) -> NumberedPoints:
        """Leave out points that are equal to earlier ones."""
        over, n_parts = self._library.over, len(numbered.starts) - 1
        starts: dict[str, Any] = {"starts": numbered.blocks}
        n_places = -(-numbered.n // _MEETING_ROWS)
        spread = over(digests, equal_tasks.spread, messages.SCHEMA, n_places=n_places, **starts)
        arrived = messages.delivered(spread, n_places)
        met = self.keep(over(arrived, equal_tasks.meet, messages.SCHEMA, part_starts=numbered.starts))
        if not met.select("to").collect():
            return numbered
        starts["part_starts"] = numbered.starts
        points, names = (
            self.keep(
                over(messages.delivered(some, n_parts), equal_tasks.leave_out, messages.SCHEMA, **starts)
            )
            for some in (numbered.points.union(met), numbered.names.union(met))
        )
        left = Counter[int]()
        for row in over(points, equal_tasks.count, "part int, points int").collect():
            left[row.part] += row.points
        ranks = np.append(0, np.cumsum([left[part] for part in range(n_parts)]))
        return replace(numbered, points=points, names=names, ranks=ranks)

    def _bounds(self, selected: "DataFrame") -> tuple[list[Any], int]:
        """Return ids between which about as many rows lie, and how many rows there are."""
        from pyspark.sql.types import LongType, StructField, StructType

        schema = StructType([selected.schema["id"], StructField("stands_for", LongType())])
        sample = self._library.over(selected.select("id"), point_tasks.sample_ids, schema).collect()
        n_rows = sum(row.stands_for for row in sample)
        known = [row for row in sample if row.id is not None and row.id == row.id]
        known.sort(key=lambda row: row.id)
        until = np.cumsum([row.stands_for for row in known])
        n_parts = int(np.clip(n_rows // _PART_ROWS, 1, _MOST_PARTS))
        places = np.searchsorted(until, n_rows * np.arange(1, n_parts) / n_parts)
        return list(dict.fromkeys(known[place].id for place in places if place < len(known))), n_rows


def _refuse_bad(facts: list[Any]) -> int:
    """Raise ValueError where something is wrong with a row; return the number of features."""
    found: dict[str, tuple[int, str]] = {}
    for row in facts:
        for kind, count, first in messages.unpacked(row.problems):
            before = found.get(kind, (0, first))
            found[kind] = before[0] + count, before[1]
    for kind, (count, first) in sorted(found.items(), key=lambda item: list(PROBLEMS).index(item[0])):
        raise ValueError(f"{count} {PROBLEMS[kind]}, the first is that of id {first}")
    if not facts:
        raise ValueError("there are no rows")
    sizes = Counter(row.n_features for row in facts)
    n_features = sizes.most_common(1)[0][0]
    for row in facts:
        if row.n_features != n_features:
            raise ValueError(f"the vector of id {row.first} has {row.n_features} values, others {n_features}")
    if not n_features:
        raise ValueError(f"the vector of id {facts[0].first} is empty")
    return int(n_features)
