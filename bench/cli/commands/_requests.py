"""From the options that several commands have to what they ask for."""

from argparse import Namespace
from pathlib import Path

from bench.experiment.requests import Places, RowsRequest
from bench.workloads import PointsRequest


def points_of(arguments: Namespace, *, n: int | None = None) -> PointsRequest:
    """Which points the options of ``options.points`` ask for; ``n`` where a command takes several numbers."""
    return PointsRequest(
        workload=arguments.workload,
        data=arguments.data,
        queries=getattr(arguments, "queries", None),
        n=n,
        d=arguments.d,
        k=arguments.k,
        metric=arguments.metric,
        seed=arguments.seed,
        duplicates=arguments.duplicates,
        column=arguments.column,
        exclude=arguments.exclude,
        key=arguments.key,
        id=arguments.id,
        sample=arguments.sample,
        shared_dir=arguments.shared_dir,
        master=arguments.master,
        rows=arguments.rows,
        drop_bad_rows=arguments.drop_bad_rows,
        zero_vectors=arguments.zero_vectors,
        allow_loss=arguments.allow_loss,
        knobs=tuple(arguments.knob),
    )


def places_of(arguments: Namespace) -> Places:
    """Where rows and staged points lie."""
    return Places(Path(arguments.results), arguments.cache)


def rows_of(arguments: Namespace, *, n: int | None = None) -> RowsRequest:
    """Which of the rows there are a decision is about."""
    strategies = tuple(getattr(arguments, "strategies", ()))
    return RowsRequest(points_of(arguments, n=n), strategies, places_of(arguments))
