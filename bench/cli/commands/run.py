"""``run``: measure strategies on points, store the rows, remake the report."""

import argparse
from argparse import Namespace

from bench.cli import config, options, values
from bench.cli.commands import _requests
from bench.results import TIME_LIMIT
from bench.units import parse_duration, parse_size

HELP = "run strategies and record what they cost"
USAGE = "[STRATEGY ...] (--workload NAME | --data FILE) [options]"
EXAMPLES = (
    "run sklearn_matrix annoy_loop --workload small",
    "run --data vectors.parquet --column embedding -k 15 --time-limit 10m",
    "run --workload million --at-recall 0.9,0.95 --budget 2h",
    "run annoy_loop --workload small --set annoy_loop.n_trees=10,50 --repeats auto",
    "run faiss_flat --data vectors.npy --save-neighbors neighbors.npz",
    "run annoy_loop --workload small --dry-run --print-config",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what to run, on which points, how and within which limits."""
    parser.add_argument(
        "strategies",
        nargs="*",
        metavar="STRATEGY",
        help="names, or paths of Python files (default: all strategies)",
    )
    text = "number of points; of a file, its first N; several: N1,N2 (default: all)"
    options.points(parser, required=True, queries=True, n=values.listed(values.positive), n_help=text)
    _add_how(parser.add_argument_group("how to run"))
    limits = parser.add_argument_group("limits")
    limits.add_argument(
        "--time-limit",
        type=options.value(parse_duration),
        metavar="10m",
        default=TIME_LIMIT,
        help="end a run whose start, fit and query take longer (default: %(default)s)",
    )
    limits.add_argument(
        "--memory-limit",
        type=options.value(parse_size),
        metavar="8GiB",
        help="end a run with more non-reclaimable memory (default: 80%% of RAM or of the container's limit)",
    )
    text = "end a run after R answered points and extrapolate its time (default: none)"
    limits.add_argument("--stop-after-rows", type=options.value(values.positive), metavar="R", help=text)
    _add_results(parser.add_argument_group("results"))


def _add_how(how: options.Options) -> None:
    how.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="STRATEGY.PARAM=V1,V2",
        help="parameter values to run, each combination of them (default: the strategy's own)",
    )
    climbing = how.add_mutually_exclusive_group()
    climbing.add_argument("--ladder", action="store_true", help="run every rung of the strategies' ladders")
    text = "for each strategy, run the cheapest rung of its ladder that reaches each recall"
    climbing.add_argument(
        "--at-recall", type=options.value(values.listed(values.recall)), metavar="R1,R2", help=text
    )
    how.add_argument(
        "--repeats",
        type=options.value(values.repeats),
        default=1,
        metavar="R|auto",
        help="runs of each strategy; auto: until they are distinguishable (default: %(default)s)",
    )
    how.add_argument(
        "--budget",
        type=options.value(parse_duration),
        metavar="2h",
        help="total time budget; runs expected to exceed it are skipped (default: none)",
    )
    how.add_argument(
        "--threads",
        type=options.value(values.listed(values.positive)),
        metavar="T1,T2",
        help="threads of each run (default: all cores)",
    )
    how.add_argument(
        "--fix-blas", action="store_true", help="force the widest OpenBLAS kernel this CPU supports"
    )
    how.add_argument("--wrap", metavar="CMD", help="command prefix for the worker, such as perf or numactl")
    text = "count the first start of a library that compiles code and keeps it (default: a later start)"
    how.add_argument("--first-start", action="store_true", help=text)
    how.add_argument("--quiet-runs", action="store_true", help="rerun if other processes used the CPU")


def _add_results(results: options.Options) -> None:
    options.truth_rows(results)
    results.add_argument(
        "--save-neighbors", metavar="FILE", help="save the neighbors: .h5, .hdf5, .npz or DIR.parquet"
    )
    results.add_argument(
        "--with-self", action="store_true", help="include each point as its own first neighbor"
    )
    results.add_argument("--graph", action="store_true", help="save a sparse CSR matrix of distances")
    results.add_argument("--fresh", action="store_true", help="re-measure existing runs")
    text = "exit with 0 even if the only run failed or its neighbors were not saved"
    results.add_argument("--keep-going", action="store_true", help=text)
    text = "also run what is predicted to exceed its limits"
    results.add_argument("--anyway", action="store_true", help=text)
    results.add_argument("--dry-run", action="store_true", help="print the plan and exit")
    config.add_options(results)
    options.results(results)
    options.json(results)


def command(arguments: Namespace) -> int:
    """Measure, print what came of it, then remake the page."""
    from bench.cli import FAILED, INTERRUPTED, terminal
    from bench.cli.observer import TerminalObserver
    from bench.experiment.requests import RunRequest, SaveRequest
    from bench.experiment.results import only_run_failed
    from bench.experiment.series import run
    from bench.measure.schedule import Limits
    from bench.report import write_report

    request = RunRequest(
        points=_requests.points_of(arguments),
        strategies=tuple(arguments.strategies),
        sizes=arguments.n or (None,),
        settings=tuple(arguments.set),
        ladder=arguments.ladder,
        recalls=arguments.at_recall or (),
        repeats=arguments.repeats,
        budget_seconds=arguments.budget,
        threads=arguments.threads or (),
        fix_blas=arguments.fix_blas,
        wrap=arguments.wrap,
        first_start=arguments.first_start,
        quiet_runs=arguments.quiet_runs,
        limits=Limits(arguments.time_limit, arguments.memory_limit, arguments.stop_after_rows),
        truth_rows=arguments.truth_rows,
        save=SaveRequest(arguments.save_neighbors, arguments.with_self, arguments.graph),
        fresh=arguments.fresh,
        anyway=arguments.anyway,
        dry_run=arguments.dry_run,
        places=_requests.places_of(arguments),
    )
    results = []
    for result in run(request, TerminalObserver()):
        results.append(result)
        if not request.dry_run:
            terminal.print_result(result, request.save.target, as_json=arguments.json)
        if result.interrupted:
            return INTERRUPTED
    if not request.dry_run:
        measured = [row.run_id for result in results for _, row in result.rows]
        terminal.say(f"report: {write_report(request.places.results, plots_of=measured)}")
    failed = only_run_failed(results, saved=bool(request.save.target))
    return FAILED if failed and not arguments.keep_going else 0
