from dataclasses import replace

import pytest

from bench.report.figures.scaling import MOST_LINES
from bench.report.scaling import make_growth_tables
from bench.results import Measurement
from tests.report.rows import MILLION, row

_SIZES = (10_000, 30_000, 100_000)


def _at(n: int, strategy: str, exponent: float = 1.1, **fields: object) -> Measurement:
    workload = replace(MILLION, n=n, content_hash=f"{n:016d}")
    return row(strategy, seconds=5 * (n / 10_000) ** exponent, workload=workload, **fields)


def _growing(*strategies: str, **fields: object) -> list[Measurement]:
    return [_at(n, strategy, **fields) for strategy in strategies for n in _SIZES]


def test_exponents_and_what_is_expected_further_on_are_said_with_intervals() -> None:
    (found,) = make_growth_tables(_growing("a"))
    (growth,) = found.rows
    assert found.last_n == "1,000,000"
    assert growth.sizes == "10,000, 30,000, 100,000"
    middle, low, high = (float(word.strip("()")) for word in growth.time.replace("to ", "").split())
    assert low < middle < high
    assert low < 1.1 < high
    assert " to " in growth.expected.split("; ")[1]


def test_both_panels_are_drawn_once_for_each_kind_of_points_and_machine() -> None:
    found = make_growth_tables([*_growing("a", "b"), *_growing("a", machine="other")])
    assert len({table.slug for table in found}) == 2
    for growth in found:
        (drawing,) = growth.figure.drawn().drawings
        assert drawing.name == "scaling"
        assert drawing.svg.startswith(b"<?xml")


def test_what_was_measured_at_one_number_of_points_has_no_growth() -> None:
    assert make_growth_tables([_at(10_000, "a"), _at(10_000, "b")]) == []


@pytest.mark.parametrize("extra", [1, 3])
def test_of_many_settings_the_quickest_are_drawn_and_the_rest_counted(extra: int) -> None:
    (found,) = make_growth_tables(_growing(*(f"s{i:02}" for i in range(MOST_LINES + extra))))
    assert len(found.rows) == MOST_LINES + extra
    assert f"{extra} more are in the table" in found.figure.drawn().drawings[0].caption
