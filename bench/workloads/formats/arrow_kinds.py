"""What the columns of an Arrow table hold: numbers, lists, vectors, or texts that are lists."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bench.workloads.formats.coordinates import is_list_as_text, parsed_list
from bench.workloads.stream import UnreadableError

_TEXT_ROWS = 100
_DIGITS_OF_FLOAT64 = 15
EXACT = 1 << 53
"""Up to here, float64 holds all integers."""
_VECTOR = {"type", "size", "indices", "values"}


def members(schema: Any) -> dict[str, tuple[str, ...]]:
    """Every column by its name, and as what it is read; members of a struct have its name and a dot first.

    Raises UnreadableError where two have one name.
    """
    found: dict[str, tuple[str, ...]] = {}

    def walk(field: Any, above: tuple[str, ...]) -> None:
        path = (*above, field.name)
        if pa.types.is_struct(field.type) and not is_vector(field.type):
            for member in field.type:
                walk(member, path)
            return
        name = ".".join(path)
        if name in found:
            raise UnreadableError(f"two columns are called {name!r}: rename one")
        found[name] = path

    for field in schema:
        walk(field, ())
    return found


def members_apart(batch: Any, paths: Mapping[str, tuple[str, ...]]) -> Any:
    """A batch of the columns of ``paths``, members of structs taken out, all missing where the struct is."""
    columns = []
    for path in paths.values():
        column = batch.column(path[0])
        for name in path[1:]:
            names = [field.name for field in column.type]
            column = column.flatten()[names.index(name)]
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=list(paths))


def nominal(schema: Mapping[str, Any]) -> dict[str, str]:
    """Columns of a Spark schema, as JSON has it, whose ML attributes say that they number categories."""
    kinds = {
        field["name"]: (field.get("metadata") or {}).get("ml_attr", {}).get("type")
        for field in schema.get("fields", [])
    }
    return {name: "categories" for name, kind in kinds.items() if kind == "nominal"}


def lists_as_text(schema: Any, batches: Any) -> list[str]:
    """The columns of texts that are lists of numbers."""
    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    first = next(batches(texts, _TEXT_ROWS), None) if texts else None
    if first is None:
        return []
    return [name for name in texts if is_list_as_text(first.column(name).drop_null().to_pylist())]


def parsed(batches: Any, schema: Any, names: list[str], rows: int) -> Iterator[Any]:
    """Batches in which texts that are lists of numbers are lists."""
    for batch in batches(names, rows):
        columns = [
            pa.array([parsed_list(text) for text in column.to_pylist()], schema.field(name).type)
            if is_list(schema.field(name).type) and not is_list(column.type)
            else column
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def flattened(schema: Any, texts: Sequence[str] = ()) -> Any:
    """The columns as they are read: ML vectors and tensors are lists, structs are taken apart."""
    fields = []
    for name, path in members(schema).items():
        field = schema.field(path[0])
        for member in path[1:]:
            field = field.type.field(member)
        field = field.with_name(name)
        kind = field.type.field("values").type if is_vector(field.type) else field.type
        kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
        kind = pa.list_(pa.float64()) if field.name in texts else kind
        fields.append(field.with_type(kind))
    return pa.schema(fields, metadata=schema.metadata)


def is_vector(kind: Any) -> bool:
    """Whether an Arrow type is that of Spark's ML vectors (VectorUDT)."""
    return bool(pa.types.is_struct(kind)) and {field.name for field in kind} == _VECTOR


def vectors_as_lists(batch: Any) -> Any:
    """A batch whose ML vectors are lists of numbers; raises where one is sparse."""
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.storage  # noqa: PLW2901 (the same column, plain)
        if not is_vector(column.type):
            columns.append(column)
            continue
        if pc.any(pc.equal(column.field("type"), 0)).as_py():
            raise UnreadableError(
                f"column {name!r} holds sparse vectors: write it as dense ones, or as an array "
                "(pyspark.ml.functions.vector_to_array)"
            )
        values, there = column.field("values"), column.is_valid()
        columns.append(pc.if_else(there, values, pa.scalar(None, values.type)))
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def is_list(kind: Any) -> bool:
    """Whether an Arrow type is one of the three of lists."""
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def is_number(kind: Any) -> bool:
    """Whether an Arrow type is one of real numbers; a truth value counts as 0 or 1."""
    types = pa.types
    plain = types.is_floating(kind) or types.is_integer(kind) or types.is_boolean(kind)
    return bool(plain or types.is_decimal(kind))


def kind_of(kind: Any) -> str:
    """``integer``, ``float``, or a word for what an Arrow type holds."""
    types = pa.types
    if types.is_floating(kind) or types.is_decimal(kind):
        return "float"
    if is_number(kind):
        return "integer"
    if types.is_string(kind) or types.is_large_string(kind):
        return "text"
    if types.is_dictionary(kind):
        return "categories"
    if types.is_temporal(kind):
        return "dates or times"
    return "lists" if is_list(kind) else str(kind)


def numpy_type(kind: Any) -> np.dtype[Any]:
    """The numpy dtype of an Arrow type of numbers."""
    dtype: np.dtype[Any] = np.dtype(np.float64 if pa.types.is_decimal(kind) else kind.to_pandas_dtype())
    return dtype


def as_numpy(array: Any) -> NDArray[Any]:
    """Numbers as numpy has them; a missing one becomes NaN, beside integers in a float that holds them."""
    if array.null_count and array.type in (pa.int64(), pa.uint64()):
        whole: NDArray[Any] = array.fill_null(0).to_numpy(zero_copy_only=False).astype(np.longdouble)
        whole[array.is_null().to_numpy(zero_copy_only=False)] = np.nan
        return whole
    if pa.types.is_decimal(array.type) and array.type.precision > _DIGITS_OF_FLOAT64:
        texts = array.cast(pa.string()).fill_null("nan").to_pylist()
        return np.array([np.longdouble(text) for text in texts], np.longdouble)
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values.astype(np.float64) if values.dtype == object else values


def side_by_side(columns: list[NDArray[Any]]) -> NDArray[Any]:
    """Columns of numbers as rows, in a type that holds all of them: float64 holds no integer beyond 2^53."""
    large = any(
        column.dtype.kind in "iu" and column.size and max(-int(column.min()), int(column.max())) > EXACT
        for column in columns
    )
    kinds = {column.dtype for column in columns}
    return np.stack(columns, axis=1, dtype=np.longdouble if large and len(kinds) > 1 else None)
