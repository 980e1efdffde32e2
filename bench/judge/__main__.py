"""Judges one run in a process of its own: ``python -m bench.judge JOB.json`` prints the verdict as JSON.

Thread counts of BLAS come from the environment, set before this process starts.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.answers import Answers
from bench.judge.job import JudgeJob
from bench.judge.verdict import judge


def main(job_path: Path) -> None:
    """Judge what the job names and print one line."""
    job = JudgeJob.load(job_path)
    verdict = judge(
        Path(job.points),
        job.content_hash,
        Answers.open(Path(job.answers)),
        job.k,
        job.metric,
        queries_path=Path(job.queries) if job.queries else None,
        truth_rows=job.truth_rows,
        cache=Path(job.cache),
        threads=job.threads,
    )
    sys.stdout.write(json.dumps(asdict(verdict), allow_nan=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
