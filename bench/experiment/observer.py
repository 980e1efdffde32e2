"""What an experiment shows while it goes on; who calls it decides where."""

from collections.abc import Mapping
from typing import Protocol

from bench.measure.session import Display
from bench.workloads.stream import Progress


class Observer(Protocol):
    """Is told what goes on."""

    def say(self, text: str) -> None:
        """Take one line about what is going on."""

    def staging(self, name: str) -> Progress:
        """Give what is told how many points of a workload are staged."""
        ...

    def fetching(self, url: str) -> Progress:
        """Give what is told how many bytes of a file at a URL are there."""
        ...

    def runs(self, memory_limit_bytes: int | None, labels: Mapping[str, str]) -> Display:
        """Give what shows a series of runs; ``labels`` names each by ``run_id``."""
        ...
