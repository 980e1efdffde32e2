"""What a Spark master's URL says: is it this machine, and how many of its cores."""

import os
import re

_LOCAL = re.compile(r"local(?:\[(\*|\d+)(?:, *\d+)?\])?")


def is_local(master: str | None) -> bool:
    """Whether tasks run in this process tree: no master, or ``local[…]``; not ``local-cluster[…]``."""
    return master is None or _LOCAL.fullmatch(master) is not None


def local_cores(master: str) -> int:
    """Cores of a master in local mode; 0 for a cluster, which does not tell beforehand."""
    local = _LOCAL.fullmatch(master)
    if local is None:
        return 0
    return len(os.sched_getaffinity(0)) if local[1] == "*" else int(local[1] or 1)
