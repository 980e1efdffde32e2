"""The k nearest other points of every point of a Spark DataFrame, in the caller's session."""

import weakref
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from allknn.approximate import buckets
from allknn.approximate.parameters import Parameters
from allknn.approximate.recall import LOOKS, lower_bound
from allknn.metrics import METRICS
from allknn.spark import name_tasks, shipping
from allknn.spark.columns import typed_columns
from allknn.spark.exact_search import ExactSearch, looked
from allknn.spark.leaves import LeafJoin, collected
from allknn.spark.messages import SCHEMA, delivered
from allknn.spark.staging import NumberedPoints, Staging

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_FAN_OUT, _LEAF_SIZE = 4, 350
"""More than the library's default: here a second round costs more than a larger one."""
_FEWEST_JUDGED, _MOST_JUDGED = 500, 4000
_CONFIDENCE = 0.95
_ROUNDING = 1 + 1e-6
"""What is farther than the last true neighbor by no more than this is as near."""


def nearest_neighbors(
    df: "DataFrame",
    k: int,
    *,
    id: str,  # noqa: A002 (what the column holds)
    vector: str,
    metric: str = "euclidean",
    recall: float | None = None,
    queries: "DataFrame | None" = None,
    random_state: int = 0,
) -> "DataFrame":
    """Find the k nearest other rows of every row of a DataFrame, in its session, classic or Connect.

    ``id`` names a column of unique values, ``vector`` one of ``array<float>``, ``array<double>`` or
    ``VectorUDT``, taken as float32. Returns a DataFrame ``(id, neighbors: array<struct<id, distance>>)``,
    nearest first, ties by id, never the row itself. ``metric`` is ``euclidean``, ``cosine``, whose distance
    is one minus the cosine, or ``inner_product``, whose distance is the product of the float32 values with a
    minus. Without ``recall``, or with 1, the answer is exact. With it, above 0, it is approximate: rounds go
    on until the recall on rows drawn at random lies above it with 95 % confidence, and where that cannot be
    had in twelve rounds, or float32 is too small for the squares of distances, the answer is exact. It is the
    same for any partitioning.

    ``queries``, of the same columns, are rows for each of which the k nearest of ``df`` are found instead;
    that answer is always exact, and so is that of ``inner_product``.

    **At the call** everything is searched, by the session's executors, which need numpy and pyarrow: this
    library travels there. Onto the driver come samples, one in 2,000 of the vectors (as leaders) and counts.
    What is found, 8 k bytes a row and the ids, Spark keeps as long as the returned object lives; **when the
    result is used** only the ids are filled in, each time: write it, or cache it, where it is used often. A
    frame derived from it gives the same rows afterwards, too, by searching again.

    Raises ValueError, in one line, where an argument is out of range, a column is missing, or an id or a
    vector is null, ragged, not finite, there twice, or zero under ``cosine``.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    if metric not in METRICS:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, got {metric!r}")
    if recall is not None and not 0 < recall <= 1:
        raise ValueError(f"recall must be above 0 and at most 1, or None for the exact answer, got {recall}")
    recall = None if recall == 1 else recall
    if queries is not None and queries.schema[id].dataType != df.schema[id].dataType:
        raise ValueError(f"the ids of df and of queries must be of one type, got {df.schema[id].dataType}")
    how = Parameters(fan_out=_FAN_OUT, leaf_size=_LEAF_SIZE, seed=random_state)
    search = _Search(df, k, how, id=id, vector=vector, metric=metric, queries=queries)
    return search.run(recall)


def by_leaves(
    df: "DataFrame",
    k: int,
    how: Parameters,
    *,
    id: str,  # noqa: A002
    vector: str,
    metric: str = "euclidean",
) -> "DataFrame":
    """Do as ``nearest_neighbors``, in one round that looks at so much: as ``LeafJoin`` of the sorted rows."""
    return _Search(df, k, how, id=id, vector=vector, metric=metric).run(0.0)


class _Search:
    """One call, and what Spark keeps for it."""

    def __init__(
        self,
        frame: "DataFrame",
        k: int,
        how: Parameters,
        *,
        id: str,  # noqa: A002
        vector: str,
        metric: str,
        queries: "DataFrame | None" = None,
    ) -> None:
        self._frame, self._id, self._metric = frame, id, metric
        frames = [frame] if queries is None else [frame, queries]
        selected = [some.select(*typed_columns(some, id, vector)) for some in frames]
        self._library = shipping.send(frame.sparkSession)
        self._staging = Staging(self._library)
        try:
            points = self._numbered(selected, k)
        except BaseException:
            self._staging.close()
            raise
        self._join = LeafJoin(self._library, points, how, k)

    def _numbered(self, selected: "list[DataFrame]", k: int) -> NumberedPoints:
        points = self._staging.number(selected[0], metric=self._metric)
        allowed = int(points.starts[-1]) + len(selected) - 2
        if not 1 <= k <= allowed:
            among = "at most" if len(selected) > 1 else "below"
            raise ValueError(
                f"k must be at least 1 and {among} the number of rows, {points.starts[-1]}, got {k}"
            )
        if len(selected) == 1:
            return points
        queries = self._staging.number(selected[1], metric=self._metric, after=points)
        if queries.n_features != points.n_features:
            sizes = f"{points.n_features}, got {queries.n_features}"
            raise ValueError(f"queries must have vectors as long as those of df, {sizes}")
        return points.with_queries(queries)

    def run(self, recall: float | None) -> "DataFrame":
        """Search, exactly or until a recall is reached: 0 is after a round; return the answer by ids."""
        try:
            lists = self._lists(recall)
            self._staging.keep_only(lists, self._join.points.names)
        except BaseException:
            self._staging.close()
            raise
        result = self._named(lists)
        weakref.finalize(result, self._staging.close).atexit = False
        return result

    def _lists(self, recall: float | None) -> "DataFrame":
        """Return what is found, in Spark's keeping."""
        keep, join = self._staging.keep, self._join
        search = ExactSearch(join)
        if self._metric == "inner_product":
            return keep(search.of_products())
        if recall is None or join.points.n_queries or join.points.is_wide:
            return keep(search.of_all())
        reached = self._until(recall)
        if reached is None:
            return keep(search.of_all())
        lists, short = reached
        if self._width and short[self._width - 1]:
            return keep(join.merged(lists.union(search.of_short(lists, self._width))))
        return lists

    @property
    def _width(self) -> int:
        """Others that each point has, at most k, equal ones counted once."""
        return min(self._join.k, self._join.points.n - 1)

    def _until(self, recall: float) -> "tuple[DataFrame, NDArray[np.int64]] | None":
        """Go on, round by round, until a recall is reached; None where it is not.

        Returns what is found, and how many points know no first neighbor, no second, and so on.
        """
        join, n = self._join, self._join.points.n
        judged = bool(recall) and n > buckets.SMALL
        size = min(n, int(np.clip(10 / (1 - recall), _FEWEST_JUDGED, _MOST_JUDGED))) if judged else 0
        drawn = np.sort(np.random.default_rng([join.how.seed, LOOKS]).choice(n, size, replace=False))
        tree, numbers, points = join.plant(0, drawn)
        lists, last = self._staging.keep(join.round(0, tree)), None
        for number in range(LOOKS):
            if number:
                tree, _, _ = join.plant(number, drawn[:0])
                lists = self._staging.keep(join.round(number, tree, lists))
            known, short = looked(join, lists, numbers)
            if not judged:
                return lists, short
            if last is None:
                last = self._last(numbers, points, known[:, -1])
            found = (known <= last[:, None]).sum(axis=1) / self._width
            if lower_bound(found, n, 1 - (1 - _CONFIDENCE) / LOOKS) >= recall:
                return lists, short
        return None

    def _last(
        self, numbers: NDArray[np.int32], points: NDArray[np.float32], radii: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """Return how far the last true neighbor of each of a few points is, and a trifle more."""
        last = np.full(len(numbers), np.inf)
        for rows, _, distances in collected(ExactSearch(self._join).of_sample(numbers, points, radii)):
            last[np.searchsorted(numbers, rows)] = distances[:, self._width - 1] * _ROUNDING
        return last

    def _named(self, lists: "DataFrame") -> "DataFrame":
        """Return the answer, with ids in place of numbers."""
        from pyspark.sql.types import ArrayType, FloatType, StructField, StructType

        join, over = self._join, self._library.over
        starts, rows = join.points.starts, join.range_rows
        asked = over(lists, name_tasks.ask, SCHEMA, part_starts=starts).union(join.points.names)
        told = {"starts": join.points.blocks, "k": join.k, "range_rows": rows}
        replies = over(delivered(asked, len(starts) - 1), name_tasks.reply, SCHEMA, **told)
        kind = self._frame.schema[self._id].dataType
        neighbor = StructType([StructField("id", kind), StructField("distance", FloatType())])
        schema = StructType([StructField("id", kind), StructField("neighbors", ArrayType(neighbor))])
        named = delivered(lists.union(replies), join.n_ranges)
        return over(named, name_tasks.finish, schema, k=join.k, metric=self._metric)
