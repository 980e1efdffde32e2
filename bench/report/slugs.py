"""Short, distinct names of groups for files and for anchors in the page."""

import re
from collections.abc import Sequence

from bench.analysis.summary import Group


def name_groups(groups: Sequence[Group]) -> list[str]:
    """Name each group for its files: as short as keeps them apart."""
    names = [plain(group.workload.name) for group in groups]
    for part in (
        lambda g: f"n{g.workload.n}-d{g.workload.d}-k{g.workload.k}",
        lambda g: g.workload.metric,
        lambda g: g.machine,
        lambda g: g.workload.content_hash,
    ):
        parts = [plain(part(group)) for group in groups]
        split = {
            name for name in names if len({p for n, p in zip(names, parts, strict=True) if n == name}) > 1
        }
        names = [f"{n}-{p}" if n in split else n for n, p in zip(names, parts, strict=True)]
    return names


def plain(text: str) -> str:
    """Letters, digits and dashes alone, 40 at most."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40] or "points"
