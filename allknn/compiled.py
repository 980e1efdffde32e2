"""The join's functions as machine code; a run that says where keeps it there for its other processes."""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])
_KEPT = "NUMBA_CACHE_DIR" in os.environ
"""Not beside the source: what is kept there would outlive a change of what it calls."""


def compiled(function: _Function, **options: Any) -> _Function:
    """Compile when first called; the interpreter's lock is released meanwhile (numba's ``nogil``)."""
    return cast("_Function", njit(nogil=True, cache=_KEPT, **options)(function))
