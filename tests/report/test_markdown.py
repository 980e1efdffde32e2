from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bench.analysis.before_after import before_after
from bench.report.changes import summarize
from bench.report.markdown import comparison_as_markdown, plain
from bench.results import Measurement
from tests.report.rows import failed, repeated, row

_NASTY = "a|b `c` <i>*d* _e_ [f](g) #1 ~h~ & \\ -"


def _tokens(before: list[Measurement], after: list[Measurement]) -> list[Token]:
    text = comparison_as_markdown(before_after(before, after, {}, {}), ("A|1", "B"), same=False)
    return MarkdownIt("commonmark").enable("table").parse(text)


def _cells(tokens: list[Token]) -> list[str]:
    return [
        "".join(child.content for child in inline.children or ())
        for cell, inline in pairwise(tokens)
        if cell.type in ("td_open", "th_open")
    ]


def test_a_table_names_what_became_of_each_strategy() -> None:
    before = [*repeated("x", 10.0, 7), *repeated("y", 20.0, 3), row("z", seconds=5.0)]
    after = [
        *repeated("x", 14.0, 7),
        *repeated("y", 20.0, 3),
        failed("z", "crashed", "it broke", seconds=1.0),
    ]
    tokens = _tokens(before, after)
    cells = _cells(tokens)
    assert len(cells) == 4 * 9
    rows = {cells[i]: cells[i + 1 : i + 9] for i in range(9, 36, 9)}
    assert rows["x"][0] == "10 s"
    assert rows["x"][2].startswith("1.40 [")
    assert [rows[name][3] for name in ("x", "y", "z")] == [
        "slower in B",
        "not distinguishable",
        "fails in B: crashed",
    ]
    words = "".join(child.content for token in tokens for child in token.children or ())
    assert all(sentence in words for sentence in summarize(before_after(before, after, {}, {})))


def test_text_that_looks_like_markdown_stays_text() -> None:
    cells = _cells(_tokens([row(_NASTY)], [row(_NASTY)]))
    assert cells[9] == _NASTY
    (paragraph,) = [t for t in MarkdownIt("commonmark").parse(plain(_NASTY)) if t.type == "inline"]
    assert {child.type for child in paragraph.children or ()} <= {"text", "text_special"}
