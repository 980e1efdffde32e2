"""``--save-neighbors``: the answers of the one run, as a file or as a folder of parts."""

import re
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.answers import Answers
from bench.judge import parts
from bench.judge.export import check_target, save_neighbors
from bench.measure.schedule import Request
from bench.workloads import Staged

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


def check(arguments: Namespace, request: Request) -> None:
    """Refuse what ``--save-neighbors`` could not do, before anything is computed."""
    target = arguments.save_neighbors
    if target is None:
        for option in ("with_self", "graph"):
            if getattr(arguments, option):
                raise ValueError(f"--{option.replace('_', '-')} needs --save-neighbors FILE")
        return
    if _URI.match(target):
        raise ValueError(
            f"--save-neighbors {target}: it takes no URI, allowed is a path on this machine: FILE.npz, "
            "FILE.h5 or DIR.parquet, on a cluster in a directory that all hosts see"
        )
    if arguments.sample is not None:
        raise ValueError("--save-neighbors is not for --sample: its ids would be none of the file's rows")
    runs = sum(len(params) for params in request.params.values()) * len(request.threads) * request.repeats
    if runs != 1:
        raise ValueError(f"--save-neighbors is for one run, these are {runs}: name one strategy")
    if not parts.is_folder(target):
        check_target(Path(target), graph=arguments.graph)
        return
    if arguments.graph:
        raise ValueError(f"{target}: cannot write a graph as a folder of Parquet parts, allowed is .npz")
    parts.check_folder(Path(target))


@contextmanager
def saving(arguments: Namespace, staged: Staged) -> Iterator[Saving]:
    """Say how the answers are to be saved; afterwards nothing unfinished is left."""
    if arguments.save_neighbors is None or arguments.dry_run:
        yield Saving()
        return
    target = Path(arguments.save_neighbors).resolve()
    options = {
        "with_self": arguments.with_self,
        "metric": staged.id.metric,
        "row_numbers": None if staged.row_numbers is None else np.load(staged.row_numbers),
    }
    if not parts.is_folder(arguments.save_neighbors):
        yield Saving(lambda answers: save_neighbors(target, answers, graph=arguments.graph, **options))
        return
    parts.remove_drafts(target)
    draft = parts.draft_of(target)
    as_computed = not arguments.with_self and staged.id.metric == "euclidean" and staged.row_numbers is None

    def keep(answers: Answers) -> None:
        if not (as_computed and parts.hold(draft, answers)):
            parts.write_parts(draft, answers, **options)
        parts.finish(draft, target)

    try:
        draft.mkdir()
        yield Saving(keep, str(draft), str(target)) if as_computed else Saving(keep)
    finally:
        parts.remove_drafts(target)
