import sys
from functools import partial

import numpy as np
import pytest

from bench.workloads import preset, stage, text
from bench.workloads.patches import SHAPES, _images, available


def rows(name, **options):
    return np.concatenate(list(preset(name, **options).source.open().blocks))


@pytest.mark.parametrize("d", SHAPES)
def test_patches_are_gray_levels_in_random_order(d):
    points = rows("patches", n=2_000, d=d)
    assert points.shape == (2_000, d)
    assert points.dtype == np.float32
    assert points.min() >= 0
    assert 200 < points.max() < 256
    height, width = SHAPES[d]
    images = points.reshape(-1, height, width)
    assert np.abs(np.diff(images, axis=2)).mean() < 0.5 * np.abs(np.diff(points, axis=0)).mean()


def test_the_first_patches_of_more_are_the_fewer():
    more = rows("patches", n=20_000)
    np.testing.assert_array_equal(rows("patches", n=9_000), more[:9_000])
    assert not np.array_equal(rows("patches", n=100, seed=1), more[:100])


def test_there_are_a_million_patches_of_every_size():
    assert min(map(available, SHAPES)) >= 1_000_000
    sizes = [image.shape for image in _images()]
    for d, (height, width) in SHAPES.items():
        assert available(d) == sum((rows - height + 1) * (columns - width + 1) for rows, columns in sizes)


def test_almost_all_patches_are_different():
    points = rows("patches", n=50_000)
    assert len(np.unique(points, axis=0)) > 0.99 * len(points)


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A small library in place of what is installed."""
    words = [f"{a}{b}{c}" for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]
    rng = np.random.default_rng(0)
    folder = tmp_path / "library"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number:02}.py").write_text(" ".join(rng.choice(words, 600)))
    (folder / "again.py").write_text((folder / "00.py").read_text())
    (folder / "picture.png").write_bytes(b"no text" * 100)
    monkeypatch.setattr(text, "_folders", partial(list, [folder]))
    return folder


def test_text_is_passages_each_once_as_vectors(cache, library):
    found = stage(preset("text", d=5), cache)
    points = np.load(found.path)
    assert points.shape == (400, 5)
    assert len(np.unique(points, axis=0)) == 400
    assert f"passages from Python {sys.version.split()[0]} and " in found.notes[0]
    assert "other versions give other points" in found.notes[0]


def test_the_first_passages_of_more_are_the_fewer(library):
    np.testing.assert_array_equal(rows("text", d=5, n=30), rows("text", d=5)[:30])


def test_more_passages_than_there_are_is_an_error(cache, library):
    with pytest.raises(
        ValueError, match="text has 400 passages on this machine, n must not be more; got 401"
    ):
        stage(preset("text", d=5, n=401), cache)
