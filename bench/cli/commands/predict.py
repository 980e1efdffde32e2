"""``predict``: what runs at growing n say of another n, with intervals."""

import argparse
from argparse import Namespace

from bench.cli import options, values
from bench.cli.commands import _requests
from bench.units import parse_size

HELP = "predict time and memory at another n or on a cluster, from runs at growing n"
USAGE = "[STRATEGY ...] [--workload NAME | --data FILE] [options]"
EXAMPLES = (
    "predict -n 1e6,1e7",
    "predict annoy_loop --workload million --check",
    "predict -n 1e9 --executors 20 --cores 8 --executor-memory 16GiB --price 0.05",
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what to predict, from which rows, on which cluster."""
    parser.add_argument(
        "strategies", nargs="*", metavar="STRATEGY", help="names (default: all measured at growing n)"
    )
    sizes = values.listed(values.positive)
    options.points(parser, required=False, n=sizes, n_help="points to predict for (default: 1,000,000)")
    whole = options.value(values.positive)
    text = "fit on runs of at most N points (default: all runs)"
    parser.add_argument("--up-to", type=whole, metavar="N", help=text)
    text = "predict existing runs, and show both side by side"
    parser.add_argument("--check", action="store_true", help=text)
    cluster = parser.add_argument_group("a cluster, for Spark's strategies")
    cluster.add_argument("--executors", type=whole, metavar="E", help="number of executors")
    cluster.add_argument("--cores", type=whole, metavar="C", help="cores of each executor (default: 1)")
    size = options.value(parse_size)
    text = "memory of each executor's host (default: unknown)"
    cluster.add_argument("--executor-memory", type=size, metavar="16GiB", help=text)
    cluster.add_argument("--price", type=float, metavar="X", help="price of one core for one hour")
    text = "bytes a second between hosts (default: 1GiB)"
    cluster.add_argument("--bandwidth", type=size, metavar="1GiB", help=text)
    options.results(parser)
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Print predictions, with ``--check`` what became of them, with ``--executors`` those for a cluster."""
    from bench.analysis.prediction import Model
    from bench.cli.commands import _predict_cluster, _predict_output
    from bench.experiment import selection
    from bench.experiment.usage import bad_usage

    sizes = arguments.n or (_predict_output.TARGET,)
    request = _requests.rows_of(arguments)
    with bad_usage():
        cluster = _predict_cluster.cluster_of(
            arguments.executors,
            cores=arguments.cores,
            executor_memory=arguments.executor_memory,
            price=arguments.price,
            bandwidth=arguments.bandwidth,
        )
        rows = selection.rows_of(request)
        if cluster is not None:
            curves = _predict_output.up_to(selection.curves_of(request, rows), arguments.up_to)
            _predict_cluster.show(request, curves, sizes, cluster, as_json=arguments.json)
            return 0
        curves = selection.predictable(request, rows)
        if arguments.check:
            _predict_output.show_check(curves, sizes, arguments.up_to, as_json=arguments.json)
            return 0
        models = [Model.learn(curve) for curve in _predict_output.up_to(curves, arguments.up_to)]
    _predict_output.show(models, sizes, as_json=arguments.json)
    return 0
