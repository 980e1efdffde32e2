"""Whether a cluster answers, and what a process that opens a session there must have in its environment."""

from pathlib import Path

from bench import cluster, workloads
from bench.measure import java


def variables(master: str, cache: Path) -> dict[str, str]:
    """Let a process in at a cluster of ``make cluster``; ValueError where no master answers at all."""
    cluster.check_reachable(master)
    found: dict[str, str] = {}
    for place in dict.fromkeys((cache, workloads.cache_directory(None))):
        found |= cluster.environment(master, cluster.directory(place))
    return found


def to_read(uri: str, master: str, cache: Path) -> dict[str, str]:
    """Let a Spark that reads points find Java, too; ValueError where it could not read them."""
    found = java.find()
    if isinstance(found, str):
        raise ValueError(f"--data {uri} is read by Spark: {found}")  # noqa: TRY004 (no Java is no type)
    cluster.check_storage(uri)
    return found.environment | variables(master, cache)
