"""What travels to a host that came late and that nobody has checked: it stays packed if packages differ."""

import pickle
import re
import socket
import sys
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any

from strategies._spark import preflight

if TYPE_CHECKING:
    from pyspark import SparkContext

MOST_FAILED_TASKS = 1_000
"""Of a stage, whose errors are looked at."""
_SAID = re.compile(r"host \S+ is left out: .*")


class Guarded:
    """A function for tasks. Its pickle looks at the host before it imports anything there.

    Unpickled it is the function itself; where the host does not fit, a RuntimeError of one line is raised.
    """

    def __init__(self, function: Callable[..., Any], requires: tuple[str, ...]) -> None:
        """Take the versions that the driver has of these distributions; ``java`` is none of them."""
        self._function = function
        self._versions = {name: metadata.version(name) for name in requires if name not in _NOT_IMPORTED}

    def __call__(self, *args: Any) -> Any:
        """Call the function, on this side."""
        return self._function(*args)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the function apart, so that it stays packed until the host has been looked at."""
        from pyspark import cloudpickle

        return _unpacked, (cloudpickle.dumps(self._function), self._versions)  # type: ignore[no-untyped-call]


_NOT_IMPORTED = ("java", "pyspark")
"""What Spark brings, or sees to itself."""


def _unpacked(packed: bytes, versions: Mapping[str, str]) -> Any:
    """Runs on a host; looks once in each Python worker."""
    looked_at = sys.__dict__.setdefault("_allknn_looked_at", set())
    if (key := repr(sorted(versions.items()))) not in looked_at:
        for name, wanted in versions.items():
            try:
                there = metadata.version(name)
            except metadata.PackageNotFoundError:
                there = "missing"
            if there != wanted:
                raise RuntimeError(
                    f"host {socket.gethostname()} is left out: {name} {there} there, {wanted} here"
                )
        looked_at.add(key)
    return pickle.loads(packed)  # noqa: S301 (from the driver, as all that a task does)


def _said(text: str) -> list[str]:
    """What an error says of the host where it happened."""
    about_python = preflight.about_python(text)
    return [about_python] if about_python else _SAID.findall(text)


def left_out(context: "SparkContext") -> str:
    """What hosts said whose tasks refused to run; empty where none did."""
    spark: Any = context
    store = spark._jsc.sc().statusStore()  # noqa: SLF001 (Python has no way to ask)
    jvm = spark._jvm  # noqa: SLF001
    nothing, quantiles = jvm.java.util.ArrayList(), spark._gateway.new_array(jvm.double, 0)  # noqa: SLF001
    stages = store.stageList(nothing, False, False, quantiles, nothing)
    words: set[str] = set()
    for stage in (stages.apply(i) for i in range(stages.size())):
        if stage.numFailedTasks():
            tasks = store.taskList(stage.stageId(), stage.attemptId(), MOST_FAILED_TASKS)
            told = (tasks.apply(i).errorMessage() for i in range(tasks.size()))
            words |= {word for one in told if one.isDefined() for word in _said(one.get())}
    return "; ".join(sorted(words))
