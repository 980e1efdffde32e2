"""The approximate join of all points by overlapping clusters.

join.py        the whole join, in threads
clustering.py  points -> clusters, each point in several
kmeans.py      points -> centroids
solve.py       a cluster -> its points' neighbors within it
"""
