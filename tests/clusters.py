"""Clusters of Spark on this machine, for tests."""

from pathlib import Path

from bench import cluster
from bench.cluster import Cluster
from strategies._spark.session import PASSES_BYTES_ON


def start(directory: Path, **how: int) -> Cluster:
    """Start one whose executors live for seconds: their JVMs take no core to compile themselves further."""
    running = cluster.start(directory, **how)
    with running.properties.open("a") as properties:
        properties.write(f"spark.executor.extraJavaOptions {' '.join(PASSES_BYTES_ON)}\n")
    return running
