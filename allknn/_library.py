"""The compiled core as a file: found, loaded once a process, its functions declared."""

import ctypes
import hashlib
import os
from ctypes import c_double, c_int32, c_int64, c_void_p
from pathlib import Path
from typing import TYPE_CHECKING, Any

LIBRARY = Path(__file__).parent / "_core" / "liballknn.so"
_SETS = ("generic", "v3", "v4")
"""Instruction sets that the kernels were compiled for, the narrowest first."""
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "halve_bytes": (c_int64, [c_int64] * 2),
    "halve": (c_int64, [c_void_p, c_int64, c_void_p, c_int64, c_int64, c_void_p]),
    "halve_all": (None, [c_void_p, c_int64, c_void_p, c_int64, c_int64, c_void_p]),
    "measure_leaves": (None, [c_void_p, c_int64, c_void_p, c_void_p, c_int64, c_void_p, c_void_p]),
    "join_bytes": (c_int64, [c_int64] * 2),
    "join": (c_int64, [c_void_p] * 4 + [c_int64, c_void_p]),
    "project": (
        None,
        [c_void_p, c_void_p, c_int64, c_int64, c_void_p, c_void_p, c_double, c_int64, *[c_void_p] * 3],
    ),
    "arrange_rows": (None, [c_void_p] * 3 + [c_int64] * 2 + [c_void_p, c_int64] + [c_void_p] * 3),
    "measure_nodes": (None, [c_void_p] * 3 + [c_int64] * 3 + [c_void_p] * 2),
    "has_words": (c_int64, []),
    "round_rows": (
        None,
        [c_void_p] * 2 + [c_int64] * 2 + [c_void_p, c_int64, c_int64, c_double] + [c_void_p] * 4,
    ),
    "join_screened_bytes": (c_int64, [c_int64] * 3),
    "join_screened": (None, [c_void_p] * 5 + [c_int64] + [c_void_p] * 2),
    "bound_nearby_bytes": (c_int64, [c_int64] * 4),
    "bound_nearby": (None, [c_void_p] * 3 + [c_int64] * 3 + [c_void_p] * 2),
    "search": (None, [c_void_p, c_void_p, c_int64, c_int64, c_void_p, c_void_p, c_void_p]),
    "nearest_leaders_bytes": (c_int64, [c_int64] * 4),
    "nearest_leaders": (
        None,
        [c_void_p, c_int64, c_void_p, c_int64, c_void_p, c_int64, c_int64, c_void_p, c_void_p],
    ),
    "join_bucket_bytes": (c_int64, [*[c_int64] * 3, c_void_p]),
    "join_bucket": (c_int64, [c_void_p, c_void_p, c_int64, c_void_p, c_void_p]),
    "refine_bytes": (c_int64, [c_int64]),
    "refine": (c_int64, [*[c_void_p] * 4, c_int64, c_int64, c_void_p]),
}
"""Of the functions compiled for each instruction set."""
_PLAIN: dict[str, list[Any]] = {
    "settle": [c_void_p, c_void_p, *[c_int64] * 4, *[c_void_p] * 3],
    "merge_candidates": [c_void_p, c_void_p, c_void_p, c_int64, c_void_p, c_void_p],
    "merge_answers": [c_void_p, c_int64, c_int64, *[c_void_p] * 4],
    "list_members": [c_void_p, *[c_int64] * 3, c_void_p, c_void_p],
    "hash_rows": [c_void_p, c_int64, c_int64, c_void_p],
    "find_leaders": [c_void_p, c_int64, c_int64, *[c_void_p] * 3],
    "expand": [*[c_void_p] * 3, c_int64, c_void_p, c_void_p, c_int64, c_int64, c_void_p, c_void_p],
}
"""Of those compiled once, which return nothing."""


class Core:
    """The functions of a loaded library, those for one instruction set among them."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ImportError(f"the compiled core {path} is missing: `make install` builds it")
        try:
            library = ctypes.CDLL(str(path))
        except OSError as error:
            raise ImportError(f"the compiled core cannot be loaded: {error}") from error
        library.allknn_widest_set.restype = c_int32
        self.instruction_set = _chosen(_SETS[: library.allknn_widest_set() + 1])
        for name, (result, arguments) in _SIGNATURES.items():
            self._declare(name, library[f"allknn_{name}_{self.instruction_set}"], result, arguments)
        for name, arguments in _PLAIN.items():
            self._declare(name, library[f"allknn_{name}"], None, arguments)

    def _declare(self, name: str, function: Any, result: Any, arguments: list[Any]) -> None:
        function.restype, function.argtypes = result, arguments
        setattr(self, name, function)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def _chosen(here: tuple[str, ...]) -> str:
    forced = os.environ.get("ALLKNN_SIMD") or here[-1]
    if forced not in here:
        raise ValueError(f"ALLKNN_SIMD is {forced!r}, allowed here is one of {', '.join(here)}")
    return forced


_loaded: dict[str, Core] = {}


def load(path: Path = LIBRARY) -> Core:
    """Load the library, once a process: whoever has it elsewhere than here calls this first.

    Raises ImportError with one line where it is missing or this system cannot load it.
    """
    if "core" not in _loaded:
        _loaded["core"] = Core(path)
    return _loaded["core"]


def instruction_set() -> str:
    """Return the one in use: ``v4`` (AVX-512), ``v3`` (AVX2) or ``generic``; ``ALLKNN_SIMD`` forces it."""
    return load().instruction_set


def identity() -> bytes:
    """Return what tells this library's results and speed from another's: its content, the instruction set."""
    if not LIBRARY.is_file():
        return b""
    return hashlib.sha256(LIBRARY.read_bytes()).digest() + instruction_set().encode()
