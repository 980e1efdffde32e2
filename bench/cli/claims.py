"""``claims``: what the post claims, held against the rows of each kind of points."""

import json
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bench.analysis.claims import NAMED, JudgedClaim
from bench.analysis.curves import Family, family_of
from bench.analysis.summary import Group, groups
from bench.cli import selection, terminal
from bench.cli.values import bad_usage
from bench.report.verdicts import describe_figure, verdicts
from bench.report.wording import describe_workload
from bench.workloads import family


def command(arguments: Namespace) -> int:
    """Print seven verdicts for each kind of points and machine, by the runs on the most points."""
    with bad_usage():
        found = [(group, verdicts(group)) for group in _groups(arguments)]
    if arguments.json:
        terminal.print_lines(
            json.dumps(_as_dict(group, verdict)) for group, judged in found for verdict in judged
        )
        return 0
    for group, judged in found:
        terminal.print_lines([f"{group.workload.name}: {describe_workload(group.workload)}", ""])
        for verdict in judged:
            terminal.print_lines(_in_words(verdict, group))
        terminal.print_lines([""])
    return 0


def _groups(arguments: Namespace) -> list[Group]:
    """Of each family and machine the group with the most points; ValueError where no claim speaks of any."""
    command = selection.run_command(arguments, NAMED)
    rows = selection.rows_of(arguments, command)
    wanted = [row for row in rows if selection.is_about(arguments, family_of(row))]
    if arguments.n is not None:
        wanted = [row for row in wanted if row.workload.n == arguments.n]
    elif arguments.workload is not None and family(arguments.workload) != arguments.workload:
        wanted = [row for row in wanted if row.workload.name == arguments.workload]  # a preset says how many
    largest: dict[tuple[str, Family], Group] = {}
    for group in groups(row for row in wanted if row.strategy in NAMED):
        key = group.machine, family_of(group.rows[0])
        if key not in largest or group.workload.n > largest[key].workload.n:
            largest[key] = group
    if not largest:
        raise ValueError(f"nothing measured of {', '.join(NAMED)}, of which the claims are: `{command}`")
    return list(largest.values())


def _in_words(verdict: JudgedClaim, group: Group) -> Iterator[str]:
    yield f"{verdict.claim} {verdict.verdict}: {verdict.text}"
    yield from (f"     {describe_figure(figure)}" for figure in verdict.figures)
    if verdict.missing:
        yield f"     missing: `{selection.same_points_command(group.rows[0], verdict.missing)}`"
    elif verdict.rows:
        yield f"     rows {', '.join(verdict.rows)}"


def _as_dict(group: Group, verdict: JudgedClaim) -> dict[str, Any]:
    return {"workload": asdict(group.workload), "machine": group.machine, **asdict(verdict)}
