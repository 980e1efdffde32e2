"""Text as programs write it: every row and column of numbers is read, or a line says what is unusual."""

import numpy as np
import pytest

from bench.workloads import stage
from tests.workloads.choosing import chosen_file

POINTS = np.round(np.random.default_rng(2).normal(size=(40, 4)), 3)
WORDS = ["the", ",", ".", "#", "%", "//", "2008", "nan", "inf", "null", '"', ";", "|", "1,000", "a|b", "#tag"]


def text(separator=",", before="", points=POINTS):
    return before + "\n".join(separator.join(map(str, row)) for row in points.tolist()) + "\n"


def words(separator=" ", before="", named=WORDS):
    called = [*named, *(f"w{i}" for i in range(40))][: len(POINTS)]
    rows = zip(called, POINTS.tolist(), strict=True)
    return before + "\n".join(separator.join([name, *map(str, row)]) for name, row in rows) + "\n"


CONTENTS = {
    "words of all kinds.txt": words(),
    "words with sizes before.vec": words(before="40 4\n"),
    "a comma first.vec": words(before="40 4\n", named=WORDS[1:]),
    "a comment sign first.txt": words(named=WORDS[3:]),
    "phrases.txt": words(named=["new york", "#", "at a.b@c.d", "a b c"]),
    "labels and numbered columns.csv": words(",", "label,0,1,2,3\n", ["cat", "dog", "1x"]),
    "labels and wavelengths.csv": words(",", "sample,400.5,401,402,404.5\n", ["s1", "s2"]),
    "equal names.csv": text(before="x,x,x,x\n"),
    "excel.csv": text(";", "sep=;\na;b;c;d\n"),
    "hive.txt": text("\x01"),
    "pipes.csv": text("|"),
    "tabs behind.tsv": text("\t").replace("\n", "\t\n"),
    "spaces around.csv": text(" , "),
    "a comment in between.csv": text(points=POINTS[:9]) + "# more\n" + text(points=POINTS[9:]),
    "decimal commas.tsv": text("\t").replace(".", ","),
    "nested.jsonl": "\n".join(
        f'{{"id": {i}, "of": {{"v": {row}}}}}' for i, row in enumerate(POINTS.tolist())
    ),
    "flat.jsonl": "\n".join(
        f'{{"of": {{"x": {a}, "y": {{"z": {b}}}}}, "c": {c}, "d": {d}}}' for a, b, c, d in POINTS.tolist()
    ),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_all_rows_and_columns_of_numbers_are_read(tmp_path, staged, name):
    (tmp_path / name).write_text(CONTENTS[name])
    rows, _ = staged(tmp_path / name)
    np.testing.assert_array_equal(rows, POINTS.astype(np.float32))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "1 1:0.5 3:0.25\n0 2:1e-3 3:4\n", "a.txt holds sparse rows (libsvm), points must be dense"),
        ("a.txt", "[1.5 2]\n[3 4.5]\n", "a.txt has a list in brackets a line: rename it .jsonl"),
        ("a.csv", text().encode("utf-16"), "a.csv is text in UTF-16: save it in UTF-8"),
        ("a.csv", text(before="x,y,z,w\nm,m,s,s\n"), "invalid value 'm'"),
        ("a.csv", text() + "Total,1,2,3\n", "invalid value 'Total'"),
    ],
)
def test_what_is_unusual_is_said_in_one_line(tmp_path, cache, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is looked at)
        stage(chosen_file(tmp_path / name), cache)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_first_line_with_numbers_that_names_columns_is_said(tmp_path, staged):
    (tmp_path / "a.csv").write_text(text(before="1.5,-,2,3\n"))
    rows, found = staged(tmp_path / "a.csv")
    assert len(rows) == 40
    assert "the first line, 1.5,-,2…, was taken for a header" in found.notes
