"""Each strategy's fit and query, timed by pytest in a worker process of its own.

``pytest --benchmark-only`` runs these alone, on ALLKNN_BENCHMARK_N points (20,000) of the default workload.
Among the tests only two run, once: the contract suite asks all strategies already.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import pytest

from bench import catalog, workloads
from bench.answers import Answers
from bench.judge import judge
from bench.measure import java, threads
from bench.measure.environment import machine
from bench.measure.memory import Sampler
from bench.measure.tree import ProcessTree
from bench.workloads import Staged
from tests.needs import marked

SERVE = Path(__file__).parent / "serve.py"
N = int(os.environ.get("ALLKNN_BENCHMARK_N", "20000"))
AVAILABLE = [name for name in catalog.names() if not catalog.missing_packages(catalog.load(name).entry)]


AMONG_TESTS = [name for name in ("annoy_loop", "spark_sklearn") if name in AVAILABLE]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All strategies in a run of benchmarks, few among the tests."""
    names = AVAILABLE if metafunc.config.getoption("benchmark_only") else AMONG_TESTS
    metafunc.parametrize(("strategy", "n"), [with_n(parameter) for parameter in marked(names)])


def with_n(parameter: Any) -> Any:
    """Have a test named by how many points it is on, so that only like is compared with like.

    That is as many as are asked for, or as the strategy says it takes.
    """
    (name,) = parameter.values
    n = min(N, catalog.load(name).defaults.get("most_points", N))
    return pytest.param(name, n, marks=parameter.marks, id=f"{name}-{n}")


@dataclass
class Worker:
    """A started strategy in another process, and what it stored last."""

    process: "subprocess.Popen[str]"
    answers: Path
    sampler: Sampler

    def fit_and_query(self) -> None:
        """Have one round done and wait for its end."""
        cast("IO[str]", self.process.stdin).write("\n")
        cast("IO[str]", self.process.stdin).flush()
        assert cast("IO[str]", self.process.stdout).readline() == "done\n"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def staged(n: int, cache: Path) -> Staged:
    """The points."""
    return workloads.stage(workloads.preset("million", n=n), cache)


@pytest.fixture
def worker(strategy: str, staged: Staged, tmp_path: Path) -> Iterator[Worker]:
    listing = catalog.load(strategy)
    cores = machine().cores
    filled = {"threads": cores, "master": f"local[{cores},4]"}
    found = java.find()
    Answers.create(tmp_path, staged.id.n, staged.id.k)
    job: dict[str, Any] = {
        "strategy": strategy,
        "params": listing.parameters | {name: filled[name] for name in filled if name in listing.defaults},
        "points": str(staged.path),
        "answers": str(tmp_path),
        "k": staged.id.k,
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    runtime = {} if isinstance(found, str) else found.environment
    with subprocess.Popen(
        [sys.executable, str(SERVE), str(tmp_path / "job.json")],
        env=os.environ | threads.budget(cores) | runtime | {"TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert cast("IO[str]", process.stdout).readline() == "ready\n"
        sampler = Sampler(ProcessTree())
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(sampler.tick()):
                pass

        watching = threading.Thread(target=watch)
        watching.start()
        yield Worker(process, tmp_path, sampler)
        cast("IO[str]", process.stdin).close()
        ended.set()
        watching.join()


def test_fit_and_query(benchmark: Any, strategy: str, worker: Worker, staged: Staged) -> None:
    benchmark.pedantic(worker.fit_and_query, rounds=3, warmup_rounds=1)
    verdict = judge(
        staged.path,
        staged.id.content_hash,
        Answers.open(worker.answers),
        staged.id.k,
        truth_rows=500,
        cache=staged.path.parent,
    )
    benchmark.extra_info |= {
        "n": staged.id.n,
        "d": staged.id.d,
        "k": staged.id.k,
        "recall": verdict.recall,
        "peak_memory_bytes": worker.sampler.run.total_bytes,
    }
    assert verdict.wrong is None
    assert verdict.recall is not None
    assert verdict.recall >= (1.0 if catalog.load(strategy).entry.exact else 0.5)
