"""The approximate join of all points by leaves, and the older one by overlapping clusters.

leaf_join.py   the join by leaves, in threads
parameters.py  how much it looks at
buckets.py     points -> buckets around random leaders, each point in several
leaders.py     the tree by which the nearest leaders are found
lists.py       the nearest known of each point, shared by threads
recall.py      the recall reached so far, by a sample
join.py        the join by overlapping clusters, in threads
clustering.py  points -> clusters, each point in several
kmeans.py      points -> centroids
solve.py       a cluster -> its points' neighbors within it
"""
