"""Does the harness tell equal from different? Tried on simulated and on real runs whose truth is known.

__main__.py    prints what it finds; exit code 1 where the procedure errs too often
simulated.py   pairs of simulated runs
real.py        pairs of real runs
busy_loop.py   the strategy that those run
"""
