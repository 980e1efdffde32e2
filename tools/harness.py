"""Runs the harness's command, for tools that measure through it."""

import subprocess
import sys


def bench(*words: str) -> str:
    """Do a command; return what it prints. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def comma_separated(values: tuple[int, ...]) -> str:
    """Write numbers as an option takes them: ``10000,30000``."""
    return ",".join(map(str, values))
