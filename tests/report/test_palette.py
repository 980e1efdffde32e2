"""Colors and marks of thirty strategies can be told apart, by readers of every kind of vision."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import catalog
from bench.report.figures.palette import COLORS, color, colors_for, marker

_VISION = {  # Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
    "normal": np.eye(3),
    "deuteranopia": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "protanopia": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "tritanopia": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
_TO_CONES = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
_TO_OKLAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]


def _linear(paint: str) -> NDArray[np.float64]:
    values = np.array([int(paint[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _seen(paint: str, vision: str) -> NDArray[np.float64]:
    light = np.clip(np.array(_VISION[vision]) @ _linear(paint), 0, 1)
    return np.array(_TO_OKLAB) @ np.cbrt(np.array(_TO_CONES) @ light)


@pytest.mark.parametrize("vision", _VISION)
def test_two_strategies_differ_in_color_and_clearly_where_they_share_a_mark(vision: str) -> None:
    for one, other in itertools.combinations(catalog.names(), 2):
        apart = float(np.linalg.norm(_seen(color(one), vision) - _seen(color(other), vision)))
        assert apart > (0.07 if marker(one) == marker(other) else 0.025), (one, other)


def test_there_are_colors_for_thirty_strategies_each_its_own() -> None:
    assert len(set(COLORS)) == len(COLORS) >= max(30, len(catalog.names()))
    assert [color(name) for name in catalog.names()] == list(COLORS[: len(catalog.names())])


def test_strategies_outside_the_catalog_have_colors_that_no_other_of_the_page_has() -> None:
    for known in (catalog.names()[:6], catalog.names()[-20:]):
        page = [*known, *(f"mine_{i}" for i in range(30 - len(known)))]
        with colors_for(page):
            assert len({color(name) for name in page}) == 30
            assert [color(name) for name in known] == [COLORS[catalog.names().index(name)] for name in known]


def test_every_color_stands_out_from_a_light_and_from_a_dark_page() -> None:
    for paint in COLORS:
        light = float(_linear(paint) @ [0.2126, 0.7152, 0.0722])
        assert 1.05 / (light + 0.05) > 2.2, paint
        assert (light + 0.05) / 0.06 > 2.2, paint
