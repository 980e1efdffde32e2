"""Three ways for an index to reach Spark's workers: a broadcast, ``addFile``, a path that all hosts see.

Each gives a function without arguments that a task calls to have it; it travels to the workers by value.
"""

import hashlib
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.master import driver_cores
from strategies._spark import preflight
from strategies._spark.session import OwnSession

if TYPE_CHECKING:
    from pyspark import SparkContext

WAYS = ("broadcast", "file", "path")
_HASHED_AT_ONCE = 1 << 24


def broadcast(context: "SparkContext", index: Any) -> tuple[Callable[[], Any], int]:
    """Broadcast a fitted object: each Python worker unpickles a copy of its own.

    Returns how a task has it, and its size as pickled.
    """
    sent = context.broadcast(index)
    return partial(_value, sent), Path(sent._path or "").stat().st_size  # noqa: SLF001 (told nowhere else)


def add_file(session: OwnSession, file: Path) -> Callable[[], str]:
    """Give Spark a file, of which every executor fetches a copy; return how a task finds its path.

    Spark takes a name once only, so the name becomes the content's hash; the file must stay until the
    session's end, since an executor that comes late asks for it then.
    """
    threads = driver_cores(str(session.context.master))
    named = session.scratch / f"{_hash(file, threads)}{file.suffix}"
    if not named.exists():
        named.hardlink_to(file) if _same_disk(file, named.parent) else shutil.copyfile(file, named)
        session.context.addFile(str(named))
    return partial(_fetched, named.name)


def send_points(session: OwnSession, file: Path, *, by_path: bool, shared_dir: str) -> Callable[[], str]:
    """Have all hosts find the staged points: by their path where all see it, else fetched once a host.

    Raises RuntimeError, in one line, where a host cannot read them there, or has no disk for them.
    """
    if by_path:
        return by_shared_path(session, file, shared_dir)
    preflight.check(session.context, (), disk_bytes=file.stat().st_size)
    return add_file(session, file)


def by_shared_path(session: OwnSession, file: Path, shared_dir: str = "") -> Callable[[], str]:
    """Return how a task finds a file's path (``at_path``), once every host can read it."""
    find = at_path(file, shared_dir, driver_cores(str(session.context.master)))
    preflight.check_access(session.context, find())
    return find


def at_path(file: Path, shared_dir: str = "", threads: int = 1) -> Callable[[], str]:
    """Return how a task finds a file's path, copied into ``shared_dir`` first where it lies elsewhere.

    A copy is named by its content and stays. Without a directory the file is found where it is.
    """
    place = file.resolve()
    if shared_dir and not place.is_relative_to(Path(shared_dir).resolve()):
        place = Path(shared_dir).resolve() / f"{_hash(file, threads)}{file.suffix}"
        if not place.exists():
            _copy(file, place)
    return partial(str, str(place))


def _copy(file: Path, place: Path) -> None:
    """Copy under a name that nothing has, then give the copy its own; on any failure nothing is left."""
    partly = place.with_name(f".{place.name}-{uuid.uuid4().hex}")
    target = partly.open("xb")
    try:
        with target, file.open("rb") as source:
            shutil.copyfileobj(source, target)
        partly.rename(place)
    except BaseException:
        partly.unlink()
        raise


def _value(sent: Any) -> Any:
    return sent.value


def _fetched(name: str) -> str:
    from pyspark import SparkFiles

    return SparkFiles.get(name)


def _hash(file: Path, threads: int) -> str:
    """Hash the hashes of its blocks, which threads compute."""

    def digest(start: int) -> bytes:
        with file.open("rb") as content:
            content.seek(start)
            return hashlib.blake2b(content.read(_HASHED_AT_ONCE)).digest()

    with ThreadPoolExecutor(threads) as pool:
        digests = pool.map(digest, range(0, file.stat().st_size, _HASHED_AT_ONCE))
        return hashlib.blake2b(b"".join(digests)).hexdigest()[:16]


def _same_disk(file: Path, directory: Path) -> bool:
    return file.stat().st_dev == directory.stat().st_dev
