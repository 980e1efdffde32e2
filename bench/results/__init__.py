"""Rows of runs: appended to a file that loses nothing, loaded as rows or as a table.

    measurement.py   Measurement: one row
    store.py         Store: a results directory
    frame.py         rows as a flat DataFrame
    types.py         whether a field of a file is of its type
    lines.py         JSON lines that a crash or a full disk cannot spoil

``measurements.jsonl`` is the source of truth; ``measurements.csv`` is rebuilt from it for people to open;
``environments.jsonl`` holds the machines and versions that rows refer to, ``workloads.jsonl`` descriptions
of their points.
"""

from bench.results.frame import to_frame
from bench.results.lines import write_atomically
from bench.results.measurement import AUTO_REPEATS, NOT_SAVED, SCHEMA, TIME_LIMIT, Measurement, Phase, Status
from bench.results.store import ROWS, TORN, Store

__all__ = [
    "AUTO_REPEATS",
    "NOT_SAVED",
    "ROWS",
    "SCHEMA",
    "TIME_LIMIT",
    "TORN",
    "Measurement",
    "Phase",
    "Status",
    "Store",
    "to_frame",
    "write_atomically",
]
