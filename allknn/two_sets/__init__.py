"""The nearest points of other points, the queries: two sets that meet.

exact.py        every pair of a query and a point that no bound spares
approximate.py  queries look into the buckets of their nearest leaders, round by round into more
"""
