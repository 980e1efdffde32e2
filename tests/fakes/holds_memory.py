"""Holds memory in a chosen shape, in its children, for a chosen time, then answers nothing."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Points, Strategy

_CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
_ORPHAN = (
    "import os, subprocess, sys\n"
    "os.setsid()\n"
    "if os.fork() == 0: os.execv(sys.executable, [sys.executable, '-c', {code!r}])"
)
_READ = (
    "import mmap, time; f = open({path!r}, 'rb'); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)\n"
    "sum(m[i] for i in range(0, len(m), 4096)); time.sleep({seconds})"
)
_EIGHT_SHARE = (
    "import os, time; held = b'1' * {half}\n"
    "for _ in range(8):\n"
    "    if os.fork() == 0: time.sleep(0.5); os._exit(0)\n"
    "for _ in range(8): os.wait()\n"
    "del held; held = b'1' * {size}; time.sleep({seconds})"
)


@dataclass
class HoldsMemory(Strategy):
    shape: str = "grandchild"
    size_mib: int = 300
    seconds: float = 0.5

    def __post_init__(self) -> None:
        if self.shape not in ("grandchild", "orphan", "file_in_four", "eight_share_then_private"):
            raise ValueError(f"no such shape: {self.shape}")

    def fit(self, points: Points) -> None:  # noqa: ARG002 (it looks at none)
        getattr(self, f"_{self.shape}")(self.size_mib << 20)

    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        return iter(())

    def _grandchild(self, size: int) -> None:
        _python(_CHILD.format(code=_touch(size, self.seconds)))

    def _orphan(self, size: int) -> None:
        _python(_ORPHAN.format(code=_touch(size, self.seconds)))
        time.sleep(self.seconds + 3)  # the parent dies at once: nobody is left to wait for

    def _file_in_four(self, size: int) -> None:
        with tempfile.NamedTemporaryFile() as file:
            for _ in range(size >> 20):
                file.write(b"1" * (1 << 20))
            file.flush()
            code = _READ.format(path=file.name, seconds=self.seconds)
            readers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
            for reader in readers:
                reader.wait()

    def _eight_share_then_private(self, size: int) -> None:
        _python(_EIGHT_SHARE.format(half=size // 2, size=size, seconds=self.seconds))


def _touch(size: int, seconds: float) -> str:
    return f"import time; held = b'1' * {size}; time.sleep({seconds})"


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


strategy = Entry(HoldsMemory, exact=True)
