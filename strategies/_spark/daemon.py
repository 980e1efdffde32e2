"""What the Python workers of a local session of our joins are forked from, with what each of them needs.

Spark's own daemon imports next to nothing, so that each worker compiles PySpark's modules out of an archive.
None of these starts a thread, which a fork would lose.
"""

import gc

import numpy as np  # noqa: F401 (for the workers)
import pyspark.worker  # noqa: F401
from pyspark.daemon import manager

from allknn import _library
from allknn.approximate import buckets  # noqa: F401
from allknn.exact import task  # noqa: F401

if __name__ == "__main__":
    _library.load()
    gc.collect()
    gc.freeze()
    manager()
