"""What Spark carries between tasks: one message has arrays for one partition of the next step.

A message is a row, so that the JVM moves blocks of bytes and never looks at a value.
"""

import pickle
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SCHEMA = "to int, kind int, data binary"


class Message(NamedTuple):
    """Arrays on their way."""

    to: int
    """The partition that gets it."""
    kind: int
    """What the step that gets it tells messages apart by."""
    data: tuple[Any, ...]
    """NumPy or Arrow arrays, numbers, text."""


def packed(thing: Any) -> bytes:
    """Return arrays and the like as bytes, for a column of a row."""
    return pickle.dumps(thing, protocol=5)


def unpacked(content: Any) -> Any:
    """Return what was packed."""
    return pickle.loads(content)  # noqa: S301 (it comes from tasks of the same call, by Spark alone)


def read(batches: Iterable[Any]) -> Iterator[Message]:
    """Yield the messages in Arrow batches of ``SCHEMA``."""
    for batch in batches:
        to, kinds, data = batch.columns
        for i in range(batch.num_rows):
            yield Message(to[i].as_py(), kinds[i].as_py(), unpacked(data[i].as_buffer()))


def written(messages: Iterable[Message]) -> Iterator[Any]:
    """Yield the Arrow batches of messages, one each: many at once would be held at once."""
    import pyarrow as pa

    for to, kind, data in messages:
        columns = [pa.array([to], pa.int32()), pa.array([kind], pa.int32())]
        content = pa.array([packed(data)], pa.binary())
        yield pa.RecordBatch.from_arrays([*columns, content], ["to", "kind", "data"])


def delivered(messages: "DataFrame", n_places: int) -> "DataFrame":
    """Bring each message to the partition whose number it names."""
    return messages.repartitionById(n_places, "to")
