"""Commands and options; the only room that parses arguments or prints.

parser.py    the options of every command
values.py    durations, sizes, ranges and parameter settings as people write them
run.py, list.py, report.py, data.py, score.py, compare.py, cluster.py   one command each
predict.py, predict_cluster.py, advise.py, claims.py   the commands that decide, deciding.py their options
selection.py the rows these are about, and what is missing
trying.py    runs on samples of a file, for advise; script.py what does it without the harness
foresight.py what runs are expected to cost, before they are started
climbing.py  run --at-recall: way.py takes the steps, found.py says what came of them
announcing.py what is said before the runs
options.py   the options that several commands have
points.py    the points that the options describe, and where they are staged
request.py   the runs that the options ask for
reaching.py  whether a cluster answers, and what lets a process in
saving.py    --save-neighbors
progress.py  what is shown while runs go on, on standard error
terminal.py  tables and lines
"""

import errno
import os
import signal
import sys
import traceback
from types import FrameType

from bench.cli.parser import parse
from bench.cli.values import BadUsageError

FAILED = 1
BAD_USAGE = 2
SLOWER = 3
INTERRUPTED = 130
_THE_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)
"""What the disk refuses in the middle of the work is for the user to mend, not a fault of the harness."""


def main(words: list[str]) -> int:
    """Run one command; return the exit code."""
    for name in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(name) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(name, _interrupt)
    try:
        arguments = parse(words)
        code: int = arguments.command(arguments)
    except BadUsageError as error:
        print(f"allknn-bench: {error}", file=sys.stderr)
        return BAD_USAGE
    except KeyboardInterrupt:
        print("allknn-bench: interrupted; what was measured is kept", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        if error.errno not in _THE_DISKS:
            traceback.print_exc()
            return FAILED
        reason = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or error
        print(f"allknn-bench: {reason}", file=sys.stderr)
        return BAD_USAGE
    except Exception:  # noqa: BLE001 (the last resort: a fault of the harness, shown whole)
        traceback.print_exc()
        return FAILED
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
