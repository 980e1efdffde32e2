"""Commands and options; the only room that parses arguments or prints.

commands/    one module a command: its help, its options, what it does
parser.py    the parser, put together from the commands; what the exit codes mean
config.py    the options of a run in a TOML file
completion.py  scripts by which a shell completes commands and options
options.py   the options that several commands have
values.py    durations, sizes and counts as people write them
observer.py  shows an experiment in the terminal
progress.py  what is shown while runs go on, on standard error
terminal.py  tables and lines
"""

import errno
import os
import signal
import sys
import traceback
from types import FrameType

from bench.cli.parser import BAD_USAGE, FAILED, FIRST_WORDS, INTERRUPTED, PROGRAM, SLOWER, parse
from bench.experiment.usage import BadUsageError

__all__ = ["BAD_USAGE", "FAILED", "INTERRUPTED", "SLOWER", "main"]
_NO_SPACE = "failed to map segment"
"""What the loader of shared libraries says where there is no address space for one."""
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)
"""What a disk refuses in the middle of the work is for the user to mend, not a fault of the harness."""


def main(words: list[str]) -> int:
    """Run one command; return the exit code."""
    _open_what_is_closed()
    for name in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(name, _interrupt)
    try:
        if not words:
            print(FIRST_WORDS, end="")
            return 0
        return parse(words)()
    except BadUsageError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return BAD_USAGE
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted; what was measured is kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:  # noqa: BLE001 (the last resort: a fault of the harness is shown whole)
        line = _of_the_machine(error)
        if not line:
            traceback.print_exc()
            return FAILED
        print(f"{PROGRAM}: {line}", file=sys.stderr)
        return BAD_USAGE


def _of_the_machine(error: Exception) -> str:
    """Say in one line which disk or memory is too small, for the user to mend; nothing of other failures."""
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        reason = f"{error.filename}: {error.strerror}" if error.filename else f"{error.strerror or error}"
        return f"{reason} (ulimit -f)" if error.errno == errno.EFBIG else reason
    if isinstance(error, MemoryError) or (isinstance(error, ImportError) and _NO_SPACE in str(error)):
        return f"too little memory for the program itself (ulimit -v): {str(error) or type(error).__name__}"
    return ""


def _open_what_is_closed() -> None:
    """Put the null device in place of closed standard streams, whose numbers files would get otherwise."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115 (by number, for as long as the process lives)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
