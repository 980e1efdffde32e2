"""A user whom the system does not know, as in a container: Java and Hadoop are given a name and a home."""

import os
import pwd
from pathlib import Path
from typing import Any


def is_unknown() -> bool:
    """Whether this process's user has no entry in /etc/passwd."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return True
    return False


def java_options(home: Path) -> tuple[str, ...]:
    """Options that tell a JVM what it cannot look up."""
    return (f"-Duser.name={_name()}", f"-Duser.home={home}") if is_unknown() else ()


def log_in() -> None:
    """Log the user in to Hadoop in the JVM of this process: it would ask the system for him, and fail."""
    from pyspark import SparkContext

    if is_unknown():
        jvm: Any = SparkContext._jvm  # noqa: SLF001 (Python has no way to it)
        hadoop = jvm.org.apache.hadoop.security.UserGroupInformation
        hadoop.setLoginUser(hadoop.createRemoteUser(_name()))


def _name() -> str:
    return os.environ.get("USER") or f"user{os.geteuid()}"
