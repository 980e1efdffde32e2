"""Seven claims of a 2016 post on k-NN in Spark, each checked against the rows of one workload.

The only place in the harness that knows strategies by name, because the claims are about them: scikit-learn's
exact search in one call and in chunks, Annoy, and both inside Spark.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bench.analysis.cluster import Cluster, on_cluster, spark_curves
from bench.analysis.curves import curves
from bench.analysis.evidence import (
    ClaimVerdict,
    Evidence,
    by_margin,
    ending,
    is_exhausted,
    is_faster,
)
from bench.analysis.prediction import Interval
from bench.analysis.summary import Group, Outcome

ONE_CALL, CHUNKS, OLD = "sklearn_matrix", "sklearn_chunked", "full_matrix"
ANNOY, SPARK, SPARK_ANNOY = "annoy_loop", "spark_sklearn", "spark_annoy"
NAMED = (ONE_CALL, CHUNKS, OLD, ANNOY, SPARK, SPARK_ANNOY)

LONG_SECONDS = 600.0
"""From here on a run takes long."""
HOUR_SECONDS = 3600.0
GOOD_RECALL = 0.9
"""Below it, being faster is no merit."""
FEW_LINES = 60
PACKAGES = frozenset({"scikit-learn", "pyspark", "java"})
"""What the post's own code needs."""
CLUSTER = Cluster(executors=20, cores=8)
"""A cluster of the size that one rents for an hour; its minutes are predicted, not measured."""

Unit = Literal["seconds", "bytes", "ratio", "recall", "lines", "text"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure behind a verdict."""

    what: str
    value: float | str
    unit: Unit
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How a strategy is written."""

    lines: int
    """Of code, without blank ones, comments and docstrings."""
    requires: tuple[str, ...]
    script_lines: int = 0
    """Of the script that does it without the harness; 0 where it offers none."""


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """A claim and what the rows say about it."""

    claim: str
    """``C1`` to ``C7``."""
    text: str
    verdict: ClaimVerdict
    figures: tuple[Figure, ...]
    rows: tuple[str, ...]
    """``run_id`` of the rows behind it."""
    missing: tuple[str, ...] = ()
    """Strategies to run, where it is undecided for want of rows."""


def claims(group: Group, written: Mapping[str, Written]) -> list[JudgedClaim]:
    """Check all seven by the rows of one workload, and by how strategies are written (by name)."""
    evidence = Evidence(group)
    return [JudgedClaim(name, text, *judge(evidence, written)) for name, (text, judge) in _CLAIMS.items()]


_Judged = tuple[ClaimVerdict, tuple[Figure, ...], tuple[str, ...], tuple[str, ...]]


def _undecided(*missing: str) -> _Judged:
    return "undecided", (), (), missing


def _query_is_what_takes_long(evidence: Evidence, _written: Mapping[str, Written]) -> _Judged:
    rows = [outcome.median for name in (ONE_CALL, CHUNKS) if (outcome := evidence.best(name)) is not None]
    if not rows:
        return _undecided(ONE_CALL, CHUNKS)
    ratios = [row.full_query_seconds / max(row.fit_seconds or 0.0, 1e-9) for row in rows]
    figures = tuple(
        figure
        for row in rows
        for figure in (
            Figure(f"fit of {row.strategy}", row.fit_seconds or 0.0, "seconds"),
            Figure(f"query of {row.strategy}", row.full_query_seconds, "seconds"),
        )
    )
    verdict = by_margin(min(ratios), max(ratios))
    return verdict, figures, tuple(row.run_id for row in rows), ()


def _one_matrix_exhausts_the_memory(evidence: Evidence, _written: Mapping[str, Written]) -> _Judged:
    rows, today = evidence.rows(OLD), evidence.best(ONE_CALL)
    figures, behind = [], [row.run_id for row in rows]
    if today is not None and today.median.peak_memory_bytes:
        figures.append(
            Figure(f"peak of today's one call, {ONE_CALL}", today.median.peak_memory_bytes, "bytes")
        )
        behind.append(today.median.run_id)
    figures += [Figure(f"{OLD}, as the post's version did it", ending(row), "text") for row in rows]
    if any(is_exhausted(row) for row in rows):
        return "holds", tuple(figures), tuple(behind), ()
    if any(row.status == "ok" for row in rows):
        return "does not hold", tuple(figures), tuple(behind), ()
    return "undecided", tuple(figures), tuple(behind), (OLD,)


def _chunks_ease_the_memory_but_take_long(evidence: Evidence, _written: Mapping[str, Written]) -> _Judged:
    chunks, whole, old = evidence.best(CHUNKS), evidence.best(ONE_CALL), evidence.rows(OLD)
    exhausted = [row for row in old if is_exhausted(row)]
    if chunks is None or (whole is None and not exhausted):
        return _undecided(*([CHUNKS] if chunks is None else []), *([ONE_CALL] if whole is None else []))
    seconds, peak = chunks.median.full_seconds or 0.0, chunks.median.peak_memory_bytes or 0
    figures = [Figure(f"total of {CHUNKS}", seconds, "seconds"), Figure(f"peak of {CHUNKS}", peak, "bytes")]
    rows = [chunks.median.run_id]
    eased = bool(exhausted)
    rows += [row.run_id for row in exhausted]
    if whole is not None:
        figures.append(Figure(f"peak of {ONE_CALL}", whole.median.peak_memory_bytes or 0, "bytes"))
        rows.append(whole.median.run_id)
        eased = eased or peak < 0.9 * (whole.median.peak_memory_bytes or 0)
    long = by_margin(seconds / LONG_SECONDS, seconds / LONG_SECONDS)
    return long if eased else "does not hold", tuple(figures), tuple(rows), ()


def _annoy_does_worse(evidence: Evidence, _written: Mapping[str, Written]) -> _Judged:
    exact = [outcome for name in (ONE_CALL, CHUNKS) if (outcome := evidence.best(name)) is not None]
    good, any_annoy = evidence.best(ANNOY, recall=GOOD_RECALL), evidence.best(ANNOY)
    if not exact or any_annoy is None:
        return _undecided(*([] if exact else [ONE_CALL]), *([] if any_annoy else [ANNOY]))
    annoy = good or any_annoy
    best = min(exact, key=lambda outcome: outcome.median.full_seconds or 0.0)
    figures = (
        Figure(f"total of {best.strategy}", best.median.full_seconds or 0.0, "seconds"),
        Figure(f"total of {ANNOY}", annoy.median.full_seconds or 0.0, "seconds"),
        Figure(f"recall of {ANNOY}", annoy.median.recall or 0.0, "recall"),
    )
    rows = (best.median.run_id, annoy.median.run_id)
    worse = is_faster(best, annoy)
    if worse is None or (not worse and good is None):  # fast, but at what recall
        return "undecided", figures, rows, ()
    return "holds" if worse else "does not hold", figures, rows, ()


def _spark_brings_hours_to_minutes(evidence: Evidence, _written: Mapping[str, Written]) -> _Judged:
    local, spark = evidence.best(CHUNKS), evidence.best(SPARK)
    if local is None or spark is None:
        return _undecided(*([CHUNKS] if local is None else []), *([SPARK] if spark is None else []))
    seconds = local.median.full_seconds or 0.0
    figures = [
        Figure(f"total of {CHUNKS} on {local.median.threads} cores", seconds, "seconds"),
        Figure(f"total of {SPARK} on {spark.median.master}", spark.median.full_seconds or 0.0, "seconds"),
        Figure("without Spark over with it", seconds / (spark.median.full_seconds or 1.0), "ratio"),
    ]
    rows = (local.median.run_id, spark.median.run_id)
    predicted = _on_cluster(spark)
    if predicted is not None:
        what = f"predicted with {CLUSTER.executors} executors of {CLUSTER.cores} cores"
        figures.append(Figure(what, predicted.median, "seconds", predicted))
    faster = is_faster(spark, local)
    if faster:
        return "holds", tuple(figures), rows, ()
    if seconds < HOUR_SECONDS:  # there are no hours to bring down
        return "does not hold", tuple(figures), rows, ()
    if predicted is not None and predicted.high < HOUR_SECONDS:
        return "holds", tuple(figures), rows, ()
    slow = predicted is not None and predicted.low > HOUR_SECONDS
    return "does not hold" if slow else "undecided", tuple(figures), rows, ()


def _on_cluster(outcome: Outcome) -> Interval | None:
    """What the prediction for a cluster says of the same points."""
    spark = spark_curves(curves(outcome.runs))
    return on_cluster(spark[0], outcome.median.workload.n, CLUSTER).wall_seconds if spark else None


def _annoy_needs_a_file(evidence: Evidence, _written: Mapping[str, Written]) -> _Judged:
    probed = [
        row for name in (ANNOY, SPARK_ANNOY) for row in evidence.rows(name) if "picklable" in row.details
    ]
    if not probed:
        return _undecided(ANNOY)
    picklable = str(probed[-1].details["picklable"])
    figures = (Figure("can Annoy's index be pickled, as a broadcast needs", picklable, "text"),)
    return "holds" if picklable.startswith("no") else "does not hold", figures, (probed[-1].run_id,), ()


def _few_lines_no_package(_evidence: Evidence, written: Mapping[str, Written]) -> _Judged:
    if SPARK not in written:
        return _undecided()
    strategy = written[SPARK]
    extra = sorted(set(strategy.requires) - PACKAGES)
    script = Figure("lines of its script without the harness", strategy.script_lines, "lines")
    figures = (
        Figure(f"lines of {SPARK}", strategy.lines, "lines"),
        *([script] if strategy.script_lines else []),
        Figure("packages beyond scikit-learn and Spark", ", ".join(extra) or "none", "text"),
    )
    return "holds" if strategy.lines <= FEW_LINES and not extra else "does not hold", figures, (), ()


_CLAIMS: Mapping[str, tuple[str, Callable[[Evidence, Mapping[str, Written]], _Judged]]] = {
    "C1": ("fit is not what takes long: kneighbors for all points does", _query_is_what_takes_long),
    "C2": (
        "one kneighbors call for all points, as it was done then, exhausts the memory",
        _one_matrix_exhausts_the_memory,
    ),
    "C3": ("working in chunks saves memory but takes long", _chunks_ease_the_memory_but_take_long),
    "C4": ("Annoy does worse than scikit-learn's exact search", _annoy_does_worse),
    "C5": ("Spark with the broadcast index brings hours down to minutes", _spark_brings_hours_to_minutes),
    "C6": ("in Spark, Annoy's index has to be shipped as a file", _annoy_needs_a_file),
    "C7": ("a few lines and no extra package are enough", _few_lines_no_package),
}
