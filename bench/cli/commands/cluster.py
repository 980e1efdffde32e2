"""``cluster``: start, show or stop a Spark cluster on this machine."""

import argparse
import json
from argparse import Namespace
from typing import TYPE_CHECKING

from bench.cli import options

if TYPE_CHECKING:
    from bench.cluster import Cluster

HELP = "start, show or stop a Spark cluster on this machine"
USAGE = "{start,status,stop} [options]"
EXAMPLES = ("cluster start --workers 2 --cores 2", "cluster status", "cluster stop")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what to do, and the cluster's size."""
    parser.add_argument("action", choices=("start", "status", "stop"))
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="number of workers (default: %(default)s)"
    )
    parser.add_argument(
        "--cores", type=int, default=1, metavar="C", help="cores of each worker (default: %(default)s)"
    )
    text = "memory of each worker's executors (default: %(default)s)"
    parser.add_argument("--memory", default="1g", metavar="2g", help=text)
    text = "port of the master, 0 for any (default: %(default)s)"
    parser.add_argument("--port", type=int, default=7077, help=text)
    options.cache(parser)
    options.json(parser)


def command(arguments: Namespace) -> int:
    """Do what was asked; ``status`` fails where no cluster runs."""
    from bench import cluster, workloads
    from bench.cli import FAILED, terminal
    from bench.cli.parser import PROGRAM
    from bench.experiment.usage import bad_usage

    place = cluster.directory(workloads.cache_directory(arguments.cache))
    cache = f" --cache {arguments.cache}" if arguments.cache else ""
    if arguments.action == "start":
        size = (arguments.workers, arguments.cores, arguments.memory)
        try:
            with bad_usage():
                started = cluster.start(place, *size, port=arguments.port)
        except RuntimeError as error:
            terminal.say(f"{PROGRAM}: {error}")
            return FAILED
        _show(started, cache, as_json=arguments.json)
    elif arguments.action == "status":
        running = cluster.find(place)
        if running is None:
            terminal.say(f"no cluster runs; `{PROGRAM} cluster start{cache}` starts one")
            return FAILED
        _show(running, cache, as_json=arguments.json)
    else:
        stopped = cluster.stop(place)
        terminal.say(f"stopped {stopped.master}" if stopped else "no cluster runs")
    return 0


def _show(running: "Cluster", cache: str, *, as_json: bool) -> None:
    from bench.cli.parser import PROGRAM
    from bench.cli.terminal import print_lines

    alive = sum(worker.alive for worker in running.workers)
    if as_json:
        print_lines([json.dumps({"master": running.master, "workers": alive})])
        return
    print_lines(
        [
            f"{running.master}: {alive} workers, {running.cores} cores and {running.memory} each",
            f"  use it:  {PROGRAM} run spark_sklearn --workload small --master {running.master}{cache}",
            f"  other programs: spark-submit --properties-file {running.properties} (it holds the secret)",
            f"  logs:    {running.directory}",
            f"  stop it: {PROGRAM} cluster stop{cache}",
        ]
    )
