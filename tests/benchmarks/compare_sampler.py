"""Compares runs under the supervisor's watch with runs that nobody watches, in turn: what does watching cost?

``python -m tests.benchmarks.compare_sampler [PAIRS] [UNITS]``: by default ten pairs of runs of about half a
minute on all cores. Prints the ratio of each pair's seconds, watched over not watched, and their median.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.answers import Answers
from bench.measure.environment import machine
from bench.measure.job import Job, Lines
from tests.measure.runs import fake, stage


def job(directory: Path, units: int) -> Job:
    points, workload = stage(directory, n=100)
    (directory / "scratch").mkdir(exist_ok=True)
    Answers.create(directory / "scratch", workload.n, workload.k)
    return Job(
        strategy=fake("burns_cpu"),
        params={"work": units, "cores": machine().cores},
        points=str(points),
        k=workload.k,
        scratch=str(directory / "scratch"),
        log=os.devnull,
        samples=os.devnull,
    )


def watched(asked: Job) -> float:
    """Seconds of fit under the supervisor."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.measure.supervisor", str(asked.save())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        report = Lines().feed(process.stdout.read())[-1]
    return float(report["seconds"]["fit"])


def alone(asked: Job) -> float:
    """Seconds of fit of a worker whose phases are acknowledged and which nobody looks at."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "bench.measure.worker", str(asked.save()), str(theirs.fileno())]
    lines, seconds = Lines(), 0.0
    with subprocess.Popen(command, pass_fds=[theirs.fileno()]):
        theirs.close()
        while data := ours.recv(1 << 16):
            for message in lines.feed(data):
                if message.keys() & {"phase", "phase_end"}:
                    ours.sendall(b"\n")
                seconds = message.get("finished", {}).get("fit", seconds)
    return seconds


def main(pairs: int = 10, units: int = 20_000) -> None:
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(pairs):
            order = (watched, alone) if number % 2 else (alone, watched)
            seconds = {run: run(job(Path(name), units)) for run in order}
            ratios.append(seconds[watched] / seconds[alone])
            sys.stdout.write(
                f"watched {seconds[watched]:.2f} s, alone {seconds[alone]:.2f} s: {ratios[-1]:.4f}\n"
            )
            sys.stdout.flush()
    sys.stdout.write(f"median ratio {statistics.median(ratios):.4f}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
