"""Faiss as several strategies use it: its threads and its distances."""

import numpy as np
from numpy.typing import NDArray


def start(threads: int) -> None:
    """Import Faiss and give it its threads."""
    import faiss

    faiss.omp_set_num_threads(threads)


def lengths(squared: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distances from squared ones, which rounding may have taken below zero; inf where none was found."""
    found = squared < np.finfo(np.float32).max
    return np.sqrt(np.where(found, np.maximum(squared, 0), np.float32(np.inf)))
