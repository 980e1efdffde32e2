"""Each strategy's fit and query, timed by pytest in a worker process of its own.

``pytest --benchmark-only`` runs these alone, on ALLKNN_BENCHMARK_N points (5,000) of the default workload. A
first round on a tenth of them warms up; a strategy to which that is more than a second stays at the tenth.
Among the tests only two run, once: the contract suite asks all strategies already.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import pytest

from bench import catalog, workloads
from bench.answers import Answers
from bench.judge import judge
from bench.measure import java, threads, variables
from bench.measure.environment import machine
from bench.measure.memory import Sampler
from bench.measure.process_tree import ProcessTree
from bench.workloads import Staged
from tests.needs import marked

SERVE = Path(__file__).parent / "serve.py"
N = int(os.environ.get("ALLKNN_BENCHMARK_N", "5000"))
FEWEST = 500
"""Points of a first round, where there are so many."""
SLOW_SECONDS = 1.0
"""A first round that takes longer is on as many points as the strategy gets."""
ROUNDS = 3
AVAILABLE = [name for name in catalog.names() if not catalog.missing_packages(catalog.load(name).entry)]
AMONG_TESTS = [name for name in ("annoy_loop", "spark_sklearn") if name in AVAILABLE]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All strategies in a run of benchmarks, few among the tests."""
    if "strategy" in metafunc.fixturenames:
        names = AVAILABLE if metafunc.config.getoption("benchmark_only") else AMONG_TESTS
        metafunc.parametrize("strategy", marked(names))


@dataclass
class Worker:
    """A started strategy in another process."""

    process: "subprocess.Popen[str]"
    directory: Path
    sampler: Sampler
    _read: dict[Path, Path] = field(default_factory=dict)
    """Points, and where the answers to them lie."""

    def read(self, staged: Staged) -> None:
        """Have points read, which is no part of a round."""
        answers = self.directory / str(staged.id.n)
        answers.mkdir(exist_ok=True)
        Answers.create(answers, staged.id.n, staged.id.k)
        self._places = [str(staged.path), str(answers)]
        self._ask("read")

    def fit_and_query(self) -> float:
        """Have one round done on the points read last; return its seconds."""
        began = time.perf_counter()
        self._ask("done")
        return time.perf_counter() - began

    @property
    def answers(self) -> Answers:
        """What was answered in the last round."""
        return Answers.open(Path(self._places[1]))

    def _ask(self, answer: str) -> None:
        cast("IO[str]", self.process.stdin).write(json.dumps(self._places) + "\n")
        cast("IO[str]", self.process.stdin).flush()
        assert cast("IO[str]", self.process.stdout).readline() == f"{answer}\n"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def worker(strategy: str, tmp_path: Path) -> Iterator[Worker]:
    listing = catalog.load(strategy)
    cores = machine().cores
    filled = {"threads": cores, "master": f"local[{cores},4]"}
    params = listing.parameters | {name: filled[name] for name in filled if name in listing.defaults}
    (tmp_path / "job.json").write_text(json.dumps({"strategy": strategy, "params": params, "k": 10}))
    with subprocess.Popen(
        [sys.executable, str(SERVE), str(tmp_path / "job.json")],
        env=made_environment(tmp_path, cores),
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


def made_environment(directory: Path, cores: int) -> dict[str, str]:
    """What a run has of the user's environment, and this pytest's place for compiled code."""
    runtime = java.find()
    return (
        variables.for_worker(os.environ, None)
        | variables.OURS
        | threads.budget(cores)
        | ({} if isinstance(runtime, str) else runtime.environment)
        | {"TMPDIR": str(directory), "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"]}
    )


def points_for(strategy: str, cache: Path) -> tuple[Staged, Staged]:
    """A tenth of the points that a strategy is asked for, and all; it may say that it takes fewer."""
    n = min(N, catalog.load(strategy).defaults.get("most_points", N))
    sizes = min(n, max(n // 10, FEWEST)), n
    tenth, whole = (workloads.stage(workloads.preset("million", n=size), cache) for size in sizes)
    return tenth, whole


def test_fit_and_query(
    benchmark: Any, strategy: str, worker: Worker, cache: Path, found: dict[str, dict[str, float]]
) -> None:
    staged, whole = points_for(strategy, cache)
    worker.read(staged)
    slow = worker.fit_and_query() > SLOW_SECONDS
    if benchmark.enabled and not slow and whole != staged:
        staged = whole
        worker.read(staged)
    # Runs are compared by name: only like with like.
    benchmark.name = f"test_fit_and_query[{strategy}-{staged.id.n}]"
    benchmark.fullname = f"{benchmark.fullname.rpartition('::')[0]}::{benchmark.name}"
    benchmark.param, benchmark.params = (
        f"{strategy}-{staged.id.n}",
        {"strategy": strategy, "n": staged.id.n},
    )
    benchmark.pedantic(worker.fit_and_query, rounds=1 if slow else ROUNDS)
    verdict = judge(
        staged.path,
        staged.id.content_hash,
        worker.answers,
        staged.id.k,
        truth_rows=500,
        cache=cache,
    )
    assert verdict.wrong is None
    assert verdict.recall is not None
    found[strategy] = {
        "n": staged.id.n,
        "recall": verdict.recall,
        "peak_memory_bytes": worker.sampler.run.total_bytes,
    }
    benchmark.extra_info |= {"d": staged.id.d, "k": staged.id.k} | found[strategy]
    assert verdict.recall >= (1.0 if catalog.load(strategy).entry.exact else 0.5)
