"""``advise``: which strategy to use under limits, the command that runs it, a script without the harness."""

import argparse
import json
from argparse import Namespace

from bench.cli import options, values
from bench.cli.commands import _requests
from bench.units import parse_duration, parse_size

HELP = "recommend a strategy within limits of recall, memory and time, and show how to run it"
USAGE = "[STRATEGY ...] [--workload NAME | --data FILE] [options]"
EXAMPLES = (
    "advise --recall 0.95 --memory-limit 8GiB --time-limit 10m",
    "advise --data vectors.npy -k 15 --budget 10m",
    "advise annoy_loop usearch --workload million -n 1e7",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the limits, the points, and what may be measured for them."""
    parser.add_argument(
        "strategies", nargs="*", metavar="STRATEGY", help="strategies to choose among (default: all)"
    )
    options.points(parser, required=False, n_help="points to advise on (default: all)")
    limits = parser.add_argument_group("limits")
    recall, seconds, size = map(options.value, (values.fraction, parse_duration, parse_size))
    limits.add_argument(
        "--recall", type=recall, default=0.95, metavar="0.95", help="minimum recall (default: %(default)s)"
    )
    limits.add_argument(
        "--memory-limit",
        type=size,
        metavar="8GiB",
        help="maximum memory (default: 80%% of RAM or of the container's limit)",
    )
    limits.add_argument("--time-limit", type=seconds, metavar="10m", help="maximum time (default: none)")
    text = "time to measure samples of a --data file without rows (default: 10m)"
    parser.add_argument("--budget", type=seconds, default=600.0, metavar="10m", help=text)
    options.results(parser)
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Print the answer; 0 where none fits too, for that is an answer."""
    from bench.cli import terminal
    from bench.cli.commands import _advise_output
    from bench.cli.observer import TerminalObserver
    from bench.experiment.advising import advice_on
    from bench.experiment.requests import AdviceRequest

    request = AdviceRequest(
        _requests.rows_of(arguments, n=arguments.n),
        recall=arguments.recall,
        memory_bytes=arguments.memory_limit,
        seconds=arguments.time_limit,
        budget_seconds=arguments.budget,
    )
    result = advice_on(request, TerminalObserver())
    if arguments.json:
        terminal.print_lines([json.dumps(_advise_output.as_dict(result), allow_nan=False)])
    else:
        terminal.print_lines(_advise_output.in_words(result))
    return 0
