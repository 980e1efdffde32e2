"""``compare``: two results directories, before and after or of two machines, strategy by strategy."""

import argparse
import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli import options
from bench.units import parse_share

if TYPE_CHECKING:
    from bench.results import Store

HELP = "compare two results directories: before and after, or two machines"
USAGE = "A B [options]"
EXAMPLES = (
    "compare before after",
    "compare before after --fail-if-slower 10%",
    "compare before after --markdown",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the directories, and when their difference is a failure."""
    parser.add_argument("before", metavar="A", help="results directory")
    parser.add_argument("after", metavar="B", help="another results directory")
    parser.add_argument("--output", metavar="FILE", help="page to write (default: B/compare.html)")
    text = "exit with 3 if a test finds B slower by more than this (10%%), or if B fails and A did not"
    parser.add_argument("--fail-if-slower", type=options.value(parse_share), metavar="SHARE", help=text)
    form = parser.add_mutually_exclusive_group()
    options.json(form)
    text = "print Markdown instead of text, such as for a pull request's comment"
    form.add_argument("--markdown", action="store_true", help=text)


def command(arguments: Namespace) -> int:
    """Print and write what became of each strategy; 3 where one is worse by more than is allowed."""
    from bench.analysis.before_after import before_after
    from bench.cli import SLOWER, terminal
    from bench.cli.commands import _compare_output
    from bench.experiment.usage import bad_usage
    from bench.report.compare_page import write_comparison
    from bench.report.markdown import comparison_as_markdown

    a, b = Path(arguments.before), Path(arguments.after)
    allowed: float | None = arguments.fail_if_slower
    with bad_usage():
        before, after = _store(a), _store(b)
        comparison = before_after(
            before.latest(), after.latest(), before.environments(), after.environments()
        )
        if allowed is not None and not any(change.before and change.after for change in comparison.changes):
            raise ValueError(f"--fail-if-slower: {a} and {b} have no strategy on the same points in common")
        same = a.resolve() == b.resolve()
        page = write_comparison(
            comparison, (str(a), str(b)), Path(arguments.output or b / "compare.html"), same=same
        )
    worse = [] if allowed is None else [change for change in comparison.changes if change.is_worse(allowed)]
    if arguments.json:
        line = _compare_output.as_dict(comparison, arguments.before, arguments.after, worse)
        terminal.print_lines([json.dumps(line, allow_nan=False)])
    elif arguments.markdown:
        terminal.print_lines([comparison_as_markdown(comparison, (str(a), str(b)), same=same)])
    else:
        _compare_output.print_comparison(comparison, a, b, same=same)
    terminal.say(f"comparison: {page}")
    if worse:
        terminal.say(f"worse by more than {allowed:.0%}: {', '.join(change.label for change in worse)}")
    return SLOWER if worse else 0


def _store(directory: Path) -> "Store":
    from bench.results import ROWS, Store

    store = Store(directory)
    if not store.path.is_file():
        raise ValueError(f"no measurements in {str(directory)!r}: there is no {ROWS}")
    store.check()
    return store
