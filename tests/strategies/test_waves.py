import pytest

from strategies._spark.waves import n_parts


@pytest.mark.parametrize("n_samples", [100, 20_000, 1_000_000])
def test_every_slot_gets_the_same_number_of_partitions_and_four_at_least(n_samples: int) -> None:
    for slots in (1, 3, 16):
        assert n_parts(n_samples, k=10, slots=slots, threads=1) % slots == 0
        assert n_parts(n_samples, k=10, slots=slots, threads=1) >= 4 * slots


def test_an_answer_stays_small_whatever_k() -> None:
    for k in (1, 10, 1_000):
        rows = 1_000_000 / n_parts(1_000_000, k, slots=2, threads=1)
        assert rows <= 1 << 15
        assert rows * k * 8 <= 8 << 20


def test_a_task_of_more_threads_gets_more_rows() -> None:
    assert n_parts(1_000_000, 10, slots=1, threads=2) == n_parts(1_000_000, 10, slots=2, threads=1) // 2


def test_no_partition_is_empty() -> None:
    assert n_parts(5, 2, slots=4, threads=1) == 5
