"""Do in one Spark session what goes wrong in others, and write what came of it as JSON.

Usage: misuse_spark.py, with a Java runtime in the environment.
"""

import ctypes
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.strategy import Progress
from strategies._spark import errors, session, task
from strategies._spark.waves import Waves
from tests.strategies.ship_files import shipped

N_SAMPLES = 64
Answer = tuple[np.ndarray, np.ndarray]


def right(_index: Any, points: np.ndarray, rows: range, k: int, _threads: int) -> Answer:
    assert points.shape == (N_SAMPLES, 1)
    return np.zeros((len(rows), k), np.int32), np.ones((len(rows), k), np.float32)


def slow(index: Any, points: np.ndarray, rows: range, k: int, threads: int) -> Answer:
    time.sleep(0.4)
    return right(index, points, rows, k, threads)


def raises(
    index: Any, points: np.ndarray, rows: range, k: int, threads: int, *, error: type[Exception]
) -> Answer:
    if N_SAMPLES // 2 in rows:
        raise error("this row is too much")
    return right(index, points, rows, k, threads)


def segfaults(*_args: Any) -> Any:
    ctypes.string_at(0)


def results(context: Any, search: Any, n_tasks: int) -> Iterator[task.Record | Progress]:
    answer = partial(
        task.answer,
        n_parts=n_tasks,
        shape=(N_SAMPLES, 1),
        k=2,
        find_points=partial(str, Path("points.npy").resolve()),
        find_index=dict,
        search=search,
        write=None,
    )
    return Waves(context, slots=2).records(answer, n_tasks)


def records(context: Any, search: Any, n_tasks: int) -> Iterator[task.Record]:
    return (one for one in results(context, search, n_tasks) if isinstance(one, task.Record))


def shares(context: Any) -> list[tuple[int, float]]:
    """How many tasks had brought their record whenever a share of all was told, and that share."""
    told, n_records = [], 0
    for one in results(context, slow, n_tasks=16):
        if isinstance(one, Progress):
            told.append((n_records, one.done))
        else:
            n_records += 1
    return told


def failure(context: Any, search: Any) -> dict[str, str]:
    return failure_of(lambda: list(records(context, search, n_tasks=8)))


def heap_exhausted(context: Any) -> None:
    with errors.in_one_line():
        context._jvm.java.nio.ByteBuffer.allocate(2_000_000_000)


def failure_of(action: Callable[[], object]) -> dict[str, str]:
    try:
        action()
    except Exception as error:  # noqa: BLE001 (the caller judges what it is)
        return {"kind": type(error).__name__, "text": str(error)}
    return {}


def rows_before_a_stop(context: Any) -> list[int]:
    blocks = records(context, right, n_tasks=N_SAMPLES)
    return [len(next(blocks).indices) // 8, len(next(blocks).indices) // 8]


def files_shipped(own: session.OwnSession) -> list[dict[str, Any]]:
    with TemporaryDirectory() as directory:
        return shipped(own, 3, Path(directory))


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
    np.save("points.npy", np.zeros((N_SAMPLES, 1), np.float32))
    own = session.open_session("local[2,4]", "1g")
    context = own.context
    try:
        said = {
            "raises": failure(context, partial(raises, error=ValueError)),
            "runs_out": failure(context, partial(raises, error=MemoryError)),
            "segfaults": failure(context, segfaults),
            "heap": failure_of(lambda: heap_exhausted(context)),
            "shares": shares(context),
            "stopped": rows_before_a_stop(context),
            "after_all_that": failure(context, right),
            "listening": listening_addresses(),
            "shipped": files_shipped(own),
            "scratch": str(own.scratch),
        }
    finally:
        own.close()
    Path("points.npy").unlink()
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
