"""What our joins on Spark share: a session whose Python workers have the library, and points sent to them."""

import platform
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from allknn.spark import shipping
from bench.master import is_local
from bench.strategy import Strategy
from strategies._spark import errors, executors, gateway, preflight, session, ship
from strategies._spark.guard import Guarded
from strategies._spark.task import keep_imports  # a function travels by value, a module does not

_REQUIRES = "numpy", "pyspark"


@dataclass
class OnSpark(Strategy):
    """A join of our library whose tasks map the points."""

    driver_memory: str = "2g"
    """Most heap the driver's JVM may take, as Spark writes it."""
    master: str = "local[2,4]"
    shared_dir: str = ""

    def __post_init__(self) -> None:
        session.check(self.master, 0, self.driver_memory)

    def start(self) -> None:
        """Open the Spark session; give the Python workers the library."""
        from allknn import _library

        gateway.refuse_another()  # before anything that takes time
        _library.load()
        self._use(*open_session(self.master, self.driver_memory))

    def _use(self, own: session.OwnSession, load_core: Callable[[], None]) -> None:
        self.own, self.load_core, self._context = own, load_core, own.context

    def _send(self, file: Path) -> Callable[[], str]:
        """Make a file's arrays known to all hosts; return what finds it there."""
        by_path = bool(self.shared_dir) or is_local(self.master)
        return ship.send_points(self.own, file, by_path=by_path, shared_dir=self.shared_dir)

    def close(self) -> None:
        """Stop Spark and its JVM."""
        if hasattr(self, "own"):
            self.own.close()


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function for tasks that a host which came late refuses where its packages differ."""
    return Guarded(function, _REQUIRES)


def open_session(master: str, driver_memory: str) -> tuple[session.OwnSession, Callable[[], None]]:
    """Open a session and give its workers the library; return also what a task calls before it uses it.

    This machine's Python workers import the very modules that this process has. Raises RuntimeError with the
    host and the reason where the compiled core cannot be loaded.
    """
    from allknn import _library

    with ExitStack() as undo:
        home = Path(__file__).resolve().parents[2]
        own = session.open_session(master, driver_memory, import_from=home)
        undo.callback(own.close)
        preflight.check(own.context, _REQUIRES)
        if is_local(master):
            find_core = ship.at_path(_library.LIBRARY)
        else:
            modules = own.scratch / "allknn.zip"
            modules.write_bytes(shipping.archive())
            own.context.addPyFile(str(modules))
            find_core = ship.add_file(own, _library.LIBRARY)
        cores = executors.total_cores(own.context)
        with errors.in_one_line():
            tasks = own.context.parallelize(range(cores), cores)
            reasons = tasks.map(partial(why_not, find_core=find_core)).collect()
        if refused := next(filter(None, reasons), None):
            raise RuntimeError(refused)
        undo.pop_all()
    return own, partial(load_core, find_core)


def load_core(find_core: Callable[[], str]) -> None:
    """Load the compiled core in a Python worker, once."""
    from allknn import _library

    _library.load(Path(find_core()))
    keep_imports()


def why_not(_task: int, *, find_core: Callable[[], str]) -> str | None:
    """In one line, why this host cannot load the core; None where it can."""
    try:
        load_core(find_core)
    except (ImportError, OSError, ValueError) as error:
        libc = " ".join(platform.libc_ver())
        return f"host {socket.gethostname()} ({platform.machine()}, {libc}): {error}"
    return None
