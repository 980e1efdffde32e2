"""Do in one Spark session what goes wrong in others, and write what came of it as JSON.

Usage: misuse_spark.py, with a Java runtime in the environment.
"""

import ctypes
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from strategies import _failures, _spark
from strategies._waves import Waves

N_SAMPLES = 64


def right(rows: range, k: int) -> tuple[np.ndarray, np.ndarray, float]:
    return np.zeros((len(rows), k), np.int32), np.ones((len(rows), k), np.float32), 0.0


def raises(rows: range, k: int, *, error: type[Exception]) -> tuple[np.ndarray, np.ndarray, float]:
    if N_SAMPLES // 2 in rows:
        raise error("this row is too much")
    return right(rows, k)


def segfaults(rows: range, k: int) -> Any:
    ctypes.string_at(0)


def failure(context: Any, search: Any) -> dict[str, str]:
    return failure_of(lambda: list(Waves(context, N_SAMPLES, 0, k=2).blocks(search)))


def heap_exhausted(context: Any) -> None:
    with _failures.in_one_line():
        context._jvm.java.nio.ByteBuffer.allocate(2_000_000_000)


def failure_of(action: Callable[[], object]) -> dict[str, str]:
    try:
        action()
    except Exception as error:  # noqa: BLE001 (the caller judges what it is)
        return {"kind": type(error).__name__, "text": str(error)}
    return {}


def rows_before_a_stop(context: Any) -> list[int]:
    blocks = Waves(context, N_SAMPLES, N_SAMPLES, k=2).blocks(right)
    return [len(next(blocks).rows), len(next(blocks).rows)]


def listening_addresses() -> list[str]:
    """Local addresses, in hexadecimal, on which a process of this session listens."""
    inodes = set()
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.getsid(int(handle.parts[2])) == os.getsid(0):
                inodes.add(str(handle.readlink()).removeprefix("socket:[").removesuffix("]"))
        except OSError:  # it has just been closed, or is another user's
            continue
    tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    lines = [line.split() for line in tables.splitlines()]
    return [line[1].partition(":")[0] for line in lines if line[3] == "0A" and line[9] in inodes]


def main() -> None:
    context = _spark.open_context("local[2,4]", "1g", imports="numpy")
    try:
        said = {
            "raises": failure(context, partial(raises, error=ValueError)),
            "runs_out": failure(context, partial(raises, error=MemoryError)),
            "segfaults": failure(context, segfaults),
            "heap": failure_of(lambda: heap_exhausted(context)),
            "stopped": rows_before_a_stop(context),
            "after_all_that": failure(context, right),
            "listening": listening_addresses(),
            "scratch": str(_spark.scratch_of(context)),
        }
    finally:
        _spark.close_context()
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
