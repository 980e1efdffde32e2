"""The processes of a run as /proc shows them: who belongs to it, what each holds and has used."""

import ctypes
import os
import resource
import signal
import time
from dataclasses import dataclass, field

from bench import pids

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024
_TRUST_SECONDS = 0.2
"""How long the list of processes is trusted if no new process id was given out."""
_OPEN_FILES = 4096
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that none escapes (prctl(2))."""
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies; call it right after the fork."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def allow_open_files() -> None:
    """Let this process have some thousand open files, as far as this user may: Spark's JVM has 300."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > _OPEN_FILES:
        resource.setrlimit(
            resource.RLIMIT_NOFILE,
            (_OPEN_FILES if soft != resource.RLIM_INFINITY and soft < _OPEN_FILES else soft, hard),
        )
    else:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of one or several processes; shared pages are divided among those that share them."""

    anonymous_bytes: int = 0
    """Private memory, shared memory and swap: non-reclaimable."""
    file_bytes: int = 0
    """Pages of mapped files."""

    @property
    def total_bytes(self) -> int:
        """All of it."""
        return self.anonymous_bytes + self.file_bytes

    def __add__(self, other: "Memory") -> "Memory":
        return Memory(self.anonymous_bytes + other.anonymous_bytes, self.file_bytes + other.file_bytes)


@dataclass(frozen=True, slots=True)
class Resident:
    """Memory of one process by ``statm``: cheap, but blind to who shares a page with whom."""

    private_bytes: int
    shared_bytes: int


@dataclass(slots=True)
class ProcessTree:
    """All living descendants of this process, orphans included (see ``adopt_orphans``)."""

    root: int = field(default_factory=os.getpid)
    members: dict[int, str] = field(default_factory=dict)
    """Process id to role, in order of discovery."""
    _started: dict[int, int] = field(default_factory=dict)
    """When each of them started, in clock ticks since boot."""
    _seen: set[str] = field(default_factory=set)
    _newest: str = ""
    _refreshed: float = 0.0
    _own_ticks: dict[tuple[int, str], int] = field(default_factory=dict)

    def glance(self) -> None:
        """``refresh`` if the kernel has given out a process id since the last one, or if that is long ago.

        Reading the newest id is cheaper than listing /proc. ``resident`` finds the processes that ended.
        """
        if _newest_id() != self._newest or time.monotonic() - self._refreshed > _TRUST_SECONDS:
            self.refresh()

    def refresh(self) -> None:
        """Look for processes that started or ended."""
        self._newest, self._refreshed = _newest_id(), time.monotonic()
        alive = set(os.listdir("/proc"))  # noqa: PTH208 (in a hot loop)
        for pid in [pid for pid in self.members if str(pid) not in alive]:
            del self.members[pid]
        newcomers = alive - self._seen
        self._seen = alive
        self._join({int(name) for name in newcomers if name.isdigit()})

    def _join(self, newcomers: set[int]) -> None:
        others = {pid: (int(stat[1]), int(stat[19])) for pid in newcomers if (stat := pids.stat(pid))}
        joined = True
        while joined:  # a child may have a lower number than its parent
            joined = False
            for pid, (parent, started) in list(others.items()):
                if parent == self.root or parent in self.members:
                    self.members[pid], self._started[pid] = "child", started
                    del others[pid]
                    joined = True

    def name_roles(self) -> None:
        """Read the roles from the command lines, which a process may have changed since it joined."""
        for pid in self.members:
            self.members[pid] = _role(pid)

    def resident(self) -> dict[int, Resident]:
        """Memory of each process by ``statm``; a page that two processes share counts for both."""
        held: dict[int, Resident] = {}
        for pid in self.members:
            fields = pids.read(f"/proc/{pid}/statm").split()
            if fields:
                shared = int(fields[2])
                held[pid] = Resident((int(fields[1]) - shared) * _PAGE, shared * _PAGE)
        if len(held) < len(self.members):  # a process ended
            self.refresh()
        return held

    def memory_by_role(self) -> dict[str, Memory]:
        """Proportional set sizes and swap by role (``smaps_rollup``, see proc(5)); 4 to 9 ms per GiB."""
        held: dict[str, Memory] = {}
        for pid, role in self.members.items():
            held[role] = held.get(role, Memory()) + _proportional(pid)
        return held

    def note_cpu(self) -> None:
        """Remember the CPU time of each process so far; call it a few times a second."""
        for pid in self.members:
            fields = pids.stat(pid)
            if fields:
                self._own_ticks[pid, fields[19]] = int(fields[11]) + int(fields[12])

    def cpu_seconds(self) -> float:
        """User and system time of all processes that are or were in the tree, except this process.

        The kernel adds up those that were reaped; a process whose parent ignores its children's end (as
        PySpark's daemon does) is missing there, so the last reading of each process is the lower bound.
        """
        self.note_cpu()
        ticks = sum(sum(map(int, pids.stat(pid)[11:15])) for pid in self.members)
        reaped = os.times()
        kernel = ticks / _TICKS + reaped.children_user + reaped.children_system
        return max(kernel, sum(self._own_ticks.values()) / _TICKS)

    def threads(self) -> int:
        """Operating-system threads alive in the tree."""
        return sum(int((pids.stat(pid) or ["0"] * 18)[17]) for pid in self.members)

    def kill(self) -> None:
        """End every process of the tree and reap it; returns when none is left."""
        while True:
            now = ProcessTree(self.root)  # what was seen before may have gone, and its number been given away
            now.refresh()
            for pid in now.members:
                pids.send(pid, now._started[pid], signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def _newest_id() -> str:
    """The id that the latest process or thread was given (proc(5), loadavg)."""
    return pids.read("/proc/loadavg").rpartition(" ")[2]


def _role(pid: int) -> str:
    command = pids.read(f"/proc/{pid}/cmdline")
    if "bench.measure.worker" in command:
        return "worker"
    if "CoarseGrainedExecutorBackend" in command:
        return "executor_jvm"
    if "org.apache.spark.deploy.SparkSubmit" in command:
        return "spark_driver_jvm"
    if "pyspark.daemon" in command or "pyspark/daemon" in command or "pyspark.worker" in command:
        return "python_worker"
    return "child"


def _proportional(pid: int) -> Memory:
    sizes: dict[str, int] = {}
    for line in pids.read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]:
        name, _, value = line.partition(":")
        sizes[name] = int(value.split()[0]) * _KIB
    anonymous = sizes.get("Pss_Anon", 0) + sizes.get("Pss_Shmem", 0) + sizes.get("SwapPss", 0)
    return Memory(anonymous, sizes.get("Pss_File", 0))
