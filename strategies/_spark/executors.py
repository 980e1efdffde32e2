"""The executors of a Spark session: the cores a task may have, how many were lost, how busy they were."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.master import local_cores

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.resource import ResourceProfile


SECONDS_TO_BE_KNOWN = 10.0
"""How long Spark may take to note down an executor that it has."""
SECONDS_TO_COME_BACK = 60.0
"""How long executors may take that dynamic allocation has taken away meanwhile."""
POLL_SECONDS = 0.05


def total_cores(context: "SparkContext") -> int:
    """How many cores the tasks of a session have: of a local master, or of all executors that are there.

    Not ``defaultParallelism``, which ``spark.default.parallelism`` may set to anything. An executor that has
    come a moment ago is waited for; where dynamic allocation has taken all away, new ones are asked for.
    """
    local = local_cores(str(context.master))
    if local:
        return local
    found = cores_there(context)
    if not found:
        asked = ask(context)
        deadline = time.monotonic() + (SECONDS_TO_BE_KNOWN if asked is None else SECONDS_TO_COME_BACK)
        while not (found := cores_there(context)) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    return max(found, 1)


def cores_there(context: "SparkContext") -> int:
    """Cores of all executors that Spark knows of right now."""
    return sum(int(executor.totalCores()) for executor in _known(context) if executor.isActive())


def there(context: "SparkContext") -> int:
    """How many executors a cluster's session has right now: less to ask than the cores of each."""
    spark: Any = context
    return int(spark._jsc.sc().getExecutorMemoryStatus().size()) - 1  # noqa: SLF001 (less the driver)


def ask(context: "SparkContext") -> Any:
    """Have Spark ask for executors where it does so for work only; return the little job, None elsewhere."""
    spark: Any = context
    if not is_dynamic(context):
        return None
    numbers = spark._jvm.java.util.ArrayList()  # noqa: SLF001 (a job without Python, which does not block)
    numbers.add(1)
    return spark._jsc.parallelize(numbers, 1).countAsync()  # noqa: SLF001


def is_dynamic(context: "SparkContext") -> bool:
    """Whether executors come with work and go without (``spark.dynamicAllocation.enabled``)."""
    return context.getConf().get("spark.dynamicAllocation.enabled", "false") == "true"


def fewest_cores(context: "SparkContext") -> int:
    """Cores of the smallest executor, which a task that takes a whole executor may have."""
    cores: list[int] = [executor.totalCores() for executor in _known(context) if executor.isActive()]
    return min(cores)


def whole(cores: int) -> "ResourceProfile":
    """What a task must ask for to have so many cores of one executor.

    Without dynamic allocation it runs on the executors that there are, in Spark 3.5 and newer; not in local
    mode.
    """
    from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests

    profile: ResourceProfile = ResourceProfileBuilder().require(TaskResourceRequests().cpus(cores)).build
    return profile


def lost(context: "SparkContext") -> int:
    """How many executors the session had that are gone."""
    return sum(not executor.isActive() for executor in _known(context))


def task_seconds(context: "SparkContext") -> float:
    """What all tasks of the session took until now, as Spark has it: reading and sending included."""
    spark: Any = context
    jvm, store = spark._jvm, spark._jsc.sc().statusStore()  # noqa: SLF001 (Python has no way to ask)
    nothing, quantiles = jvm.java.util.ArrayList(), spark._gateway.new_array(jvm.double, 0)  # noqa: SLF001
    stages = store.stageList(nothing, False, False, quantiles, nothing)
    return sum(float(stages.apply(i).executorRunTime()) for i in range(stages.size())) / 1000


def jobs(context: "SparkContext") -> int:
    """How many jobs the session has started, as far as Spark keeps them."""
    return len(context.statusTracker().getJobIdsForGroup(None))


def _known(context: "SparkContext") -> Iterator[Any]:
    """What Spark keeps of each executor, lost ones included; the driver is one in local mode only."""
    found = context._jsc.sc().statusStore().executorList(False)  # noqa: SLF001 (Python has no way to ask)
    executors = [found.apply(i) for i in range(found.size())]
    local = len(executors) == 1 and executors[0].totalCores() > 0
    return (executor for executor in executors if local or executor.id() != "driver")
