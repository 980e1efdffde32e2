"""One run from the harness's side: prepare it, have it supervised, have it judged, make its row."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from bench import catalog
from bench.answers import Answers
from bench.measure import mortal, threads
from bench.measure.environment import Environment
from bench.measure.job import Job, Lines
from bench.measure.outcome import Ending, ending
from bench.measure.row import measurement
from bench.measure.schedule import Limits, PlannedRun
from bench.measure.scratch import scratch
from bench.results import Measurement

Tell = Callable[[dict[str, Any]], None]
"""Takes a supervisor's progress message: phase, phase_seconds, rows, done, memory_bytes."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the judge said, and the ending where that changes it."""

    verdict: dict[str, Any]
    end: Ending | None


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs strategies on one staged workload, one after the other."""

    results: Path
    cache: Path
    points: Path
    limits: Limits
    environment: Environment
    java: dict[str, str] | str
    """Variables that make Spark find Java, or why there is none."""
    truth_rows: int | None
    """Rows to judge; None for all."""
    judge: bool = True
    """Whether answers are judged; without, a run that came to its end is ``ok`` whatever it answered."""
    points_options: str = ""
    """How the user chose the points: kept in the row, so that the report can say how to repeat the run."""
    warm_up_bytes: int = 0

    def run(
        self, planned: PlannedRun, tell: Tell, keep: Callable[[Answers], None] | None = None
    ) -> Measurement:
        """Do one run; every outcome is a row, an interruption too.

        ``keep`` is given the answers of a run that ended well, before they are deleted. Raises OSError where
        the results directory cannot take the run's files.
        """
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        report: dict[str, Any] = {}
        judged = _Judged({}, None)
        reason = catalog.why_unavailable(planned.listing.entry, self.java)
        if reason is not None:
            end = Ending("unavailable", reason)
        else:
            with self._scratch(planned) as scratch:
                report = self._supervise(planned, scratch, tell)
                end = ending(report, planned.workload.n, self.limits)
                if self.judge and end.status in ("ok", "partial"):
                    tell({"phase": "judging"})
                    judged = self._judge(planned, scratch)
                    end = judged.end or end
                warnings = _kept(keep, scratch) if keep and end.status in ("ok", "partial") else []
                report["warnings"] = warnings
        return measurement(
            planned,
            self.points_options,
            self.limits,
            self.environment,
            started_at,
            end,
            report | {"warm_up_bytes": self.warm_up_bytes},
            judged.verdict,
        )

    def skip(self, planned: PlannedRun, reason: str) -> Measurement:
        """Make the row of a run that is not started."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        end, report = Ending("skipped", reason), {"warm_up_bytes": 0}
        return measurement(planned, self.points_options, self.limits, self.environment, now, end, report, {})

    @contextmanager
    def _scratch(self, planned: PlannedRun) -> Iterator[Path]:
        """A directory for the run's answers and temporary files, deleted afterwards."""
        for name in ("logs", "samples"):
            (self.results / name).mkdir(parents=True, exist_ok=True)
        with scratch(self.results, planned.run_id) as path:
            (path / "tmp").mkdir()
            Answers.create(path, planned.workload.n, planned.workload.k)
            yield path

    def _supervise(self, planned: PlannedRun, scratch: Path, tell: Tell) -> dict[str, Any]:
        """Have the run done; return the supervisor's report. Ctrl-C ends the run and is reported too."""
        job = self._job(planned, scratch)
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "bench.measure.supervisor", str(job.save())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if name not in threads.KERNEL_VARIABLES},
            start_new_session=True,  # the terminal's Ctrl-C is for the harness alone
        )
        with supervisor:
            lines = Lines()
            report: dict[str, Any] = {}
            cancelled = False
            while True:
                try:
                    message = _next(supervisor, lines, tell)
                except KeyboardInterrupt:
                    cancelled = True
                    cast("IO[bytes]", supervisor.stdin).close()
                    continue
                if message is None:
                    break
                report = message
        if cancelled and report:
            report["outcome"] = {"ended": "cancelled"}
        report = report or {
            "outcome": {"ended": "cancelled"} if cancelled else {"exit": supervisor.returncode}
        }
        with suppress(
            OSError
        ):  # a cancelled run's answers are gone; else they know better than the last message
            report["rows"] = Answers.open(scratch).rows_answered
        return report

    def _job(self, planned: PlannedRun, scratch: Path) -> Job:
        java = self.java if isinstance(self.java, dict) else {}
        kernel = threads.kernel_variables(planned.blas_kernel) if planned.blas_kernel else {}
        return Job(
            strategy=planned.source,
            params=planned.params | planned.places,
            points=str(self.points),
            k=planned.workload.k,
            scratch=str(scratch),
            log=str((self.results / "logs" / f"{planned.run_id}.log").resolve()),
            samples=str((self.results / "samples" / f"{planned.run_id}.csv").resolve()),
            environment=threads.budget(planned.threads) | kernel | java | _writes_below(scratch / "tmp"),
            wrap=tuple(shlex.split(planned.wrap or "")),
            time_limit_seconds=self.limits.time_seconds,
            memory_limit_bytes=self.limits.memory_bytes,
            stop_after_rows=self.limits.stop_after_rows,
            warm_up_bytes=self.warm_up_bytes,
        )

    def _judge(self, planned: PlannedRun, scratch: Path) -> _Judged:
        job = scratch / "judge.json"
        cores = self.environment.machine.cores
        content = {
            "points": str(self.points),
            "content_hash": planned.workload.content_hash,
            "answers": str(scratch),
            "k": planned.workload.k,
            "metric": planned.workload.metric,
            "truth_rows": self.truth_rows or "all",
            "cache": str(self.cache),
            "threads": cores,
        }
        job.write_text(json.dumps(content), encoding="utf-8")
        try:
            done = subprocess.run(
                mortal.command("bench.judge", str(job)),
                env=os.environ | threads.budget(cores),
                check=False,
                capture_output=True,
                text=True,
            )
        except KeyboardInterrupt:
            return _Judged({}, Ending("interrupted", "interrupted while it was judged"))
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            return _Judged({}, Ending("crashed", f"its answer could not be judged: {last}"))
        verdict: dict[str, Any] = json.loads(done.stdout)
        return _Judged(verdict, Ending("wrong", verdict["wrong"]) if verdict["wrong"] else None)


def _kept(keep: Callable[[Answers], None], scratch: Path) -> list[str]:
    """Hand the answers over; a disk that does not take them must not cost the row."""
    try:
        keep(Answers.open(scratch))
    except OSError as error:
        return [f"the neighbors were not saved: {error.strerror or error}"]
    return []


def _next(supervisor: "subprocess.Popen[bytes]", lines: Lines, tell: Tell) -> dict[str, Any] | None:
    """Pass on progress until the final report comes; None at the end of the stream."""
    while data := os.read(cast("IO[bytes]", supervisor.stdout).fileno(), 1 << 16):
        for message in lines.feed(data):
            if "outcome" in message:
                return message
            tell(message)
    return None


def _writes_below(directory: Path) -> dict[str, str]:
    """Variables that keep what libraries write, unasked, inside the run's own directory."""
    names = (
        "TMPDIR",
        "MPLCONFIGDIR",
        "NUMBA_CACHE_DIR",
        "JOBLIB_TEMP_FOLDER",
        "SPARK_LOCAL_DIRS",
        "XDG_CACHE_HOME",
    )
    return dict.fromkeys(names, str(directory))
