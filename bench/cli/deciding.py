"""The options of the commands that read rows and decide."""

import argparse

from bench.cli import options, values


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
    cluster.add_argument("--executors", type=whole, metavar="E")
    cluster.add_argument("--cores", type=whole, metavar="C", help="of each executor (1)")
    size = options.value(values.size)
    cluster.add_argument("--executor-memory", type=size, metavar="16GiB", help="of each executor's host")
    cluster.add_argument("--price", type=float, metavar="X", help="of one core for one hour")
    text = "bytes a second between hosts (1GiB)"
    cluster.add_argument("--bandwidth", type=size, metavar="1GiB", help=text)
    options.results(command)
    options.json(command)
