from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bench.workloads.sample import Sample
from bench.workloads.stream import Stream, UnreadableError


@dataclass(frozen=True)
class Counting:
    """Rows that hold their own numbers."""

    n: int
    block: int
    told: bool = True

    def key(self) -> dict[str, Any]:
        return {"n": self.n}

    def open(self) -> Stream:
        def blocks() -> Iterator[np.ndarray]:
            for start in range(0, self.n, self.block):
                numbers = np.arange(start, min(start + self.block, self.n), dtype=np.float32)
                yield np.repeat(numbers[:, None], 3, axis=1)

        return Stream(self.n if self.told else None, 3, "float32", blocks())


def drawn(source: Counting, n: int) -> list[int]:
    rows = np.concatenate(list(Sample(source, n).open().blocks))
    assert rows.shape == (n, 3)
    return [int(row[0]) for row in rows]


def test_a_sample_has_distinct_rows_in_order_from_everywhere() -> None:
    found = drawn(Counting(100_000, 1000), 2000)
    assert found == sorted(set(found))
    assert np.histogram(found, bins=10, range=(0, 100_000))[0].min() > 150


def test_a_smaller_sample_is_part_of_a_larger_one_and_blocks_change_nothing() -> None:
    larger = drawn(Counting(50_000, 700), 9000)
    assert set(drawn(Counting(50_000, 3001), 500)) < set(larger)
    assert drawn(Counting(50_000, 50_000), 9000) == larger


@pytest.mark.parametrize("told", [True, False])
def test_more_rows_than_there_are_is_an_error_and_all_of_them_is_all(told: bool) -> None:
    assert drawn(Counting(100, 7, told), 100) == list(range(100))
    with pytest.raises(UnreadableError, match=r"a sample of 101 rows was asked for, there are 100"):
        drawn(Counting(100, 7, told), 101)


def test_samples_of_unlike_size_have_unlike_keys() -> None:
    source = Counting(100, 10)
    assert Sample(source, 5).key() != Sample(source, 6).key()
