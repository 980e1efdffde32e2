"""Reads address zero."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

from bench.strategy import Entry, Neighbors, Strategy


@dataclass
class Segfaults(Strategy):
    def kneighbors(self, k: int) -> Iterator[Neighbors]:  # noqa: ARG002 (it answers nothing)
        ctypes.string_at(0)
        return iter(())


strategy = Entry(Segfaults, exact=True)
