"""``report``: rebuild table, plots and page from the measurements, without measuring."""

import json
from argparse import Namespace
from pathlib import Path

from bench.cli.terminal import print_lines, say
from bench.cli.values import bad_usage
from bench.report import write_report
from bench.report.wording import misunderstood_in_words
from bench.results import Store


def command(arguments: Namespace) -> int:
    """Rebuild everything that is made of rows, in the results directory."""
    directories = [Path(name) for name in arguments.results or ["results"]]
    with bad_usage():
        for directory in directories:
            if not directory.is_dir():
                raise ValueError(f"no results directory {str(directory)!r}: `allknn-bench run` makes one")
        page = write_report(*directories)
    Store(directories[0]).write_table()
    if left_out := misunderstood_in_words([r for d in directories for r in Store(d).misunderstood()]):
        say(left_out)
    print_lines([json.dumps({"report": str(page)}) if arguments.json else f"report: {page}"])
    return 0
