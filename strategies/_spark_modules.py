"""A Spark session whose Python workers have the joins' own modules, compiled before any clock runs."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from strategies import _failures, _preflight, _spark

if TYPE_CHECKING:
    from pyspark import SparkContext

_SHIPPED = "_join_*.py", "_overlap_*.py"
"""What imports nothing but the standard library, numpy and numba when it is imported."""


def open_context(
    master: str, driver_memory: str, requires: tuple[str, ...], compile_there: Callable[[int], None]
) -> "SparkContext":
    """Open a session, give its workers the modules, and have one on each core call ``compile_there``."""
    local_cores = _spark.local_cores(master)
    if local_cores:
        _import_from_here()
    context = _spark.open_context(master, driver_memory)
    _preflight.check(context, requires)
    if not local_cores:
        context.addPyFile(str(_modules(context)))
    cores = context.defaultParallelism
    with _failures.in_one_line():
        context.parallelize(range(cores), cores).foreach(compile_there)
    return context


def _import_from_here() -> None:
    """Let this machine's Python workers import the very modules that this process has, compiled already."""
    home = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])])


def _modules(context: "SparkContext") -> Path:
    """The modules as an archive that Python workers import from."""
    archive = _spark.scratch_of(context) / "allknn_joins.zip"
    here = Path(__file__).parent
    with zipfile.ZipFile(archive, "w") as packed:
        for file in (
            here / "__init__.py",
            *(found for shape in _SHIPPED for found in sorted(here.glob(shape))),
        ):
            packed.write(file, f"{here.name}/{file.name}")
    return archive
