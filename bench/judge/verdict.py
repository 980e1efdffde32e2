"""The judgment of one run: whether its answers are wrong, and their recall on sampled rows."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bench.answers import Answers
from bench.judge.checks import find_flaw, find_wrong_distance
from bench.judge.recall import measure_recall
from bench.judge.truth import MEMORY_BYTES, cached_truth, sample_rows


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge says; recalls are None where no row was answered."""

    wrong: str | None = None
    """The first flaw in one line, None where there is none."""
    recall: float | None = None
    recall_low: float | None = None
    recall_high: float | None = None
    recall_by_id: float | None = None
    recall_p01: float | None = None
    recall_p05: float | None = None
    ties_share: float | None = None
    truth_rows: int | None = None

    def row_fields(self) -> dict[str, Any]:
        """The figures as fields of ``Measurement``; a flaw is the reason of a row, not a field of its own."""
        return {name: value for name, value in asdict(self).items() if name != "wrong"}


def judge(
    points_path: Path,
    content_hash: str,
    answers: Answers,
    k: int,
    metric: str = "euclidean",
    *,
    truth_rows: int | Literal["all"] = 2000,
    cache: Path,
    threads: int = 1,
    memory_bytes: int = MEMORY_BYTES,
) -> Verdict:
    """Check all answered rows and measure the recall of ``truth_rows`` of them.

    Under ``cosine`` the staged points are unit vectors and the answers hold Euclidean distances between
    them, so the two metrics are judged alike. Raises ValueError where the answers do not fit the points.
    """
    if metric not in ("euclidean", "cosine"):
        raise ValueError(f"metric: {metric}, allowed are euclidean and cosine")
    points = np.asarray(np.load(points_path, mmap_mode="r"))
    if answers.indices.shape != (len(points), k):
        raise ValueError(f"answers have shape {answers.indices.shape}, expected {(len(points), k)}")
    if not np.any(answers.answered):
        return Verdict()
    rows = sample_rows(len(points), truth_rows, answered=answers.answered)
    indices, distances = answers.indices[rows], answers.distances[rows]
    wrong = find_flaw(answers) or find_wrong_distance(points, rows, indices, distances)
    deep = min(k + 1, len(points) - 1)  # one more, to see ties
    truth = cached_truth(
        points_path, content_hash, deep, rows, cache, memory_bytes=memory_bytes, threads=threads
    )
    recall = measure_recall(points, truth, indices, answers.rows_answered)
    return Verdict(
        wrong=wrong,
        recall=recall.mean,
        recall_low=recall.low,
        recall_high=recall.high,
        recall_by_id=recall.by_id,
        recall_p01=recall.p01,
        recall_p05=recall.p05,
        ties_share=recall.ties_share,
        truth_rows=len(rows),
    )
