"""The exact join of all points with themselves: order, join near stretches first, settle, prove.

join.py        the whole join, in threads
duplicates.py  equal points are joined once
order.py       points in an order in which near ones come together, leaf by leaf
points.py      the points in their order, laid out for tiles
schedule.py    which stretches of leaves meet, and when
pairs.py       two stretches -> candidates of both, each pair of points once
bounds.py      which pairs need not be computed
tile.py        the innermost step
settle.py      candidates -> exact neighbors, proven or searched for again
task.py        two stretches joined apart from all others, as a task of a cluster does
"""
