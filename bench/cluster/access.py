"""Whether a Spark master can be reached, and what a run needs to be admitted."""

import os
import re
import shlex
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from bench.cluster import standalone

_SECONDS_TO_ANSWER = 5.0
_NAMENODE_PORTS = {"hdfs": 8020, "webhdfs": 9870}
"""The default ports."""


def check_reachable(master: str, environ: Mapping[str, str] = os.environ) -> None:
    """Raise ValueError, in one line, if nobody listens at a master's URL.

    Spark itself takes a minute to notice. A local master listens nowhere; YARN's address is in the
    directory that HADOOP_CONF_DIR names.
    """
    if master == "yarn" and not environ.keys() & {"HADOOP_CONF_DIR", "YARN_CONF_DIR"}:
        raise ValueError(
            "master is 'yarn': set HADOOP_CONF_DIR to the directory with the cluster's yarn-site.xml"
        )
    addresses = list(_addresses(master))
    refused = [reason for address in addresses if (reason := _refused(*address))]
    if refused and len(refused) == len(addresses):
        raise ValueError(
            f"no master can be reached at {master} ({'; '.join(refused)}): is it running, is the port right? "
            "`allknn-bench cluster start` starts one on this machine"
        )


def check_storage(uri: str) -> None:
    """Raise ValueError, in one line, if no HDFS namenode listens at the host that a URI names.

    A name that is not a host is left to Hadoop: in its configuration it may stand for several hosts.
    """
    parts = urlsplit(uri)
    if parts.scheme not in _NAMENODE_PORTS or parts.hostname is None:
        return
    with suppress(socket.gaierror):
        socket.getaddrinfo(parts.hostname, None)
        if reason := _refused(parts.hostname, parts.port or _NAMENODE_PORTS[parts.scheme]):
            raise ValueError(f"no namenode can be reached for {uri} ({reason}): is it up, is the port right?")


def _refused(host: str, port: int) -> str:
    """Why nobody answers there; empty if somebody does."""
    try:
        socket.create_connection((host, port), _SECONDS_TO_ANSWER).close()
    except OSError as error:
        return f"{host}:{port}: {error.strerror or error}"
    return ""


def environment(
    master: str | None, directory: Path, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Variables that admit a run to the cluster that runs in ``directory``; none for any other master.

    The secret is passed in a file, since a session's configuration can be read in the process list.
    """
    cluster = standalone.find(directory)
    if cluster is None or master != cluster.master:
        return {}
    submit = environ.get("PYSPARK_SUBMIT_ARGS", "pyspark-shell")
    access = f"--properties-file {shlex.quote(str(cluster.properties))}"
    if access not in submit:
        submit = f"{access} {submit}"
    return {"SPARK_LOCAL_IP": standalone.HOST, "PYSPARK_SUBMIT_ARGS": submit}


def _addresses(master: str) -> Iterator[tuple[str, int]]:
    """Where a master listens; several addresses if there are stand-by masters."""
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
