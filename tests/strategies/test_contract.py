"""The contract, demanded of every strategy found by its file name."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench import catalog
from bench.measure import java
from tests.needs import marked
from tests.strategies.drive import IN_BLOCKS, most_points

ROOT = Path(catalog.DIRECTORY).parent
DRIVE = Path(__file__).with_name("drive.py")
ROWS_JUDGED = 300
LOSES_DIGITS = {"sklearnex_brute": 0.999}
"""The share found at least where a strategy called exact takes float32 distances from norms and products."""


@dataclass(frozen=True, eq=False)
class Case:
    points: NDArray[np.float32]
    k: int


@dataclass(frozen=True)
class Answer:
    case: Case
    rows: NDArray[np.int64]
    indices: NDArray[np.int32]
    distances: NDArray[np.float32]
    details: dict[str, float | str]
    n_blocks: int

    def in_order(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        order = np.argsort(self.rows)
        return self.indices[order], self.distances[order]


def clustered(n: int, d: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(n + d)
    centers = rng.normal(scale=3, size=(10, d))
    return (centers[rng.integers(10, size=n)] + rng.normal(size=(n, d))).astype(np.float32)


CASES = {
    "plain": Case(clustered(1_003, 12), 10),
    "plain_again": Case(clustered(1_003, 12), 10),
    "many_dimensions": Case(clustered(801, 40), 10),
    "one_dimension": Case(clustered(701, 1), 5),
    "one_neighbor": Case(clustered(503, 8), 1),
    "all_the_others": Case(clustered(11, 4), 10),
    "two_points": Case(clustered(2, 3), 1),
    "each_row_20_times": Case(
        np.random.default_rng(1).permutation(np.repeat(clustered(50, 6), 20, axis=0)), 10
    ),
    "all_equal": Case(np.ones((300, 5), np.float32), 10),
    IN_BLOCKS: Case(clustered(1_701, 4), 5),
}


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("contract")
    for name, case in CASES.items():
        np.save(directory / f"{name}.{case.k}.npy", case.points)
    return directory


@pytest.fixture(scope="module", params=marked(catalog.names()))
def listing(request: pytest.FixtureRequest) -> catalog.Listing:
    found = catalog.load(request.param)
    assert catalog.missing_packages(found.entry) == []
    return found


@pytest.fixture(scope="module")
def answers(listing: catalog.Listing, staged: Path) -> dict[str, Answer]:
    """What the strategy answered in every case, from one process in which nothing else ran."""
    environment = {**os.environ, "TMPDIR": str(staged), "PYTHONPATH": str(ROOT)}
    if "java" in listing.entry.requires:
        found = java.find()
        assert isinstance(found, java.Java), found
        environment |= found.environment
    command = [sys.executable, DRIVE, listing.name, staged]
    with subprocess.Popen(command, env=environment, start_new_session=True) as process:
        assert process.wait(timeout=300) == 0
        assert processes_of_session(process.pid) == []
    read = {}
    most = most_points(listing)
    for name, whole in CASES.items():
        case = whole if most is None else Case(whole.points[:most], whole.k)
        with np.load(staged / f"{listing.name}.{name}.npz") as saved:
            details = json.loads(str(saved["details"]))
            arrays = saved["rows"], saved["indices"], saved["distances"]
            read[name] = Answer(case, *arrays, details, int(saved["n_blocks"]))
    return read


@pytest.fixture(params=CASES)
def answer(request: pytest.FixtureRequest, answers: dict[str, Answer]) -> Answer:
    return answers[request.param]


def processes_of_session(session: int) -> list[str]:
    """Commands of the live processes of a session, whatever group they put themselves into."""
    alive = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            alive.append(stat.parent.name)
    return alive


def judged(case: Case) -> NDArray[np.int64]:
    n = len(case.points)
    return np.sort(np.random.default_rng(0).choice(n, min(n, ROWS_JUDGED), replace=False))


@cache
def lengths(case: Case) -> NDArray[np.float64]:
    """Distances from the rows judged to all points, by direct difference in float64."""
    points = case.points.astype(np.float64)
    return np.stack([np.sqrt(((points - points[row]) ** 2).sum(axis=1)) for row in judged(case)])


def test_blocks_answer_each_point_once(answer: Answer) -> None:
    assert np.array_equal(np.sort(answer.rows), np.arange(len(answer.case.points)))


def test_blocks_end_where_they_are_to(answers: dict[str, Answer]) -> None:
    hint = "name the block size block or chunk_size, or a constant ..._ROWS; the suite makes large ones small"
    assert answers[IN_BLOCKS].n_blocks > 1, hint


def test_answers_have_the_shape_and_types_of_the_contract(answer: Answer) -> None:
    shape = (len(answer.case.points), answer.case.k)
    assert answer.indices.shape == answer.distances.shape == shape
    assert answer.indices.dtype == np.int32
    assert answer.distances.dtype == np.float32


def test_a_point_is_not_its_own_neighbor(answer: Answer) -> None:
    assert not np.any(answer.indices == answer.rows[:, None])


def test_ids_are_in_range_and_none_comes_twice(answer: Answer) -> None:
    missing = answer.indices == -1
    assert np.array_equal(missing, np.isinf(answer.distances))
    assert answer.indices.min() >= -1
    assert answer.indices.max() < len(answer.case.points)
    unlike = np.where(missing, -1 - np.arange(answer.case.k), answer.indices)
    assert np.all(np.diff(np.sort(unlike, axis=1), axis=1) != 0)


def test_neighbors_come_nearest_first(answer: Answer) -> None:
    with np.errstate(invalid="ignore"):  # inf - inf, where neighbors are missing
        steps = np.diff(answer.distances, axis=1)
    assert not np.any(steps < 0)


def test_distances_are_those_of_the_ids(answer: Answer) -> None:
    indices, distances = answer.in_order()
    rows = judged(answer.case)
    found = indices[rows] >= 0
    true = np.take_along_axis(lengths(answer.case), np.where(found, indices[rows], 0), axis=1)
    norms = (answer.case.points.astype(np.float64) ** 2).sum(axis=1)
    explained_by_float32 = 1e-5 * (norms[rows, None] + norms[indices[rows]])
    assert np.all(np.abs(distances[rows] ** 2 - true**2)[found] <= explained_by_float32[found])


def test_exact_strategies_equal_brute_force_up_to_ties(answer: Answer, listing: catalog.Listing) -> None:
    indices, _ = answer.in_order()
    rows = judged(answer.case)
    all_lengths = lengths(answer.case).copy()
    all_lengths[np.arange(len(rows)), rows] = np.inf
    kth = np.sort(all_lengths, axis=1)[:, answer.case.k - 1 : answer.case.k]
    right = np.take_along_axis(all_lengths, indices[rows], axis=1) <= kth * (1 + 1e-5)
    right &= indices[rows] >= 0
    assert right.mean() >= (LOSES_DIGITS.get(listing.name, 1.0) if listing.entry.exact else 0.5)


def test_the_same_points_and_seed_give_the_same_answer_with_one_thread_at_least(
    answers: dict[str, Answer],
) -> None:
    for first, second in zip(answers["plain"].in_order(), answers["plain_again"].in_order(), strict=True):
        assert np.array_equal(first, second)


def test_details_are_figures_or_words(answer: Answer) -> None:
    assert all(isinstance(value, float | str) for value in answer.details.values())


def test_parameters_have_defaults_that_json_holds(listing: catalog.Listing) -> None:
    assert json.loads(json.dumps(listing.defaults)) == listing.defaults
    assert asdict(listing.entry.factory()) == listing.defaults  # type: ignore[call-overload]


def test_every_rung_of_the_ladder_is_accepted_and_there_are_six_at_most(listing: catalog.Listing) -> None:
    assert len(listing.entry.ladder) <= 6
    for rung in listing.entry.ladder:
        assert rung.keys() <= listing.parameters.keys()
        listing.entry.factory(**rung)


def test_listing_imports_no_heavy_library() -> None:
    code = (
        "import json, sys; from bench import catalog;"
        "entries = [catalog.load(name).entry for name in catalog.names()];"
        "print(json.dumps([[name for entry in entries for name in entry.requires], [*sys.modules]]))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    required, imported = json.loads(ran.stdout)
    heavy = {
        module
        for module, distributions in metadata.packages_distributions().items()
        if set(distributions) & set(required)
    }
    assert heavy
    assert heavy.isdisjoint(imported)
