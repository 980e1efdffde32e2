"""``data``: describe a workload's points; show or clear the cache of staged ones."""

import argparse
import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.cli import options
from bench.cli.commands import _requests

if TYPE_CHECKING:
    from bench.judge.difficulty import Difficulty
    from bench.judge.point_verdicts import PointVerdict
    from bench.workloads import PointsRequest, Staged

HELP = "describe points, or show or clear the cache of staged ones"
USAGE = "[--workload NAME | --data FILE] [options]"
EXAMPLES = (
    "data",
    "data --workload patches -n 100000",
    "data --data vectors.parquet --column embedding",
    "data --clear-cache",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which points, or that the cache is to be cleared."""
    options.points(parser, required=False, queries=True)
    parser.add_argument(
        "--clear-cache", action="store_true", help="delete all staged points, truths and compiled code"
    )
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Describe the points asked for; without any, say what the cache holds."""
    from bench import workloads
    from bench.cli.terminal import print_lines
    from bench.experiment.usage import bad_usage
    from bench.units import format_bytes

    points = _requests.points_of(arguments, n=arguments.n)
    with bad_usage():
        cache = workloads.cache_directory(arguments.cache)
        if arguments.clear_cache:
            freed = workloads.clear_cache(cache)
            text = json.dumps({"freed_bytes": freed}) if arguments.json else f"freed {format_bytes(freed)}"
            print_lines([text])
            return 0
        if not points:
            size = workloads.cache_size(cache)
            text = f"{cache} holds {format_bytes(size)}; --clear-cache empties it"
            as_json = json.dumps({"cache": str(cache), "bytes": size})
            print_lines([as_json if arguments.json else text])
            return 0
    return _describe(points, cache, arguments.cache, as_json=arguments.json)


def _describe(points: "PointsRequest", cache: Path, named_cache: str | None, *, as_json: bool) -> int:
    from dataclasses import asdict

    from bench.cli.observer import TerminalObserver
    from bench.cli.terminal import print_lines
    from bench.experiment.points import refuse_idle_master, stage
    from bench.experiment.usage import bad_usage
    from bench.judge.difficulty import describe_staged
    from bench.measure import environment
    from bench.units import format_bytes
    from bench.workloads import cache_size

    with bad_usage():
        refuse_idle_master(points)
        staged = stage(points, named_cache, TerminalObserver())
    cores = environment.machine().usable_cores
    difficulty = describe_staged(staged.path, staged.id.content_hash, staged.id.k, cache, cores)
    if as_json:
        facts = asdict(staged.id) | asdict(difficulty) | {"notes": staged.notes, "dtype": staged.dtype}
        print_lines([json.dumps(facts)])
        return 0
    print_lines(_text(staged, difficulty))
    print_lines(["", f"staged as {staged.path}, the cache holds {format_bytes(cache_size(cache))}"])
    return 0


def _text(staged: "Staged", facts: "Difficulty") -> list[str]:
    from bench.units import format_bytes

    return [
        f"{staged.id.name}: {facts.n:,} x {facts.d}, {format_bytes(facts.bytes)}, from {staged.dtype}",
        *(f"  {note}" for note in staged.notes),
        *map(_verdict_line, facts.verdicts),
        "",
        *facts.in_words,
    ]


def _verdict_line(verdict: "PointVerdict") -> str:
    line = f"{verdict.name:20}{verdict.level:11}{verdict.figure} ({verdict.thresholds})"
    return line if verdict.level == "ok" else f"{line}; try: {verdict.to_try}"
