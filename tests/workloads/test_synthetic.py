import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.workloads import preset, stage, synthetic

PINNED = {
    "manifold": "0cd413f008553ef8cdfebfe4128201a0",
    "blobs": "5ead6263835af3898d67a90b94921c53",
    "uniform": "1e56733561e3fc0fa4d007109d42a17b",
    "gaussian": "086e555de9487e6bdb2ce78f81e293ae",
    "factors": "4fca74ae183f0200aa5372a37f94b684",
    "embeddings": "bc4c4ba14d1d7f53949c87d03ca2a9b8",
}


def rows(name, n, **options):
    return np.concatenate(list(preset(name, n=n, **options).source.open().blocks))


@pytest.mark.parametrize(
    ("n", "d", "content_hash"),
    [
        (1_000, 12, "7a269f8147b04f7a9f23b4a9217a74f6"),
        (20_000, 12, "768174da4050f1dad552c270b9833207"),
        (10_000, 128, "419ab4ad0ac5f8b0a3834fa9e7d86919"),
    ],
)
def test_the_main_workload_has_the_same_points_on_every_machine(cache, n, d, content_hash):
    assert stage(preset("million", n=n, d=d), cache).id.content_hash == content_hash


@pytest.mark.parametrize("family", synthetic.FAMILIES)
def test_every_family_has_the_same_points_on_every_machine(cache, family):
    assert stage(preset(family, n=9_000, d=16, duplicates=0.1), cache).id.content_hash == PINNED[family]


@pytest.mark.parametrize("family", synthetic.FAMILIES)
@pytest.mark.parametrize("duplicates", [0.0, 0.3])
def test_the_first_rows_of_a_larger_set_are_the_smaller_set(family, duplicates):
    options = {"d": 5, "k": 1, "duplicates": duplicates}
    larger = rows(family, 20_000, **options)
    for n in (2, 8_191, 8_192, 8_193):
        np.testing.assert_array_equal(rows(family, n, **options), larger[:n])


@pytest.mark.parametrize("family", synthetic.FAMILIES)
def test_a_seed_gives_its_own_points(family):
    assert not np.array_equal(rows(family, 100, seed=1), rows(family, 100, seed=2))


@pytest.mark.parametrize("family", synthetic.FAMILIES)
def test_values_lie_on_a_grid_that_float32_holds(family):
    points = rows(family, 9_000, d=16)
    grid = 24 if family in ("uniform", "embeddings") else 16
    assert np.array_equal(np.rint(np.ldexp(points, grid)), np.ldexp(points, grid))
    assert np.array_equal(points, points.astype(np.float32))
    assert np.isfinite(points).all()


@settings(max_examples=20, deadline=None)
@given(share=st.floats(0.02, 0.9), seed=st.integers(0, 2**64 - 1))
def test_the_share_of_duplicates_is_as_asked(share, seed):
    points = rows("gaussian", 8_192, d=3, duplicates=share, seed=seed)
    copies = len(points) - len(np.unique(points, axis=0))
    assert abs(copies / len(points) - share) < 0.03


def test_duplicates_leave_the_other_rows_as_they_were():
    plain, copied = rows("gaussian", 8_192), rows("gaussian", 8_192, duplicates=0.1)
    same = (plain == copied).all(axis=1)
    assert 0.88 < same.mean() < 0.92
    assert len(np.unique(np.vstack([plain, copied]), axis=0)) == len(plain)


def test_cluster_sizes_of_the_manifold_follow_a_power_law():
    points = rows("manifold", 50_000, d=12, clusters=10, noise=0.0)
    constants = synthetic.generator(0, 0)
    centers = constants.standard_normal((10, 12))
    within = np.abs(points[:, None, :] - centers).max(axis=2) <= 1.0  # the bend keeps each within 1
    assert within.any(axis=1).all()
    alone = within[within.sum(axis=1) == 1]
    sizes = alone.mean(axis=0)
    assert sizes[0] > 2 * sizes[4] > 2.5 * sizes[9]


def test_a_manifold_without_noise_has_its_latent_dimension():
    points = rows("manifold", 20_000, d=12, latent=2, clusters=1, noise=0.0)
    distances = np.sort(np.linalg.norm(points[:200, None] - points, axis=2), axis=1)[:, 1:21]
    dimension = -1 / np.log(distances[:, :-1] / distances[:, -1:]).mean(axis=1)
    assert 1.5 < np.median(dimension) < 2.5


def test_embeddings_are_unit_vectors_in_a_cone():
    points = rows("embeddings", 9_000)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0, atol=1e-5)
    cosines = points[:4_000] @ points[4_000:8_000].T
    assert cosines.mean() > 0.3


def test_factors_have_a_power_law_spectrum_and_long_tailed_norms():
    points = rows("factors", 20_000, d=32)
    spectrum = np.linalg.svd(points, compute_uv=False)
    assert spectrum[0] > 3 * spectrum[-1]
    norms = np.linalg.norm(points, axis=1)
    assert norms.max() > 5 * np.median(norms)
    assert np.ptp(points.std(axis=0)) < spectrum[0] / spectrum[-1] - 1  # turned away from the axes


def test_a_row_is_summed_from_left_to_right():
    row = np.array([[1e16, 1.0, -1e16, 1.0]])
    assert synthetic.ordered_sum(row).item() == 1.0
