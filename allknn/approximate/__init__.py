"""The approximate join of all points by leaves.

leaf_join.py   the whole join, in threads, round by round
parameters.py  how much it looks at
buckets.py     points -> buckets around random leaders, each point in several
limited.py     the join with an end that the caller sets, such as a time limit
leaders.py     the tree by which the nearest leaders are found
lists.py       the nearest known of each point, shared by threads; how buckets are divided into leaves
recall.py      the recall reached so far, by a sample
forecast.py    what rounds will find, and whether the exact join takes less time, told beforehand
exact.py       the exact neighbors of a few points
"""
