"""``report``: rebuild table and page, and plots where asked for, without measuring."""

import argparse
import json
from argparse import Namespace
from pathlib import Path

from bench.cli import options

HELP = "rebuild table and page from the measurements, without measuring"
USAGE = "[--results DIR ...] [options]"
EXAMPLES = ("report", "report --results here --results there", "report --plots", "report --skip-bad-lines")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the directories to read."""
    text = "results directory; given several times, all are read and the first is written (default: results)"
    parser.add_argument("--results", action="append", metavar="DIR", help=text)
    text = "draw the plots that are missing or show fewer runs than there are (default: only keep the others)"
    parser.add_argument("--plots", action="store_true", help=text)
    text = "move lines that are not JSON to measurements.torn, keep the others"
    parser.add_argument("--skip-bad-lines", action="store_true", help=text)
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Remake everything that is made of rows, in the results directory."""
    from bench.cli.parser import PROGRAM
    from bench.cli.terminal import print_lines, say
    from bench.experiment.usage import bad_usage
    from bench.report import write_report
    from bench.report.wording import misunderstood_in_words
    from bench.results import TORN, Store

    directories = [Path(name) for name in arguments.results or ["results"]]
    with bad_usage():
        for directory in directories:
            if not directory.is_dir():
                raise ValueError(f"no results directory {str(directory)!r}: `{PROGRAM} run` makes one")
            if arguments.skip_bad_lines and (skipped := Store(directory).skip_bad_lines()):
                lines = "1 line was" if skipped == 1 else f"{skipped:,} lines were"
                say(f"{directory}: {lines} set aside in {TORN}")
            Store(directory).check()
        page = write_report(*directories, plots_of=None if arguments.plots else ())
    Store(directories[0]).write_table()
    if left_out := misunderstood_in_words([r for d in directories for r in Store(d).misunderstood()]):
        say(left_out)
    print_lines([json.dumps({"report": str(page)}) if arguments.json else f"report: {page}"])
    return 0
