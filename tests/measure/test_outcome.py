"""The status and the reason of each way a run can end."""

from typing import Any

import pytest

from bench.measure.outcome import Ending, ending
from bench.measure.schedule import Limits

LIMITS = Limits(time_seconds=10, memory_bytes=2 << 30, stop_after_rows=500)


@pytest.mark.parametrize(
    ("outcome", "rows", "status", "reason"),
    [
        ({"finished": {}}, 1000, "ok", ""),
        ({"finished": {}}, 500, "partial", "as asked"),
        ({"finished": {}}, 400, "wrong", "600 of 1,000 rows were never answered"),
        ({"error": "wrong", "reason": "row 3 was answered twice"}, 3, "wrong", "row 3"),
        ({"error": "memory", "reason": "MemoryError"}, 0, "out_of_memory", "MemoryError"),
        ({"error": "exception", "reason": "KeyError: 1"}, 0, "crashed", "KeyError"),
        ({"ended": "time", "phase": "fit"}, 0, "timeout", "ended it in fit"),
        ({"ended": "time", "phase": "query"}, 7, "partial", "after 7 of 1,000 rows"),
        ({"ended": "memory", "phase": "fit", "bytes": 3 << 30}, 0, "out_of_memory", "held 3.00 GiB"),
        ({"ended": "cancelled"}, 0, "interrupted", "interrupted"),
        ({"exit": -11}, 0, "crashed", "killed by SIGSEGV"),
        ({"exit": 139}, 0, "crashed", "killed by SIGSEGV"),
        ({"exit": 3}, 0, "crashed", "exit code 3"),
        ({"exit": -9, "kernel_killed": True}, 0, "out_of_memory", "kernel killed it"),
    ],
)
def test_how_a_run_ended_is_a_status_and_a_reason(
    outcome: dict[str, Any], rows: int, status: str, reason: str
) -> None:
    end = ending({"outcome": outcome, "rows": rows}, 1000, LIMITS)
    assert isinstance(end, Ending)
    assert (end.status, reason in end.reason) == (status, True), end.reason
