import pytest

from bench.report.point_facts import point_facts, point_verdicts

_KNOWN = {
    "n": 20_000,
    "d": 12,
    "bytes": 960_000,
    "duplicates_share": 0.125,
    "largest_group": 17,
    "zero_vectors": 0,
    "norm_min": 1.35,
    "norm_median": 3.88,
    "norm_max": 12_345.6,
    "lid_median": 3.2,
    "lid_low": 2.6,
    "lid_high": 3.8,
    "contrast": 7.56,
}


def test_the_difficulty_of_points_is_said_in_figures() -> None:
    facts = dict(point_facts(_KNOWN))
    assert facts["Points"] == "20,000"
    assert facts["Size"] == "938 KiB"
    assert facts["Repeated points"] == "12.50%, up to 17 equal ones"
    assert facts["Zero vectors"] == "none"
    assert facts["Norms"] == "3.88 (all between 1.35 and 12,346)"
    assert facts["Local intrinsic dimension"] == "3.2 (half between 2.6 and 3.8)"
    assert facts["Contrast"] == "7.56"


@pytest.mark.parametrize("odd", [[1], ["ok"], [{"name": "hubness"}], None])
def test_verdicts_that_are_not_understood_are_left_out(odd: object) -> None:
    assert point_verdicts({"verdicts": odd}) == []


def test_what_is_not_known_of_points_is_left_out() -> None:
    unknown = dict.fromkeys(("lid_median", "lid_low", "lid_high", "contrast"))
    assert "Local intrinsic dimension" not in dict(point_facts(_KNOWN | unknown))
    assert point_facts({}) == []
    assert point_facts({"n": 5, "d": 2, "content_hash": "a"}) == [("Points", "5"), ("Dimensions", "2")]
