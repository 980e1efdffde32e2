"""What the kernel counts for the whole machine: CPU seconds used, processes killed for lack of memory."""

import os
from pathlib import Path


def machine_cpu_seconds() -> float:
    """CPU seconds that all processes used since this machine started, time stolen by its host included."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def kernel_kills() -> int:
    """How many processes the kernel has killed for lack of memory since the machine started."""
    lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
