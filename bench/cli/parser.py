"""The options of every command."""

import argparse
from collections.abc import Callable
from importlib import import_module, metadata
from typing import NoReturn

from bench.catalog import near_match
from bench.cli import deciding, options, values
from bench.cli.values import BadUsageError
from bench.judge.distance_kinds import KINDS
from bench.units import parse_duration, parse_share, parse_size

_COMMANDS = {
    "run": "run strategies and store what they cost",
    "list": "list the strategies, their parameters and whether they can run here",
    "report": "rebuild table, plots and page from the measurements, without measuring",
    "data": "describe a workload's points, or show and clear the cache of staged ones",
    "score": "judge neighbors that were computed elsewhere",
    "compare": "compare two results directories: before and after, or two machines",
    "cluster": "start, show or stop a Spark cluster on this machine, to try one",
    "predict": "time and memory at another n or on a cluster, from runs at growing n",
    "advise": "which strategy to use under limits of recall, memory and time, and how",
    "claims": "hold the claims of the post that this project tests against the rows",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadUsageError(f"{message}; `{self.prog} --help` shows what is allowed")


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line; ``command`` of the answer is the function to call with it."""
    if words and not words[0].startswith("-") and words[0] not in _COMMANDS:
        near = near_match(words[0], list(_COMMANDS))
        raise BadUsageError(f"unknown command {words[0]!r}{near}; there are {', '.join(_COMMANDS)}")
    parser = _Parser(prog="allknn-bench", description="Measures how best to compute all k nearest neighbors.")
    parser.add_argument("--version", action="version", version=metadata.version("allknn-bench"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        _OPTIONS[name](command)
        command.set_defaults(command=_late(name))
    return parser.parse_args(words)


def _late(name: str) -> Callable[[argparse.Namespace], int]:
    """Import a command's module only when it is called: `list` needs no pandas, `report` no Spark."""

    def call(arguments: argparse.Namespace) -> int:
        code: int = import_module(f"bench.cli.{name}").command(arguments)
        return code

    return call


def _run(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "strategies", nargs="*", metavar="STRATEGY", help="names, or paths of Python files (all)"
    )
    numbers = values.listed(values.positive)
    options.points(command, required=True, n=numbers, n_help="points; of a file, its first N; several: N1,N2")
    how = command.add_argument_group("how to run")
    how.add_argument(
        "--set", action="append", default=[], metavar="STRATEGY.PARAM=V1,V2", help="values to sweep"
    )
    climbing = how.add_mutually_exclusive_group()
    climbing.add_argument("--ladder", action="store_true", help="every rung of the strategies' ladders")
    text = "for each strategy the cheapest rung of its ladder that reaches each recall"
    climbing.add_argument(
        "--at-recall", type=options.value(values.listed(values.recall)), metavar="R1,R2", help=text
    )
    how.add_argument("--repeats", type=options.value(values.repeats), default=1, metavar="R|auto")
    how.add_argument(
        "--budget", type=options.value(parse_duration), metavar="2h", help="no run that will not fit into it"
    )
    how.add_argument(
        "--threads", type=options.value(values.listed(values.positive)), metavar="T1,T2", help="(all cores)"
    )
    how.add_argument(
        "--fix-blas", action="store_true", help="have OpenBLAS take the kernel this CPU deserves"
    )
    how.add_argument(
        "--wrap", metavar="CMD", help="an instrument in front of the worker: time, perf, numactl"
    )
    how.add_argument("--quiet-runs", action="store_true", help="repeat a run that others disturbed")
    limits = command.add_argument_group("limits")
    limits.add_argument(
        "--time-limit", type=options.value(parse_duration), metavar="10m", help="of start + fit + query"
    )
    limits.add_argument(
        "--memory-limit", type=options.value(parse_size), metavar="8GiB", help="(80 %% of the memory)"
    )
    limits.add_argument("--stop-after-rows", type=options.value(values.positive), metavar="R")
    results = command.add_argument_group("results")
    options.truth_rows(results)
    results.add_argument(
        "--save-neighbors", metavar="FILE", help="the answer: .h5, .hdf5, .npz or DIR.parquet"
    )
    results.add_argument("--with-self", action="store_true", help="put each point itself in column 0 of it")
    results.add_argument("--graph", action="store_true", help="save a sparse CSR matrix of distances")
    results.add_argument("--fresh", action="store_true", help="measure anew what is measured already")
    text = "run also what is predicted not to keep its limits"
    results.add_argument("--anyway", action="store_true", help=text)
    results.add_argument("--dry-run", action="store_true", help="say what would be run and stop")
    options.results(results)
    options.json(results)


def _list(command: argparse.ArgumentParser) -> None:
    options.json(command)


def _report(command: argparse.ArgumentParser) -> None:
    text = "results directory (results); given several times, all are read and the first is written"
    command.add_argument("--results", action="append", metavar="DIR", help=text)
    options.json(command)


def _data(command: argparse.ArgumentParser) -> None:
    options.points(command, required=False)
    command.add_argument("--clear-cache", action="store_true", help="delete all staged points and truths")
    options.json(command)


def _score(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "neighbors", nargs="+", metavar="FILE", help="indices.npy distances.npy, or one .npz, .h5, .parquet"
    )
    command.add_argument("--name", metavar="NAME", help="what to call it in the table (the file's name)")
    command.add_argument(
        "--seconds", type=options.value(parse_duration), help="how long computing it took, if you know"
    )
    options.truth_rows(command)
    command.add_argument(
        "--distances", choices=tuple(KINDS), help="what the distances are (the metric's own)"
    )
    command.add_argument("--first-id", type=int, choices=(0, 1), help="0- or 1-based ids (found out)")
    options.points(command, required=True)
    options.results(command)
    options.json(command)


def _compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("before", metavar="A", help="a results directory")
    command.add_argument("after", metavar="B", help="another one")
    command.add_argument("--output", metavar="FILE", help="where the page is written (B/compare.html)")
    text = "as in 10%%: exit with 3 where a test says B is slower by more, or where it fails and A did not"
    command.add_argument("--fail-if-slower", type=options.value(parse_share), metavar="SHARE", help=text)
    options.json(command)


def _cluster(command: argparse.ArgumentParser) -> None:
    command.add_argument("action", choices=("start", "status", "stop"))
    command.add_argument("--workers", type=int, default=2, metavar="N", help="(%(default)s)")
    command.add_argument("--cores", type=int, default=1, metavar="C", help="of each worker (%(default)s)")
    memory = "of each worker's executors (%(default)s)"
    command.add_argument("--memory", default="1g", metavar="2g", help=memory)
    command.add_argument("--port", type=int, default=7077, help="of the master, 0 for any (%(default)s)")
    options.cache(command)
    options.json(command)


_OPTIONS = {
    "run": _run,
    "list": _list,
    "report": _report,
    "data": _data,
    "score": _score,
    "compare": _compare,
    "cluster": _cluster,
    "predict": deciding.predict,
    "advise": deciding.advise,
    "claims": deciding.claims,
}
