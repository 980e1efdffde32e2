"""A standalone Spark cluster on this machine, and what a run must know to use this one or any other.

standalone.py   start a master and workers, add a worker, find the cluster again, stop it
processes.py    processes that outlive this one: start them, know them again, end all that they started
access.py       can a master and a namenode be reached, and with which secret

It serves to try a cluster before there is one, and to test that a run survives what happens to one.
"""

from bench.cluster.access import check_reachable, check_storage, environment
from bench.cluster.standalone import Cluster, add_worker, directory, find, start, stop

__all__ = [
    "Cluster",
    "add_worker",
    "check_reachable",
    "check_storage",
    "directory",
    "environment",
    "find",
    "start",
    "stop",
]
