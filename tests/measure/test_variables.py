"""Which of the user's environment variables reach a run, and which of them tell two runs apart."""

import os
from pathlib import Path

import pytest

from bench import catalog
from bench.measure import environment, variables
from tests.measure.runs import planned, run, runner, stage

HOSTILE = {
    "PATH": "/bin",
    "SPARK_HOME": "/opt/spark-2.4.8",
    "SPARK_CONF_DIR": "/etc/spark/conf",
    "SPARK_REMOTE": "sc://host",
    "PYSPARK_SUBMIT_ARGS": "--master yarn pyspark-shell",
    "PYSPARK_GATEWAY_PORT": "1234",
    "PYSPARK_GATEWAY_SECRET": "hidden",
    "HADOOP_CONF_DIR": "/etc/hadoop/conf",
    "_JAVA_OPTIONS": "-Xmx300m",
    "FAISS_OPT_LEVEL": "generic",
    "PYTHONPATH": "/home/me/lib",
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Nehalem",
    "TMPDIR": "/scratch",
    "MY_MODEL": "small",
}

TELLS = """\
import os
from dataclasses import dataclass
import numpy as np
from bench.strategy import Entry, Neighbors, Strategy

@dataclass
class Tells(Strategy):
    def fit(self, points):
        self.details = {name: os.environ.get(name, "") for name in %r}
        raise RuntimeError(str(self.details))

strategy = Entry(Tells, exact=False)
"""


def test_in_local_mode_a_worker_has_what_is_on_the_list_and_nothing_else() -> None:
    given = variables.for_worker(HOSTILE, "local[2,4]")
    assert given.keys() == {"PATH", "FAISS_OPT_LEVEL", "PYTHONPATH", "PYTHONUTF8"}


def test_on_a_cluster_a_worker_has_the_users_configuration_but_no_parents_jvm() -> None:
    given = variables.for_worker(HOSTILE, "spark://host:7077")
    assert given["SPARK_CONF_DIR"] == "/etc/spark/conf"
    assert given["HADOOP_CONF_DIR"] == "/etc/hadoop/conf"
    assert not given.keys() & {"PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "OPENBLAS_CORETYPE"}


def test_what_judges_has_nothing_that_could_change_a_verdict_and_finds_its_python() -> None:
    assert variables.for_judge(HOSTILE).keys() == {"PATH", "PYTHONPATH", "PYTHONUTF8"}


def test_spark_that_reads_points_has_addresses_and_credentials_only_of_a_clusters_storage() -> None:
    environ = HOSTILE | {"AWS_ACCESS_KEY_ID": "hidden"}
    here = variables.for_reader(environ, "local[2]", storage=False)
    assert here == variables.for_judge(environ)
    there = variables.for_reader(environ, "local[2]", storage=True)
    assert there.keys() - here.keys() == {"HADOOP_CONF_DIR", "AWS_ACCESS_KEY_ID"}
    assert variables.for_reader(environ, "yarn", storage=True)["SPARK_HOME"] == "/opt/spark-2.4.8"


def test_what_may_change_speed_or_answers_counts_and_what_the_harness_sets_does_not() -> None:
    assert variables.counted(HOSTILE) == {"FAISS_OPT_LEVEL": "generic", "PYTHONPATH": "/home/me/lib"}


def test_what_would_have_steered_spark_is_named_without_its_value() -> None:
    names = {"SPARK_HOME", "SPARK_CONF_DIR", "SPARK_REMOTE", "PYSPARK_SUBMIT_ARGS", "PYSPARK_GATEWAY_PORT"}
    names |= {"PYSPARK_GATEWAY_SECRET", "HADOOP_CONF_DIR", "_JAVA_OPTIONS"}
    assert set(variables.left_out(HOSTILE, None)) == names
    assert set(variables.left_out(HOSTILE, "yarn")) == {"PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET"}


def test_a_variable_that_the_user_names_is_passed_on_and_counts() -> None:
    asked = HOSTILE | {"ALLKNN_PASS_ON": "MY_MODEL, NOT_SET"}
    assert variables.for_worker(asked, None)["MY_MODEL"] == "small"
    assert variables.counted(asked)["MY_MODEL"] == "small"


def test_a_worker_sees_none_of_the_users_variables_that_steer_spark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SPARK_HOME", "SPARK_REMOTE", "_JAVA_OPTIONS", "MY_MODEL"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("FAISS_OPT_LEVEL", "generic")
    path = tmp_path / "tells.py"
    path.write_text(TELLS % (("SPARK_HOME", "SPARK_REMOTE", "_JAVA_OPTIONS", "MY_MODEL", "FAISS_OPT_LEVEL"),))
    row = run(tmp_path, str(path))
    assert "theirs" not in row.reason
    assert "'FAISS_OPT_LEVEL': 'generic'" in row.reason
    assert "FAISS_OPT_LEVEL=generic was set in the environment" in row.warnings


def test_the_environment_of_a_row_names_what_counted_and_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPARK_HOME", "/opt/spark")
    monkeypatch.setenv("FAISS_OPT_LEVEL", "generic")
    kept = environment.environment("17")
    assert kept.variables["FAISS_OPT_LEVEL"] == "generic"
    assert "SPARK_HOME" in kept.left_out


def test_without_a_home_a_worker_has_one_in_the_runs_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    points, workload = stage(tmp_path)
    path = tmp_path / "tells.py"
    path.write_text(TELLS % (("HOME", "TMPDIR"),))
    row = runner(tmp_path, points).run(planned(str(path), workload), lambda _progress: None)
    home, temporary = row.reason.split("'HOME': ")[1].rstrip("}").split(", 'TMPDIR': ")
    assert home == temporary != "''"


def test_the_document_lists_what_is_passed_on_counted_and_set() -> None:
    text = (catalog.DIRECTORY.parent / "docs" / "measuring-method.md").read_text()
    lines = text.partition("## What a run has of your environment")[2].partition("\n\nWhat counts")[0]
    listed = [
        f"| {', '.join(f'`{name}`' for name in some.names)} | {some.why} |"
        for kind in ("PASSED_ON", "COUNTED", "SET", "NOT_MEASURED", "STORAGE")
        for some in getattr(variables, kind)
    ]
    assert [line for line in lines.splitlines() if line.startswith("| `")] == listed


def test_every_variable_that_the_harness_sets_is_listed_as_such(tmp_path: Path) -> None:
    points, workload = stage(tmp_path)
    path = tmp_path / "tells.py"
    path.write_text(TELLS % ((),))
    (tmp_path / "tmp").mkdir()
    job = runner(tmp_path, points)._job(planned(str(path), workload), tmp_path)
    ours = {name for name, value in job.environment.items() if os.environ.get(name) != value}
    listed = set(variables._named(ours, (*variables.SET, *variables.PASSED_ON)))
    assert ours - listed <= {"SPARK_CONF_DIR", "PYSPARK_PYTHON"}
