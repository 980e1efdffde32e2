"""What the rows say; takes rows, imports nothing that measures.

compare.py   which of two ways is faster, where repeats can tell
repeats.py   pairing repeats, and knowing when there are enough
summary.py   like put with like, repeats folded
choice.py    which to take under limits
before_after.py   two results directories, by the test of independent.py
pairing.py, unlike.py   which of their series belong together, and what those do not share

From runs at growing n to decisions:

curves.py       rows that differ only in n, put together
growth.py       how cost grows with n, as far as it is known before any run
regression.py   beliefs that compete, the noise learned
learning.py     what rows teach of each phase
prediction.py   time, memory and recall at another n, with intervals
scaling.py      exponents, and the lines to draw
checking.py     predictions beside what was then measured
foresight.py    before a run: does it keep its limits
cluster.py, shipping.py   what Spark would take on other machines
advice.py       which setting to use under limits
claims.py, evidence.py    the claims of a post, held against rows
"""
