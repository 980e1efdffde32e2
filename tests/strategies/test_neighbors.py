import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from strategies._neighbors import row_range, row_ranges, without_self


def test_a_point_is_dropped_from_whatever_column_it_stands_in() -> None:
    indices = np.array([[0, 7, 8], [7, 1, 8], [7, 8, 2]])
    distances = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    kept, lengths = without_self(range(3), indices, distances)
    assert kept.tolist() == [[7, 8], [7, 8], [7, 8]]
    assert lengths.tolist() == [[1, 2], [3, 5], [6, 7]]


def test_the_farthest_neighbor_goes_where_duplicates_pushed_the_point_out() -> None:
    kept, lengths = without_self(range(5, 6), np.array([[7, 8, 9]]), np.array([[0.0, 0.0, 0.5]]))
    assert kept.tolist() == [[7, 8]]
    assert lengths.tolist() == [[0, 0]]


def test_missing_neighbors_stay_at_the_end() -> None:
    indices = np.array([[0, 7, -1], [7, -1, -1]])
    kept, lengths = without_self(range(2), indices, np.where(indices < 0, np.inf, 1.0))
    assert kept.tolist() == [[7, -1], [7, -1]]
    assert lengths.tolist() == [[1, np.inf], [1, np.inf]]


@given(st.data())
def test_what_is_kept_is_what_a_plain_loop_keeps(data: st.DataObject) -> None:
    n = data.draw(st.integers(3, 12))
    columns = data.draw(st.integers(2, n))
    start = data.draw(st.integers(0, n - 1))
    rows = range(start, data.draw(st.integers(start, n)))
    drawn = [data.draw(st.permutations(range(n))) for _ in rows]
    indices = np.array([ids[:columns] for ids in drawn], np.int64).reshape(-1, columns)
    kept, distances = without_self(rows, indices, indices + 0.5)
    for row, before, after in zip(rows, indices.tolist(), kept.tolist(), strict=True):
        others = [i for i in before if i != row]
        assert after == others[: columns - 1]
    assert np.array_equal(distances, kept + np.float32(0.5))


@given(n_samples=st.integers(1, 1000), n_parts=st.integers(1, 50))
def test_parts_cover_all_rows_in_order_and_differ_by_one_at_most(n_samples: int, n_parts: int) -> None:
    parts = [row_range(n_samples, n_parts, part) for part in range(n_parts)]
    assert [row for part in parts for row in part] == list(range(n_samples))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_only_the_last_range_is_shorter() -> None:
    assert list(row_ranges(7, 3)) == [range(3), range(3, 6), range(6, 7)]
