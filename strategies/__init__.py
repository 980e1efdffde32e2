"""One module for each strategy: the file's name is the strategy's name. What several share has an underscore.

_neighbors.py   cut rows into ranges, take each point out of its own answer
_sklearn.py     scikit-learn's ``NearestNeighbors``
_kd_tree.py     SciPy's kd-tree, asked in blocks by several threads
_annoy.py       Annoy's forest, grown and asked one query at a time
_faiss.py       Faiss's threads and distances
_faiss_ivf.py   Faiss's inverted lists
_voyager.py     Voyager's graph
_allknn.py      our own library's blocks and parameters
_spark/         one way to run any index on Spark
"""

MOVED = {"overlap_join": "leaf_join", "spark_overlap_join": "spark_leaf_join"}
"""Strategies that another one has taken the place of."""
