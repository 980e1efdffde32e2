"""``score``: judge neighbors that were computed elsewhere, so that they can stand in the same table."""

import argparse
import json
from argparse import Namespace
from pathlib import Path

from bench.cli import options
from bench.cli.commands import _requests
from bench.judge.distance_kinds import KINDS
from bench.units import parse_duration

HELP = "judge neighbors that were computed elsewhere"
USAGE = "FILE [FILE] (--workload NAME | --data FILE) [options]"
EXAMPLES = (
    "score neighbors.npz --workload small --name theirs --seconds 12.5",
    "score indices.npy distances.npy --data vectors.npy -k 15",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the files, how long they took, and which points they are of."""
    parser.add_argument(
        "neighbors",
        nargs="+",
        metavar="FILE",
        help="indices.npy [distances.npy], or one .npz, .h5, .h5ad, .ivecs, .ibin, .parquet",
    )
    parser.add_argument("--name", metavar="NAME", help="label in the table (default: the file's name)")
    parser.add_argument(
        "--seconds",
        type=options.value(parse_duration),
        metavar="12.5",
        help="how long computing took (default: unknown)",
    )
    options.truth_rows(parser)
    text = "what the distances in the file are (default: the metric's own)"
    parser.add_argument("--distances", choices=tuple(KINDS), help=text)
    parser.add_argument(
        "--first-id", type=int, choices=(0, 1), help="id of the first point (default: detected)"
    )
    options.points(parser, required=True, queries=True)
    options.results(parser)
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Read, judge, append a row, remake the report."""
    from dataclasses import asdict

    from bench.cli import terminal
    from bench.cli.observer import TerminalObserver
    from bench.experiment.scoring import ScoreRequest, score
    from bench.report import write_report

    request = ScoreRequest(
        files=tuple(Path(name) for name in arguments.neighbors),
        points=_requests.points_of(arguments, n=arguments.n),
        name=arguments.name,
        seconds=arguments.seconds,
        truth_rows=arguments.truth_rows,
        first_id=arguments.first_id,
        distances=arguments.distances,
        places=_requests.places_of(arguments),
    )
    row = score(request, TerminalObserver())
    if arguments.json:
        terminal.print_lines([json.dumps(asdict(row))])
    else:
        terminal.print_table([(row.strategy, row)])
    terminal.say(f"report: {write_report(request.places.results, plots_of=[row.run_id])}")
    return 0
