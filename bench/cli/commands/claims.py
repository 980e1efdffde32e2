"""``claims``: a 2016 post's claims, checked against the rows of each kind of points."""

import argparse
import json
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bench.cli import options
from bench.cli.commands import _requests

if TYPE_CHECKING:
    from bench.analysis.claims import JudgedClaim
    from bench.analysis.curves import Family
    from bench.analysis.summary import Group
    from bench.experiment.requests import RowsRequest

HELP = "check a 2016 post's claims against your measurements"
USAGE = "[--workload NAME | --data FILE] [options]"
EXAMPLES = ("claims", "claims --workload million")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which rows to check the claims against."""
    options.points(parser, required=False)
    options.results(parser)
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Print seven verdicts for each kind of points and machine, by the runs on the most points."""
    from bench.cli import terminal
    from bench.experiment.usage import bad_usage
    from bench.report.verdicts import verdicts
    from bench.report.wording import describe_workload

    with bad_usage():
        groups = _groups(_requests.rows_of(arguments, n=arguments.n))
        judged_groups = [(group, verdicts(group)) for group in groups]
    if arguments.json:
        terminal.print_lines(
            json.dumps(_as_dict(group, verdict)) for group, judged in judged_groups for verdict in judged
        )
        return 0
    for group, judged in judged_groups:
        terminal.print_lines([f"{group.workload.name}: {describe_workload(group.workload)}", ""])
        for verdict in judged:
            terminal.print_lines(_in_words(verdict, group))
        terminal.print_lines([""])
    return 0


def _groups(request: "RowsRequest") -> "list[Group]":
    """Of each family and machine the group with the most points; ValueError where no claim speaks of any."""
    from bench.analysis.claims import NAMED
    from bench.analysis.curves import family_of
    from bench.analysis.summary import groups
    from bench.experiment import selection
    from bench.workloads import family

    points = request.points
    command = selection.measuring_command(request, NAMED)
    rows = selection.rows_of(request, command)
    about = [
        row for row in rows if row.workload.n_queries is None and selection.is_about(request, family_of(row))
    ]
    if points.n is not None:
        about = [row for row in about if row.workload.n == points.n]
    elif points.workload is not None and family(points.workload) != points.workload:
        about = [row for row in about if row.workload.name == points.workload]  # a preset says how many
    largest: dict[tuple[str, Family], Group] = {}
    for group in groups(row for row in about if row.strategy in NAMED):
        key = group.machine, family_of(group.rows[0])
        if key not in largest or group.workload.n > largest[key].workload.n:
            largest[key] = group
    if not largest:
        raise ValueError(f"nothing measured of {', '.join(NAMED)}, of which the claims are: `{command}`")
    return list(largest.values())


def _in_words(verdict: "JudgedClaim", group: "Group") -> Iterator[str]:
    from bench.report.commands import points_of, run_command
    from bench.report.verdicts import describe_figure

    yield f"{verdict.claim} {verdict.verdict}: {verdict.text}"
    yield from (f"     {describe_figure(figure)}" for figure in verdict.figures)
    if verdict.missing:
        yield f"     missing: `{run_command(verdict.missing, points_of(group.rows[0]))}`"
    elif verdict.rows:
        yield f"     rows {', '.join(verdict.rows)}"


def _as_dict(group: "Group", verdict: "JudgedClaim") -> dict[str, Any]:
    from dataclasses import asdict

    return {"workload": asdict(group.workload), "machine": group.machine, **asdict(verdict)}
