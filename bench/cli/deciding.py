"""The options of the commands that read rows and decide."""

import argparse

from bench.cli import options, values
from bench.units import parse_duration, parse_size


def predict(command: argparse.ArgumentParser) -> None:
    """What to predict, from which rows, on which cluster."""
    command.add_argument(
        "strategies", nargs="*", metavar="STRATEGY", help="names (all that were measured at growing n)"
    )
    sizes = values.listed(values.positive)
    text = "how many points to predict for (1,000,000)"
    options.points(command, required=False, n=sizes, n_help=text)
    whole = options.value(values.positive)
    text = "learn from runs on at most so many points"
    command.add_argument("--up-to", type=whole, metavar="N", help=text)
    text = "predict what was measured already, and show both side by side"
    command.add_argument("--check", action="store_true", help=text)
    cluster = command.add_argument_group("a cluster, for Spark's strategies")
    cluster.add_argument("--executors", type=whole, metavar="E", help="how many there are")
    cluster.add_argument("--cores", type=whole, metavar="C", help="of each executor (1)")
    size = options.value(parse_size)
    cluster.add_argument("--executor-memory", type=size, metavar="16GiB", help="of each executor's host")
    cluster.add_argument("--price", type=float, metavar="X", help="of one core for one hour")
    text = "bytes a second between hosts (1GiB)"
    cluster.add_argument("--bandwidth", type=size, metavar="1GiB", help=text)
    options.results(command)
    options.json(command)


def advise(command: argparse.ArgumentParser) -> None:
    """The limits, the points, and what may be measured for them."""
    command.add_argument("strategies", nargs="*", metavar="STRATEGY", help="to choose among (all)")
    options.points(command, required=False, n_help="points to advise on (all there are)")
    limits = command.add_argument_group("limits")
    recall, seconds, size = map(options.value, (values.fraction, parse_duration, parse_size))
    limits.add_argument("--recall", type=recall, default=0.95, metavar="0.95", help="least (%(default)s)")
    limits.add_argument("--memory-limit", type=size, metavar="8GiB", help="(80 %% of the memory)")
    limits.add_argument("--time-limit", type=seconds, metavar="10m", help="(none)")
    text = "with --data: time to measure on samples of the file where there are no rows yet (10m)"
    command.add_argument("--budget", type=seconds, default=600.0, metavar="10m", help=text)
    options.results(command)
    options.json(command)


def claims(command: argparse.ArgumentParser) -> None:
    """Which rows to hold the claims against."""
    options.points(command, required=False)
    options.results(command)
    options.json(command)
