"""The decision procedure on pairs of simulated runs: noise, drift, outliers, and a ratio that is known."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.analysis.compare import LOOKS
from bench.analysis.repeats import compare_series, undecided
from bench.results import AUTO_REPEATS, Measurement
from bench.workloads.identity import WorkloadId

NOISES = (0.03, 0.10, 0.20)
DRIFT = 0.02
"""Standard deviation of the machine's random walk from one repeat to the next."""
OUTLIERS = 0.05
"""Share of runs that something made slower, by half on average."""
_WORKLOAD = WorkloadId("simulated", 1000, 8, 5, "euclidean", 0, "simulated")


@dataclass(frozen=True)
class Tally:
    """How often a pair was called different, out of how many."""

    noise: float
    ratio: float
    pairs: int
    different: int
    repeats: float
    """Mean number until the procedure stopped."""

    @property
    def share(self) -> float:
        """Of the pairs called different."""
        return self.different / self.pairs


def simulate(pairs: int, seed: int = 0) -> Iterator[Tally]:
    """Share of ``pairs`` called different for each noise, when equal and when one does 1.2 times the work."""
    rng = np.random.default_rng(seed)
    for noise in NOISES:
        for ratio in (1.0, 1.2):
            outcomes = [decide(*draw(rng, noise, ratio)) for _ in range(pairs)]
            different = sum(is_different for is_different, _ in outcomes)
            repeats = float(np.mean([repeats for _, repeats in outcomes]))
            yield Tally(noise, ratio, pairs, different, repeats)


def draw(
    rng: np.random.Generator, noise: float, ratio: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds of two strategies, (repeats,) each, on a machine that drifts and sometimes disturbs a run."""
    n = LOOKS[-1]
    drift = np.cumsum(rng.normal(0, DRIFT, n))
    seconds = []
    for level in (1.0, ratio):
        logs = np.log(level) + drift + rng.normal(0, noise, n)
        logs += (rng.random(n) < OUTLIERS) * rng.exponential(0.5, n)
        seconds.append(np.exp(logs))
    return seconds[0], seconds[1]


def decide(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[bool, int]:
    """Whether ``--repeats auto`` would call them different, and after how many repeats."""
    rows: list[Measurement] = []
    for repeat, pair in enumerate(zip(a, b, strict=True), start=1):
        rows += [_row(name, repeat, float(seconds)) for name, seconds in zip("ab", pair, strict=True)]
        if repeat in LOOKS and not undecided(rows, repeat):
            break
    return compare_series(rows[::2], rows[1::2]).verdict == "different", repeat


def _row(series: str, repeat: int, seconds: float) -> Measurement:
    return Measurement(
        run_id=f"{series}-{repeat}",
        series_id=series,
        strategy="simulated",
        exact=True,
        params={},
        workload=_WORKLOAD,
        repeat=repeat,
        repeats_asked=AUTO_REPEATS,
        threads=1,
        multi_threaded=False,
        master=None,
        status="ok",
        total_seconds=seconds,
    )
