"""What the rows say; takes rows, imports nothing that measures.

compare.py         which of two strategies is faster; after how many repeats to look (LOOKS)
repeats.py         which repeats belong together, and whether there are enough
summary.py         groups of comparable rows, their repeats folded
ranking.py         which strategy to use under limits
before_after.py    two results directories, compared by the test of independent.py
pairing.py         which of their series belong together; differences.py, what those do not share

From runs at growing n to decisions:

curves.py          rows that differ only in n, put together
growth.py          how cost grows with n, as far as it is known before any run
regression.py      Bayesian regression with several priors; fitting.py fits each phase by it
prediction.py      time, memory and recall at another n, with intervals
scaling.py         exponents, and the lines to draw
calibration.py     predictions beside what was then measured
forecasts.py       what a planned run is expected to cost, and which limits it would exceed
cluster.py         what Spark would take on other machines; cluster_terms.py, part by part;
                   shipping.py, to ship points and index there
advice.py          which setting to use under limits
claims.py          the claims of a post, checked against rows; evidence.py, what decides them
"""
