"""Bayesian linear regression where several priors compete and the noise is learned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Prior:
    """One belief on how y depends on x, with what is known of its coefficients beforehand."""

    basis: Callable[[Floats], Floats]
    """(m,) values of x to the (m, p) matrix that multiplies the coefficients."""
    mean: tuple[float, ...]
    """(p,), of the coefficients: independent normals."""
    sd: tuple[float, ...]
    weight: float
    """How likely this belief is, compared with the others, before any data are seen."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What is known of the noise's standard deviation beforehand: log-normal, cut off at a floor."""

    median: float
    floor: float
    spread: float = 0.6
    """Standard deviation of its logarithm."""

    def grid(self) -> tuple[Floats, Floats]:
        """Values of the standard deviation, and how likely each is."""
        values = self.floor * np.exp(np.linspace(0.0, np.log(self.median / self.floor) + 3 * self.spread, 24))
        weights = np.exp(-0.5 * (np.log(values / self.median) / self.spread) ** 2)
        return values, weights / weights.sum()


@dataclass(frozen=True, slots=True)
class Posterior:
    """A mixture of normals: one for each prior and each value of the noise."""

    weights: Floats
    """(c,), they add up to 1."""
    priors: tuple[Prior, ...]
    means: tuple[Floats, ...]
    """(p,) each."""
    roots: tuple[Floats, ...]
    """(p, p) each: lower Cholesky factor of the covariance."""
    noises: Floats
    """(c,)."""

    def draw(self, x: Floats, rng: np.random.Generator, size: int) -> tuple[Floats, Floats]:
        """Draw ``size`` curves: their (size, m) values at x, without noise, and the (size,) noise of each."""
        chosen = rng.choice(len(self.weights), size, p=self.weights)
        normals = rng.standard_normal((size, max(len(mean) for mean in self.means)))
        values = np.empty((size, len(x)))
        for c in np.unique(chosen):
            rows, mean = chosen == c, self.means[c]
            coefficients = mean + normals[rows, : len(mean)] @ self.roots[c].T
            values[rows] = coefficients @ self.priors[c].basis(x).T
        return values, self.noises[chosen]


def fit(x: Floats, y: Floats, scale: Floats, priors: Sequence[Prior], noise: Noise) -> Posterior:
    """Learn from (m,) observations whose noise is ``scale`` times an unknown standard deviation.

    With the noise fixed, normal prior and normal noise give a normal posterior and a closed evidence
    (Bishop, Pattern Recognition and Machine Learning, 3.3 and 3.5); the noise is summed over a grid, so that
    few observations leave it uncertain and the tails heavy, as a t-distribution's.
    """
    grid, likely = noise.grid()
    sd = grid[:, None] * scale
    logs: list[Floats] = []
    means: list[Floats] = []
    roots: list[Floats] = []
    for prior in priors:
        design = prior.basis(x)
        prior_precision = np.diag(1.0 / np.square(prior.sd))
        weighed = design.T / np.square(sd)[:, None]
        covariances = np.linalg.inv(prior_precision + weighed @ design)
        known = prior_precision @ np.array(prior.mean) + weighed @ y
        logs.append(np.log(prior.weight * likely) + _log_evidence(design, y, sd, prior))
        means.extend((covariances @ known[:, :, None])[:, :, 0])
        roots.extend(np.linalg.cholesky((covariances + covariances.transpose(0, 2, 1)) / 2))
    evidence = np.concatenate(logs)
    weights = np.exp(evidence - evidence.max())
    owners = tuple(prior for prior in priors for _ in grid)
    return Posterior(weights / weights.sum(), owners, tuple(means), tuple(roots), np.tile(grid, len(priors)))


def _log_evidence(design: Floats, y: Floats, sd: Floats, prior: Prior) -> Floats:
    """Log density of y before it was seen, normal with the prior's spread and the noise's: (c,) of (c, m)."""
    covariances = (design * np.square(prior.sd)) @ design.T + np.square(sd)[:, None] * np.eye(len(y))
    off = (y - design @ np.array(prior.mean))[:, None]
    _, log_determinants = np.linalg.slogdet(covariances)
    found: Floats = -0.5 * ((off.T @ np.linalg.solve(covariances, off))[:, 0, 0] + log_determinants)
    return found
