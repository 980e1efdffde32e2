"""One run from the harness's side: prepare it, have it supervised, have it judged, make its row."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

from bench import catalog
from bench.answers import Answers
from bench.judge import JudgeJob, Verdict
from bench.measure import threads, variables
from bench.measure.compiled import KeptCode
from bench.measure.environment import Environment
from bench.measure.job import COMPILED, Job
from bench.measure.judging import judged
from bench.measure.messages import (
    Exited,
    Finished,
    MessageLines,
    RunProgress,
    RunReport,
    ShowProgress,
    Stopped,
)
from bench.measure.outcome import RunOutcome, outcome_of
from bench.measure.row import Conditions, measurement
from bench.measure.schedule import Limits, PlannedRun
from bench.measure.scratch import scratch
from bench.results import NOT_SAVED, Measurement


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
    """Whether answers are judged; if not, a run that finished is ``ok`` whatever it answered."""
    points_options: str = ""
    """How the user chose the points: kept in the row, so that the report can say how to repeat the run."""
    warm_up_bytes: int = 0
    queries: Path | None = None
    """The staged rows whose neighbors are asked for; None: the points."""

    def run(
        self, planned: PlannedRun, show: ShowProgress, keep: Callable[[Answers], None] | None = None
    ) -> Measurement:
        """Do one run and return its row; failures and interruptions have one too.

        ``keep`` is given the answers of a run that ended well, before they are deleted. Raises OSError if the
        results directory cannot take the run's files.
        """
        conditions = self._conditions(self.warm_up_bytes)
        reason = (
            catalog.why_not_asked(planned.listing, planned.workload.metric, queries=self.queries is not None)
            or catalog.why_unavailable(planned.listing.entry, self.java)
            or catalog.why_refused(planned.params, planned.workload.n)
        )
        if reason is not None:
            return measurement(planned, conditions, RunOutcome("unavailable", reason), RunReport(), Verdict())
        with self._scratch(planned) as scratch:
            with self._with_shared_scratch(planned) as with_places:
                report = self._started(with_places, scratch, show)
            outcome = outcome_of(report, planned.workload.n_rows, self.limits)
            verdict = Verdict()
            warnings: tuple[str, ...] = ()
            if self.judge and outcome.status in ("ok", "partial"):
                judgment = self._judge(planned, scratch, show)
                if isinstance(judgment, RunOutcome):
                    outcome = judgment
                else:
                    verdict = judgment
                    outcome = RunOutcome("wrong", verdict.wrong) if verdict.wrong else outcome
            if keep and outcome.status in ("ok", "partial"):
                warnings = _hand_over(keep, scratch)
        return measurement(planned, conditions, outcome, report, verdict, warnings)

    def skip(self, planned: PlannedRun, reason: str) -> Measurement:
        """Make the row of a run that is not started."""
        conditions = self._conditions(warm_up_bytes=0)
        return measurement(planned, conditions, RunOutcome("skipped", reason), RunReport(), Verdict())

    def _conditions(self, warm_up_bytes: int) -> Conditions:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Conditions(self.limits, self.environment, now, self.points_options, warm_up_bytes)

    @contextmanager
    def _scratch(self, planned: PlannedRun) -> Iterator[Path]:
        """A directory for the run's answers and temporary files, deleted afterwards."""
        for name in ("logs", "samples"):
            (self.results / name).mkdir(parents=True, exist_ok=True)
        with scratch(self.results, planned.run_id) as path:
            for name in ("tmp", COMPILED):
                (path / name).mkdir()
            Answers.create(path, planned.workload.n_rows, planned.workload.k)
            yield path

    @contextmanager
    def _with_shared_scratch(self, planned: PlannedRun) -> Iterator[PlannedRun]:
        """Give the run, where it takes one, a directory that all hosts see and that is deleted afterwards."""
        shared_dir = planned.places.get("shared_dir")
        if not shared_dir or "shared_scratch" not in planned.listing.defaults:
            yield planned
            return
        with scratch(Path(shared_dir), planned.run_id, for_all=True) as path:
            yield replace(planned, places=planned.places | {"shared_scratch": str(path)})

    def _started(self, planned: PlannedRun, scratch: Path, show: ShowProgress) -> RunReport:
        """Have the run done with the code that an earlier start compiled; start twice where none did."""
        if planned.first_start:
            report = self._supervise(self._job(planned, scratch), show)
            return replace(report, first_start_seconds=report.seconds.get("start"))
        kept = KeptCode.of(self.cache, planned.code_hash, self.environment)
        first = kept.copy_to(scratch / COMPILED)
        report = self._supervise(self._job(planned, scratch, start_alone=True), show)
        if isinstance(report.end, Finished) and report.end.only_started:
            first = first or report.seconds.get("start", 0.0)
            with suppress(OSError):  # the next run compiles again
                kept.keep(scratch / COMPILED, first)
            report = self._supervise(self._job(planned, scratch), show)
        return replace(report, first_start_seconds=first)

    def _supervise(self, job: Job, show: ShowProgress) -> RunReport:
        """Have the run done; return the supervisor's report. Ctrl-C ends the run and is reported too."""
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "bench.measure.supervisor", str(job.save())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=variables.for_judge(os.environ) | variables.OURS,
            start_new_session=True,  # the terminal's Ctrl-C is for the harness alone
        )
        with supervisor:
            lines = MessageLines()
            report: RunReport | None = None
            cancelled = False
            while True:
                try:
                    message = _next_report(supervisor, lines, show)
                except KeyboardInterrupt:
                    cancelled = True
                    cast("IO[bytes]", supervisor.stdin).close()
                    continue
                if message is None:
                    break
                report = message
        report = report or RunReport(end=Exited(supervisor.returncode))
        if cancelled:
            report = replace(report, end=Stopped("cancelled"))
        # A cancelled run's answers are gone; otherwise they count more rows than the last message did.
        with suppress(OSError):
            report = replace(report, rows=Answers.open(Path(job.scratch)).rows_answered)
        return report

    def _job(self, planned: PlannedRun, scratch: Path, *, start_alone: bool = False) -> Job:
        java = self.java if isinstance(self.java, dict) else {}
        kernel = threads.kernel_variables(planned.blas_kernel) if planned.blas_kernel else {}
        return Job(
            strategy=planned.source,
            params=planned.params | planned.places | self._asked(planned),
            points=str(self.points),
            k=planned.workload.k,
            scratch=str(scratch),
            log=str((self.results / "logs" / f"{planned.run_id}.log").resolve()),
            samples=str((self.results / "samples" / f"{planned.run_id}.csv").resolve()),
            environment=variables.for_worker(os.environ, planned.master)
            | threads.budget(planned.threads)
            | kernel
            | java
            | variables.OURS
            | variables.writes_below(scratch / "tmp", planned.master)
            | {"NUMBA_CACHE_DIR": str(scratch / COMPILED)},
            wrap=tuple(shlex.split(planned.wrap or "")),
            time_limit_seconds=self.limits.time_seconds,
            memory_limit_bytes=self.limits.memory_bytes,
            stop_after_rows=self.limits.stop_after_rows,
            start_alone=start_alone,
            warm_up_bytes=self.warm_up_bytes,
        )

    def _asked(self, planned: PlannedRun) -> dict[str, str | bool]:
        """The fields that tell a strategy to do more than find every point's nearest others."""
        fields: dict[str, str | bool] = {
            "queries_from": str(self.queries or ""),
            "by_products": planned.workload.metric == "inner_product",
        }
        return {name: value for name, value in fields.items() if value and name in planned.listing.defaults}

    def _judge(self, planned: PlannedRun, scratch: Path, show: ShowProgress) -> Verdict | RunOutcome:
        """Have the answers judged; return the outcome of the run instead where that failed."""
        cores = self.environment.machine.usable_cores
        job = JudgeJob(
            points=str(self.points),
            queries=str(self.queries or ""),
            content_hash=planned.workload.content_hash,
            answers=str(scratch),
            k=planned.workload.k,
            metric=planned.workload.metric,
            truth_rows=self.truth_rows or "all",
            cache=str(self.cache),
            threads=cores,
        )
        environment = (
            variables.for_judge(os.environ)
            | variables.OURS
            | threads.budget(cores)
            | variables.writes_below(scratch / "tmp", planned.master)
        )
        return judged(job, environment, scratch / "judge.json", show)


def _hand_over(keep: Callable[[Answers], None], scratch: Path) -> tuple[str, ...]:
    """Give the answers to ``keep``; a disk that does not take them is a warning and must not cost the row."""
    try:
        keep(Answers.open(scratch))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return (f"{NOT_SAVED}: {where}{error.strerror or error}",)
    return ()


def _next_report(
    supervisor: "subprocess.Popen[bytes]", lines: MessageLines, show: ShowProgress
) -> RunReport | None:
    """Show progress until the final report comes; None at the end of the stream."""
    while data := os.read(cast("IO[bytes]", supervisor.stdout).fileno(), 1 << 16):
        for message in lines.feed(data):
            if isinstance(message, RunReport):
                return message
            if isinstance(message, RunProgress):
                show(message)
    return None
