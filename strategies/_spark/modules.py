"""A Spark session whose Python workers have the joins' own modules, compiled before any clock runs."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.master import is_local
from strategies._spark import errors, preflight, session

if TYPE_CHECKING:
    from pyspark import SparkContext


def open_context(
    master: str, driver_memory: str, requires: tuple[str, ...], compile_there: Callable[[int], None]
) -> "SparkContext":
    """Open a session, give its workers the modules, and have one on each core call ``compile_there``."""
    local = is_local(master)
    if local:
        _import_from_here()
    context = session.open_context(master, driver_memory)
    preflight.check(context, requires)
    if not local:
        context.addPyFile(str(_modules(context)))
    cores = context.defaultParallelism
    with errors.in_one_line():
        context.parallelize(range(cores), cores).foreach(compile_there)
    return context


def _import_from_here() -> None:
    """Let this machine's Python workers import the very modules that this process has, compiled already."""
    home = str(Path(__file__).resolve().parents[2])
    os.environ["PYTHONPATH"] = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])


def _modules(context: "SparkContext") -> Path:
    """Our library as an archive that Python workers import from."""
    import allknn

    archive = session.scratch_of(context) / "allknn.zip"
    library = Path(allknn.__file__).parent
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(library.rglob("*.py")):
            packed.write(file, file.relative_to(library.parent))
    return archive
