"""Spark's strategies on hosts with network, files, user and packages of their own, and what befalls hosts."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.acceptance import hosts
from tests.acceptance.hosts import Network
from tests.strategies.test_distributed import HERE, ROOT, Answers
from tests.strategies.test_spark_joins import bare_python

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.spark,
    pytest.mark.skipif(os.geteuid() != 0, reason="namespaces of hosts need root"),
]

N, D, K = 6_000, 8, 10
PACKAGES = (
    *("numpy", "scipy", "sklearn", "scikit_learn", "joblib", "threadpoolctl", "pyspark", "py4j"),
    *("annoy", "faiss", "faiss_cpu", "voyager", "cloudpickle", "narwhals", "packaging"),
)
"""Those that docs/clusters.md names for hosts, and what these need."""
TWINS = {
    "joblib_spark": ("sklearn_matrix", {}, {}),
    "spark_annoy": ("annoy_loop", {"n_trees": 5}, {"n_trees": 5}),
    "spark_blocked_exact": ("blocked_exact", {"stretch_rows": 1000}, {}),
    "spark_faiss_ivf": ("faiss_ivf", {}, {}),
    "spark_leaf_join": ("leaf_join", {}, {}),
    "spark_sklearn": ("sklearn_matrix", {}, {}),
    "spark_voyager": ("voyager", {}, {"threads": 1}),
}
"""What answers the same on one machine, and the parameters of both."""
SHIPPED = {"spark_annoy": "path", "spark_sklearn": "broadcast"}
"""The others get their files from Spark."""


class Cluster:
    """Hosts, and what drivers said there."""

    def __init__(self, network: Network, directory: Path) -> None:
        self.network, self.directory = network, directory
        self.points = directory / "shared" / "points.npy"
        self.answers = Answers(directory)
        self.python = str(directory / "python" / "python")

    def ask(self, name: str, strategy: str, python: str = "", **more: Any) -> str:
        """Run a strategy of this machine or the hosts; return what was said of a failure."""
        job = {"strategy": strategy, "k": K, "points": [str(self.points)], "out": str(self.directory / name)}
        (self.directory / f"{name}.json").write_text(json.dumps([job | more]))
        environment = self.network.environment(python or self.python) | {"PYTHONPATH": str(ROOT)}
        command = self.network.as_driver(
            sys.executable, HERE / "ask_spark.py", self.directory / f"{name}.json"
        )
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return ran.stderr.strip().splitlines()[-1] if ran.returncode else ""

    def there(self, strategy: str) -> dict[str, Any]:
        """Parameters that send a strategy to the hosts."""
        sent = {"ship": SHIPPED[strategy]} if strategy in SHIPPED else {}
        shared = {"shared_dir": str(self.points.parent)} if sent.get("ship") == "path" else {}
        return {"master": self.network.master} | sent | shared


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    directory = tmp_path_factory.mktemp("hosts")
    given = directory / "shared", directory / "python"
    for path in given:
        path.mkdir()
    bare_python(directory / "python", *PACKAGES)
    with hosts.network(directory, given) as network:
        made = Cluster(network, directory)
        rng = np.random.default_rng(0)
        np.save(made.points, np.tanh(rng.normal(size=(N, 4)) @ rng.normal(size=(4, D))).astype(np.float32))
        yield made


@pytest.mark.parametrize("strategy", TWINS)
def test_hosts_that_share_nothing_give_the_bytes_of_one_machine(cluster: Cluster, strategy: str) -> None:
    twin, params, twins = TWINS[strategy]
    assert not cluster.ask(f"{strategy}_twin", twin, params=twins)
    assert not cluster.ask(strategy, strategy, params=params | cluster.there(strategy))
    assert cluster.answers.bytes(strategy) == cluster.answers.bytes(f"{strategy}_twin")


@pytest.mark.parametrize("strategy", ["spark_sklearn", "spark_blocked_exact", "spark_leaf_join"])
def test_a_host_that_is_lost_midway_changes_no_byte(cluster: Cluster, strategy: str) -> None:
    twin, params, twins = TWINS[strategy]
    assert not cluster.ask("alone", twin, params=twins)
    lost = cluster.network.hosts[-1]
    loses: dict[str, Any] = {"lose_executor_after": 0.0, "loses": lost.holder.pid}
    assert not cluster.ask("lost", strategy, params=params | cluster.there(strategy), **loses)
    assert cluster.answers.bytes("lost") == cluster.answers.bytes("alone")
    assert lost.holder.wait(timeout=10) < 0
    cluster.network.add_host()


def test_a_host_without_a_package_is_named_before_the_search(cluster: Cluster) -> None:
    host = cluster.network.hosts[-1]
    package = Path(np.__file__).parent
    hidden = [package, *package.parent.glob("numpy-*.dist-info")]
    for path in hidden:
        host.run(f"mount -t tmpfs tmpfs {path}")
    try:
        line = cluster.ask("bare", "spark_sklearn", params=cluster.there("spark_sklearn"))
    finally:
        for path in hidden:
            host.run(f"umount {path}")
    assert line.startswith(f"RuntimeError: host {host.name}: numpy is missing there")


def test_a_host_without_room_for_the_points_is_named_before_they_are_sent(cluster: Cluster) -> None:
    host = cluster.network.hosts[-1]
    large = cluster.directory / "large.npy"
    np.save(large, np.random.default_rng(0).normal(size=(200_000, 64)).astype(np.float32))
    host.run("mount -o remount,size=30m /tmp")
    try:
        there = cluster.there("spark_blocked_exact")
        line = cluster.ask("full", "spark_blocked_exact", params=there, points=[str(large)])
    finally:
        host.run("mount -o remount,size=50% /tmp")
    assert line.startswith(f"RuntimeError: host {host.name}: ")
    assert "MiB free in /tmp/" in line
    assert "49 MiB needed" in line


def test_a_shared_directory_that_is_closed_to_the_executors_user_is_named(cluster: Cluster) -> None:
    closed = cluster.points.parent / "closed"
    closed.mkdir(mode=0o700)
    there = cluster.there("spark_annoy") | {"shared_dir": str(closed)}
    line = cluster.ask("closed", "spark_annoy", params=there)
    assert f"by user {hosts.NOBODY}: Permission denied (at {closed})" in line


def test_nothing_of_ours_is_left_on_a_host_or_in_the_shared_directory(cluster: Cluster) -> None:
    assert not cluster.ask("again", "spark_annoy", params=cluster.there("spark_annoy"))
    shared = {path.name for path in cluster.points.parent.iterdir()}
    assert shared - {"closed"} == {"points.npy"}
    last = cluster.network.hosts[-1]  # the others may be lost
    daemons = r"-path '/tmp/work*' -o -path '/tmp/hsperfdata_*' -o -path '/tmp/spark-*' -type d -empty"
    theirs = rf"find /tmp -mindepth 1 -user nobody ! \( {daemons} \)"
    last.run(f"! pgrep -u nobody -f pyspark.daemon && ! {theirs} | grep .")
