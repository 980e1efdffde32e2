"""Counts how often the decision procedure errs; exits with 1 where that is more often than it promises."""

import sys
import time

from tools.selftest.real import compare_pair
from tools.selftest.simulated import Tally, simulate

SIMULATED_PAIRS = 2000
EQUAL_PAIRS, UNEQUAL_PAIRS = 20, 10
MORE_WORK = 1.2
"""Of the slower one in an unequal real pair."""


def main() -> int:
    """Print a line for each kind of pair; return the exit code."""
    began = time.monotonic()
    failures = count_simulated_failures() + count_real_failures()
    print(f"{'FAILED' if failures else 'passed'} in {(time.monotonic() - began) / 60:.1f} minutes")
    return 1 if failures else 0


def count_simulated_failures() -> int:
    """Print a line for each noise and ratio; return how many are out of bounds."""
    print(f"{SIMULATED_PAIRS} simulated pairs each, with drift and outliers:")
    failures = 0
    for tally in simulate(SIMULATED_PAIRS):
        failures += not _is_within_bounds(tally)
        kind = "equal" if tally.ratio == 1 else f"{tally.ratio:g} x the work"
        print(
            f"  noise {tally.noise:4.0%}, {kind:>14}: called different in {tally.share:6.2%}, "
            f"after {tally.repeats:.1f} repeats on average"
            f"{'' if _is_within_bounds(tally) else '  <- out of bounds'}"
        )
    return failures


def _is_within_bounds(tally: Tally) -> bool:
    if tally.ratio == 1:
        return tally.share <= 0.06
    return tally.noise > 0.10 or tally.share >= 0.95


def count_real_failures() -> int:
    """Print a line for each real pair; return how many of the two shares are out of bounds."""
    false_alarms = sum(_is_called_different("equal", 1.0, seed) for seed in range(EQUAL_PAIRS))
    unequal = f"{MORE_WORK:g} x the work"
    detected = sum(_is_called_different(unequal, MORE_WORK, seed) for seed in range(UNEQUAL_PAIRS))
    print(
        f"real pairs: {false_alarms} of {EQUAL_PAIRS} equal ones called different, "
        f"{detected} of {UNEQUAL_PAIRS} unequal ones detected"
    )
    return (false_alarms > 3) + (detected < 9)


def _is_called_different(kind: str, more_work: float, seed: int) -> bool:
    compared = compare_pair(more_work, seed)
    verdict = "different" if compared.different else "not distinguishable"
    print(
        f"  real pair, {kind}: {verdict} after {compared.repeats} repeats, ratio {compared.ratio:.3f}",
        flush=True,
    )
    return compared.different


if __name__ == "__main__":
    sys.exit(main())
