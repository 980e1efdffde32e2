"""What a reader moves in the page, and what follows: as Python computes it."""

import math
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.analysis.ranking import UserLimits
from bench.analysis.summary import Group, groups
from bench.report.answer import answer
from tests.report.conftest import UNITS, Show, set_limits
from tests.report.rows import to_choose_from

pytestmark = pytest.mark.browser


_SETTINGS = [
    (0.95, None, None),
    (0.0, None, None),
    (0.6, None, None),
    (0.9, (4, "GiB"), None),
    (0.95, (4, "GiB"), None),
    (0.95, (512, "MiB"), (2, "min")),
    (0.99, None, (81, "s")),
    (0.999, (4.5, "GiB"), (2, "h")),
    (1.0, (100, "MiB"), None),
    (1.0, None, (2.5, "s")),
]


@pytest.fixture(scope="module")
def group() -> Group:
    return groups(to_choose_from())[0]


def _names(page: Page) -> list[str]:
    return page.locator(".results tbody:visible th a").all_inner_texts()


_CHART = """() => {
  const named = name => Bokeh.documents[0].get_model_by_name(name);
  const {outcome, fill, ok} = named("marks").data;
  const at = xs => Array.from(xs);
  return {outcome, fill, ok, ringed: at(named("chosen").data.x), front: at(named("front").data.x),
          shown: named("shown").booleans, recall: named("recall limit").location,
          time: named("time limit").location};
}"""


@pytest.mark.parametrize(("recall", "memory", "time"), _SETTINGS)
def test_moved_limits_change_answer_ranks_and_marks_as_python_computes_them(
    page: Page,
    group: Group,
    recall: float,
    memory: tuple[float, str] | None,
    time: tuple[float, str] | None,
) -> None:
    set_limits(page, recall, memory, time)
    limits = UserLimits(
        recall,
        memory[0] * UNITS[memory[1]] if memory else math.inf,
        time[0] * UNITS[time[1]] if time else math.inf,
    )
    expected = answer(group, limits)

    assert page.locator(".answers p").all_inner_texts() == expected.sentences
    is_none = not any(place.rank for place in expected.standings)
    assert (page.locator(".answers.none-fits").count() == 1) is is_none

    ranked = sorted(
        zip(group.outcomes, expected.standings, strict=True), key=lambda pair: pair[1].rank or math.inf
    )
    assert _names(page) == [outcome.label for outcome, _ in ranked]
    ranks = page.locator(".results .rank").all_inner_texts()
    assert ranks == [str(place.rank or "–") for _, place in ranked]  # noqa: RUF001 (the table's dash)
    notes = page.locator(".results .note-of-rank").all_text_contents()
    assert notes == [place.note for _, place in ranked]

    chart = page.evaluate(_CHART)
    places = [expected.standings[i] for i in chart["outcome"]]
    full = [bool(place.rank) for place in places]
    assert [fill == 1 for fill in chart["fill"]] == full
    assert [fill == 0 for fill in chart["fill"]] == [not ok for ok in chart["ok"]]
    best = [o.median.total_seconds for o, place in ranked if place.rank == 1]
    assert chart["ringed"] == best
    assert chart["time"] == (None if limits.seconds == math.inf else limits.seconds)
    assert (chart["recall"] is None) == (recall == 0)


def test_the_settings_tried_have_winners_of_several_kinds_and_none(group: Group) -> None:
    limits = [
        UserLimits(r, m[0] * UNITS[m[1]] if m else math.inf, t[0] * UNITS[t[1]] if t else math.inf)
        for r, m, t in _SETTINGS
    ]
    firsts = [answer(group, limit).sentences[0] for limit in limits]
    assert sum("sure to meet your limits" in first for first in firsts) == 2
    assert len(set(firsts)) == len(firsts)


def test_the_front_holds_what_nothing_beats_in_both_time_and_recall(page: Page, group: Group) -> None:
    known = [
        (o.median.total_seconds, o.median.recall)
        for o in group.ok
        if o.median.total_seconds is not None and o.median.recall is not None
    ]
    best = [
        seconds
        for seconds, recall in known
        if not any(s <= seconds and r >= recall and (s, r) != (seconds, recall) for s, r in known)
    ]
    assert page.evaluate(_CHART)["front"] == sorted(best)


def test_a_column_sorts_one_way_then_the_other_and_what_is_not_known_stays_last(page: Page) -> None:
    button = page.get_by_role("button", name="Recall", exact=True)
    cells = page.locator(".ranked > tbody > tr > td:nth-child(5)")

    def known_first() -> list[float]:
        texts = [text.split("\n")[0] for text in cells.all_inner_texts()]
        known = [float(text) for text in texts if text[0].isdigit()]
        assert not any(text[0].isdigit() for text in texts[len(known) :])
        assert len(known) < len(texts)
        return known

    button.click()
    assert page.get_by_role("columnheader", name="Recall").get_attribute("aria-sort") == "ascending"
    assert page.locator("[aria-sort]").count() == 1
    rising = known_first()
    assert rising == sorted(rising)
    button.click()
    assert known_first() == rising[::-1]


def test_the_filter_keeps_rows_and_marks_that_say_what_is_typed(page: Page) -> None:
    page.get_by_role("searchbox").fill("QUICK")
    assert set(_names(page)) == {"quick a=1", "quick a=2"}
    assert sum(page.evaluate(_CHART)["shown"]) == 2
    page.get_by_role("searchbox").fill("out of memory")
    assert _names(page) == ["full_matrix"]
    page.get_by_role("searchbox").fill("nothing says this")
    assert _names(page) == []
    assert page.get_by_text("No row matches the filter.").is_visible()


def test_only_strategies_within_the_limits_can_be_shown(page: Page) -> None:
    page.get_by_label("Only within the limits").check()
    ranks = page.locator(".results tbody:visible .rank").all_inner_texts()
    assert ranks == [str(i) for i in range(1, len(ranks) + 1)]
    assert 3 < len(ranks) < len(to_choose_from())


def test_a_strategy_is_hidden_from_chart_and_table_and_brought_back_by_keyboard(page: Page) -> None:
    before, box = _names(page), page.get_by_label("alike_a", exact=True)
    shown = sum(page.evaluate(_CHART)["shown"])
    box.focus()
    page.keyboard.press("Space")
    assert _names(page) == [name for name in before if name != "alike_a"]
    assert sum(page.evaluate(_CHART)["shown"]) == shown - 1
    page.keyboard.press("Space")
    assert _names(page) == before


def test_the_slider_moves_by_keyboard_and_tells_its_value(page: Page) -> None:
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "0.96"
    assert page.locator(".recall-value").inner_text() == "0.96"
    page.keyboard.press("End")
    assert "a recall of at least 1:" in page.locator(".answer").inner_text()


def test_the_keyboard_reaches_limits_then_strategies_then_the_table_in_this_order(
    choices: Path, show: Show
) -> None:
    page = show(choices).page
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.name || document.activeElement.dataset.key || ''")
        )
        if reached[-1] == "cores":
            break
    wanted = ["recall", "memory", "memory-unit", "time", "time-unit", "strategy", "filter", "fitting"]
    wanted += ["sized", "reference", "rank", "name", "status", "total", "recall", "memory"]
    rest = iter(reached)
    assert all(name in rest for name in wanted), reached


def test_a_row_opens_to_all_that_is_known_of_its_run(page: Page) -> None:
    body = page.locator(".results tbody", has=page.get_by_text("annoy_loop", exact=True)).first
    body.locator(".status").click()
    opened = body.locator(".opened")
    assert opened.is_visible()
    said = opened.inner_text()
    for words in (
        "n_trees",
        "Phases",
        "Peak memory by role",
        "bench run annoy_loop",
        "line 29 of",
        "Memory over time",
    ):
        assert words in said
    assert opened.locator("svg .fit").count() == 1
    body.locator(".status").click()
    assert not opened.is_visible()


def test_choosing_a_mark_opens_its_row_and_size_can_show_memory(page: Page) -> None:
    page.evaluate("Bokeh.documents[0].get_model_by_name('marks').selected.indices = [0]")
    assert page.locator(".results details[open]").count() == 1
    sizes = "[...new Set(Bokeh.documents[0].get_model_by_name('marks').data.size)].length"
    assert page.evaluate(sizes) == 1
    page.get_by_label("Mark size shows memory").check()
    assert page.evaluate(sizes) > 3
