"""The compiled core: held against NumPy, on each instruction set, and looked at as a file."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from allknn import _library, _native
from allknn.answers import Block
from allknn.approximate import leaders
from allknn.exact.join import Join

SETS = _library._SETS[: _library._SETS.index(_library.instruction_set()) + 1]
DIGESTS = """
import hashlib, sys
import numpy as np
from allknn import _library
from allknn.approximate.leaders import nearest_alone, plant
from allknn.approximate.leaf_join import LeafJoin
from allknn.approximate.parameters import Parameters
from allknn.exact import join
from allknn.exact.join import Join
from allknn.exact.screen import Trial
from allknn.exact.sides import Sides

rng = np.random.default_rng(0)
points = np.tanh(rng.normal(size=(4000, 5)) @ rng.normal(size=(5, 37))).astype(np.float32)
points[100:150] = points[0]

def digest(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()

def answers(join):
    blocks = [block for block in join.run(10) if isinstance(block, tuple)]
    rows, *found = (np.concatenate(side) for side in zip(*blocks))
    return digest(*(side[np.argsort(rows)] for side in found))

rows = np.arange(4000, dtype=np.int32)
nearest = nearest_alone(points, rows, plant(points, rows[:177]), 3)
ordered = Sides.arranged(points, len(points), screened=False).ordered
print(_library.instruction_set(), answers(Join(points, 2)))
join.FEWEST, Trial.pays = 1, True
print(answers(Join(points, 2)))
print(digest(nearest), digest(ordered.order, ordered.centers, ordered.radii))
print(answers(LeafJoin(points, Parameters(), 2)))
"""


def digests(instruction_set: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        env=os.environ | {"ALLKNN_SIMD": instruction_set, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    name, *rest = done.stdout.split()
    assert name == instruction_set
    return rest


def test_exact_answers_have_the_same_bytes_on_all_sets_and_the_others_where_sums_fuse() -> None:
    by_set = {name: digests(name) for name in SETS}
    assert len({exact for answers in by_set.values() for exact in answers[:2]}) == 1
    fused = [answers for name, answers in by_set.items() if name != "generic"]
    assert all(answers == fused[0] for answers in fused)


def test_an_instruction_set_that_is_not_here_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from allknn import _library; _library.load()"],
        env=os.environ | {"ALLKNN_SIMD": "v9", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ALLKNN_SIMD is 'v9', allowed here is one of generic" in done.stderr.splitlines()[-1]


def test_a_missing_library_says_in_one_line_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ImportError, match=r"is missing: `make install` builds it$"):
        _library.Core(tmp_path / "liballknn.so")


def test_a_file_that_is_no_library_says_why_it_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "liballknn.so").write_bytes(b"\x7fELF, but no more of it")
    with pytest.raises(ImportError, match=r"^the compiled core cannot be loaded: [^\n]+$"):
        _library.Core(tmp_path / "liballknn.so")


def test_the_library_shares_no_function_and_starts_nothing_and_needs_no_other() -> None:
    def told(*command: str) -> str:
        return subprocess.run(
            [*command, str(_library.LIBRARY)], capture_output=True, text=True, check=True
        ).stdout

    kinds = {line.split()[-2] for line in told("nm").splitlines()}
    assert not kinds & set("WwVvUu")  # weak, unique, or somebody else's
    assert "_GLOBAL__sub_I" not in told("nm")  # static initializers
    assert "NEEDED" not in told("readelf", "--dynamic")


def test_what_tells_two_libraries_apart_names_the_instruction_set() -> None:
    assert _library.identity().endswith(_library.instruction_set().encode())


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.zeros((4, 2)), "array of float32 and shape"),
        (np.zeros((4, 4), np.float32)[:, ::2], "not contiguous float32"),
    ],
)
def test_an_array_of_another_kind_is_refused(points: NDArray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _native.halve(points, np.arange(4, dtype=np.int32), 0, 4)


def test_what_is_read_only_is_not_written() -> None:
    order = np.arange(4, dtype=np.int32)
    order.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        _native.halve(np.zeros((4, 2), np.float32), order, 0, 4)


@settings(max_examples=50, deadline=None)
@given(
    n=st.integers(1, 300),
    d=st.integers(1, 40),
    n_leaders=st.integers(1, 40),
    fan_out=st.integers(1, 5),
    seed=st.integers(0, 1 << 30),
)
def test_the_nearest_leaders_are_those_that_numpy_finds(
    n: int, d: int, n_leaders: int, fan_out: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    points = rng.integers(-3, 4, size=(n_leaders + n, d)).astype(np.float32)  # small integers: sums are exact
    tree = leaders.plant(points, np.arange(n_leaders, dtype=np.int32))
    rows = rng.permutation(len(points))[: n // 2 + 1].astype(np.int32)
    slots = leaders.nearest_alone(points, rows, tree, fan_out)
    squared = ((points[rows][:, None] - points[None, :n_leaders]) ** 2).sum(axis=2)
    true = np.argsort(squared, axis=1, kind="stable")[:, :fan_out]
    assert tree.n_levels == 1  # the slots of leaders are in their order
    assert np.array_equal(slots[:, : true.shape[1]], true)
    assert np.all(slots[:, true.shape[1] :] == -1)


def test_through_a_tree_of_three_levels_nearly_the_same_leaders_are_the_nearest() -> None:
    points = np.random.default_rng(0).random((12_000, 6), np.float32)
    tree = leaders.plant(points, np.arange(6000, dtype=np.int32))
    assert tree.n_levels == 3
    rows = np.arange(11_500, 12_000, dtype=np.int32)
    slots = leaders.nearest_alone(points, rows, tree, 3) + tree.last
    held = tree.panels.transpose(0, 2, 1).reshape(-1, 6)
    found = ((held[slots] - points[rows][:, None]) ** 2).sum(axis=2)
    true = np.sort(((points[rows][:, None] - points[None, :6000]) ** 2).sum(axis=2), axis=1)[:, :3]
    assert (found[:, 0] <= true[:, 0] * (1 + 1e-5)).mean() > 0.95
    assert (found <= true * (1 + 1e-5)).mean() > 0.9


@settings(max_examples=50, deadline=None)
@given(n=st.integers(2, 1000), d=st.integers(1, 40), seed=st.integers(0, 1 << 30))
def test_halving_parts_whole_panels_and_loses_nobody(n: int, d: int, seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    order = np.arange(n, dtype=np.int32)
    middle = _native.halve(points, order, 0, n)
    whole = 192 if n > 192 else 48 if n > 48 else 8
    assert middle % whole == 0
    assert 0 <= middle < n
    assert np.array_equal(np.sort(order), np.arange(n))


def test_points_that_are_no_numbers_are_nobodys_neighbors_and_crash_nothing() -> None:
    points = np.random.default_rng(0).random((500, 3), np.float32)
    points[::7] = np.nan
    blocks = [block for block in Join(points, 1).run(5) if isinstance(block, Block)]
    ids = np.concatenate([block.indices for block in blocks])
    assert not np.isin(ids[ids >= 0], np.arange(0, 500, 7)).any()


def test_answers_are_merged_with_nobody_twice_whatever_the_order() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.random((50, 400)).astype(np.float32)
    rows = np.arange(50, dtype=np.int32)
    results = []
    for seed in (1, 2):
        ids, distances = np.full((50, 7), -1, np.int32), np.full((50, 7), np.inf, np.float32)
        for part in np.random.default_rng(seed).permutation(20):
            others = np.sort(np.random.default_rng(part).permutation(400)[:60])
            kept = np.take_along_axis(others[None], np.argsort(lengths[:, others], axis=1)[:, :7], axis=1)
            own = kept.astype(np.int32)
            _native.merge_answers(rows, own, np.take_along_axis(lengths, kept, axis=1), ids, distances)
        results.append((ids, distances))
    assert np.array_equal(results[0][0], results[1][0])
    assert all(len(set(row)) == 7 for row in results[0][0].tolist())
    assert np.array_equal(results[0][1], np.take_along_axis(lengths, results[0][0], axis=1))
