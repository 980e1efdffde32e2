"""Synthetic points of chosen difficulty, the same on every machine, drawn block by block.

Every family draws its constants once and then blocks of BLOCK_ROWS rows, each from a random stream of its
own, so the first n rows of a larger set are the smaller set. What makes them equal everywhere: Philox is
integer arithmetic; uniforms are its top 53 bits; ``standard_normal`` is a table and one product but for a
few draws in 10,000, whose tail calls the C library's logarithm; all else is one IEEE operation at a
time (add, multiply, divide, square root, in a fixed order; no BLAS). What a tail's last bit could differ by
vanishes when points are rounded to a grid (2^-16; finer where points lie closer) before float32.
"""

import inspect
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.workloads.stream import Stream

BLOCK_ROWS = 8192
"""Part of what the points are: another number gives other points."""
VERSION = 1
"""Of the generators; a change that alters points raises it, so that no cache holds older ones."""

Rows = Iterator[NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """The recipe of a synthetic set of points."""

    family: str
    n: int
    d: int
    seed: int
    duplicates: float
    """Share of rows that are copies of another row."""
    knobs: tuple[tuple[str, float], ...]
    """The family's own parameters, defaults included."""

    def key(self) -> dict[str, Any]:
        """All that decides what the points are."""
        return {
            "family": self.family,
            "version": VERSION,
            "n": self.n,
            "d": self.d,
            "seed": self.seed,
            "duplicates": self.duplicates,
            "knobs": dict(self.knobs),
        }

    def open(self) -> Stream:
        """Generate the rows in float64, multiples of a power of two."""
        blocks = FAMILIES[self.family](self.seed, self.d, **dict(self.knobs))
        if self.duplicates:
            blocks = _with_duplicates(blocks, self.seed, self.duplicates)
        return Stream(self.n, self.d, "float64", _first(self.n, blocks))


def knobs(family: str) -> dict[str, float]:
    """The parameters a family has beside n, d and seed, with their defaults."""
    parameters = inspect.signature(FAMILIES[family]).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def manifold(seed: int, d: int, *, latent: int = 4, clusters: int = 100, noise: float = 0.01) -> Rows:
    """Clusters of power-law size, each a curved sheet of ``latent`` dimensions (at most d) in d.

    A latent Gaussian is mapped linearly, shifted by its cluster, bent by x / (1 + |x|), moved to the
    cluster's center; isotropic Gaussian noise is added.
    """
    fixed = generator(seed, 0)
    latent = min(latent, d)
    centers = fixed.standard_normal((clusters, d))
    shifts = fixed.standard_normal((clusters, d))
    directions = fixed.standard_normal((latent, d)) / np.sqrt(float(latent))
    shares = _power_law(clusters)
    for rng in _streams(seed):
        cluster = _pick(rng, shares)
        bent = shifts[cluster]
        for direction in directions:
            bent += rng.standard_normal((BLOCK_ROWS, 1)) * direction
        bent /= 1.0 + np.abs(bent)
        yield _rounded(centers[cluster] + bent + noise * rng.standard_normal((BLOCK_ROWS, d)))


def blobs(seed: int, d: int, *, clusters: int = 100, spread: float = 1.0) -> Rows:
    """Round Gaussian clusters of equal expected size, centers uniform in [-10, 10): easy to separate."""
    centers = 20.0 * generator(seed, 0).random((clusters, d)) - 10.0
    shares = np.arange(1, clusters + 1) / clusters
    for rng in _streams(seed):
        cluster = _pick(rng, shares)
        yield _rounded(centers[cluster] + spread * rng.standard_normal((BLOCK_ROWS, d)))


def uniform(seed: int, d: int) -> Rows:
    """Independent uniforms in [0, 1): no structure at all."""
    for rng in _streams(seed):
        yield np.floor(rng.random((BLOCK_ROWS, d)) * 2.0**24) / 2.0**24


def gaussian(seed: int, d: int) -> Rows:
    """Independent standard normals: one round cloud."""
    for rng in _streams(seed):
        yield _rounded(rng.standard_normal((BLOCK_ROWS, d)))


def factors(seed: int, d: int) -> Rows:
    """Factors as a recommender's matrix factorization has them: power-law spectrum and norms.

    The j-th direction has standard deviation j^-1/2, a point's length a Pareto tail of exponent 4;
    three reflections turn the directions away from the axes.
    """
    mirrors = [_unit(v) for v in generator(seed, 0).standard_normal((3, 1, d))]
    spectrum = 1.0 / np.sqrt(np.arange(1.0, d + 1.0))
    for rng in _streams(seed):
        length = 1.0 / np.sqrt(np.sqrt(1.0 - rng.random((BLOCK_ROWS, 1))))
        rows = rng.standard_normal((BLOCK_ROWS, d)) * spectrum * length
        for mirror in mirrors:
            rows -= 2.0 * ordered_sum(rows * mirror) * mirror
        yield _rounded(rows)


def embeddings(seed: int, d: int, *, clusters: int = 1000, spread: float = 0.3, cone: float = 1.0) -> Rows:
    """Unit vectors in a cone, in tight clusters of power-law size, as language models give them.

    ``cone`` is the length of the part all share, ``spread`` that of a point's own part, where a
    cluster's is 1.
    """
    fixed = generator(seed, 0)
    axis = cone * _unit(fixed.standard_normal((1, d)))
    centers = axis + _unit(fixed.standard_normal((clusters, d)))
    scale = spread / np.sqrt(float(d))
    shares = _power_law(clusters)
    for rng in _streams(seed):
        cluster = _pick(rng, shares)
        yield _rounded(_unit(centers[cluster] + scale * rng.standard_normal((BLOCK_ROWS, d))), 2.0**24)


FAMILIES: dict[str, Callable[..., Rows]] = {
    family.__name__: family for family in (manifold, blobs, uniform, gaussian, factors, embeddings)
}


def generator(seed: int, stream: int) -> np.random.Generator:
    """Stream 0 is for a family's constants, 1 + i for its i-th block, from 2^63 on for duplicates."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, stream], np.uint64)))


def ordered_sum(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum each row from left to right, the same on every machine; (n, d) to (n, 1)."""
    total: NDArray[np.float64] = np.add.accumulate(rows, axis=1)[:, -1:]
    return total


def _streams(seed: int) -> Iterator[np.random.Generator]:
    return (generator(seed, 1 + block) for block in itertools.count())


def _power_law(clusters: int) -> NDArray[np.float64]:
    """Cumulative shares of clusters whose size falls as 1 / rank."""
    shares: NDArray[np.float64] = np.add.accumulate(1.0 / np.arange(1.0, clusters + 1.0))
    shares /= shares[-1]
    return shares


def _pick(rng: np.random.Generator, shares: NDArray[np.float64]) -> NDArray[np.intp]:
    return np.searchsorted(shares, rng.random(BLOCK_ROWS), side="right")


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.sqrt(ordered_sum(rows * rows))


def _rounded(rows: NDArray[np.float64], grid: float = 2.0**16) -> NDArray[np.float64]:
    return np.rint(rows * grid) / grid


def _with_duplicates(blocks: Rows, seed: int, share: float) -> Rows:
    """Replace a share of each block's rows, never its first, by copies of rows before them in the block."""
    for number, block in enumerate(blocks):
        rng = generator(seed, (1 << 63) + number)
        copied = rng.random(len(block)) < share
        copied[0] = False
        originals = np.flatnonzero(~copied)
        earlier = np.cumsum(~copied)[copied]
        block[copied] = block[originals[np.floor(rng.random(len(earlier)) * earlier).astype(np.intp)]]
        yield block


def _first(n: int, blocks: Rows) -> Rows:
    for start in range(0, n, BLOCK_ROWS):
        yield next(blocks)[: n - start]
