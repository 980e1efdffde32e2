"""NumPy's arrays as the compiled core takes them: checked, and described by its structures."""

import ctypes
from ctypes import c_double, c_int64, c_void_p
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from allknn.exact.points import Lists as KnownLists
    from allknn.exact.points import OrderedPoints


class Points(ctypes.Structure):
    """``OrderedPoints`` as C++ has it."""

    _fields_ = (
        *((name, c_void_p) for name in ("points", "order", "leaf_at", "centers", "radii")),
        ("scale", c_double),
        ("n_features", c_int64),
        ("n_leaves", c_int64),
    )


class Lists(ctypes.Structure):
    """``Lists`` as C++ has it."""

    _fields_ = (*((name, c_void_p) for name in ("nearness", "others", "loosest")), ("kept", c_int64))


class Range(ctypes.Structure):
    """``LeafRange`` as C++ has it."""

    _fields_ = (("first", c_int64), ("stop", c_int64))


def points_of(points: "OrderedPoints") -> Points:
    """Return the ordered points as C++ has them; they must outlive what uses this."""
    n_leaves, n_features = len(points.radii), points.points.shape[1]
    return Points(
        read(points.points, np.float32, points.points.shape),
        read(points.order, np.int32, points.order.shape),
        read(points.leaf_at, np.int64, (n_leaves + 1,)),
        read(points.centers, np.float64, (n_leaves, n_features)),
        read(points.radii, np.float64, (n_leaves,)),
        points.scale,
        n_features,
        n_leaves,
    )


def lists_of(points: "OrderedPoints", lists: "KnownLists") -> Lists:
    """Return the lists of some points as C++ has them; they must outlive what uses this."""
    shape = len(points.order), lists.others.shape[1]
    return Lists(
        written(lists.nearness, np.float32, shape),
        written(lists.others, np.int32, shape),
        written(lists.loosest, np.float32, points.radii.shape),
        shape[1],
    )


def read(array: NDArray[Any], dtype: Any, shape: tuple[int, ...]) -> int:
    """Return where an array begins; raises ValueError where it is not of that kind, or not contiguous."""
    if array.dtype != dtype or array.shape != shape or not array.flags.c_contiguous:
        kind = "" if array.flags.c_contiguous else "not contiguous "
        raise ValueError(
            f"a contiguous array of {np.dtype(dtype)} and shape {shape} is needed, "
            f"got {kind}{array.dtype} {array.shape}"
        )
    address: int = array.ctypes.data
    return address


def written(array: NDArray[Any], dtype: Any, shape: tuple[int, ...]) -> int:
    """Return where an array begins that may be written."""
    if not array.flags.writeable:
        raise ValueError(
            f"an array that may be written is needed, got a read-only {array.dtype} {array.shape}"
        )
    return read(array, dtype, shape)
