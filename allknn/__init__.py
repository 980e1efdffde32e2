"""All nearest neighbors: the k nearest other points of every point, exactly or approximately.

    exact/        every pair of points computed once, or proven too far apart
    approximate/  overlapping clusters, each solved exactly, merged
    spark/        what Spark's tasks do in either
    answers.py    Block: the neighbors of some points
    compiled.py   functions as machine code

It imports nothing of the harness or of the strategies around it.
"""
