"""A Spark session whose Python workers have the joins' own modules, compiled before any clock runs."""

import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from strategies import _failures, _preflight, _spark

_SHIPPED = "_join_*.py", "_overlap_*.py"
"""What imports nothing but the standard library, numpy and numba when it is imported."""


def open_session(
    master: str, driver_memory: str, requires: tuple[str, ...], compile_there: Callable[[int], None]
) -> _spark.OwnSession:
    """Open a session, give its workers the modules, and have one on each core call ``compile_there``.

    This machine's Python workers import the very modules that this process has, compiled already.
    """
    with ExitStack() as undo:
        home = Path(__file__).resolve().parents[1]
        session = _spark.open_session(master, driver_memory, import_from=home)
        undo.callback(session.close)
        context = session.context
        _preflight.check(context, requires)
        if not _spark.local_cores(master):
            context.addPyFile(str(_modules(session.scratch)))
        cores = context.defaultParallelism
        with _failures.in_one_line():
            context.parallelize(range(cores), cores).foreach(compile_there)
        undo.pop_all()
    return session


def _modules(directory: Path) -> Path:
    """The modules as an archive that Python workers import from."""
    archive = directory / "allknn_joins.zip"
    here = Path(__file__).parent
    with zipfile.ZipFile(archive, "w") as packed:
        for file in (
            here / "__init__.py",
            *(found for shape in _SHIPPED for found in sorted(here.glob(shape))),
        ):
            packed.write(file, f"{here.name}/{file.name}")
    return archive
