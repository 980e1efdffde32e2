"""The status and the reason of each way a run can end."""

import pytest

from bench.measure import outcome
from bench.measure.messages import Exited, Failed, Finished, RunEnd, RunReport, Stopped
from bench.measure.outcome import outcome_of
from bench.measure.schedule import Limits

LIMITS = Limits(time_seconds=10, memory_bytes=2 << 30, stop_after_rows=500)


@pytest.mark.parametrize(
    ("end", "rows", "status", "reason"),
    [
        (Finished(1000), 1000, "ok", ""),
        (Finished(500), 500, "partial", "as asked"),
        (Finished(400), 400, "wrong", "600 of 1,000 rows were never answered"),
        (Failed("wrong", "row 3 was answered twice"), 3, "wrong", "row 3"),
        (Failed("memory", "MemoryError"), 0, "out_of_memory", "MemoryError"),
        (Failed("exception", "KeyError: 1"), 0, "crashed", "KeyError"),
        (Stopped("time", "fit"), 0, "timeout", "ended it in fit"),
        (Stopped("time", "query"), 7, "partial", "after 7 of 1,000 rows"),
        (Stopped("memory", "fit", 3 << 30), 0, "out_of_memory", "held 3.00 GiB"),
        (Stopped("cancelled"), 0, "interrupted", "interrupted"),
        (Exited(-11), 0, "crashed", "killed by SIGSEGV"),
        (Exited(139), 0, "crashed", "killed by SIGSEGV"),
        (Exited(3), 0, "crashed", "exit code 3"),
        (Exited(-9, kernel_killed=True), 0, "out_of_memory", "kernel killed it"),
    ],
)
def test_how_a_run_ended_is_a_status_and_a_reason(end: RunEnd, rows: int, status: str, reason: str) -> None:
    outcome = outcome_of(RunReport(end=end, rows=rows), 1000, LIMITS)
    assert (outcome.status, reason in outcome.reason) == (status, True), outcome.reason


def test_a_container_s_memory_limit_is_called_that(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = RunReport(end=Exited(-9, kernel_killed=True), rows=0)
    monkeypatch.setattr(outcome, "memory_limit_bytes", lambda: 1 << 30)
    reason = outcome_of(killed, 1000, LIMITS).reason
    assert reason.startswith(
        "the kernel killed it at the container's memory limit of 1.00 GiB; the machine has"
    )
    monkeypatch.setattr(outcome, "memory_limit_bytes", lambda: None)
    assert "because the machine's memory ran out" in outcome_of(killed, 1000, LIMITS).reason
