"""Notice that a session has had work but no executor for a while, and end that work with one line."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from strategies._spark import errors, executors

if TYPE_CHECKING:
    from pyspark import SparkContext

LOST_WAIT = "spark.allknn.lostExecutorsWait"
"""The Spark setting that says how long work may wait for the next executor when there is none."""
DEFAULT_WAIT = "2min"
LOOK_SECONDS = 1.0


@contextmanager
def watched(context: "SparkContext", first_wait_seconds: float) -> Iterator[None]:
    """Cancel a session's jobs, with the reason, when they have been without an executor for too long.

    Dynamic allocation gets ``first_wait_seconds`` at least: its executors go when there is no work.
    """
    spark: Any = context
    with errors.in_one_line():
        wait = float(spark._jsc.sc().conf().getTimeAsSeconds(LOST_WAIT, DEFAULT_WAIT))  # noqa: SLF001
    if executors.is_dynamic(context):
        wait = max(wait, first_wait_seconds)
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(context, wait, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(context: "SparkContext", wait_seconds: float, ended: threading.Event) -> None:
    since = time.monotonic()
    while not ended.wait(LOOK_SECONDS):
        if executors.there(context) > 0 or not context.statusTracker().getActiveJobsIds():
            since = time.monotonic()
        elif time.monotonic() - since > wait_seconds:
            _cancel(context, f"no executor is left, for {wait_seconds:g} s now ({LOST_WAIT})")


def _cancel(context: "SparkContext", reason: str) -> None:
    spark: Any = context
    for job in context.statusTracker().getActiveJobsIds():
        spark._jsc.sc().cancelJob(job, reason)  # noqa: SLF001 (Python has no way to give a reason)
