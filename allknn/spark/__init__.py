"""All nearest neighbors in a Spark session, and what the tasks of the harness's joins do.

neighbors.py     nearest_neighbors: of a DataFrame, in the caller's session
columns.py       the columns of a DataFrame: ids, vectors, the part that a row belongs to
staging.py       a DataFrame as numbered points, checked
leaves.py        the join by leaves over executors, round by round
exact_search.py  exact neighbors: in the cell around a point, then in those that its ball reaches
cells.py         cells of space, and which of them a ball reaches
products.py      cells under the inner product
point_tasks.py   tasks: sample ids, check, pack and number points
equal_tasks.py   tasks: find equal points, leave all but the first out
leaf_tasks.py    tasks: assign points to buckets, solve these, merge
exact_tasks.py   tasks: send points to cells, settle
cell_tasks.py    tasks: search cells
sample_tasks.py  tasks: find who is near to a few points
name_tasks.py    tasks: the caller's ids in place of numbers
messages.py      what tasks send one another
shipping.py      the library on its way to executors
approximate_plan.py   how the approximate join of staged points is cut into tasks
approximate_tasks.py  assign rows to buckets, solve buckets, merge what they know of a row
exact_rounds.py       the exact join of staged points by tasks, near leaf ranges first
exact_task.py         join two leaf ranges
"""

from allknn.spark.neighbors import nearest_neighbors

__all__ = ["nearest_neighbors"]
