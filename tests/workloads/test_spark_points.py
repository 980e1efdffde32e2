"""Points that Spark's tasks stage: the same as the local reader has them, and refused in the same words."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.cli import main
from bench.measure import java
from bench.workloads import Reading, Spark, Staged, from_file, from_spark, stage
from bench.workloads.ids import load_ids
from bench.workloads.spark.source import SparkFiles, is_for_spark, local_path

pytestmark = pytest.mark.spark

N_SAMPLES = 1_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Parts whose names are not in the order of their rows' writing, and what is no part."""
    folder = tmp_path / "a folder"
    folder.mkdir()
    points = np.random.default_rng(0).normal(size=(N_SAMPLES, 5)).astype(np.float32)
    for number, rows in ((2, points[700:]), (0, points[:300]), (1, points[300:700])):
        lists = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 5)
        columns = {"v": lists, "x": rows[:, 0].astype(np.float64), "text": ["a"] * len(rows)}
        pq.write_table(pa.table(columns), folder / f"part-{number}.parquet")
    (folder / "_SUCCESS").touch()
    (folder / ".hidden.parquet").write_text("no part")
    return folder


CORE_SITE = """\
<configuration>
  <property><name>fs.viewfs.mounttable.storage.link./all</name><value>{where}</value></property>
</configuration>
"""
"""A cluster's storage that is this machine's: viewfs://storage/all is a directory here."""


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """A session that outlives the stagings within it; HADOOP_CONF_DIR names a storage."""
    found = java.find()
    assert isinstance(found, java.Java), found
    directory = tmp_path_factory.mktemp("log")
    site = CORE_SITE.format(where=tmp_path_factory.getbasetemp().as_uri())
    (directory / "core-site.xml").write_text(site)
    variables = os.environ | found.environment | {"HADOOP_CONF_DIR": str(directory)}
    with Spark("local[2,4]", directory, lambda: variables) as spark:
        yield spark


def test_storage_that_hadoops_configuration_names_is_read_in_local_mode(
    folder: Path, by_spark: Callable[..., Staged], tmp_path_factory: pytest.TempPathFactory
) -> None:
    uri = f"viewfs://storage/all/{folder.relative_to(tmp_path_factory.getbasetemp()).as_posix()}"
    here = by_spark(folder.as_uri(), columns="v").id
    assert by_spark(uri, columns="v").id.content_hash == here.content_hash


@pytest.fixture
def by_spark(spark: Spark, tmp_path: Path) -> Callable[..., Staged]:
    home = tmp_path / "home"

    def staged(uri: str, **options: object) -> Staged:
        drop = bool(options.pop("drop_bad_rows", False))
        reading = Reading(
            columns=options.pop("columns", None), drop_bad_rows=drop, id=options.pop("id", None)
        )
        return stage(from_spark(uri, home=home, spark=spark, k=1, reading=reading, **options), home)

    return staged


def test_a_folder_is_staged_in_the_order_of_names_with_the_hash_of_the_local_reader(
    folder: Path, by_spark: Callable[..., Staged], tmp_path: Path
) -> None:
    local = stage(from_file(folder, reading=Reading(columns="v"), k=1), tmp_path / "cache")
    remote = by_spark(folder.as_uri(), columns="v")
    assert remote.id.content_hash == local.id.content_hash
    assert np.array_equal(np.load(remote.path), np.load(local.path))
    assert remote.path.is_relative_to(tmp_path / "home")
    left = {path.name for path in (tmp_path / "home").rglob("*") if path.is_dir()}
    assert left == {"allknn-points"}


def test_some_rows_of_a_numeric_column_are_those_rows(folder: Path, by_spark: Callable[..., Staged]) -> None:
    points = np.load(by_spark(f"file:{folder}", columns="x", rows=slice(250, 750), n=100).path)
    local = pq.read_table(folder, columns=["x"])["x"].to_numpy()
    assert np.array_equal(points[:, 0], local[250:350].astype(np.float32))


def test_a_column_that_is_not_there_is_named_with_those_that_are(
    folder: Path, by_spark: Callable[..., Staged]
) -> None:
    with pytest.raises(ValueError, match="has no column 'w'; there are v, x, text"):
        by_spark(folder.as_uri(), columns="w")


def test_rows_of_another_width_and_missing_values_are_refused_as_locally(
    tmp_path: Path, by_spark: Callable[..., Staged]
) -> None:
    ragged, holes = tmp_path / "ragged.parquet", tmp_path / "holes.parquet"
    pq.write_table(pa.table({"v": pa.array([[1.0, 2.0], [3.0, 4.0], [5.0]])}), ragged)
    pq.write_table(pa.table({"v": pa.array([[1.0, 2.0], [3.0, None], [5.0, 6.0]])}), holes)
    for file in (ragged, holes):
        with pytest.raises(ValueError, match="row") as local:
            stage(from_file(file, reading=Reading(columns="v"), k=1), tmp_path / "cache")
        with pytest.raises(ValueError, match="row") as remote:
            by_spark(file.as_uri(), columns="v")
        assert str(remote.value) == str(local.value)


def test_rows_of_another_width_are_left_out_as_locally(
    tmp_path: Path, by_spark: Callable[..., Staged]
) -> None:
    lists = [[1.0], *([float(i), float(i * i)] for i in range(20)), [3.0, 4.0, 5.0], None]
    pq.write_table(pa.table({"v": pa.array(lists)}), tmp_path / "a.parquet")
    reading = Reading(columns="v", drop_bad_rows=True)
    local = stage(from_file(tmp_path / "a.parquet", reading=reading, k=1), tmp_path / "cache")
    remote = by_spark((tmp_path / "a.parquet").as_uri(), columns="v", drop_bad_rows=True)
    assert remote.id.content_hash == local.id.content_hash
    assert remote.id.n == 20


def test_columns_are_chosen_by_spark_as_locally_whatever_their_names(
    tmp_path: Path, by_spark: Callable[..., Staged]
) -> None:
    points = np.random.default_rng(0).normal(size=(400, 3))
    table = {"Sepal.Length": points[:, 0], "Sepal`s Width": points[:, 1], "a b": points[:, 2]}
    pq.write_table(pa.table({"id": range(400), **table, "title": ["x"] * 400}), tmp_path / "a.parquet")
    local = stage(from_file(tmp_path / "a.parquet", k=1), tmp_path / "cache")
    remote = by_spark((tmp_path / "a.parquet").as_uri())
    assert remote.id.content_hash == local.id.content_hash
    assert remote.id.d == 3
    assert remote.notes == local.notes


def test_a_uri_that_nobody_answers_is_one_line_and_nothing_is_left(tmp_path: Path) -> None:
    command = ["data", "--data", "hdfs://127.0.0.1:1/points", "--cache", str(tmp_path / "cache"), "--json"]
    ran = subprocess.run(
        [sys.executable, "-m", "bench", *command],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
    assert "onnection refused" in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_spark_cannot_read_is_one_line_that_names_its_log(
    by_spark: Callable[..., Staged], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"Spark: .*no.such.* \(all of it: .*spark\.log\)") as refused:
        by_spark("no.such.scheme://host/points")
    assert "\n" not in str(refused.value)
    assert not any(path.suffix == ".npy" for path in tmp_path.rglob("*"))


def test_on_a_cluster_a_shared_directory_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "--data", "hdfs://h/points", "--master", "spark://127.0.0.1:1"]) == 2
    assert "--shared-dir must name a directory" in capsys.readouterr().err


def test_what_is_here_is_read_here(tmp_path: Path) -> None:
    (tmp_path / "a b.npy").touch()
    assert local_path((tmp_path / "a b.npy").as_uri()) == tmp_path / "a b.npy"
    assert local_path("s3a://bucket/x") is None
    assert not is_for_spark(str(tmp_path / "a b.npy"), on_cluster=True)
    assert not is_for_spark((tmp_path / "a b.npy").as_uri(), on_cluster=False)
    assert is_for_spark(tmp_path.as_uri(), on_cluster=False)
    assert is_for_spark("/only/there", on_cluster=True)
    assert not is_for_spark("/only/there", on_cluster=False)


def test_large_integers_structs_and_ids_are_those_of_the_local_reader(
    tmp_path: Path, by_spark: Callable[..., Staged]
) -> None:
    table = nested_table()
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=100)
    uri = (tmp_path / "a.parquet").as_uri()
    for columns in ("at", "of.*", "at,of.*"):
        local = stage(
            from_file(tmp_path / "a.parquet", reading=Reading(columns=columns), k=1), tmp_path / "c"
        )
        remote = by_spark(uri, columns=columns)
        assert remote.id.content_hash == local.id.content_hash
        assert remote.center == local.center
    found = by_spark(uri, columns="of.*", id="name", rows=slice(20, None), n=300)
    assert found.ids is not None
    assert load_ids(found.ids).to_pylist() == table["name"].to_pylist()[20:320]
    with pytest.raises(ValueError, match=r"--id of\.x: 0\.5 stands in rows 0 and 1"):
        by_spark(uri, columns="of.y", id="of.x")


def nested_table() -> pa.Table:
    """Nanoseconds beyond 2^53 of which float64 would lose the differences, a struct, ids."""
    rng = np.random.default_rng(1)
    nanoseconds = 1_700_000_000_000_000_000 + rng.integers(0, 1 << 20, N_SAMPLES)
    members = [pa.array(np.full(N_SAMPLES, 0.5)), pa.array(rng.normal(size=N_SAMPLES))]
    inner = pa.StructArray.from_arrays(members, ["x", "y"])
    names = [f"n{i}" for i in range(N_SAMPLES)]
    return pa.table({"name": names, "at": pa.array(nanoseconds), "of": inner})


def test_files_that_only_spark_sees_say_their_metric(tmp_path: Path, spark: Spark, monkeypatch) -> None:
    table = pa.table({"v": pa.FixedSizeListArray.from_arrays(pa.array(np.arange(1.0, 41.0)), 2)})
    pq.write_table(
        table.replace_schema_metadata({"index": '{"distance_type": "Cosine"}'}), tmp_path / "a.parquet"
    )
    uri = (tmp_path / "a.parquet").as_uri()
    monkeypatch.setattr(SparkFiles, "is_here", property(lambda _: False))
    chosen = from_spark(uri, home=tmp_path, spark=spark, k=1)
    staged = stage(chosen, tmp_path)
    assert staged.id.metric == "cosine"
    assert "metric cosine: the file says 'Cosine'" in staged.notes
