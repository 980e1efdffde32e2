"""The cores of a session come from its master or its executors, whatever its configuration says."""

from dataclasses import dataclass, field
from typing import Any, cast

from strategies._spark import executors


@dataclass
class Executor:
    name: str
    cores: int
    active: bool = True

    def id(self) -> str:
        return self.name

    def totalCores(self) -> int:  # noqa: N802 (Spark's own)
        return self.cores

    def isActive(self) -> bool:  # noqa: N802 (Spark's own)
        return self.active


@dataclass
class Context:
    """A session that has some executors, and says that its parallelism is 200."""

    master: str
    executors: list[Executor] = field(default_factory=list)
    defaultParallelism: int = 200  # noqa: N815 (Spark's own)

    @property
    def _jsc(self) -> Any:
        return self

    def sc(self) -> Any:
        return self

    statusStore = sc  # noqa: N815 (Spark's own)

    def executorList(self, _active_only: bool) -> Any:  # noqa: N802 (Spark's own)
        return self

    def size(self) -> int:
        return len(self.executors)

    def apply(self, number: int) -> Executor:
        return self.executors[number]


def cores(context: Context) -> int:
    return executors.total_cores(cast("Any", context))


def test_a_local_master_has_the_cores_that_it_names() -> None:
    assert cores(Context("local[3,4]")) == 3


def test_the_cores_of_a_cluster_are_those_of_its_living_executors() -> None:
    found = [Executor("driver", 0), Executor("0", 2), Executor("1", 4), Executor("2", 8, active=False)]
    assert cores(Context("spark://host:7077", found)) == 6
