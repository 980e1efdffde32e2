import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench import pids
from bench.answers import Answers
from bench.judge import parts
from bench.judge.external import read_neighbors
from bench.judge.truth import exact_neighbors
from tests.judge.slow_truth import normal

N, K = 60, 5


@pytest.fixture
def answers():
    points = normal(1, N, 3)
    truth = exact_neighbors(points, np.arange(N), K)
    return Answers(truth.indices, truth.distances.astype(np.float32), np.ones(N, bool))


@pytest.fixture
def written(answers, tmp_path, monkeypatch):
    """The answers in parts of seven rows, not finished yet."""
    monkeypatch.setattr(parts, "_ROWS_A_PART", 7)
    parts.write_parts(tmp_path / "draft", answers)
    return tmp_path / "draft"


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("with_self", [False, True])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("first", [0, 1 << 33])
def test_what_is_written_in_parts_is_read_back(answers, tmp_path, monkeypatch, with_self, metric, first):
    monkeypatch.setattr(parts, "_ROWS_A_PART", 7)
    answers.indices[3, 2:], answers.distances[3, 2:] = -1, np.inf
    numbers = first + np.arange(N) * 3 if first else None
    folder = tmp_path / "a b.parquet"
    parts.write_parts(folder, answers, with_self=with_self, metric=metric, row_numbers=numbers)
    again = read_neighbors([folder], N, K, metric=metric, row_numbers=numbers)
    np.testing.assert_array_equal(again.indices, answers.indices)
    np.testing.assert_allclose(again.distances, answers.distances, rtol=1e-6)
    rows = pq.read_table(folder)["row"].to_numpy()
    np.testing.assert_array_equal(rows, np.arange(N) if numbers is None else numbers)


def test_a_part_is_named_by_its_first_row_and_holds_lists(written):
    assert files(written)[:2] == ["part-0000000000.parquet", "part-0000000007.parquet"]
    schema = pq.read_schema(written / "part-0000000007.parquet")
    assert (schema.names, schema.field("row").type) == (["row", "indices", "distances"], pa.int64())
    assert schema.field("indices").type.value_type == pa.int32()
    assert schema.field("distances").type.value_type == pa.float32()


def test_parts_hold_the_answers_only_where_each_row_is_there_once_as_it_was_answered(written, answers):
    assert parts.hold(written, answers)
    part = written / "part-0000000007.parquet"
    table = pq.read_table(part)
    for spoiled in (
        table.slice(1),
        pa.concat_tables([table, table.slice(3, 1)]),
        table.set_column(0, "row", pa.array(np.arange(N, N + 7))),
        table.set_column(2, "distances", table["distances"].take(pa.array([1, 0, 2, 3, 4, 5, 6]))),
        table.drop_columns(["indices"]),
    ):
        pq.write_table(spoiled, part)
        assert not parts.hold(written, answers)
    part.write_bytes(b"PAR1 not really")
    assert not parts.hold(written, answers)
    part.unlink()
    assert not parts.hold(written, answers)


def test_parts_of_a_run_that_did_not_answer_all_do_not_hold(written, answers):
    answers.answered[9] = False
    assert not parts.hold(written, answers)


def test_a_folder_appears_whole_marked_and_without_what_a_task_left_over(written, tmp_path):
    (written / ".part-0000000007-4711").touch()
    parts.finish(written, tmp_path / "a.parquet")
    assert files(tmp_path) == ["a.parquet"]
    assert files(tmp_path / "a.parquet")[0] == "_SUCCESS"
    assert len(files(tmp_path / "a.parquet")) == 1 + -(-N // 7)


def test_a_folder_takes_the_place_of_an_older_one(written, tmp_path, answers):
    old = tmp_path / "a.parquet"
    parts.write_parts(old, answers)
    (old / "_SUCCESS").touch()
    parts.check_folder(old)
    parts.finish(written, old)
    assert len(files(old)) == 1 + -(-N // 7)
    assert files(tmp_path) == ["a.parquet"]


def test_a_kill_where_folders_cannot_be_exchanged_loses_no_answer(written, tmp_path, answers, monkeypatch):
    old = tmp_path / "a.parquet"
    parts.write_parts(old, answers)
    (old / "old").touch()
    rename = type(old).rename

    def killed(path, target):
        if path != old:
            raise KeyboardInterrupt
        rename(path, target)

    monkeypatch.setattr(parts, "_exchanged", lambda *_: False)
    draft = parts.draft_of(old)
    written.rename(draft)
    with monkeypatch.context() as at_once:
        at_once.setattr(type(old), "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            parts.finish(draft, old)
    assert not old.exists()
    parts.remove_drafts(old)
    assert files(tmp_path) == ["a.parquet"]
    assert (old / "old").exists()


def test_a_folder_with_other_content_is_refused(tmp_path):
    (tmp_path / "a.parquet").mkdir()
    (tmp_path / "a.parquet" / "thesis.tex").touch()
    with pytest.raises(FileExistsError, match=r"holds thesis\.tex, which no run has written"):
        parts.check_folder(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").touch()
    with pytest.raises(FileExistsError, match="is a file"):
        parts.check_folder(tmp_path / "b.parquet")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        parts.check_folder(tmp_path / "none" / "a.parquet")


@pytest.mark.parametrize("name", ["part-00000-0a1b-c000.snappy.parquet", "part-0.parquet", ".part-00000.crc"])
def test_a_folder_that_spark_has_written_is_refused(tmp_path, name):
    folder = tmp_path / "embeddings.parquet"
    folder.mkdir()
    (folder / "_SUCCESS").touch()
    (folder / name).touch()
    with pytest.raises(FileExistsError, match="which no run has written"):
        parts.check_folder(folder)


@pytest.mark.parametrize("exchanged", [True, False])
def test_what_came_into_a_folder_since_it_was_checked_is_still_there_when_another_has_taken_its_place(
    written, tmp_path, answers, monkeypatch, exchanged
):
    if not exchanged:
        monkeypatch.setattr(parts, "_exchanged", lambda *_: False)
    folder = tmp_path / "a.parquet"
    parts.write_parts(folder, answers)
    (folder / "part-0000000000.parquet").rename(folder / "part-0000000001.parquet")
    (folder / "below").mkdir()
    for name in ("README", "below/a"):
        (folder / name).write_text("mine")
    parts.finish(written, folder)
    assert files(folder)[:3] == ["README", "_SUCCESS", "below"]
    assert "part-0000000001.parquet" not in files(folder)
    assert (folder / "below" / "a").read_text() == (folder / "README").read_text() == "mine"
    assert files(tmp_path) == ["a.parquet"]


def test_drafts_of_processes_that_are_no_more_are_removed_and_others_stay(tmp_path):
    target = tmp_path / "a.parquet"
    own = parts.draft_of(target)
    stem, pid, ticks = own.name.rsplit("-", 2)
    gone, number_given_away = f"{stem}-99999999-1", f"{stem}-{pid}-{int(ticks) - 1}"
    alive, elsewhere = f"{stem}-1-{pids.started_ticks(1)}", ".a.parquet.unfinished-another.host-99999999-1"
    mine = f"{stem}-99999999", f"{stem}-notes"
    for name in (own.name, gone, number_given_away, alive, elsewhere, *mine):
        (tmp_path / name).mkdir()
    parts.remove_drafts(target)
    assert files(tmp_path) == sorted([alive, elsewhere, *mine])


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([*range(N - 1), 0], "row 0 is there twice"),
        (range(N - 1), "row 59 is missing"),
        (range(N + 1), "row 60 is none of the workload's"),
    ],
)
def test_neighbors_in_parquet_whose_rows_are_not_the_workloads_are_refused(tmp_path, answers, rows, reason):
    taken = np.minimum(list(rows), N - 1)
    table = pa.table(
        {
            "row": pa.array(list(rows)),
            "indices": list(answers.indices[taken]),
            "distances": list(answers.distances[taken]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=reason):
        read_neighbors([tmp_path / "a.parquet"], N, K)


def test_neighbors_in_one_parquet_file_are_read_in_any_order(tmp_path, answers):
    order = np.random.default_rng(0).permutation(N)
    columns = {
        "row": order,
        "indices": list(answers.indices[order]),
        "distances": list(answers.distances[order]),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    again = read_neighbors([tmp_path / "a.parquet"], N)
    np.testing.assert_array_equal(again.indices, answers.indices)
    np.testing.assert_array_equal(again.distances, answers.distances)
