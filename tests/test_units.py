"""Durations, sizes, shares and recall as people read and write them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.units import (
    UNKNOWN,
    format_bytes,
    format_recall,
    format_seconds,
    parse_duration,
    parse_share,
    parse_size,
    shorten,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, UNKNOWN),
        (0.0, "0 s"),
        (0.0004, "0.4 ms"),
        (0.045, "45 ms"),
        (1.34, "1.3 s"),
        (95.24, "95.2 s"),
        (101.4, "101 s"),
        (600.0, "10 min"),
        (754.0, "12.6 min"),
        (8640.0, "2.4 h"),
        (432_000.0, "5 d"),
    ],
)
def test_seconds_are_written_in_the_unit_that_suits_them(seconds: float | None, text: str) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, UNKNOWN),
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KiB"),
        (2**30 - 1, "1.0 GiB"),
        (2_040_109_466, "1.9 GiB"),
        (2**43, "8 TiB"),
    ],
)
def test_bytes_are_written_in_binary_units(size: int | None, text: str) -> None:
    assert format_bytes(size) == text


@pytest.mark.parametrize(
    ("recall", "text"), [((None,), UNKNOWN), ((1.0, 1.0, 1.0), "1.000 [1.000, 1.000]"), ((0.968,), "0.968")]
)
def test_recall_has_three_digits_and_its_interval(recall: tuple[float | None, ...], text: str) -> None:
    assert format_recall(*recall) == text


@given(st.floats(0, 1 - 1e-9, exclude_max=True))
def test_a_recall_below_one_is_never_written_as_one(recall: float) -> None:
    assert float(format_recall(recall)) < 1


@given(st.text(), st.integers(1, 50))
def test_a_shortened_text_is_one_line_of_the_width_at_most(text: str, width: int) -> None:
    short = shorten(text, width)
    assert len(short) <= width
    assert "\n" not in short


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("0.5h", 1800), ("250ms", 0.25)],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GiB", 8 << 30), ("500MB", 500 * 10**6), ("1.5g", 3 << 29), ("4096", 4096), ("2 KiB", 2048)],
)
def test_a_size_is_read_as_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(("text", "share"), [("10%", 0.1), ("0.1", 0.1), ("0", 0.0), ("150%", 1.5)])
def test_a_share_is_read_with_a_percent_sign_or_without(text: str, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *((parse_duration, text) for text in ("", "x", "10x", "-5s", "0", "1h30", "nan")),
        *((parse_size, text) for text in ("", "GiB", "-1GiB", "0", "1.2.3g", "8 gigs")),
        *((parse_share, text) for text in ("", "ten", "10", "-1%", "nan")),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_text_and_what_is_allowed(
    parse: Callable[[str], float], text: str
) -> None:
    with pytest.raises(ValueError, match=f"invalid [a-z]+ '{text}': use "):
        parse(text)
