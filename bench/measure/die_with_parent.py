"""Runs a module in a process that dies with the harness: arguments PARENT_PID MODULE ARG ..."""

import os
import runpy
import sys

from bench.measure.process_tree import die_with_parent


def command(module: str, *arguments: str) -> list[str]:
    """The command line for a module that must not survive this process."""
    return [sys.executable, "-m", "bench.measure.die_with_parent", str(os.getpid()), module, *arguments]


if __name__ == "__main__":
    die_with_parent()
    if os.getppid() != int(sys.argv[1]):
        sys.exit("the harness is gone")
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
