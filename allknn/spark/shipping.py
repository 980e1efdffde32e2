"""Our library on its way to the executors of any Spark session, classic or Connect, and calls of it there.

Executors need numpy and pyarrow. The modules travel as an archive and the compiled core as a file, each
named by its content, so that another version in the same session is another file.
"""

import atexit
import functools
import gc
import hashlib
import io
import pickle
import shutil
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType


@dataclass(frozen=True)
class Library:
    """Names under which the executors of a session find our library, for one call of it."""

    modules: str
    core: str
    token: str
    """Unlike any other: of two equal frames Spark would keep one, and let go both where one is let go."""

    def over(
        self,
        frame: "DataFrame",
        function: Callable[..., Iterator[Any]],
        schema: "str | StructType",
        **more: Any,
    ) -> "DataFrame":
        """Give the Arrow batches of each partition to a function of our library, with ``more``, there."""
        call = pickle.dumps((partial(function, **more), self.token))
        return frame.mapInArrow(partial(_run, modules=self.modules, core=self.core, call=call), schema)


def send(session: "SparkSession") -> Library:
    """Give a session our library; a second time there is nothing to do."""
    from pyspark.cloudpickle import register_pickle_by_value

    from allknn import _library

    register_pickle_by_value(sys.modules[__name__])  # type: ignore[no-untyped-call]  # cloudpickle has no types
    _library.load()
    modules = _placed(archive(), "zip")
    core = _placed(_library.LIBRARY.read_bytes(), "so")
    session.addArtifacts(str(modules), str(core), file=True)
    return Library(modules.name, core.name, uuid.uuid4().hex)


def _run(batches: Iterator[Any], *, modules: str, core: str, call: bytes) -> Iterator[Any]:
    """Call what was pickled, in a Python worker that has nothing of this project; this travels by value."""
    from pyspark import SparkFiles

    archive = SparkFiles.get(modules)
    if archive not in sys.path:
        for name in [name for name in sys.modules if name.partition(".")[0] == "allknn"]:
            del sys.modules[name]  # another version than the caller's
        sys.path.insert(0, archive)
        from allknn import _library

        _library.load(Path(SparkFiles.get(core)))
        gc.collect()
        gc.freeze()  # PySpark collects after each task
    function, _ = pickle.loads(call)  # noqa: S301 (the caller's)
    yield from function(batches)


@functools.cache
def _directory() -> Path:
    """A directory for what is sent, which Spark reads from as long as the session lasts."""
    directory = Path(tempfile.mkdtemp(prefix="allknn-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _placed(content: bytes, ending: str) -> Path:
    file = _directory() / f"allknn-{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
    if not file.exists():
        file.write_bytes(content)
    return file


@functools.cache
def archive() -> bytes:
    """Return our modules as an archive that Python imports from, the same bytes each time."""
    import allknn

    library, content = Path(allknn.__file__).parent, io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for file in sorted(library.rglob("*.py")):
            packed.writestr(zipfile.ZipInfo(str(file.relative_to(library.parent))), file.read_bytes())
    return content.getvalue()
