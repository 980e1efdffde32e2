"""``score``: a row for neighbors that were computed elsewhere."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np

from bench import workloads
from bench.experiment import points
from bench.experiment.directories import writable_directory
from bench.experiment.observer import Observer
from bench.experiment.requests import Places
from bench.experiment.usage import bad_usage
from bench.judge import Verdict, judge
from bench.judge.asked import Asked
from bench.judge.external import read_external
from bench.judge.truth import sample_rows
from bench.measure import environment
from bench.measure.environment import Environment
from bench.results import Measurement, Store
from bench.workloads import PointsRequest, WorkloadId
from bench.workloads.ids import load_ids

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """Which neighbors to judge, and what is known of them."""

    files: tuple[Path, ...]
    points: PointsRequest
    name: str | None = None
    """None: that of the first file."""
    seconds: float | None = None
    """How long computing them took, if that is known."""
    truth_rows: int | None = 2000
    """Rows to judge; None: all."""
    first_id: Literal[0, 1] | None = None
    """The id of the first point, 0 or 1; None: as the ids show."""
    distances: str | None = None
    """One of ``KINDS``; None: those of the metric."""
    places: Places = field(default_factory=Places)


def score(request: ScoreRequest, observer: Observer) -> Measurement:
    """Judge neighbors and store their row; raises BadUsageError where they cannot be read."""
    with bad_usage():
        points.refuse_idle_master(request.points)
        cache = workloads.cache_directory(request.places.cache)
        staged = points.stage(_with_zero_vectors(request.points), request.places.cache, observer)
        staged_points = np.asarray(np.load(staged.path, mmap_mode="r"))
        queries = None if staged.queries is None else np.asarray(np.load(staged.queries, mmap_mode="r"))
        asked = Asked(queries, by_products=staged.id.metric == "inner_product")
        external = read_external(
            list(request.files),
            staged.id.n,
            request.points.k,
            first_id=request.first_id,
            metric=staged.id.metric,
            row_numbers=None if staged.row_numbers is None else np.load(staged.row_numbers),
            points=staged_points,
            asked=asked,
            distances=request.distances,
            zero_axis=staged.zero_axis,
            ids=None if staged.ids is None else load_ids(staged.ids),
        )
        answers = external.answers
    judged = replace(staged.id, k=answers.indices.shape[1])
    verdict = judge(
        staged.path,
        staged.id.content_hash,
        answers,
        judged.k,
        staged.id.metric,
        queries_path=staged.queries,
        truth_rows=request.truth_rows or "all",
        cache=cache,
        threads=environment.machine().usable_cores,
    )
    if verdict.wrong:
        rows = sample_rows(staged.id.n_rows, request.truth_rows or "all", answered=answers.answered)
        verdict = replace(verdict, wrong=external.own_words.first_flaw(staged_points, rows) or verdict.wrong)
    for note in (*staged.notes, *external.notes):
        observer.say(f"  {note}")
    here = environment.environment("")
    row = _row(request, judged, verdict, here)
    with writable_directory(request.places.results) as results:
        store = Store(results)
        store.append(row, asdict(here))
        store.write_table()
    return row


def _with_zero_vectors(asked: PointsRequest) -> PointsRequest:
    """Let zero vectors of a file stay, where nothing else is asked for: the answers hold them."""
    stay = (
        asked.data is not None
        and asked.queries is None
        and asked.zero_vectors is None
        and not asked.drop_bad_rows
    )
    return replace(asked, zero_vectors="last") if stay else asked


def _row(request: ScoreRequest, workload: WorkloadId, verdict: Verdict, here: Environment) -> Measurement:
    """A row like a run's, with what is known: the recall, and the seconds if the user gave them."""
    content = _content_hash(request.files)
    name = request.name or request.files[0].stem
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
        total_seconds=request.seconds,
        rows_answered=workload.n_rows,
        details={"computed": "elsewhere", "file": request.files[0].name},
        code_hash=content,
        environment=here.key,
        machine=here.machine.key,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        **verdict.row_fields(),
    )


def _content_hash(paths: Sequence[Path]) -> str:
    """Of files, and of the files of a folder in the order of their names."""
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            with file.open("rb") as content:
                while block := content.read(_BLOCK_BYTES):
                    digest.update(block)
    return digest.hexdigest()[:16]
