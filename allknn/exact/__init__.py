"""The exact join of all points with themselves: order, bound, join near leaf ranges first, settle, prove.

join.py        the whole join, in threads
arrangement.py the order and the screen in a file that tasks map
components.py  principal components of the points, by a sample
duplicates.py  equal points are joined once
order.py       points in an order in which near ones come together, leaf by leaf
points.py      the points in their order, and the lists of who is near to each
screen.py      bounds from a few components, and whether looking at those first pays
sides.py       points of a cell and their visitors, ordered and screened by a task
words.py       the same in whole numbers, where the processor has products of bytes
schedule.py    which leaf ranges meet, and when
trial.py       the share of pairs that would be computed, tried on a few leaves
task.py        two leaf ranges joined on their own, as a task of a cluster does

What is computed for each pair of points, and the bounds that spare it, are in the compiled core.
"""
