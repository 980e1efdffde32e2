"""``score``: judge neighbors that were computed elsewhere, so that they can stand in the same table."""

import hashlib
import json
from argparse import Namespace
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench import workloads
from bench.cli import points, terminal
from bench.cli.values import bad_usage, writable_directory
from bench.judge import Verdict, judge
from bench.judge.external import read_external
from bench.judge.truth import sample_rows
from bench.measure import environment
from bench.measure.environment import Environment
from bench.report import write_report
from bench.results import Measurement, Store
from bench.workloads import WorkloadId

_BLOCK_BYTES = 1 << 20


def command(arguments: Namespace) -> int:
    """Read, judge, append a row, rebuild the report."""
    files = [Path(name) for name in arguments.neighbors]
    with bad_usage():
        points.refuse_idle_master(arguments)
        workload = points.workload(arguments)
        cache = workloads.cache_directory(arguments.cache)
        if workload.reading.zero_vectors is None and not workload.reading.drop_bad_rows:
            workload = replace(workload, reading=replace(workload.reading, zero_vectors="last"))
        staged = points.stage(workload, cache)
        points_read = np.asarray(np.load(staged.path, mmap_mode="r"))
        external = read_external(
            files,
            staged.id.n,
            arguments.k,
            first_id=arguments.first_id,
            metric=staged.id.metric,
            row_numbers=None if staged.row_numbers is None else np.load(staged.row_numbers),
            points=points_read,
            distances=arguments.distances,
            zero_axis=staged.zero_axis,
        )
        answers = external.answers
    judged = replace(staged.id, k=answers.indices.shape[1])
    verdict = judge(
        staged.path,
        staged.id.content_hash,
        answers,
        judged.k,
        staged.id.metric,
        truth_rows=arguments.truth_rows or "all",
        cache=cache,
        threads=environment.machine().cores,
    )
    if verdict.wrong:
        rows = sample_rows(staged.id.n, arguments.truth_rows or "all", answered=answers.answered)
        verdict = replace(verdict, wrong=external.own_words.first_flaw(points_read, rows) or verdict.wrong)
    for note in (*staged.notes, *external.notes):
        terminal.say(f"  {note}")
    here = environment.environment("")
    row = _row(arguments, files, judged, verdict, here)
    with writable_directory(arguments.results) as results:
        store = Store(results)
        store.append(row, asdict(here))
        store.write_table()
        if arguments.json:
            terminal.print_lines([json.dumps(asdict(row))])
        else:
            terminal.print_table([(row.strategy, row)])
        terminal.say(f"report: {write_report(results)}")
    return 0


def _row(
    arguments: Namespace, files: list[Path], workload: WorkloadId, verdict: Verdict, here: Environment
) -> Measurement:
    """A row like a run's, with what is known: the recall, and the seconds if the user told them."""
    content = _content_hash(files)
    name = arguments.name or files[0].stem
    identity = f"{name} {content} {workload.content_hash} {workload.k} {workload.metric}"
    key = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return Measurement(
        run_id=key,
        series_id=key,
        strategy=name,
        exact=False,
        params={},
        workload=workload,
        repeat=1,
        threads=1,
        multi_threaded=False,
        master=None,
        status="wrong" if verdict.wrong else "ok",
        reason=verdict.wrong or "",
        total_seconds=arguments.seconds,
        rows_answered=workload.n,
        details={"computed": "elsewhere", "file": files[0].name},
        code_hash=content,
        environment=here.key,
        machine=here.machine.key,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        **verdict.row_fields(),
    )


def _content_hash(paths: list[Path]) -> str:
    """Of files, and of the files of a folder in the order of their names."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            with file.open("rb") as content:
                while block := content.read(_BLOCK_BYTES):
                    digest.update(block)
    return digest.hexdigest()[:16]
