"""The judgment of one run: whether its answers are wrong, and their recall on sampled rows."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bench.answers import Answers
from bench.judge.asked import Asked
from bench.judge.checks import find_flaw, find_wrong_distance
from bench.judge.recall import measure_recall
from bench.judge.truth import MEMORY_BYTES, cached_truth, sample_rows
from bench.workloads.metric import METRICS


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
    queries_path: Path | None = None,
    truth_rows: int | Literal["all"] = 2000,
    cache: Path,
    threads: int = 1,
    memory_bytes: int = MEMORY_BYTES,
) -> Verdict:
    """Check all answered rows and measure the recall of ``truth_rows`` of them.

    Under ``cosine`` the staged points are unit vectors and the answers hold Euclidean distances between
    them, so the two metrics are judged alike; under ``inner_product`` they hold products with a minus. With
    ``queries_path`` the answers' rows are its rows, and ``content_hash`` is that of both files. Raises
    ValueError where the answers do not fit the points.
    """
    if metric not in METRICS:
        raise ValueError(f"metric: {metric}, allowed are {', '.join(METRICS)}")
    points = np.asarray(np.load(points_path, mmap_mode="r"))
    queries = None if queries_path is None else np.asarray(np.load(queries_path, mmap_mode="r"))
    asked = Asked(queries, by_products=metric == "inner_product")
    n_rows = len(asked.rows_among(points))
    if answers.indices.shape != (n_rows, k):
        raise ValueError(f"answers have shape {answers.indices.shape}, expected {(n_rows, k)}")
    if not np.any(answers.answered):
        return Verdict()
    rows = sample_rows(n_rows, truth_rows, answered=answers.answered)
    indices, distances = answers.indices[rows], answers.distances[rows]
    flaw = find_flaw(answers, len(points), asked)
    wrong = flaw or find_wrong_distance(points, rows, indices, distances, asked)
    deep = min(k + 1, len(points) - (queries is None))  # one more, to see ties
    truth = cached_truth(
        points_path, content_hash, deep, rows, cache, asked, memory_bytes=memory_bytes, threads=threads
    )
    recall = measure_recall(points, truth, indices, answers.rows_answered, asked)
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
