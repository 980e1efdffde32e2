"""``data``: describe a workload's points; show or clear the cache of staged ones."""

import json
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from bench import workloads
from bench.cli import points
from bench.cli.terminal import print_lines
from bench.cli.values import bad_usage
from bench.judge.difficulty import Difficulty, describe_staged
from bench.measure import environment
from bench.units import format_bytes
from bench.workloads import Staged


def command(arguments: Namespace) -> int:
    """Describe the points asked for; without any, say what the cache holds."""
    with bad_usage():
        cache = workloads.cache_directory(arguments.cache)
        if arguments.clear_cache:
            freed = workloads.clear_cache(cache)
            text = json.dumps({"freed_bytes": freed}) if arguments.json else f"freed {format_bytes(freed)}"
            print_lines([text])
            return 0
        if arguments.workload is None and arguments.data is None:
            return _show_cache(arguments, cache)
        points.refuse_idle_master(arguments)
        staged = points.stage(points.workload(arguments), cache)
    cores = environment.machine().cores
    difficulty = describe_staged(staged.path, staged.id.content_hash, staged.id.k, cache, cores)
    if arguments.json:
        found = asdict(staged.id) | asdict(difficulty) | {"notes": staged.notes, "dtype": staged.dtype}
        print_lines([json.dumps(found)])
        return 0
    print_lines(_described(staged, difficulty))
    print_lines(["", f"staged as {staged.path}, the cache holds {format_bytes(workloads.cache_size(cache))}"])
    return 0


def _described(staged: Staged, found: Difficulty) -> list[str]:
    dimension = " / ".join(map(_number, (found.lid_low, found.lid_median, found.lid_high)))
    return [
        f"{staged.id.name}: {found.n:,} x {found.d}, {format_bytes(found.bytes)}, from {staged.dtype}",
        *(f"  {note}" for note in staged.notes),
        f"duplicates      {found.duplicates_share:.2%} of the points, largest group {found.largest_group:,}",
        f"zero vectors    {found.zero_vectors:,}",
        f"norms           {found.norm_min:.4g} to {found.norm_max:.4g}, median {found.norm_median:.4g}",
        f"local dimension {dimension} (quartiles)",
        f"contrast        {_number(found.contrast)}",
        f"kd-tree         looks at {found.tree_share:.2%} of the points for one query, at least",
        "",
        *found.in_words,
    ]


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def _show_cache(arguments: Namespace, cache: Path) -> int:
    size = workloads.cache_size(cache)
    if arguments.json:
        print_lines([json.dumps({"cache": str(cache), "bytes": size})])
    else:
        print_lines([f"{cache} holds {format_bytes(size)}; --clear-cache empties it"])
    return 0
