"""Starts one worker, watches its whole process tree, ends it at a limit, and leaves nothing running.

It stands between harness and worker so that a run is watched from outside, by a process that holds no data,
and so that nothing is left when the harness is killed: when its standard input closes, it ends the run.
Every descendant of the worker, orphans included, belongs to it (see ``tree.adopt_orphans``).
"""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import messages, scratch
from bench.measure import worker_process as process
from bench.measure.cgroup import Cgroup
from bench.measure.clock import Clock
from bench.measure.job import Job
from bench.measure.memory import METHOD, Sampler
from bench.measure.probe import touch
from bench.measure.process_tree import ProcessTree, adopt_orphans
from bench.measure.shared_memory import Leftovers

_SEND_EVERY_SECONDS = 0.2
_CLOSE_SECONDS = 30.0
"""How long a strategy may take to close before it is killed."""
_LOOK_EVERY_SECONDS = 1.0


@dataclass(slots=True)
class Supervisor:
    """One run under watch."""

    job: Job
    tree: ProcessTree = field(default_factory=ProcessTree)
    clock: Clock = field(default_factory=Clock)
    end: messages.RunEnd | None = None
    """The worker's last word, or why it was ended; None where its process ended without a word."""
    rows: int = 0
    done: float = 0.0
    baseline_bytes: int | None = None
    _last_sent: float = 0.0
    _closing_since: float | None = None

    def run(self) -> None:
        """Start the worker, watch it to its end, and send the harness the report."""
        if self.job.warm_up_bytes:
            touch(self.job.warm_up_bytes)
        first_touch = touch()
        began, before, kills = (
            time.perf_counter(),
            process.machine_cpu_seconds(),
            process.kernel_kills(),
        )
        own = time.process_time()
        sampler, leftovers = Sampler(self.tree), Leftovers()
        cgroup = Cgroup.create()
        earlier_cpu_seconds = self.tree.cpu_seconds()
        worker: subprocess.Popen[bytes] | None = None
        try:
            try:
                line, worker = process.start(self.job, cgroup)
            except OSError as error:
                self.end = messages.Failed("exception", f"the worker cannot be started: {error}")
            else:
                self._watch(sampler, leftovers, line, worker)
        finally:
            self.tree.refresh()
            cpu_seconds = self.tree.cpu_seconds()
            self.clock.stop(cpu_seconds)
            leftovers.look(self.tree.members)
            if isinstance(self.end, messages.Stopped) and self.end.cause == "time":
                process.ask_where(self.tree.members)
            self.tree.kill()
            leftovers.remove()
        wall = time.perf_counter() - began
        cpu_seconds = max(cpu_seconds, self.tree.cpu_seconds()) - earlier_cpu_seconds
        watching, others = time.process_time() - own, process.machine_cpu_seconds() - before
        with suppress(OSError):
            sampler.curve.write(Path(self.job.samples))
        _send(
            messages.RunReport(
                end=self.end
                or messages.Exited(worker.returncode if worker else None, process.kernel_kills() > kills),
                rows=self.rows,
                done=self.done,
                seconds=self.clock.seconds,
                phases_cpu_seconds=self.clock.cpu_seconds,
                cpu_seconds=cpu_seconds,
                peak=sampler.run,
                phases_peak=sampler.phases,
                roles_peak=sampler.roles,
                baseline_bytes=self.baseline_bytes,
                peak_cgroup_bytes=cgroup.remove() if cgroup else None,
                memory_method=METHOD,
                most_threads=sampler.most_threads,
                first_touch_seconds_per_gib=first_touch,
                sampler_cpu_share=watching / wall,
                disturbed=max(0.0, (others - cpu_seconds - watching) / wall),
            )
        )

    def _watch(
        self,
        sampler: Sampler,
        leftovers: Leftovers,
        line: socket.socket,
        worker: "subprocess.Popen[bytes]",
    ) -> None:
        lines = messages.MessageLines()
        looked = 0.0
        while True:
            pause = sampler.tick()
            if time.perf_counter() - looked > _LOOK_EVERY_SECONDS:
                leftovers.look(self.tree.members)
                looked = time.perf_counter()
            if self._over_a_limit(sampler):
                return
            ready, _, _ = select.select([sys.stdin, line], [], [], pause)
            if sys.stdin in ready:  # the harness never writes: it has closed the pipe
                self.end = messages.Stopped("cancelled")
                return
            if line in ready:
                data = process.received(line)
                for message in lines.feed(data):
                    self._take(message, sampler, line)
                if not data:
                    with suppress(subprocess.TimeoutExpired):  # the user's command prefix may hang
                        worker.wait(_CLOSE_SECONDS)
                    return
            elif worker.poll() is not None:  # it ended, and a child of it holds the line open
                for message in lines.feed(process.received(line)):  # its last messages
                    self._take(message, sampler, line)
                return
            self._send_progress(sampler)

    def _take(self, message: messages.Message, sampler: Sampler, line: socket.socket) -> None:
        match message:
            case messages.PhaseStarted(phase):
                sampler.enter(phase)
                if phase == "fit":
                    self.baseline_bytes = sampler.now.total_bytes
                self.clock.enter(phase, self.tree.cpu_seconds())
                process.acknowledge(line)
            case messages.PhaseEnded(_, seconds):
                sampler.read()
                self.clock.leave(seconds, self.tree.cpu_seconds())
                process.acknowledge(line)
            case messages.RowsAnswered(rows, done):
                self.rows, self.done = rows, done
            case messages.Finished(rows):
                self.rows, self.done = rows, message.done
                self.end = self.end or message
            case messages.Failed():
                self.end = self.end or message

    def _over_a_limit(self, sampler: Sampler) -> bool:
        job = self.job
        if self.end is not None:  # nothing is left to do but to close
            self._closing_since = self._closing_since or time.perf_counter()
            return time.perf_counter() - self._closing_since > _CLOSE_SECONDS
        limit = job.memory_limit_bytes
        if limit is not None and sampler.surely_over(limit):
            self.end = messages.Stopped("memory", self.clock.phase, sampler.now.anonymous_bytes)
            return True
        if job.time_limit_seconds is not None and self.clock.limited_seconds() > job.time_limit_seconds:
            self.end = messages.Stopped("time", self.clock.phase)
            return True
        return False

    def _send_progress(self, sampler: Sampler) -> None:
        now = time.perf_counter()
        if now - self._last_sent > _SEND_EVERY_SECONDS:
            self._last_sent = now
            self.tree.note_cpu()
            running = now - self.clock.began if self.clock.began is not None else 0.0
            _send(
                messages.RunProgress(
                    self.clock.phase, running, self.rows, self.done, memory_bytes=sampler.now.anonymous_bytes
                )
            )


def _send(message: messages.Message) -> None:
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), messages.encode(message))


def main(job_path: str) -> None:
    """Run the job; delete its scratch directory if the harness can no longer do so."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The harness ends a run by closing standard input. A handler, since what is ignored here would be
        # ignored by all that the worker starts as well.
        signal.signal(name, lambda _signal, _frame: None)
    adopt_orphans()
    supervisor = Supervisor(Job.load(Path(job_path)))
    try:
        supervisor.run()
    finally:
        if supervisor.end == messages.Stopped("cancelled"):
            scratch.remove(Path(supervisor.job.scratch))


if __name__ == "__main__":
    main(*sys.argv[1:])
