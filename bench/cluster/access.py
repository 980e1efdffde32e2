"""Whether a Spark master can be reached at all, and what a run needs to be let in."""

import os
import re
import shlex
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bench.cluster import standalone

_SECONDS_TO_ANSWER = 5.0


def check_reachable(master: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raise ValueError, in one line, where nobody listens at a master's URL.

    Spark itself takes a minute to find out. A local master needs none, YARN's address stands in the
    directory that HADOOP_CONF_DIR names.
    """
    if master == "yarn" and not environ.keys() & {"HADOOP_CONF_DIR", "YARN_CONF_DIR"}:
        raise ValueError(
            "master is 'yarn': set HADOOP_CONF_DIR to the directory with the cluster's yarn-site.xml"
        )
    refused = []
    for host, port in _addresses(master):
        try:
            socket.create_connection((host, port), _SECONDS_TO_ANSWER).close()
        except OSError as error:
            refused.append(f"{host}:{port}: {error.strerror or error}")
        else:
            return
    if refused:
        raise ValueError(
            f"no master can be reached at {master} ({'; '.join(refused)}): is it running, is the port right? "
            "`make cluster` starts one on this machine"
        )


def environment(
    master: str | None, directory: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Variables that let a run in at the cluster that runs in ``directory``; none for any other master.

    The secret goes in by a file: what is set in a session's configuration can be read in the process list.
    """
    cluster = standalone.find(directory)
    if cluster is None or master != cluster.master:
        return {}
    submit = environ.get("PYSPARK_SUBMIT_ARGS", "pyspark-shell")
    return {
        "SPARK_LOCAL_IP": standalone.HOST,
        "PYSPARK_SUBMIT_ARGS": f"--properties-file {shlex.quote(str(cluster.properties))} {submit}",
    }


def _addresses(master: str) -> Iterator[tuple[str, int]]:
    """Where a master listens: several where one may stand in for another."""
    if master.startswith("spark://"):
        for address in master.removeprefix("spark://").split(","):
            host, colon, port = address.rpartition(":")
            if not colon or not host or not port.isdigit() or int(port) >= 1 << 16:
                raise ValueError(
                    f"master is {master!r}, allowed is spark://HOST:PORT (the usual port is 7077)"
                )
            yield host.strip("[]"), int(port)
    elif master.startswith("k8s://"):
        url = master.removeprefix("k8s://")
        parts = urlsplit(url if re.match(r"https?://", url) else f"https://{url}")
        if parts.hostname:
            yield parts.hostname, parts.port or (80 if parts.scheme == "http" else 443)
