"""The options that several commands have; each function adds some to a parser or a group of it."""

import argparse
from collections.abc import Callable
from typing import Any

from bench.cli import values
from bench.workloads.metric import METRICS
from bench.workloads.reading import ZERO_VECTORS

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
        "--results", metavar="DIR", default="results", help="results directory (default: %(default)s)"
    )


def json(command: Options) -> None:
    """Add the choice of JSON."""
    command.add_argument("--json", action="store_true", help="print JSON lines instead of text")


def cache(command: Options) -> None:
    """Add the directory of staged points."""
    text = "directory of staged points (default: the platform's cache directory)"
    command.add_argument("--cache", metavar="DIR", help=text)


def points(
    command: argparse.ArgumentParser,
    *,
    required: bool,
    queries: bool = False,
    n: Callable[[str], Any] = values.positive,
    n_help: str = "number of points; of a file, its first N (default: all)",
) -> None:
    """Add what chooses points, and Spark's master; ``n`` reads the option of that name.

    ``queries`` adds rows of which the neighbors among them are asked for.
    """
    group = command.add_argument_group("points")
    source = group.add_mutually_exclusive_group(required=required)
    source.add_argument(
        "--workload", metavar="NAME", help="preset or family of points: million, small, patches, ..."
    )
    source.add_argument(
        "--data", metavar="FILE", help="your own points, a file or a URL: npy, parquet, csv, hdf5, ..."
    )
    whole = value(values.positive)
    if queries:
        text = "file of rows whose neighbors among the points are asked for (default: those of all points)"
        group.add_argument("--queries", metavar="FILE", help=text)
    group.add_argument("-n", type=value(n), metavar="N", help=n_help)
    text = "dimensions, where the family lets you choose (default: the workload's)"
    group.add_argument("-d", type=whole, metavar="D", help=text)
    group.add_argument(
        "-k", type=whole, metavar="K", help="neighbors of each point (default: the workload's, else 10)"
    )
    text = "distance (default: what the workload or the file says, else euclidean)"
    group.add_argument("--metric", choices=METRICS, help=text)
    group.add_argument("--seed", type=int, metavar="S", help="seed of synthetic points (default: 0)")
    text = "share of repeated points (default: %(default)s)"
    group.add_argument("--duplicates", type=float, default=0.0, metavar="SHARE", help=text)
    group.add_argument(
        "--knob",
        action="append",
        default=[],
        type=value(values.knob),
        metavar="NAME=X",
        help="parameter of a synthetic family, such as latent=12",
    )
    text = "columns of a table to take, by name or pattern (default: all coordinates)"
    group.add_argument("--columns", "--column", dest="column", metavar="A,'B*'", help=text)
    group.add_argument("--exclude", metavar="A,'B*'", help="columns of a table that are not coordinates")
    group.add_argument("--key", metavar="NAME", help="array in an HDF5, Zarr or npz file")
    text = "column of unique ids (or words, obs_names), for --save-neighbors (default: row numbers)"
    group.add_argument("--id", metavar="COLUMN", help=text)
    text = "rows of a file to take, such as 1000:5000 (default: all)"
    group.add_argument("--rows", type=value(values.row_range), metavar="A:B", help=text)
    text = "take a random sample of N rows of a file"
    group.add_argument("--sample", type=whole, metavar="N", help=text)
    text = "leave out rows with NaN or infinity, or of another width (default: refuse)"
    group.add_argument("--drop-bad-rows", action="store_true", help=text)
    text = "zero vectors under cosine: leave out, or put at distance 1 from all (default: refuse)"
    group.add_argument("--zero-vectors", choices=ZERO_VECTORS, help=text)
    text = "accept points where float32 changes too many neighbors (default: refuse)"
    group.add_argument("--allow-loss", action="store_true", help=text)
    cache(group)
    spark = command.add_argument_group("Spark")
    spark.add_argument("--master", metavar="URL", help="Spark master URL (default: local[T,4])")
    text = "directory visible to all hosts, for points and indexes"
    spark.add_argument("--shared-dir", metavar="DIR", help=text)


def truth_rows(command: Options) -> None:
    """Add how many rows are judged."""
    rows = value(values.rows_or_all)
    text = "rows whose recall is judged (default: %(default)s)"
    command.add_argument("--truth-rows", type=rows, default=2000, metavar="R|all", help=text)
