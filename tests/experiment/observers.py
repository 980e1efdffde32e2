"""An observer that shows nothing."""

from typing import Any

from bench.measure.schedule import PlannedRun
from bench.measure.session import Display
from bench.results import Measurement
from bench.workloads.stream import Progress


class Quiet:
    """A display of runs that shows nothing."""

    def begins(self, run: PlannedRun, number: int, of: int) -> None:
        pass

    def progress(self, message: Any) -> None:
        pass

    def ends(self, row: Measurement | None) -> None:
        pass


class Silent:
    """Keeps what it is told, shows nothing."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def staging(self, *_name: str) -> Progress:
        return lambda _rows, _of: None

    def runs(self, *_rest: object) -> Display:
        return Quiet()
