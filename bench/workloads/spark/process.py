"""The Spark process from the harness's side: started quietly, talked to, ended with all that it started."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self, cast

from bench.workloads.cache import POINTS
from bench.workloads.stream import UnreadableError

LOG = "spark.log"
"""In the folder of staged points: what Spark said when it failed last."""
_SECONDS_TO_END = 8
"""How long Spark may take to stop by itself."""


class Spark:
    """A Spark session for questions about files: opened by the first one, closed with the ``with`` block.

    Of blocks within each other, the outermost closes it.
    """

    def __init__(self, master: str, home: Path, environment: Callable[[], Mapping[str, str]]) -> None:
        """``home`` is where points are staged; ``environment`` gives all variables that Spark is to have.

        It is called when a session is needed; its ValueError is the user's.
        """
        self._master, self._log, self._environment = master, home / POINTS / LOG, environment
        self._opened = ExitStack()
        self._process: SparkProcess | None = None
        self._blocks = 0

    def __enter__(self) -> Self:
        self._blocks += 1
        return self

    def __exit__(self, *failure: object) -> None:
        self._blocks -= 1
        if not self._blocks:
            self._process = None
            self._opened.__exit__(*cast("Any", failure))

    def ask(self, do: str, tell: Callable[[int], object] | None = None, **request: Any) -> Any:
        """Send a request and wait for its answer; ``tell`` is given the rows done meanwhile.

        Raises UnreadableError or FileNotFoundError where the points cannot be had, in one line.
        """
        if self._process is None:
            process = spark_process(self._master, self._environment(), self._log)
            self._process = self._opened.enter_context(process)
        return self._process.ask(do, tell, **request)


class SparkProcess:
    """A process that answers requests about files, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path, kept_log: Path) -> None:
        self._process, self._log, self._kept = process, log, kept_log

    def ask(self, do: str, tell: Callable[[int], object] | None, **request: Any) -> Any:
        """As ``Spark.ask``."""
        with suppress(BrokenPipeError):  # why it ended stands in its log
            self._say({"do": do, **request})
        for line in cast("IO[str]", self._process.stdout):
            message = json.loads(line)
            if "rows" in message:
                if tell is not None:
                    tell(message["rows"])
            elif "answer" in message:
                return message["answer"]
            elif "refused" in message:
                kind = FileNotFoundError if message["refused"] == "FileNotFoundError" else UnreadableError
                raise kind(message["reason"])
            else:
                raise UnreadableError(f"Spark: {message['reason']} (all of it: {self._kept_log()})")
        raise UnreadableError(f"Spark's process ended unasked: {self._kept_log()} says more")

    def _say(self, message: Mapping[str, Any]) -> None:
        pipe = cast("IO[str]", self._process.stdin)
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()

    def _kept_log(self) -> Path:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self._log, self._kept)
        return self._kept


@contextmanager
def spark_process(master: str, environment: Mapping[str, str], kept_log: Path) -> Iterator[SparkProcess]:
    """Hold a Spark process; nothing of it is left afterwards but ``kept_log``, and that where it failed.

    It is in a session of its own, so that Ctrl-C reaches the harness alone, and dies with the harness.
    """
    dying = ("bench.measure.die_with_parent", str(os.getpid()), "bench.workloads.spark.job")
    with (
        tempfile.TemporaryDirectory(prefix="allknn-", ignore_cleanup_errors=True) as scratch,
        Path(scratch, "log").open("w") as said,
    ):
        process = subprocess.Popen(
            [sys.executable, "-m", *dying],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env={**environment, "TMPDIR": scratch, "MPLCONFIGDIR": scratch},
            start_new_session=True,
        )
        with process:
            try:
                started = SparkProcess(process, Path(said.name), kept_log)
                started._say({"master": master})  # noqa: SLF001 (its first line is no request)
                yield started
                cast("IO[str]", process.stdin).close()
                process.wait(_SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                pass
            except BaseException:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_SECONDS_TO_END)
                raise
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
