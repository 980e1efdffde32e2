"""Peaks of a run's memory by phase and role, out of samples of its process tree.

Every tick reads ``statm``, which is cheap but blind to sharing. Proportional set sizes are read when that
has changed by 2 %, when a process started or ended, and at the end of a phase, as often as a budget of CPU
time allows; between two such readings, the last one plus the growth of private pages is the estimate.
"""

import time
from dataclasses import dataclass, field

from bench.measure.curve import MemoryHistory, Moment
from bench.measure.messages import Peaks
from bench.measure.process_tree import Memory, ProcessTree, Resident
from bench.measure.shared_memory import unmapped_bytes

METHOD = "PSS and swap of the process tree (smaps_rollup), statm between"
TICK_SECONDS = 0.02
_QUIET_TICK_SECONDS = 0.06
"""Sampling intervals; the longer one where nothing has changed since the last sample."""
_LONGEST_INTERVAL_SECONDS = 0.2
_TICKS_SHARE = 0.008
_READINGS_SHARE = 0.004
"""CPU seconds that a second of sampling may cost: together under 2 % of a core."""
_BURST_SECONDS = {"ticks": 0.03, "same processes": 0.03, "other processes": 0.2}
"""CPU seconds that may be spent ahead of that; most where only a reading shows who shares what."""
_REST, _REST_WHEN_TORN, _REST_WHEN_FORCED = 20, 2, 3
"""After a reading, the next one waits this many times its cost."""
_MOVED = 0.02
_NEW_HIGH = 1.1
"""A reading is due, whatever was spent, when more than this times the highest one is held."""
_MOST_READINGS = 5


@dataclass(slots=True)
class Sampler:
    """Samples a process tree: ``tick`` is called in a loop, ``read`` when an exact figure is needed."""

    tree: ProcessTree
    phase: str = "start"
    run: Peaks = field(default_factory=Peaks)
    phases: dict[str, Peaks] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    most_threads: int = 0
    curve: MemoryHistory = field(default_factory=MemoryHistory)
    now: Memory = field(default_factory=Memory)
    """The latest figure for the whole tree."""
    _began: float = field(default_factory=time.perf_counter)
    _exact: Memory = field(default_factory=Memory)
    _by_role: dict[str, Memory] = field(default_factory=dict)
    _role_of: dict[int, str] = field(default_factory=dict)
    _at_exact: dict[int, Resident] = field(default_factory=dict)
    _at_tick: dict[int, Resident] = field(default_factory=dict)
    _at_most_bytes: int = 0
    _highest_exact_bytes: int = 0
    _next_reading: float = 0.0
    _next_forced: float = 0.0
    _spent_ticking: float = 0.0
    _spent_reading: float = 0.0

    def tick(self) -> float:
        """Take one sample; return the seconds to wait before the next."""
        began = time.process_time()
        self.tree.glance()
        resident = self.tree.resident()
        self._spent_ticking += time.process_time() - began
        self._at_most_bytes = self._exact.anonymous_bytes + self._risen(resident)
        due = self._reading_due(resident)
        pause = _QUIET_TICK_SECONDS if resident == self._at_tick else TICK_SECONDS
        self._at_tick = resident
        if not (due and self._read(resident)):
            self._stand_in(resident)
        behind = self._spent_ticking - self._budget(_TICKS_SHARE, "ticks")
        return min(max(pause, behind / _TICKS_SHARE), _LONGEST_INTERVAL_SECONDS)

    def read(self) -> Memory:
        """Read the proportional set sizes now, whatever it costs; read again if sharing changed meanwhile."""
        for _ in range(_MOST_READINGS):
            self.tree.refresh()
            if self._read(self.tree.resident()):
                break
        return self._exact

    def _read(self, resident: dict[int, Resident]) -> bool:
        """Take one reading; return False and discard it if it is torn.

        Processes are read one after the other: if pages came to be shared or processes ended meanwhile, the
        shares do not add up.
        """
        began = time.process_time()
        self.tree.name_roles()
        by_role = self.tree.memory_by_role()
        for pid, held in unmapped_bytes(self.tree.members).items():
            role = self.tree.members[pid]
            by_role[role] = by_role.get(role, Memory()) + Memory(anonymous_bytes=held)
        now = time.perf_counter()
        after = self.tree.resident()
        settled = self._shared_alike(resident, after)
        if settled:
            self._exact = sum(by_role.values(), Memory())
            self._at_exact = {pid: _most(before, after[pid]) for pid, before in resident.items()}
            self._by_role, self._role_of = by_role, dict(self.tree.members)
            for role, memory in by_role.items():
                self._see_role(role, memory.total_bytes)
            self.most_threads = max(self.most_threads, self.tree.threads())
            self.curve.add(Moment(now - self._began, self.phase, by_role))
            self._highest_exact_bytes = max(self._highest_exact_bytes, self._exact.total_bytes)
            self._see(self._exact)
        cost = time.process_time() - began
        self._spent_reading += cost
        self._next_forced = now + _REST_WHEN_FORCED * cost
        self._next_reading = now + (_REST if settled else _REST_WHEN_TORN) * cost
        return settled

    def surely_over(self, limit_bytes: int) -> bool:
        """Whether the tree holds more non-reclaimable memory than this.

        At first, all memory of a new process counts, shared or not; a reading then confirms or corrects it,
        at intervals of a few times its cost.
        """
        if self._at_most_bytes <= limit_bytes:
            return False
        if time.perf_counter() >= self._next_forced:
            self.read()
        return self._exact.anonymous_bytes > limit_bytes

    def enter(self, phase: str) -> None:
        """End the current phase with an exact reading and begin another."""
        self.read()
        self.phase = phase
        self._see(self._exact)

    def _reading_due(self, resident: dict[int, Resident]) -> bool:
        same = resident.keys() == self._at_exact.keys()
        if same and not self._moved(resident):
            return False
        if not self._shared_alike(self._at_tick, resident):
            return False  # sharing is changing this very moment
        now = time.perf_counter()
        if self._at_most_bytes + self._exact.file_bytes > _NEW_HIGH * self._highest_exact_bytes:
            return now >= self._next_forced
        kind = "same processes" if same else "other processes"
        return now >= self._next_reading and self._spent_reading <= self._budget(_READINGS_SHARE, kind)

    def _moved(self, resident: dict[int, Resident]) -> bool:
        before = sum(r.private_bytes for r in self._at_exact.values())
        now = sum(r.private_bytes for r in resident.values())
        return abs(now - before) > _MOVED * before or not self._shared_alike(self._at_exact, resident)

    def _shared_alike(self, before: dict[int, Resident], after: dict[int, Resident]) -> bool:
        then, now = (sum(r.shared_bytes for r in held.values()) for held in (before, after))
        return before.keys() == after.keys() and abs(now - then) <= _MOVED * then

    def _stand_in(self, resident: dict[int, Resident]) -> None:
        """Estimate: the last reading plus the private bytes that each role gained or lost since.

        New processes may share pages with others, so they count from the next reading on.
        """
        gone = Resident(0, 0)
        grown = dict.fromkeys(self._by_role, 0)
        for pid, then in self._at_exact.items():
            grown[self._role_of[pid]] += resident.get(pid, gone).private_bytes - then.private_bytes
        for role, gained in grown.items():
            self._see_role(role, self._by_role[role].total_bytes + gained)
        anonymous = max(0, self._exact.anonymous_bytes + sum(grown.values()))
        self._see(Memory(anonymous, self._exact.file_bytes))

    def _risen(self, resident: dict[int, Resident]) -> int:
        """The most that may be new since the last reading: a process that ended may have shared all."""
        nobody = Resident(0, 0)
        return sum(
            max(0, r.private_bytes - self._at_exact.get(pid, nobody).private_bytes)
            for pid, r in resident.items()
        )

    def _budget(self, share: float, kind: str) -> float:
        """CPU seconds that may have been spent by now."""
        return _BURST_SECONDS[kind] + share * (time.perf_counter() - self._began)

    def _see(self, memory: Memory) -> None:
        self.now = memory
        self.run = _raised(self.run, memory)
        self.phases[self.phase] = _raised(self.phases.get(self.phase, Peaks()), memory)

    def _see_role(self, role: str, held_bytes: int) -> None:
        self.roles[role] = max(self.roles.get(role, 0), held_bytes)


def _raised(peaks: Peaks, memory: Memory) -> Peaks:
    """The peaks, with one more reading counted."""
    return Peaks(
        max(peaks.total_bytes, memory.total_bytes),
        max(peaks.anonymous_bytes, memory.anonymous_bytes),
        max(peaks.file_bytes, memory.file_bytes),
    )


def _most(before: Resident, after: Resident) -> Resident:
    """What a process held around a reading, so that nothing in it is taken for growth since."""
    return Resident(max(before.private_bytes, after.private_bytes), after.shared_bytes)
