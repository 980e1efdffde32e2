"""A run's answers judged, by a process that is not the one that was measured."""

import json
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bench.judge import JudgeJob, Verdict
from bench.measure import die_with_parent
from bench.measure.messages import JUDGING, RunProgress, ShowProgress
from bench.measure.outcome import RunOutcome


def judged(
    job: JudgeJob, environment: Mapping[str, str], saved_to: Path, show: ShowProgress
) -> Verdict | RunOutcome:
    """Have the answers judged; return the outcome of the run instead where that failed."""
    process = subprocess.Popen(
        die_with_parent.command("bench.judge", str(job.save(saved_to))),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said, complaint = _awaited(process, show)
    except KeyboardInterrupt:
        return RunOutcome("interrupted", "interrupted while it was judged")
    if process.returncode != 0:
        last = (complaint.strip().splitlines() or [f"exit code {process.returncode}"])[-1]
        return RunOutcome("crashed", f"its answer could not be judged: {last}")
    return Verdict(**json.loads(said))


def _awaited(process: "subprocess.Popen[str]", show: ShowProgress) -> tuple[str, str]:
    """Show how long a process has been judging, to its end; return what it wrote. Ctrl-C ends it."""
    began = time.monotonic()
    with process:
        try:
            while True:
                show(RunProgress(JUDGING, time.monotonic() - began))
                with suppress(subprocess.TimeoutExpired):
                    return process.communicate(timeout=1)
        except BaseException:
            process.kill()
            raise
