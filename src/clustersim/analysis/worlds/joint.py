"""Several effects of the same worlds and seeds at once: what worlds differ by, without the noise of their seeds.

Arms meet the same seeds, so that the noise of their effects is shared. Shrinking each arm alone would leave the noise
of their differences, on which the choice between them rests. With T the covariance of the world means and N that of
their noise, means become m + B (x - m), with B such that B T B' = T - N: each arm, and each difference of arms, has the
variance that it would have without noise. With one arm this is `noise`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clustersim.analysis.worlds.noise import world_means
from clustersim.analysis.worlds.quantiles import effective_size
from clustersim.arrays import Array

RANK = 1e-12  # of the largest variance: what is smaller is rounding


@dataclass(frozen=True, eq=False)
class JointMeans:
    """Of the worlds in which all arms are defined.

    Attributes:
        raw: (arms, worlds), means over seeds. weights: (worlds,), of sum 1. there: which worlds these are, bool.
        noise: (arms, arms), covariance of the noise of the means; NaN where no world has two seeds.
    """

    raw: Array
    weights: Array
    there: Array
    noise: Array

    @property
    def middle(self) -> Array:
        """(arms,)."""
        middle: Array = self.raw @ self.weights
        return middle

    @property
    def covariance(self) -> Array:
        """(arms, arms), of the means, noise included."""
        away = self.raw - self.middle[:, None]
        return (away * self.weights) @ away.T / max(1.0 - float((self.weights**2).sum()), RANK)

    @property
    def keeps(self) -> Array:
        """B, (arms, arms)."""
        sizes, vectors = np.linalg.eigh(self.covariance)
        some = sizes > RANK * max(sizes.max(initial=0.0), RANK)
        root, inverse = vectors[:, some] * np.sqrt(sizes[some]), vectors[:, some] / np.sqrt(sizes[some])
        share, turn = np.linalg.eigh(inverse.T @ np.nan_to_num(self.noise) @ inverse)
        least = min(1.0, math.sqrt(2.0 / effective_size(self.weights)))
        kept: Array = (root @ turn * np.sqrt(np.clip(1.0 - share, least, 1.0))) @ turn.T @ inverse.T
        return kept

    def shrunk(self, middle: Array | None = None) -> Array:
        """(arms, worlds); about other means (arms, sets), (arms, worlds, sets)."""
        kept = self.keeps
        if middle is None:
            return self.shrunk(self.middle[:, None])[..., 0]
        shift = middle - kept @ middle
        found: Array = (kept @ self.raw)[..., None] + shift[:, None, :]
        return found


def joint_means(effects: Array, weights: Array) -> JointMeans:
    """Of effects (arms, worlds, seeds), NaN where one is missing: a history counts where all arms have it."""
    means = world_means(np.where(np.isfinite(effects).all(axis=0), effects, np.nan))
    number = means.number[0] if len(effects) else np.zeros(len(weights))
    there = (number > 0) & (weights > 0)
    share = weights[there] / max(weights[there].sum(), RANK)
    away = np.nan_to_num(effects[:, there] - means.means[:, there, None])
    free = float(share @ (number[there] - 1))
    by_seed = np.einsum("aks,bks,k->ab", away, away, share) / free if free > 0 else np.full((len(effects),) * 2, np.nan)
    return JointMeans(means.means[:, there], share, there, by_seed * float(share @ (1.0 / number[there])))
