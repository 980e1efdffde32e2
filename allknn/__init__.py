"""All nearest neighbors: the k nearest other points of every point, exactly or approximately.

    exact/        every pair of points computed once, or proven too far apart
    approximate/  many small leaves around random leaders, each solved exactly, merged
    spark/        what Spark's tasks do in either
    neighbors.py  nearest_neighbors: the library in one line
    answers.py    Block: the neighbors of some points
    _native.py    the compiled core's functions, typed
    _native_screen.py  those for screens of the exact join
    _native_leaves.py  those of the approximate join
    _arrays.py    arrays as the compiled core takes them, checked
    _library.py   the compiled core as a file: found, loaded once
    _core/        its C++: one object for each instruction set, chosen when loaded

It imports nothing of the harness or of the strategies around it.
"""

from allknn.neighbors import nearest_neighbors

__all__ = ["nearest_neighbors"]
