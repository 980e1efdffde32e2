"""Is an answer right: what makes it wrong, and how much of the truth it holds.

distances.py    float64, by direct difference: the only distances that are believed
duplicates.py   groups of equal points
bounds.py       which pairs a matrix product rules out, with its rounding counted against it
search.py       tiles of that product, and what survives them measured
truth.py        exact neighbors of sampled rows, cached
recall.py       the share of them found, with an interval
checks.py       what makes an answer wrong
job.py          what the harness asks of the judging process
verdict.py      all of it for one run
external.py     neighbors computed elsewhere
export.py       ours, written for others
parts.py        the same as a folder of Parquet parts, which a run's own tasks may write
difficulty.py   how hard the points are, in figures and in words
__main__.py     the process that judges: never the one that was measured
"""

from bench.judge.job import JudgeJob
from bench.judge.truth import Truth, cached_truth, exact_neighbors, sample_rows
from bench.judge.verdict import Verdict, judge

__all__ = ["JudgeJob", "Truth", "Verdict", "cached_truth", "exact_neighbors", "judge", "sample_rows"]
