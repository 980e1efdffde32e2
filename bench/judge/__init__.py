"""Judges answers: what makes one wrong, and its recall.

distances.py       float64, by direct difference: the only distances that are trusted
duplicates.py      groups of equal points
bounds.py          which pairs a matrix product rules out, with its rounding counted against it
asked.py           whose neighbors are asked for, and what near means
products.py        the largest inner products of some rows
search.py          tiles of that product, and what survives them measured
truth.py           exact neighbors of sampled rows, cached
recall.py          the share of them in an answer, with an interval
checks.py          what makes an answer wrong
job.py             JudgeJob: what the harness asks of the judging process
verdict.py         Verdict: all of it for one run
external.py        neighbors computed elsewhere, read
neighbor_files.py  where they are in the files of other tools
tables.py          where they are in Parquet
id_kinds.py        whether their ids count from 0 or 1
distance_kinds.py  what their distances are
own_words.py       what is wrong with them, with ids counted as in their file
export.py          a run's neighbors, written for other tools
parts.py           the same as a folder of Parquet files, which a run's own tasks may write
kd_tree.py         what share of the points a kd-tree cannot skip
kd_tree_trial.py   a kd-tree beside brute force on some of the points
difficulty.py      how hard the points are, in figures and in words
point_verdicts.py  what is ok about them, what to watch, and what to try
__main__.py        the process that judges: never the one that was measured
"""

from bench.judge.job import JudgeJob
from bench.judge.truth import Truth, cached_truth, exact_neighbors, sample_rows
from bench.judge.verdict import Verdict, judge

__all__ = ["JudgeJob", "Truth", "Verdict", "cached_truth", "exact_neighbors", "judge", "sample_rows"]
