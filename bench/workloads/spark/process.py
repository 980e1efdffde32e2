"""The Spark process from the harness's side: started quietly, talked to, ended with all that it started."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from bench.workloads.stream import UnreadableError

_SECONDS_TO_END = 8
"""How long Spark may take to stop by itself."""


class SparkProcess:
    """A process that answers requests about files, one after the other."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path, kept_log: Path) -> None:
        self._process, self._log, self._kept = process, log, kept_log

    def ask(self, do: str, tell: Any = None, **request: Any) -> Any:
        """Send a request and wait for its answer; ``tell`` is given the rows done meanwhile.

        Raises UnreadableError or FileNotFoundError where the points cannot be had, in one line.
        """
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
    dying = ("bench.measure.mortal", str(os.getpid()), "bench.workloads.spark.job")
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
            env=os.environ | environment | {"TMPDIR": scratch},
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
