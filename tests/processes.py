"""Looking for processes that a test's runs may have left."""

import os
from pathlib import Path


def command_lines(*texts: str) -> list[str]:
    """Command lines of living processes, this one apart, that hold all the texts."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if all(text in command for text in texts) and int(process.name) != os.getpid():
            found.append(command)
    return found


def processes_of(directory: Path, text: bytes) -> list[int]:
    """Living processes whose command holds a text and whose environment names a directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, environment = ((process / name).read_bytes() for name in ("cmdline", "environ"))
        except OSError:
            continue
        if text in command and str(directory).encode() in environment:
            found.append(int(process.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def listening(pids: set[int]) -> set[tuple[str, int]]:
    """Addresses, as the kernel writes them, and ports on which some processes listen for TCP."""
    targets = (_target(handle) for pid in pids for handle in _handles(pid))
    sockets = {target[len("socket:[") : -1] for target in targets if target.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                address, port = fields[1].split(":")
                found.add((address, int(port, 16)))
    return found


def _handles(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return []


def _target(handle: Path) -> str:
    try:
        return str(handle.readlink())
    except OSError:
        return ""
