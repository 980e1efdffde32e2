"""``cluster``: start, show or stop a Spark cluster on this machine."""

import json
from argparse import Namespace

from bench import cluster, workloads
from bench.cli import FAILED, terminal
from bench.cli.values import bad_usage
from bench.cluster import Cluster


def command(arguments: Namespace) -> int:
    """Do what was asked; ``status`` fails where no cluster runs."""
    place = cluster.directory(workloads.cache_directory(arguments.cache))
    if arguments.action == "start":
        size = (arguments.workers, arguments.cores, arguments.memory)
        try:
            with bad_usage():
                running = cluster.start(place, *size, port=arguments.port)
        except RuntimeError as error:
            terminal.say(f"allknn-bench: {error}")
            return FAILED
        _show(running, arguments)
    elif arguments.action == "status":
        found = cluster.find(place)
        if found is None:
            terminal.say("no cluster runs; `make cluster` starts one")
            return FAILED
        _show(found, arguments)
    else:
        stopped = cluster.stop(place)
        terminal.say(f"stopped {stopped.master}" if stopped else "no cluster runs")
    return 0


def _show(running: Cluster, arguments: Namespace) -> None:
    alive = sum(worker.alive for worker in running.workers)
    if arguments.json:
        terminal.print_lines([json.dumps({"master": running.master, "workers": alive})])
        return
    cache = f" --cache {arguments.cache}" if arguments.cache else ""
    terminal.print_lines(
        [
            f"{running.master}: {alive} workers, {running.cores} cores and {running.memory} each",
            f"  use it:  python -m bench run spark_sklearn --workload small --master {running.master}{cache}",
            f"  other programs: spark-submit --properties-file {running.properties} (it holds the secret)",
            f"  logs:    {running.directory}",
            "  stop it: make cluster-stop",
        ]
    )
