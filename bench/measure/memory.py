"""Peaks of a run's memory by phase and role, out of samples of its process tree.

Every tick reads ``statm``, which is cheap but blind to sharing. Proportional set sizes are read when that
has moved by 2 %, when a process came or went, and at the end of a phase, as often as the budget of CPU time
allows; between two such readings the last one plus the growth of private pages stands in.
"""

import csv
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure.tree import Memory, ProcessTree, Resident

METHOD = "PSS and swap of the process tree (smaps_rollup), statm between"
TICK_SECONDS = 0.02
_TICKS_SHARE = 0.008
_READINGS_SHARE = 0.006
"""CPU seconds a second of watching may cost: together under 2 % of a core."""
_BURST_SECONDS = 0.15
_MOVED = 0.02
_MOST_SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Sample:
    """What one role held at one moment."""

    seconds: float
    """Since the watching began."""
    phase: str
    role: str
    memory: Memory


@dataclass(slots=True)
class Peaks:
    """The most that was seen, each figure at its own moment."""

    total_bytes: int = 0
    anonymous_bytes: int = 0
    file_bytes: int = 0

    def see(self, memory: Memory) -> None:
        """Take one reading in."""
        self.total_bytes = max(self.total_bytes, memory.total_bytes)
        self.anonymous_bytes = max(self.anonymous_bytes, memory.anonymous_bytes)
        self.file_bytes = max(self.file_bytes, memory.file_bytes)


@dataclass(slots=True)
class Sampler:
    """Watches a tree; ``tick`` is called in a loop, ``read`` where an exact figure is due."""

    tree: ProcessTree
    phase: str = "start"
    run: Peaks = field(default_factory=Peaks)
    phases: dict[str, Peaks] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    most_threads: int = 0
    now: Memory = field(default_factory=Memory)
    """The latest figure for the whole tree."""
    _began: float = field(default_factory=time.perf_counter)
    _samples: list[Sample] = field(default_factory=list)
    _sample_gap: float = TICK_SECONDS
    _exact: Memory = field(default_factory=Memory)
    _at_exact: dict[int, Resident] = field(default_factory=dict)
    _spent_reading: float = 0.0

    def tick(self) -> float:
        """Look at the tree once; return the seconds to wait before the next look."""
        began = time.process_time()
        changed = self.tree.refresh()
        resident = self.tree.resident()
        cost = time.process_time() - began
        if (changed or self._moved(resident)) and self._affordable():
            self.read(resident)
        else:
            self._see(Memory(self._exact.anonymous_bytes + self._growth(resident), self._exact.file_bytes))
        return max(TICK_SECONDS, cost / _TICKS_SHARE)

    def read(self, resident: dict[int, Resident] | None = None) -> Memory:
        """Read the proportional set sizes now, whatever it costs."""
        began = time.process_time()
        if resident is None:
            self.tree.refresh()
            resident = self.tree.resident()
        self.tree.name_roles()
        by_role = self.tree.memory_by_role()
        self._exact, self._at_exact = sum(by_role.values(), Memory()), resident
        for role, memory in by_role.items():
            self.roles[role] = max(self.roles.get(role, 0), memory.total_bytes)
        self.most_threads = max(self.most_threads, self.tree.threads())
        self._keep(by_role)
        self._see(self._exact)
        self._spent_reading += time.process_time() - began
        return self._exact

    def enter(self, phase: str) -> None:
        """Close the present phase with an exact reading and count what follows to another."""
        self.read()
        self.phase = phase
        self._see(self._exact)

    def write_samples(self, path: Path) -> None:
        """Write the samples kept, one line a role and moment."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["seconds", "phase", "role", "memory_bytes", "anonymous_bytes"])
            for s in self._samples:
                row = [f"{s.seconds:.3f}", s.phase, s.role, s.memory.total_bytes, s.memory.anonymous_bytes]
                writer.writerow(row)

    def _moved(self, resident: dict[int, Resident]) -> bool:
        before, now = self._at_exact.values(), resident.values()
        private = sum(r.private_bytes for r in before)
        shared = sum(r.shared_bytes for r in before)
        return (
            abs(sum(r.private_bytes for r in now) - private) > _MOVED * private
            or abs(sum(r.shared_bytes for r in now) - shared) > _MOVED * shared
        )

    def _growth(self, resident: dict[int, Resident]) -> int:
        """Private bytes gained or lost since the last reading; newcomers may share pages and wait for one."""
        gone = Resident(0, 0)
        grown = sum(
            resident.get(pid, gone).private_bytes - r.private_bytes for pid, r in self._at_exact.items()
        )
        return max(grown, -self._exact.anonymous_bytes)

    def _affordable(self) -> bool:
        watched = time.perf_counter() - self._began
        return self._spent_reading <= _BURST_SECONDS + _READINGS_SHARE * watched

    def _see(self, memory: Memory) -> None:
        self.now = memory
        self.run.see(memory)
        self.phases.setdefault(self.phase, Peaks()).see(memory)

    def _keep(self, by_role: dict[str, Memory]) -> None:
        seconds = time.perf_counter() - self._began
        if self._samples and seconds - self._samples[-1].seconds < self._sample_gap:
            return
        self._samples += [Sample(seconds, self.phase, role, memory) for role, memory in by_role.items()]
        if len(self._samples) > _MOST_SAMPLES:
            self._sample_gap *= 2
            self._samples = _thinned(self._samples, self._sample_gap)


def _thinned(samples: list[Sample], gap: float) -> list[Sample]:
    """Keep the largest moment of each ``gap`` seconds."""
    moments: dict[float, list[Sample]] = {}
    for sample in samples:
        moments.setdefault(sample.seconds, []).append(sample)
    kept: dict[int, list[Sample]] = {}
    for seconds, moment in moments.items():
        slot = int(seconds / gap)
        if slot not in kept or _total(moment) > _total(kept[slot]):
            kept[slot] = moment
    return [sample for moment in kept.values() for sample in moment]


def _total(moment: list[Sample]) -> int:
    return sum(sample.memory.total_bytes for sample in moment)
