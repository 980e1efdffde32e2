"""Seconds and CPU seconds of a run's phases, as the supervisor sees them."""

import time
from dataclasses import dataclass, field

from bench.measure.job import LIMITED


@dataclass(slots=True)
class Clock:
    """Seconds and CPU seconds of the phases; the time limit counts only some of them."""

    phase: str = "start"
    began: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    _cpu_before: float = 0.0

    def enter(self, phase: str, cpu_seconds: float) -> None:
        """A phase begins."""
        self.phase, self.began, self._cpu_before = phase, time.perf_counter(), cpu_seconds

    def leave(self, seconds: float, cpu_seconds: float) -> None:
        """The phase ended after so many seconds by the worker's own clock."""
        self.seconds[self.phase] = seconds
        self.cpu_seconds[self.phase] = cpu_seconds - self._cpu_before
        self.began = None

    def stop(self, cpu_seconds: float) -> None:
        """The run was stopped: close its current phase, by this process's clock."""
        if self.began is not None:
            self.leave(time.perf_counter() - self.began, cpu_seconds)

    def limited_seconds(self) -> float:
        """Seconds that count towards the time limit so far."""
        running = 0.0
        if self.began is not None and self.phase in LIMITED:
            running = time.perf_counter() - self.began
        return running + sum(self.seconds.get(phase, 0.0) for phase in LIMITED)
