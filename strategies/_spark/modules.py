"""A Spark session whose Python workers have our library: its modules, and its compiled core."""

import os
import platform
import socket
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.master import is_local
from strategies._spark import errors, preflight, session, ship, task

if TYPE_CHECKING:
    from pyspark import SparkContext

_REQUIRES = "numpy", "pyspark"


def open_context(master: str, driver_memory: str) -> "tuple[SparkContext, Callable[[], None]]":
    """Open a session and give its workers the library; return also what a task calls before it uses it.

    Raises RuntimeError with the host and the reason where the compiled core cannot be loaded.
    """
    from allknn import _native

    local = is_local(master)
    if local:
        _import_from_here()
    context = session.open_context(master, driver_memory)
    preflight.check(context, _REQUIRES)
    if local:
        find_core = ship.at_path(_native.LIBRARY)
    else:
        context.addPyFile(str(_modules(context)))
        find_core = ship.add_file(context, _native.LIBRARY)
    cores = context.defaultParallelism
    with errors.in_one_line():
        reasons = (
            context.parallelize(range(cores), cores).map(partial(why_not, find_core=find_core)).collect()
        )
    if refused := next(filter(None, reasons), None):
        raise RuntimeError(refused)
    return context, partial(load_core, find_core)


def load_core(find_core: Callable[[], str]) -> None:
    """Load the compiled core in a Python worker, once."""
    from allknn import _native

    _native.load(Path(find_core()))
    task.keep_imports()


def why_not(_task: int, *, find_core: Callable[[], str]) -> str | None:
    """In one line, why this host cannot load the core; None where it can."""
    try:
        load_core(find_core)
    except (ImportError, OSError, ValueError) as error:
        libc = " ".join(platform.libc_ver())
        return f"host {socket.gethostname()} ({platform.machine()}, {libc}): {error}"
    return None


def _import_from_here() -> None:
    """Let this machine's Python workers import the very modules that this process has."""
    home = str(Path(__file__).resolve().parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])


def _modules(context: "SparkContext") -> Path:
    """Our library's modules as an archive that Python workers import from."""
    import allknn

    archive = session.scratch_of(context) / "allknn.zip"
    library = Path(allknn.__file__).parent
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(library.rglob("*.py")):
            packed.write(file, file.relative_to(library.parent))
    return archive
