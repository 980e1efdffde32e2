from dataclasses import replace
from pathlib import Path

from bench.report.details import (
    PREDICTED,
    all_facts,
    differing,
    flatten,
    format_field,
    log_tail,
    machine_facts,
    shared,
    without,
)
from bench.units import UNKNOWN
from tests.report.rows import ENVIRONMENT, GIB, failed, row


def test_fields_are_written_in_human_units() -> None:
    assert format_field("fit_seconds", 95.24) == "95.2 s"
    assert format_field("peak_bytes", 2**20) == "1 MiB"
    assert format_field("compute_seconds_longest", 2.5) == "2.5 s"
    assert format_field("exact", True) == "yes"
    assert format_field("recall", None) == UNKNOWN


def test_nested_values_become_one_list() -> None:
    assert flatten({"a": {"b": 1}, "c": [{"d": 2}], "e": [1, 2]}) == [
        ("a b", "1"),
        ("c 1 d", "2"),
        ("e", "1, 2"),
    ]


def test_units_that_are_shares_or_rates_are_written_as_such() -> None:
    assert format_field("sampler_cpu_share", 0.0123) == "1.23%"
    assert format_field("first_touch_seconds_per_gib", 0.25) == "250 ms per GiB"


def test_what_was_measured_beside_time_is_several() -> None:
    facts = all_facts(
        row(
            sampler_cpu_share=0.01,
            first_touch_seconds_per_gib=0.5,
            peak_cgroup_bytes=GIB,
            thread_pools=[{"library": "openblas", "version": "0.3", "kernel": "Haswell", "threads": 2}],
        )
    )
    plain = facts["All other fields"]
    assert plain["sampler_cpu_share"] == "1.00%"
    assert plain["first_touch_seconds_per_gib"] == "500 ms per GiB"
    assert plain["peak_cgroup_bytes"] == "1 GiB"
    assert facts["Peak memory by role"] == {"worker": "512 MiB"}
    assert facts["Thread pools"] == {"1": "openblas 0.3 Haswell, 2 threads"}


def test_what_was_predicted_stands_beside_what_came_of_it() -> None:
    predicted = {"total_seconds": 90.0, "total_seconds_low": 80.0, "total_seconds_high": 100.0}
    assert all_facts(row(seconds=95.0, predicted=predicted))[PREDICTED] == {
        "total": "90 s (80 to 100), measured 95 s: inside"
    }
    assert "outside" in all_facts(row(seconds=120.0, predicted=predicted))[PREDICTED]["total"]
    skipped = failed("a", "skipped", "predicted to take too long", seconds=None, predicted=predicted)
    assert all_facts(skipped)[PREDICTED] == {"total": "90 s (80 to 100)"}


def test_what_all_runs_share_is_said_once_and_nothing_is_lost() -> None:
    several = [all_facts(row(seconds=s, params={"a": 1, "b": s})) for s in (1.0, 2.0)]
    common = shared(several)
    assert common["Parameters"] == {"a": "1"}
    for facts in several:
        own = without(facts, common)
        assert {about: common[about] | own[about] for about in facts} == facts
        assert "cpu_seconds" in own["All other fields"]


def test_a_single_run_shares_nothing() -> None:
    assert not any(shared([all_facts(row())]).values())


def test_of_another_environment_only_the_difference_is_said() -> None:
    usual = {"java": "21", "packages": {"numpy": "2.4", "annoy": "1.17", "gone": "1"}}
    other = {"java": "21", "packages": {"numpy": "2.5", "annoy": "1.17", "new": "3"}}
    assert differing(other, usual) == [
        ("packages numpy", "2.5"),
        ("packages new", "3"),
        ("packages gone", UNKNOWN),
    ]


def test_the_log_of_a_failure_ends_with_twenty_lines_that_of_a_success_with_five(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    made = failed("a", "crashed", "it broke")
    (tmp_path / "logs" / f"{made.run_id}.log").write_bytes(
        b"\xff\n" + b"".join(b"%d\n" % i for i in range(30))
    )
    assert log_tail(tmp_path, made).splitlines() == [str(i) for i in range(10, 30)]
    assert log_tail(tmp_path, replace(made, status="ok")).splitlines() == [str(i) for i in range(25, 30)]


def test_a_traceback_does_not_say_where_things_are_installed(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    made = row()
    raised = '  File "/home/somebody/.venv/lib/python3.11/site-packages/sklearn/utils/_parallel.py", line 1\n'
    (tmp_path / "logs" / f"{made.run_id}.log").write_text(raised)
    assert log_tail(tmp_path, made) == '  File "site-packages/sklearn/utils/_parallel.py", line 1'


def test_a_run_without_a_log_or_with_a_name_that_leads_elsewhere_has_no_tail(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "secret.log").write_text("secret")
    assert log_tail(tmp_path, row()) == ""
    assert log_tail(tmp_path, row(run_id="../secret")) == ""


def test_the_machine_is_said_as_far_as_it_is_known() -> None:
    facts = dict(machine_facts(ENVIRONMENT))
    assert facts["Processor"] == "Some CPU at 2.00 GHz"
    assert facts["Memory"] == "24 GiB"
    assert "scikit-learn 1.9.0" in facts["Versions"]
    assert machine_facts({}) == []
