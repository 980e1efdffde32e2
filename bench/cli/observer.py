"""Shows an experiment in the terminal, on standard error."""

from collections.abc import Mapping

from bench.cli import progress, terminal
from bench.measure.session import Display
from bench.workloads.stream import Progress


class TerminalObserver:
    """Prints lines, staged points and runs as they go on."""

    def say(self, text: str) -> None:
        """Print one line about what is going on."""
        terminal.say(text)

    def staging(self, name: str) -> Progress:
        """Show how many points of a workload are staged."""
        return progress.Staging(name)

    def fetching(self, url: str) -> Progress:
        """Show how many bytes of a file at a URL are there."""
        return progress.Fetching(url)

    def runs(self, memory_limit_bytes: int | None, labels: Mapping[str, str]) -> Display:
        """Show a series of runs: live on a terminal, plain lines elsewhere."""
        return progress.display(memory_limit_bytes, labels)
