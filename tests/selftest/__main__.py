"""Prints what the decision procedure makes of such runs; exits with 1 where it errs too often."""

import sys
import time

from tests.selftest.live import called_different
from tests.selftest.simulated import simulate

SIMULATED_PAIRS = 2000
ALIKE, UNLIKE = 20, 10


def main() -> int:
    began = time.monotonic()
    failed = simulated() + live()
    print(f"{'FAILED' if failed else 'passed'} in {(time.monotonic() - began) / 60:.1f} minutes")
    return 1 if failed else 0


def simulated() -> int:
    """Print a line for each noise and ratio; return how many are out of bounds."""
    print(f"{SIMULATED_PAIRS} simulated pairs each, with drift and outliers:")
    failed = 0
    for tally in simulate(SIMULATED_PAIRS):
        fine = tally.share <= 0.06 if tally.ratio == 1 else tally.noise > 0.10 or tally.share >= 0.95
        failed += not fine
        kind = "equal" if tally.ratio == 1 else f"{tally.ratio:g} x the work"
        print(
            f"  noise {tally.noise:4.0%}, {kind:>14}: called different in {tally.share:6.2%}, "
            f"after {tally.repeats:.1f} repeats on average{'' if fine else '  <- out of bounds'}"
        )
    return failed


def live() -> int:
    """Print a line for each real pair; return how many of the two shares are out of bounds."""
    wrong = sum(report("equal", 1.0, seed) for seed in range(ALIKE))
    found = sum(report("1.2 x the work", 1.2, seed) for seed in range(UNLIKE))
    print(
        f"real pairs: {wrong} of {ALIKE} equal ones called different, {found} of {UNLIKE} unlike ones found"
    )
    return (wrong > 3) + (found < 9)


def report(kind: str, more_work: float, seed: int) -> bool:
    different, repeats, ratio = called_different(more_work, seed)
    verdict = "different" if different else "not distinguishable"
    print(f"  real pair, {kind}: {verdict} after {repeats} repeats, ratio {ratio:.3f}", flush=True)
    return different


if __name__ == "__main__":
    sys.exit(main())
