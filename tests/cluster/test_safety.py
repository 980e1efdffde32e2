"""What a cluster and its runs let in and leave behind, and how soon they say what is wrong."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import cluster
from bench.cluster import Cluster
from tests.cli.test_run import wait_until
from tests.cluster.conftest import Place, Run
from tests.processes import is_alive, listening, processes_of

pytestmark = pytest.mark.spark

LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
REST_PORT = 6066
OPEN = """
import sys
from strategies._spark import session
try:
    session.open_session(sys.argv[1], "1g").close()
except RuntimeError as error:
    print(error)
"""


def bench(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bench", *words], capture_output=True, text=True, check=False, timeout=15
    )


def test_everything_of_a_cluster_listens_on_loopback_and_no_rest_port_is_open(pair: Cluster) -> None:
    pids = {pid for leader in (pair.master_process, *pair.workers) for pid in leader.session()}
    found = listening(pids)
    assert found
    assert {address for address, _ in found} <= LOOPBACK
    assert REST_PORT not in {port for _, port in found}
    assert "RestServer" not in (pair.directory / "master.log").read_text()


def test_the_secret_is_in_a_file_of_its_owner_and_on_no_command_line(pair: Cluster) -> None:
    assert stat.S_IMODE(pair.properties.stat().st_mode) == 0o600
    secret = pair.properties.read_text().partition("secret ")[2].split()[0]
    lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if os.access(p, os.R_OK)]
    assert not [line for line in lines if secret.encode() in line]


def test_a_driver_without_the_secret_is_turned_away_in_one_line(pair: Cluster) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYSPARK_SUBMIT_ARGS"}
    ran = subprocess.run(
        [sys.executable, "-c", OPEN, pair.master],
        env=environment | {"SPARK_LOCAL_IP": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    (line,) = ran.stdout.splitlines()
    assert "spark.authenticate.secret" in line


def test_a_stopped_cluster_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    started = cluster.start(tmp_path / "cluster", n_workers=1)
    pids = {pid for leader in (started.master_process, *started.workers) for pid in leader.session()}
    with pytest.raises(ValueError, match=r"a cluster runs already at spark://127\.0\.0\.1:"):
        cluster.start(tmp_path / "cluster")
    assert cluster.stop(tmp_path / "cluster") is not None
    assert not any(is_alive(pid) for pid in pids)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.strategies("spark_annoy")
@pytest.mark.parametrize(
    ("master", "said"),
    [
        ("spark://127.0.0.1:1", "no master can be reached at spark://127.0.0.1:1"),
        ("sc://localhost:15002", "a Spark Connect URL"),
        ("spork://x", "allowed are local[2]"),
    ],
)
def test_a_master_that_cannot_be_is_refused_in_one_line(tmp_path: Path, master: str, said: str) -> None:
    results = tmp_path / "results"
    ran = bench("run", "spark_annoy", "--workload", "small", "--master", master, "--results", str(results))
    assert ran.returncode == 2
    (line,) = ran.stderr.splitlines()
    assert said in line
    assert not results.exists()


def test_ctrl_c_leaves_a_row_and_neither_a_process_nor_a_file(
    place: Place, begin: Callable[..., Run], tmp_path: Path
) -> None:
    run = begin("local[2]")
    doers = run.reach(0.3)
    before = {path.name for path in tmp_path.iterdir()} - {"0"}
    os.killpg(run.process.pid, signal.SIGINT)
    row = run.end()
    assert row.status == "interrupted"
    assert run.process.returncode == 130
    assert wait_until(lambda: processes_of(run.home, b"") == [], 10)
    assert not any(is_alive(doer["python"]) for doer in doers)
    assert {path.name for path in tmp_path.iterdir()} - {"0"} <= before
    assert not [*run.home.rglob("spark-*")]
