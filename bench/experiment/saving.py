"""``--save-neighbors``: the answers of the one run, as a file or as a folder of parts."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.answers import Answers
from bench.disk import naming
from bench.experiment.requests import RunRequest, SaveRequest
from bench.judge import parts
from bench.judge.export import check_target, save_neighbors
from bench.measure.schedule import Request
from bench.workloads import Staged
from bench.workloads.ids import load_ids

_URI = re.compile(r"[A-Za-z][\w+.-]+:/")


@dataclass(frozen=True, slots=True)
class Saving:
    """What becomes of the answers."""

    keep: Callable[[Answers], None] | None = None
    """Saves them; None where that was not asked for."""
    neighbors_to: str = ""
    """Where a strategy's tasks shall write them themselves."""
    neighbors_at: str = ""
    """Where that is put when it is whole."""


def check_saving(request: RunRequest, plan: Request) -> None:
    """Refuse what ``--save-neighbors`` could not do, before anything is computed."""
    save, target = request.save, request.save.target
    if target is None:
        for option, given in (("--with-self", save.with_self), ("--graph", save.graph)):
            if given:
                raise ValueError(f"{option} needs --save-neighbors FILE")
        return
    if _URI.match(target):
        raise ValueError(
            f"--save-neighbors {target}: it takes no URI, allowed is a path on this machine: FILE.npz, "
            "FILE.h5 or DIR.parquet, on a cluster in a directory that all hosts see"
        )
    if request.points.sample is not None:
        raise ValueError("--save-neighbors is not for --sample: its ids would be none of the file's rows")
    runs = sum(len(params) for params in plan.params.values()) * len(plan.threads) * plan.repeats
    if runs != 1:
        raise ValueError(f"--save-neighbors is for one run, these are {runs}: name one strategy")
    if not parts.is_folder(target):
        check_target(Path(target), graph=save.graph)
        return
    if save.graph:
        raise ValueError(f"{target}: cannot write a graph as a folder of Parquet parts, allowed is .npz")
    parts.check_folder(Path(target))


@contextmanager
def saving(save: SaveRequest, staged: Staged) -> Iterator[Saving]:
    """Say how the answers are to be saved; afterwards nothing unfinished is left."""
    if save.target is None:
        yield Saving()
        return
    for option, what in (
        ("--queries", staged.queries),
        ("inner products", staged.id.metric == "inner_product"),
    ):
        if save.with_self and what:
            raise ValueError(f"--with-self is not for {option}: no point is its own nearest there")
    target = Path(save.target).resolve()
    options: dict[str, Any] = {
        "with_self": save.with_self,
        "metric": staged.id.metric,
        "row_numbers": None if staged.row_numbers is None else np.load(staged.row_numbers),
        "ids": None if staged.ids is None else load_ids(staged.ids),
        "n_points": None if staged.queries is None else staged.id.n,
    }
    if not parts.is_folder(save.target):

        def write(answers: Answers) -> None:
            with naming(target):
                save_neighbors(target, answers, graph=save.graph, **options)

        yield Saving(write)
        return
    parts.remove_drafts(target)
    draft = parts.draft_of(target)
    plain = staged.row_numbers is None and staged.ids is None and staged.queries is None
    as_computed = plain and not save.with_self and staged.id.metric == "euclidean"

    def keep(answers: Answers) -> None:
        with naming(target):
            if not (as_computed and parts.hold(draft, answers)):
                parts.write_parts(draft, answers, **options)
            parts.finish(draft, target)

    try:
        draft.mkdir()
        yield Saving(keep, str(draft), str(target)) if as_computed else Saving(keep)
    finally:
        parts.remove_drafts(target)
