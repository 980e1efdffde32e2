import numpy as np
import pytest

from bench.workloads import Reading, from_file, preset, preset_names


def test_the_main_workload_is_a_million_points_of_12_dimensions():
    chosen = preset("million")
    assert (chosen.source.n, chosen.source.d, chosen.k, chosen.seed) == (1_000_000, 12, 10, 0)
    assert dict(chosen.source.knobs)["latent"] == 4


def test_every_preset_has_a_default_for_everything():
    for name in set(preset_names()) - {"sisap"}:
        chosen = preset(name)
        assert (chosen.name, chosen.k, chosen.metric) == (name, 10, "euclidean")


def test_sisap_has_the_shape_of_the_challenge():
    chosen = preset("sisap")
    assert (chosen.source.n, chosen.source.d, chosen.k, chosen.metric) == (3_000_000, 384, 15, "cosine")
    assert preset("sisap", metric="euclidean", k=3).metric == "euclidean"


def test_options_override_a_preset():
    chosen = preset("small", n=500, d=7, k=3, seed=9, metric="cosine", duplicates=0.5, latent=2)
    source = chosen.source
    assert (source.n, source.d, source.seed, source.duplicates) == (500, 7, 9, 0.5)
    assert (chosen.k, chosen.seed, chosen.metric, dict(source.knobs)["latent"]) == (3, 9, "cosine", 2)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("milion", {}, "unknown workload 'milion' (did you mean 'million'?); there are million, small"),
        ("small", {"n": 0}, "n must be at least 1, got 0"),
        ("small", {"d": 0}, "d must be at least 1, got 0"),
        ("small", {"k": 0}, "k must be at least 1, got 0"),
        ("small", {"n": 10}, "k must be less than the number of points, 10; got 10"),
        ("text", {"n": 10, "k": 20}, "k must be less than the number of points, 10; got 20"),
        ("small", {"seed": -1}, "the seed must be from 0 to"),
        ("small", {"duplicates": 1.0}, "duplicates must be a share of at least 0 and less than 1, got 1.0"),
        ("small", {"metric": "cosin"}, "unknown metric 'cosin' (did you mean 'cosine'?)"),
        ("small", {"latents": 3}, "no parameter 'latents' (did you mean 'latent'?)"),
        ("small", {"latent": 0}, "latent of manifold must be a whole number of at least 1, got 0"),
        ("small", {"latent": 1.5}, "latent of manifold must be a whole number of at least 1, got 1.5"),
        ("small", {"noise": float("inf")}, "noise of manifold must be a number of at least 0, got inf"),
        ("uniform", {"noise": 1.0}, "uniform has no parameter 'noise'; it has none"),
        ("patches", {"d": 48}, "patches offer d = 16, 32, 64, 128, 384; got 48"),
        ("patches", {"n": 10**7}, "patches of d = 64, n must not be more; got 10000000"),
        ("patches", {"duplicates": 0.1}, "patches are real points and take no duplicates; got 0.1"),
        ("text", {"d": 5000}, "text offers d from 1 to 1000, got 5000"),
    ],
)
def test_a_wrong_choice_is_one_line(name, options, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared below)
        preset(name, **options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be at least 1"),
        ({"n": 0}, "n must be at least 1"),
        ({"n": 10, "k": 10}, "k must be less than the number of points, 10"),
        ({"metric": "manhattan"}, "unknown metric 'manhattan'; there are euclidean, cosine"),
        ({"rows": slice(5, 5)}, "rows must be START:STOP with 0 <= START < STOP, got 5:5"),
        ({"rows": slice(-5, None)}, "rows must be START:STOP with 0 <= START < STOP, got -5:None"),
        ({"rows": slice(0, 9, 2)}, "rows must be START:STOP"),
        (
            {"reading": Reading(columns="x")},
            "points.npy has no column 'x' to choose; files with columns are .parquet",
        ),
        (
            {"reading": Reading(key="x")},
            "points.npy has no key 'x' to choose; files with keys are .npz .h5 .hdf5",
        ),
    ],
)
def test_a_wrong_option_for_a_file_is_one_line(tmp_path, points, options, message):
    np.save(tmp_path / "points.npy", points)
    with pytest.raises(ValueError) as error:  # noqa: PT011 (the text is compared below)
        from_file(tmp_path / "points.npy", **options)
    assert message in str(error.value)
