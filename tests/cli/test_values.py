"""What people write for numbers, ranges and settings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import catalog
from bench.cli import values
from bench.experiment.directories import writable_directory
from bench.experiment.settings import parse_settings
from tests.measure.runs import fake


@pytest.mark.parametrize(("text", "number"), [("1000", 1000), ("1e6", 10**6), ("1_000_000", 10**6)])
def test_whole_numbers(text: str, number: int) -> None:
    assert values.positive(text) == number


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *((values.positive, text) for text in ("0", "-3", "1.5", "many", "inf", "")),
        *((values.row_range, text) for text in (":", "3", "a:b", "-1:3")),
        *((values.knob, text) for text in ("latent", "latent=", "latent=x")),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_text(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse(text)


def test_settings_take_the_type_of_the_default() -> None:
    listing = catalog.load(fake("searches"))
    read = parse_settings(["searches.n_trees=10,50", "searches.search_k=-1"], [listing])
    assert read == {"searches": {"n_trees": [10, 50], "search_k": [-1]}}


def test_a_directory_that_stays_empty_is_not_left_behind(tmp_path: Path) -> None:
    with writable_directory(str(tmp_path / "a" / "b")) as path:
        assert path.is_dir()
    assert list(tmp_path.iterdir()) == []
    with writable_directory(str(tmp_path / "a" / "b")) as path:
        (path / "kept").touch()
    assert (tmp_path / "a" / "b" / "kept").exists()
