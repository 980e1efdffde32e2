"""Verdicts on points: which figures are ok, which to watch, which spoil a search, and what to try."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bench.judge.truth import exact_neighbors

Level = Literal["ok", "watch out", "fails"]
_SAMPLE = 2_000
_LEVELS: tuple[Level, ...] = ("ok", "watch out", "fails")


@dataclass(frozen=True, slots=True)
class Shape:
    """Figures of some of the points, each known but where they cannot vary."""

    hubness: float | None
    """Skew of the k-occurrence, how often a point is a neighbor of others (Radovanovic et al. 2010)."""
    anti_hubs_share: float
    """Of points that are among the k nearest of no other."""
    mean_cosine: float | None
    """Of two different points: near 1, all point in one direction (Ethayarajh 2019)."""
    scale_ratio: float | None
    """The largest standard deviation of a column over the smallest that is not 0."""
    constant_columns: int


@dataclass(frozen=True, slots=True)
class PointVerdict:
    """A verdict on one property of points."""

    name: str
    level: Level
    figure: str
    """What was found, in words."""
    thresholds: str
    """From where on it is what."""
    to_try: str


def shape_of(points: NDArray[np.float32], k: int) -> Shape:
    """Describe a sample of (n, d) float32 points, with the exact neighbors inside the sample."""
    n_samples = len(points)
    rows = np.sort(np.random.default_rng(0).permutation(n_samples)[:_SAMPLE])
    sample = np.ascontiguousarray(points[rows])
    indices = exact_neighbors(sample, np.arange(len(sample)), min(k, len(sample) - 1)).indices
    occurrence = np.bincount(indices.ravel(), minlength=len(sample)).astype(np.float64)
    spreads = sample.std(axis=0, dtype=np.float64)
    varied = spreads[spreads > 0]
    return Shape(
        hubness=_skew(occurrence),
        anti_hubs_share=float(np.mean(occurrence == 0)),
        mean_cosine=_mean_cosine(sample.astype(np.float64)),
        scale_ratio=float(varied.max() / varied.min()) if varied.size else None,
        constant_columns=int(np.count_nonzero(spreads == 0)),
    )


def _skew(values: NDArray[np.float64]) -> float | None:
    off = values - values.mean()
    spread = float(np.sqrt(np.mean(off**2)))
    return float(np.mean(off**3)) / spread**3 if spread > 0 else None


def _mean_cosine(points: NDArray[np.float64]) -> float | None:
    """Of all pairs of two points but zero vectors, by the length of the sum of unit vectors."""
    lengths = np.linalg.norm(points, axis=1)
    count = int(np.count_nonzero(lengths))
    if count < 2:
        return None
    total = (points[lengths > 0] / lengths[lengths > 0, None]).sum(axis=0)
    return float((total @ total - count) / (count * (count - 1)))


def point_verdicts(figures: Mapping[str, Any]) -> Iterator[PointVerdict]:
    """Judge the figures of a ``Difficulty`` by name."""
    f = figures
    copies = (
        f"{_by_share(f['duplicates_share'])} repeat an earlier point, up to {f['largest_group']:,} are equal"
    )
    yield _verdict(
        "duplicates",
        copies if f["duplicates_share"] else "none",
        "leave copies out beforehand: which of them are neighbors is arbitrary",
        (f["duplicates_share"], 0.01, 0.2, _by_share),
    )
    yield _verdict(
        "zero vectors",
        f"{f['zero_vectors']:,} of {f['n']:,}",
        "leave them out: they have no direction, so cosine distance is not defined",
        (f["zero_vectors"] / f["n"], 0.0, 0.01, _by_share),
    )
    spread = f["norm_max"] / f["norm_median"] if f["norm_median"] else None
    yield _verdict(
        "norms",
        f"{f['norm_min']:.4g} to {f['norm_max']:.4g}, median {f['norm_median']:.4g}",
        "look at the longest points; if only direction matters, --metric cosine",
        (spread, 10.0, 1000.0, "{:g} x the median".format),
    )
    lid = f["lid_median"]
    yield _verdict(
        "intrinsic dimension",
        f"{lid:.1f} around a point, of {f['d']:,} stored" if lid is not None else "distances do not vary",
        "an approximate strategy: the higher this is, the more points an exact tree looks at",
        (lid, 8.0, 20.0, "{:g}".format),
    )
    contrast = f["contrast"]
    yield _verdict(
        "contrast",
        f"the k-th neighbor is {contrast:.3g} x nearer than the average point" if contrast else "unknown",
        "more candidates or trees a query, or fewer dimensions by PCA",
        (None if contrast is None else -contrast, -2.0, -1.3, lambda value: f"{-value:g} x"),
    )
    hubs = "unknown" if f["hubness"] is None else f"skew {f['hubness']:.2f}"
    yield _verdict(
        "hubness",
        f"{hubs}, {_by_share(f['anti_hubs_share'])} are nobody's neighbor",
        "center or normalize the points; graph methods reach anti-hubs with more links a node",
        (f["hubness"], 1.4, 5.0, "{:g}".format),
        (f["anti_hubs_share"], 0.1, 0.3, _by_share),
    )
    cosine = f["mean_cosine"]
    yield _verdict(
        "anisotropy",
        "unknown" if cosine is None else f"mean cosine of two points {round(cosine, 2) + 0.0:.2f}",
        "subtract the mean: Euclidean neighbors stay the same, and float32 loses less",
        (cosine, 0.5, 0.95, "{:g}".format),
    )
    ratio, constant = f["scale_ratio"], f["constant_columns"]
    yield _verdict(
        "scale",
        ("unknown" if ratio is None else f"widest column {ratio:,.3g} x the narrowest")
        + (f", {constant:,} constant" if constant else ""),
        "divide each column by its standard deviation, if they have different units",
        (ratio, 10.0, 1000.0, "{:g} x".format),
    )


def _verdict(
    name: str, figure: str, to_try: str, *limits: tuple[float | None, float, float, Any]
) -> PointVerdict:
    """Judge by the worst of figures; each with the last value that is ok, and the last that does not fail."""
    levels = [1 if value is None else int(value > ok) + int(value > bad) for value, ok, bad, _ in limits]
    side = "down" if limits[0][1] < 0 else "up"
    fine = " and ".join(write(ok) for _, ok, _, write in limits)
    spoiled = " or ".join(write(bad) for _, _, bad, write in limits)
    thresholds = f"ok {side} to {fine}, fails beyond {spoiled}"
    return PointVerdict(name, _LEVELS[max(levels)], figure, thresholds, to_try)


def _by_share(share: float) -> str:
    return f"{100 * share:.3g} %"
