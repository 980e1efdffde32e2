"""Which points, which k: synthetic, real and users' files, staged once by content hash.

    identity.py    what identifies a workload in a row
    reading.py     options on how a user's points are read
    request.py     the points asked for, as options that print themselves again
    choice.py      a Workload: a preset or a file, k, metric, and a Source
    synthetic.py   Source: families of generated points
    patches.py     Source: image patches, without a download
    text.py        Source: passages of text, without a download
    parts.py       the parts of a folder in order
    remote.py      a file at a URL, fetched into the cache
    files.py       Source: users' files, read by formats/
    spark/         Source: files at a URI, read by Spark's tasks
    sample.py      Source: random rows of another
    metric.py      the metric that a file says it is for
    transfer.py    a file brought here, again where a connection broke
    ids.py         the ids that a file gives its rows
    stream.py      what every Source opens: a Stream of row blocks
    conversion.py  any numeric dtype to float32, checked, normalized where the metric asks for it
    precision.py   whether float32 keeps the points' neighbors
    drafts.py      Stream -> conversion -> a .npy, again with the mean subtracted where that helps
    staging.py     the .npy in the cache, by the hash of its content: Staged
    cache.py       the cache's directory, lock, size, clearing; compiled code lies there too

Imports point downwards in this list, but for staging, which brings all together.
"""

from bench.workloads.cache import cache_directory, cache_size, clear_cache
from bench.workloads.choice import Workload, family, from_file, from_spark, preset, preset_names
from bench.workloads.identity import WorkloadId
from bench.workloads.reading import Reading
from bench.workloads.request import PointsRequest
from bench.workloads.spark.process import Spark
from bench.workloads.staging import Staged, stage, stage_queries

__all__ = [
    "PointsRequest",
    "Reading",
    "Spark",
    "Staged",
    "Workload",
    "WorkloadId",
    "cache_directory",
    "cache_size",
    "clear_cache",
    "family",
    "from_file",
    "from_spark",
    "preset",
    "preset_names",
    "stage",
    "stage_queries",
]
