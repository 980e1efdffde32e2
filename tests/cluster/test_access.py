import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import cluster
from bench.cluster import check_reachable, check_storage, environment
from bench.cluster.processes import launch


@pytest.fixture
def listener() -> Iterator[str]:
    """An address at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def nobody(listener: str) -> str:
    """An address at which nobody listens: bound, for nobody else to take it, and silent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize("url", ["spark://{}", "spark://127.0.0.1:1,{}", "k8s://https://{}", "k8s://{}"])
def test_a_master_that_listens_is_reached(listener: str, url: str) -> None:
    check_reachable(url.format(listener))


@pytest.mark.parametrize("url", ["spark://{}", "k8s://https://{}"])
def test_a_master_that_does_not_listen_is_refused_with_its_address(nobody: str, url: str) -> None:
    master = url.format(nobody)
    with pytest.raises(
        ValueError, match=f"no master can be reached at {master} .*{nobody}: Connection refused"
    ):
        check_reachable(master)


def test_a_namenode_that_does_not_listen_is_refused_with_its_address_and_a_name_is_left_to_hadoop(
    listener: str, nobody: str
) -> None:
    with pytest.raises(
        ValueError, match=f"no namenode can be reached for hdfs://{nobody}/x .*{nobody}: Connection refused"
    ):
        check_storage(f"hdfs://{nobody}/x")
    for uri in (f"hdfs://{listener}/x", "hdfs://nameservice1/x", "hdfs:///x", f"s3a://{nobody}/x", "/x"):
        check_storage(uri)


@pytest.mark.parametrize("master", ["spark://host", "spark://host:", "spark://:7077", "spark://host:99999"])
def test_a_master_without_host_or_port_is_refused(master: str) -> None:
    with pytest.raises(ValueError, match="allowed is spark://HOST:PORT"):
        check_reachable(master)


def test_yarn_needs_to_know_its_cluster() -> None:
    with pytest.raises(ValueError, match="HADOOP_CONF_DIR"):
        check_reachable("yarn", {})
    check_reachable("yarn", {"YARN_CONF_DIR": "/etc/hadoop"})


@pytest.mark.parametrize("master", ["local", "local[2]", "local[2,4]"])
def test_a_local_master_need_not_be_reached(master: str) -> None:
    check_reachable(master)


def test_a_secret_is_handed_over_to_its_own_cluster_only(tmp_path: Path) -> None:
    process = launch(["/bin/sleep", "600"], os.environ, tmp_path / "log")
    running = cluster.Cluster(tmp_path, "spark://127.0.0.1:7077", process, (), 1, "1g")
    cluster.standalone._record(running)
    user = {"PYSPARK_SUBMIT_ARGS": "--verbose pyspark-shell"}
    assert environment("spark://127.0.0.1:7078", tmp_path, user) == {}
    assert environment(None, tmp_path, user) == {}
    assert environment(running.master, tmp_path, user) == {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {tmp_path}/spark.properties --verbose pyspark-shell",
    }
    assert cluster.stop(tmp_path) == running
    assert environment(running.master, tmp_path, user) == {}


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ({"n_workers": 0}, "must be at least 1"),
        ({"cores": 0}, "must be at least 1"),
        ({"memory": "lots"}, "got 'lots'"),
        ({"port": 65536}, "got 65536"),
    ],
)
def test_a_cluster_of_impossible_size_is_refused(tmp_path: Path, size: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cluster.start(tmp_path / "cluster", **size)
    assert list(tmp_path.iterdir()) == []
