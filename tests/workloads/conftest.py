import numpy as np
import pytest

from bench.workloads import stage
from tests.workloads.choosing import chosen_file


@pytest.fixture
def points():
    """Small whole numbers: every format and dtype holds them exactly."""
    return np.random.default_rng(0).integers(0, 100, (257, 6)).astype(np.float32)


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def staged(cache):
    """Stage a file with k = 1 and load what was staged."""

    def load(path, **options):
        found = stage(chosen_file(path, **options), cache)
        return np.load(found.path), found

    return load
