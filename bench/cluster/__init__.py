"""A standalone Spark cluster on this machine, and what a run needs to use this or any other cluster.

standalone.py   start a master and workers, add a worker, find the cluster again, stop it
processes.py    processes that outlive this one: start them, recognize them, end all that they started
access.py       whether a master and a namenode can be reached, and the secret

It serves to try out a cluster before you have one, and to test that a run survives a cluster's faults.
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
