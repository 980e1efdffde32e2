"""The columns of a caller's DataFrame: which they are, and the part that each row belongs to."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def typed_columns(frame: "DataFrame", id_name: str, vector: str) -> "tuple[Column, Column]":
    """Return the columns ``id`` and ``vector``; raises ValueError where one is missing or of another type."""
    from pyspark.sql import functions as F  # noqa: N812
    from pyspark.sql.types import ArrayType, AtomicType, NumericType, UserDefinedType

    for what, name in (("id", id_name), ("vector", vector)):
        if name not in frame.columns:
            raise ValueError(f"{what} names the column {name!r}, there are {', '.join(frame.columns)}")
    id_type, kind = (frame.schema[name].dataType for name in (id_name, vector))
    if not isinstance(id_type, AtomicType):
        kind_name = id_type.simpleString()
        raise ValueError(f"the column {id_name!r} is {kind_name}, allowed is one value a row")  # noqa: TRY004
    column = F.col(f"`{vector}`")
    if isinstance(kind, UserDefinedType) and type(kind).__name__ == "VectorUDT":
        from pyspark.ml.functions import vector_to_array

        column = vector_to_array(column)
    elif not (isinstance(kind, ArrayType) and isinstance(kind.elementType, NumericType)):
        allowed = "array<float>, array<double>, VectorUDT"
        raise ValueError(f"the column {vector!r} is {kind.simpleString()}, allowed are {allowed}")
    elif kind.elementType.typeName() not in ("float", "double"):
        column = column.cast("array<double>")
    return F.col(f"`{id_name}`").alias("id"), column.alias("vector")


def part_of(selected: "DataFrame", bounds: list[Any]) -> "Column":
    """Return the number of bounds that an id does not lie below; text is compared byte by byte."""
    from pyspark.sql import functions as F  # noqa: N812
    from pyspark.sql.types import StringType

    ids = F.col("id")
    is_text = isinstance(selected.schema["id"].dataType, StringType)
    return _halved(ids.cast("string") if is_text else ids, bounds, 0, len(bounds))


def _halved(ids: "Column", bounds: list[Any], first: int, last: int) -> "Column":
    from pyspark.sql import functions as F  # noqa: N812

    if first == last:
        return F.lit(first)
    middle = (first + last) // 2
    below, above = _halved(ids, bounds, first, middle), _halved(ids, bounds, middle + 1, last)
    return F.when(ids < F.lit(bounds[middle]), below).otherwise(above)
