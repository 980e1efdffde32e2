"""The options of the commands that read rows and decide."""

import argparse

from bench.cli import options, values


def predict(command: argparse.ArgumentParser) -> None:
    """What to predict, and from which rows."""
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
    options.results(command)
    options.json(command)
