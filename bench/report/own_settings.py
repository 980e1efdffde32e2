"""What was set for a run otherwise than a plain run of its strategy has it."""

from functools import cache
from typing import Any

from bench import catalog
from bench.analysis.summary import write_setting
from bench.master import is_local
from bench.results import Measurement


def own_params(row: Measurement) -> dict[str, Any]:
    """Return the parameters that differ from their defaults; all where the defaults are not known.

    Those of a user's file are not: it would have to be run.
    """
    defaults = _defaults(row.strategy)
    return {
        name: value
        for name, value in row.params.items()
        if name not in catalog.FILLED and (name not in defaults or defaults[name] != value)
    }


def describe_own(row: Measurement) -> str:
    """Write in one line what differs: parameters, another machine's master, BLAS kernel and instrument."""
    master = None if is_local(row.master) else row.master
    own = {"master": master, "blas_kernel": row.blas_kernel, "wrap": row.wrap}
    set_ = own_params(row) | {name: value for name, value in own.items() if value is not None}
    return ", ".join(f"{name} {write_setting(value)}" for name, value in set_.items())


@cache
def _defaults(strategy: str) -> dict[str, Any]:
    if strategy not in catalog.names():
        return {}
    try:
        return catalog.load(strategy).parameters
    except ValueError:  # its file is broken: that is no reason to have no report
        return {}
