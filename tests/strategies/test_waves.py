from types import SimpleNamespace
from typing import Any

import pytest

from strategies._waves import Waves


def partitions(n_samples: int, n_partitions: int = 0, k: int = 10, cores: int = 2) -> Any:
    context: Any = SimpleNamespace(defaultParallelism=cores)
    return Waves(context, n_samples, n_partitions, k).details["n_partitions"]


@pytest.mark.parametrize("n_samples", [100, 20_000, 1_000_000])
def test_every_core_gets_the_same_number_of_partitions_and_four_at_least(n_samples: int) -> None:
    for cores in (1, 3, 16):
        assert partitions(n_samples, cores=cores) % cores == 0
        assert partitions(n_samples, cores=cores) >= 4 * cores


def test_an_answer_stays_small_whatever_k() -> None:
    for k in (1, 10, 1_000):
        rows = 1_000_000 / partitions(1_000_000, k=k)
        assert rows <= 1 << 14
        assert rows * k * 8 <= 4 << 20


def test_what_is_asked_for_is_taken_up_to_one_row_each() -> None:
    assert partitions(1_000, n_partitions=7) == 7
    assert partitions(5, n_partitions=7) == 5
