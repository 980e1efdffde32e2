"""Ship a file of some size in two ways, then another content under the same name; print what arrived as JSON.

Usage: ship_files.py MIB DIRECTORY, with a Java runtime in the environment.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from strategies._spark import session, ship


def digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def arrived(context: Any, find: Callable[[], str]) -> list[str]:
    """Digests of the file as two tasks find it."""
    of = digest
    return list(context.parallelize(range(2), 2).map(lambda _: of(find())).collect())


def shipped(own: session.OwnSession, mib: int, directory: Path) -> list[dict[str, Any]]:
    """Of each of two contents the digest of what was sent, and those of what tasks found, by way."""
    file, shared = directory / "index", directory / "shared"
    shared.mkdir()
    said = []
    for _ in range(2):
        with file.open("wb") as written:
            for _ in range(mib):
                written.write(os.urandom(1 << 20))
        ways = (ship.add_file(own, file), ship.at_path(file, str(shared)))
        said.append({"sent": digest(str(file)), "found": [arrived(own.context, find) for find in ways]})
        file.unlink()
    return said


def main(mib: int, directory: Path) -> None:
    own = session.open_session("local[2,4]", "1g")
    try:
        json.dump(shipped(own, mib, directory), sys.stdout)
    finally:
        own.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
