"""Probes: first-touch (page-fault) cost, which depends on what the machine did just before; its speed."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from bench.measure.process_tree import die_with_parent
from bench.units import parse_size

WARM_UP = "ALLKNN_WARM_UP"
"""How much to touch before each worker, instead of what a probe finds out."""
PROBE_BYTES = 256 << 20
_IDLE_SECONDS = 2.0
_TOUCH = "import time; t = time.perf_counter(); b'1' * {size}; print(time.perf_counter() - t)"

_QUERY = """
import time
import numpy as np
from scipy.spatial import cKDTree
points = np.random.default_rng(0).standard_normal((50_000, 6)).astype(np.float32)
began = time.process_time()
cKDTree(points).query(points, 11)
print(time.process_time() - began)
"""
"""About a second."""


def speed_seconds() -> float | None:
    """CPU seconds that a kd-tree takes for some queries in one thread of a new process; None if that failed.

    It is hardly longer where other processes use the machine, too.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", _QUERY],
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=die_with_parent,
    )
    return float(done.stdout) if done.returncode == 0 else None


def touch(size: int = PROBE_BYTES) -> float | None:
    """Touch so many bytes in a new process and free them; return seconds per GiB, None if that failed."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _TOUCH.format(size=size)],
        check=False,
        capture_output=True,
        text=True,
        preexec_fn=die_with_parent,
    )
    return float(done.stdout) * (1 << 30) / size if done.returncode == 0 else None


def asked_to_warm_up(environ: Mapping[str, str] = os.environ) -> int | None:
    """Read how much to touch before each worker; None where nobody says, ValueError where it is no size."""
    text = environ.get(WARM_UP, "")
    try:
        return None if not text else 0 if text == "0" else parse_size(text)
    except ValueError:
        raise ValueError(f"{WARM_UP} is {text!r}: use a size such as 4GiB, or 0 for none") from None


def warm_up_bytes(usable_memory_bytes: int) -> int:
    """How much to touch before each worker, so that all start from the same state; 0 if it does not matter.

    After some idle seconds, touching memory may cost several times what it costs when another process has
    just freed it; without a warm-up, the first run after a pause would pay for that.
    """
    time.sleep(_IDLE_SECONDS)
    idle, warm = touch(), touch()
    if idle is None or warm is None or idle <= 2 * warm:
        return 0
    return min(4 << 30, usable_memory_bytes // 4)
