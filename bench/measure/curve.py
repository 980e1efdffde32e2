"""Memory over time, thinned so that a long run writes no more lines than a short one."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure.process_tree import Memory

_MOST_MOMENTS = 1000
_FIRST_GAP_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Moment:
    """What each role held at one moment."""

    seconds: float
    """Since the supervisor began to sample."""
    phase: str
    by_role: dict[str, Memory]

    @property
    def total_bytes(self) -> int:
        """What all roles held together."""
        return sum(memory.total_bytes for memory in self.by_role.values())


@dataclass(slots=True)
class MemoryHistory:
    """The largest moment of each span of time; the spans grow with the run."""

    _moments: list[Moment] = field(default_factory=list)
    _gap: float = _FIRST_GAP_SECONDS

    def add(self, moment: Moment) -> None:
        """Add a moment; thin the curve if it has become too long."""
        self._moments.append(moment)
        if len(self._moments) > _MOST_MOMENTS:
            self._gap *= 2
            self._moments = self._thinned()

    def _thinned(self) -> list[Moment]:
        largest: dict[int, Moment] = {}
        for moment in self._moments:
            span = int(moment.seconds / self._gap)
            if span not in largest or moment.total_bytes > largest[span].total_bytes:
                largest[span] = moment
        return list(largest.values())

    def write(self, path: Path) -> None:
        """Write it as CSV: one line for each role at each moment."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["seconds", "phase", "role", "memory_bytes", "anonymous_bytes"])
            for moment in self._moments:
                for role, memory in moment.by_role.items():
                    seconds = f"{moment.seconds:.3f}"
                    writer.writerow([seconds, moment.phase, role, memory.total_bytes, memory.anonymous_bytes])
