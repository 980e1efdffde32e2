"""Text files as people write them: what is unusual is understood and said, or refused in a true line."""

import bz2
import gzip
import lzma

import numpy as np
import pyarrow as pa
import pytest

from bench.workloads import stage
from tests.workloads.choosing import chosen_file

POINTS = np.round(np.random.default_rng(0).normal(size=(50, 6)), 4)


def lines(separator=",", points=POINTS, start="", end=""):
    return "\n".join(start + separator.join(map(str, row)) + end for row in points)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("1,2,3,4,5,6\n" + lines(), "the first line, 1,2,3…, was taken for a header"),
        ("0,1,2,3,4,5\n" + lines(), "the first line, 0,1,2…, was taken for a header"),
        ("400,402,404,406,408,410\n" + lines(), "the first line, 400,402,404…, was taken for a header"),
        (lines(" ", start=" "), "points: 6 columns 0 ... 5"),
        (lines("   ", start="\t"), "points: 6 columns 0 ... 5"),
        ("\n".join(" ".join(f"{v:10.4f}" for v in row) for row in POINTS), "points: 6 columns 0 ... 5"),
        (lines(end=","), "points: 6 columns 0 ... 5; left out: 6 (empty)"),
        ("a,b,c,d,e,f,\n" + lines(end=","), "points: 6 columns a ... f; left out: (no name)6 (empty)"),
        ("\n\na,b,c,d,e,f\n" + lines(), "points: 6 columns a ... f"),
        ("# made by numpy\na,b,c,d,e,f\n" + lines(), "points: 6 columns a ... f"),
        (lines() + "\n# the end\n", None),
        ("a;b;c;d;e;f\n" + lines(";").replace(".", ","), "numbers are written with a decimal comma"),
        (lines("\t").replace(".", ","), "numbers are written with a decimal comma"),
        (lines("\t"), "points: 6 columns 0 ... 5"),
        ('"a" "b" "c" "d" "e" "f"\n' + "\n".join(f'"r{i}" {line}' for i, line in
         enumerate(lines(" ").splitlines())), "left out: (no name) (index)"),  # R's write.table
        ("\ufeff" + lines(" "), "points: 6 columns 0 ... 5"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.txt"])
def test_what_is_unusual_is_understood(tmp_path, staged, name, content, note):
    (tmp_path / name).write_text(content, encoding="utf-8")
    rows, found = staged(tmp_path / name)
    np.testing.assert_array_equal(rows, POINTS.astype(np.float32))
    assert note is None or any(note in line for line in found.notes), found.notes


@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        (".gz", gzip.compress),
        (".bz2", bz2.compress),
        (".xz", lzma.compress),
        (".zst", lambda content: pa.compress(content, codec="zstd", asbytes=True)),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_compressed_text_is_read(tmp_path, staged, name, ending, pack):
    content = lines("," if name == "a.csv" else "\t").encode()
    (tmp_path / f"{name}{ending}").write_bytes(pack(content))
    np.testing.assert_array_equal(staged(tmp_path / f"{name}{ending}")[0], POINTS.astype(np.float32))


WORDS = [f"word{i}" for i in range(48)] + [". . .", '"']


@pytest.mark.parametrize("first", ["", "50 6\n"])
def test_vectors_behind_words_are_read_as_glove_and_word2vec_write_them(tmp_path, staged, first):
    rows = [f"{word} {line}" for word, line in zip(WORDS, lines(" ").splitlines(), strict=True)]
    (tmp_path / "a.vec").write_text(first + "\n".join(rows) + "\n")
    points, found = staged(tmp_path / "a.vec")
    np.testing.assert_array_equal(points, POINTS.astype(np.float32))
    assert any("left out: 0 (text)" in note for note in found.notes)
    assert any("the first line, 50 6, says how many" in note for note in found.notes) is bool(first)


def test_a_missing_value_in_the_first_line_is_no_header(tmp_path, cache):
    (tmp_path / "a.csv").write_text("1.0,NA,2.0\n" + lines(points=POINTS[:, :3]))
    with pytest.raises(ValueError, match=r"a\.csv has NaN or infinity in row 0; --drop-bad-rows goes on"):
        stage(chosen_file(tmp_path / "a.csv"), cache)


def test_a_column_without_numbers_is_named_and_dropping_all_rows_not_advised(tmp_path, cache):
    (tmp_path / "a.csv").write_text("a,b,c\n" + "\n".join(f"{i}.5,,{i}.25" for i in range(50)))
    with pytest.raises(ValueError, match=r"in each of its 50 rows: column 1 of those taken") as error:
        stage(chosen_file(tmp_path / "a.csv"), cache)
    assert "--drop-bad-rows" not in str(error.value)


def test_lines_of_another_width_are_refused_or_left_out(tmp_path, staged, cache):
    (tmp_path / "a.csv").write_text(lines().replace("\n", ",9\n", 1) + "\n1,2\n")
    with pytest.raises(ValueError, match=r"not numbers in rows of one width: .* Expected 7 columns, got 6"):
        stage(chosen_file(tmp_path / "a.csv"), cache)
    (tmp_path / "b.csv").write_text(lines() + "\n1,2\n" + lines())
    rows, found = staged(tmp_path / "b.csv", drop_bad_rows=True)
    np.testing.assert_array_equal(rows, np.vstack([POINTS, POINTS]).astype(np.float32))
    assert 50 not in np.load(found.row_numbers)


def test_an_empty_name_is_not_the_current_directory(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", POINTS)
    monkeypatch.chdir(tmp_path)
    for name in ("", " "):
        with pytest.raises(ValueError, match=r"the file's name is empty: is a variable unset\?"):
            chosen_file(name)
