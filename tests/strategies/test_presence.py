"""Executors are asked for where they come with work only, and missed when all are gone."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from strategies._spark import admission, executors, presence

NOBODY: tuple[int, ...] = (0,)


class Context:
    """A session of which each look finds the next number of executors, the last one for ever."""

    master = "yarn"
    applicationId = "app"  # noqa: N815 (Spark's own)

    def __init__(self, numbers: tuple[int, ...] = NOBODY, jobs: tuple[int, ...] = (), **conf: str) -> None:
        self.numbers, self.jobs, self.conf = [*numbers], jobs, conf
        self.cancelled: list[tuple[int, str]] = []
        self.asked = 0
        self.stopped = False
        self._jsc = self._jvm = self.java = self.util = self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Whatever else leads to the session's insides."""
        if name in ("sc", "statusTracker", "getConf", "ArrayList", "parallelize", "getExecutorMemoryStatus"):
            return lambda *_: self
        raise AttributeError(name)

    def size(self) -> int:
        return 1 + (self.numbers.pop(0) if len(self.numbers) > 1 else self.numbers[0])

    def add(self, _number: int) -> None: ...

    def countAsync(self) -> str:  # noqa: N802 (Spark's own)
        self.asked += 1
        return "job"

    def get(self, name: str, default: str | None = None) -> str | None:
        return self.conf.get(name.rpartition(".")[2], default)

    def getTimeAsSeconds(self, name: str, default: str) -> int:  # noqa: N802 (Spark's own)
        text = self.get(name, default) or ""
        return int(text.removesuffix("min").removesuffix("s")) * (60 if text.endswith("min") else 1)

    def isStopped(self) -> bool:  # noqa: N802 (Spark's own)
        return self.stopped

    def getActiveJobsIds(self) -> tuple[int, ...]:  # noqa: N802 (Spark's own)
        return self.jobs

    def cancelJob(self, job: int, reason: str) -> None:  # noqa: N802 (Spark's own)
        self.cancelled.append((job, reason))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(admission, "SETTLED_SECONDS", 0.01)


def watch(context: Context, until: Callable[[], object]) -> None:
    ended = threading.Event()
    watcher = threading.Thread(target=presence._watch, args=(context, 0.05, ended))
    watcher.start()
    deadline = time.monotonic() + 20
    while not until() and time.monotonic() < deadline:
        time.sleep(0.001)
    ended.set()
    watcher.join()


def test_dynamic_allocation_is_given_work_once_and_its_executors_are_awaited(tmp_path: Any) -> None:
    context = Context((0, 0, 1, 2), enabled="true")
    admission.await_executors(context, tmp_path / "log", 20)  # type: ignore[arg-type]  # a stand-in
    assert context.asked == 1
    assert context.numbers == [2]


def test_executors_that_come_by_themselves_are_not_asked_for() -> None:
    context = Context()
    assert executors.ask(context) is None  # type: ignore[arg-type]  # a stand-in
    assert context.asked == 0


@pytest.mark.parametrize(
    ("master", "conf", "seconds"),
    [
        ("spark://h:1", {}, 60),
        ("yarn", {}, 600),
        ("k8s://h", {}, 600),
        ("yarn", {"executorWait": "5s"}, 5),
    ],
)
def test_containers_may_take_longer_and_a_setting_says_how_long(
    master: str, conf: dict[str, str], seconds: float
) -> None:
    told = type("Conf", (), {"_jconf": Context(**conf)})()
    assert admission.wait_seconds(master, told) == seconds


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "are there workers with free cores and spark.executor.memory"),
        (
            "Executor updated: app-1/0 is now RUNNING",
            "can executors reach this machine at me:4040 (spark.driver.host, spark.driver.port, spark.block",
        ),
    ],
)
def test_where_no_executor_comes_the_line_names_what_is_likely_in_the_way(
    tmp_path: Any, log: str, words: str
) -> None:
    (tmp_path / "log").write_text(log)
    with pytest.raises(RuntimeError) as raised:
        admission.await_executors(Context(host="me", port="4040"), tmp_path / "log", 0.01)  # type: ignore[arg-type]  # a stand-in
    line = str(raised.value)
    assert "yarn gave no executor in 0.01 s (spark.allknn.executorWait): " in line
    assert words in line
    assert "\n" not in line


def test_work_without_an_executor_is_cancelled_with_the_reason() -> None:
    context = Context((1, 1, 0), jobs=(7, 8))
    watch(context, lambda: len(context.cancelled) >= 2)
    reason = "no executor is left, for 0.05 s now (spark.allknn.lostExecutorsWait)"
    assert context.cancelled[:2] == [(7, reason), (8, reason)]


@pytest.mark.parametrize(("numbers", "jobs"), [((0,), ()), ((1,), (7,)), ((0, 0, 1), (7,))])
def test_a_session_that_rests_or_has_an_executor_is_left_alone(
    numbers: tuple[int, ...], jobs: tuple[int, ...]
) -> None:
    context = Context(numbers, jobs)
    began = time.monotonic()
    watch(context, lambda: time.monotonic() - began > 0.15)
    assert context.cancelled == []
