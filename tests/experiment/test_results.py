"""A run asked for alone that failed, or was not saved, is told from one that went well."""

import pytest

from bench.experiment.results import RunResult, only_run_failed
from bench.results import NOT_SAVED, Status
from tests.rows import row


def result(*statuses: Status, warnings: tuple[str, ...] = ()) -> RunResult:
    return RunResult(tuple(("label", row(status=one, warnings=list(warnings))) for one in statuses))


@pytest.mark.parametrize(
    ("status", "failed"),
    [
        ("ok", False),
        ("partial", False),
        ("skipped", False),
        ("crashed", True),
        ("timeout", True),
        ("unavailable", True),
        ("wrong", True),
    ],
)
def test_the_status_of_a_single_run_says_whether_it_failed(status: Status, failed: bool) -> None:
    assert only_run_failed([result(status)], saved=False) is failed


def test_one_of_several_runs_is_a_row_and_no_failure() -> None:
    assert not only_run_failed([result("crashed", "ok")], saved=False)
    assert not only_run_failed([result("crashed"), result("crashed")], saved=False)
    assert not only_run_failed([RunResult()], saved=False)


def test_answers_that_were_to_be_saved_and_are_not_are_a_failure() -> None:
    assert only_run_failed([result("skipped")], saved=True)
    assert only_run_failed([result("ok", warnings=(f"{NOT_SAVED}: No space left",))], saved=True)
    assert not only_run_failed([result("ok", warnings=("busy",))], saved=True)
