"""What people write for durations, sizes, ranges and settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import catalog
from bench.cli import values
from bench.experiment.directories import writable_directory
from bench.experiment.settings import parse_settings


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("0.5h", 1800), ("250ms", 0.25)],
)
def test_durations(text: str, seconds: float) -> None:
    assert values.duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("8GiB", 8 << 30), ("500MB", 500 * 10**6), ("1.5g", 3 << 29), ("4096", 4096), ("2 KiB", 2048)],
)
def test_sizes(text: str, size: int) -> None:
    assert values.size(text) == size


@pytest.mark.parametrize(("text", "number"), [("1000", 1000), ("1e6", 10**6), ("1_000_000", 10**6)])
def test_whole_numbers(text: str, number: int) -> None:
    assert values.positive(text) == number


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *((values.duration, text) for text in ("", "x", "10x", "-5s", "0", "1h30", "nan")),
        *((values.size, text) for text in ("", "GiB", "-1GiB", "0", "1.2.3g", "8 gigs")),
        *((values.positive, text) for text in ("0", "-3", "1.5", "many", "inf", "")),
        *((values.row_range, text) for text in (":", "3", "a:b", "-1:3")),
        *((values.knob, text) for text in ("latent", "latent=", "latent=x")),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_text(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse(text)


def test_settings_take_the_type_of_the_default() -> None:
    listing = catalog.load("annoy_loop")
    read = parse_settings(["annoy_loop.n_trees=10,50", "annoy_loop.search_k=-1"], [listing])
    assert read == {"annoy_loop": {"n_trees": [10, 50], "search_k": [-1]}}


def test_a_directory_that_stays_empty_is_not_left_behind(tmp_path: Path) -> None:
    with writable_directory(str(tmp_path / "a" / "b")) as path:
        assert path.is_dir()
    assert list(tmp_path.iterdir()) == []
    with writable_directory(str(tmp_path / "a" / "b")) as path:
        (path / "kept").touch()
    assert (tmp_path / "a" / "b" / "kept").exists()
