"""The options that several commands have; each function adds some to a parser or a group of it."""

import argparse
from collections.abc import Callable
from typing import Any

from bench.cli import values

Options = argparse._ActionsContainer  # noqa: SLF001 (what parsers and their groups share has no public name)


def value(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let argparse show the message of a ValueError, which it would otherwise replace by its own."""

    def convert(text: str) -> Any:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def results(command: Options) -> None:
    """Add the directory that rows are read from or written to."""
    command.add_argument(
        "--results", metavar="DIR", default="results", help="results directory (%(default)s)"
    )


def json(command: Options) -> None:
    """Add the choice of JSON."""
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")


def cache(command: Options) -> None:
    """Add the directory of staged points."""
    command.add_argument("--cache", metavar="DIR", help="where staged points are kept (the platform's cache)")


def points(
    command: argparse.ArgumentParser,
    *,
    required: bool,
    n: Callable[[str], Any] = values.positive,
    n_help: str = "points; of a file, its first N",
) -> None:
    """Add what chooses points, and Spark's master; ``n`` reads the option of that name."""
    group = command.add_argument_group("points")
    source = group.add_mutually_exclusive_group(required=required)
    source.add_argument(
        "--workload", metavar="NAME", help="a preset or a family of points: million, small, ..."
    )
    source.add_argument(
        "--data", metavar="FILE", help="your own points: npy, npz, parquet, arrow, csv, hdf5, fvecs ..."
    )
    whole = value(values.positive)
    group.add_argument("-n", type=value(n), metavar="N", help=n_help)
    group.add_argument("-d", type=whole, metavar="D", help="dimensions, where the family lets you choose")
    group.add_argument("-k", type=whole, metavar="K", help="neighbors of each point")
    group.add_argument(
        "--metric", choices=("euclidean", "cosine"), help="(what the data say, else euclidean)"
    )
    group.add_argument("--seed", type=int, help="of synthetic points")
    group.add_argument(
        "--duplicates", type=float, default=0.0, metavar="SHARE", help="share of repeated points"
    )
    group.add_argument(
        "--knob",
        action="append",
        default=[],
        type=value(values.knob),
        metavar="NAME=X",
        help="as in latent=12",
    )
    group.add_argument(
        "--columns", "--column", metavar="A,B", help="columns of a table that are the points, or 'd*'"
    )
    group.add_argument("--exclude", metavar="A,B", help="columns of a table that are not")
    group.add_argument("--key", metavar="NAME", help="of an HDF5 or npz file")
    group.add_argument("--rows", type=value(values.row_range), metavar="A:B", help="rows of a file")
    group.add_argument("--sample", type=whole, metavar="N", help="a random sample of a file's rows")
    group.add_argument(
        "--drop-bad-rows", action="store_true", help="leave out rows with NaN, infinity or of another width"
    )
    group.add_argument(
        "--zero-vectors", choices=("drop", "last"), help="under cosine: leave out, or far from all (refused)"
    )
    group.add_argument(
        "--allow-loss", action="store_true", help="go on where float32 cannot hold the distances"
    )
    cache(group)
    spark = command.add_argument_group("Spark")
    spark.add_argument("--master", metavar="URL", help="of a cluster (local[T,4])")
    spark.add_argument("--shared-dir", metavar="DIR", help="that all its hosts see, for points and indexes")


def truth_rows(command: Options) -> None:
    """Add how many rows are judged."""
    rows = value(values.rows_or_all)
    command.add_argument(
        "--truth-rows", type=rows, default=2000, metavar="R|all", help="rows to judge (%(default)s)"
    )
