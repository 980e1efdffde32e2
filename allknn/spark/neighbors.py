"""The k nearest other points of every point of a Spark DataFrame, in the caller's session."""

import weakref
from typing import TYPE_CHECKING

from allknn.approximate.parameters import Parameters
from allknn.spark import name_tasks, shipping
from allknn.spark.leaves import LeafJoin
from allknn.spark.messages import SCHEMA, delivered
from allknn.spark.staging import NumberedPoints, Staging, checked_column

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

METRICS = "euclidean", "cosine"


def by_leaves(
    frame: "DataFrame", k: int, how: Parameters, *, id: str, vector: str, metric: str = "euclidean"
) -> "DataFrame":
    library = shipping.send(frame.sparkSession)
    staging = Staging(library)
    points = staging.number(frame, id, vector, k=k, cosine=metric == "cosine")
    join = LeafJoin(library, points, how, k)
    lists = staging.keep(join.round(0))
    result = _named(library, join, lists, frame, id, metric)
    weakref.finalize(result, staging.close).atexit = False
    return result


def _named(library, join, lists, frame, id_name, metric):
    from pyspark.sql.types import ArrayType, FloatType, StructField, StructType

    points = join.points
    n_parts = len(points.starts) - 1
    asked = library.over(lists, name_tasks.ask, SCHEMA, part_starts=points.starts)
    replies = library.over(
        delivered(asked.union(points.names), n_parts),
        name_tasks.reply,
        SCHEMA,
        k=join.k,
        range_rows=join.range_rows,
    )
    id_type = frame.schema[id_name].dataType
    neighbor = StructType([StructField("id", id_type), StructField("distance", FloatType())])
    schema = StructType([StructField("id", id_type), StructField("neighbors", ArrayType(neighbor))])
    return library.over(
        delivered(lists.union(replies), join.n_ranges), name_tasks.finish, schema, k=join.k, metric=metric
    )
