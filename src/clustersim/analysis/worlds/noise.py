"""What worlds differ by, and what is noise of their few seeds.

The mean over the seeds of a world holds noise, which would widen the range over worlds. So means are shrunk to their
common mean by sqrt(1 - noise / variance of the means), which leaves them the variance that they would have without it.
Where noise is nearly all that is seen, few worlds cannot tell how little is left: no less than a share sqrt(2 / worlds)
of the variance is kept, which is its own sampling error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array

TINY = np.finfo(np.float64).tiny


@dataclass(frozen=True, eq=False)
class WorldMeans:
    """Of effects in some worlds.

    Attributes:
        means: (..., worlds), over the seeds of each; NaN where none is defined.
        number: (..., worlds), of seeds that are defined.
        squares: (..., worlds), sum of the squared distances of the seeds from their world's mean.
    """

    means: Array
    number: Array
    squares: Array

    @property
    def rows(self) -> WorldMeans:
        """The same with one axis before the worlds."""
        flat = (one.reshape(-1, one.shape[-1]) for one in (self.means, self.number, self.squares))
        return WorldMeans(*flat)


@dataclass(frozen=True, eq=False)
class Moments:
    """Of world means under one or several sets of weights, each array (sets, rows).

    Attributes:
        middle: weighted mean. total: variance of the world means.
        noise: the part of it that is noise of the seeds; NaN where no world has two.
        worlds: effective number of the worlds in which the effect is defined.
    """

    middle: Array
    total: Array
    noise: Array
    worlds: Array

    @property
    def share(self) -> Array:
        """Share of the variance that is noise, 1 at most; NaN where it is unknown."""
        share: Array = np.minimum(self.noise / np.where(self.total > 0, self.total, np.inf), 1.0)
        return share

    @property
    def kept(self) -> Array:
        """By what distances from the mean are multiplied; 1 where the noise is unknown."""
        least = np.minimum(1.0, np.sqrt(2.0 / np.maximum(self.worlds, TINY)))
        kept: Array = np.sqrt(np.clip(1.0 - np.nan_to_num(self.share), least, 1.0))
        return kept


def world_means(effects: Array) -> WorldMeans:
    """Of effects (..., worlds, seeds), NaN where a history is missing or its effect is not defined."""
    there = np.isfinite(effects)
    number = there.sum(axis=-1)
    means = np.where(there, effects, 0.0).sum(axis=-1) / np.maximum(number, 1)
    away = np.where(there, effects - means[..., None], 0.0)
    return WorldMeans(np.where(number > 0, means, np.nan), number, (away**2).sum(axis=-1))


def moments(of: WorldMeans, weights: Array, copies: Array | None = None) -> Moments:
    """Mean, variance and noise of rows of world means.

    Args:
        of: (rows, worlds). weights: (sets, worlds). copies: (sets, worlds), how often each world stands in a set whose
            weights are those of all its copies together; None: once.
    """
    there = (of.number > 0).astype(np.float64)
    origin = _origin(of)[:, None]  # squares about it keep their digits
    about = np.where(there > 0, of.means - origin, 0.0)
    squared = weights**2 if copies is None else weights**2 / np.maximum(copies, 1)
    total_weight = np.maximum(weights @ there.T, TINY)
    middle = weights @ about.T / total_weight
    worlds = total_weight**2 / np.maximum(squared @ there.T, TINY)
    spread = np.maximum(weights @ (about**2).T / total_weight - middle**2, 0.0)
    total = np.where(worlds > 1.0 + 1e-9, spread / np.maximum(1.0 - 1.0 / worlds, 1e-9), 0.0)
    free = weights @ np.maximum(of.number - 1, 0).T
    of_seed = np.where(free > 0, weights @ of.squares.T / np.maximum(free, TINY), np.nan)
    noise = of_seed * (weights @ (there / np.maximum(of.number, 1)).T) / total_weight
    return Moments(origin[:, 0] + middle, total, noise, worlds)


def shrunk(effects: Array, weights: Array) -> tuple[Array, Array]:
    """World means (..., worlds) without the noise of their seeds, and the share of their variance that it was (...).

    Args:
        effects: (..., worlds, seeds). weights: (worlds,).
    """
    means = world_means(effects)
    found = moments(means.rows, weights[None])
    shape = means.means.shape[:-1]
    middle, kept, share = (one[0].reshape(shape) for one in (found.middle, found.kept, found.share))
    return middle[..., None] + kept[..., None] * (means.means - middle[..., None]), share


def _origin(of: WorldMeans) -> Array:
    """A value of each row, (rows,); 0 where it has none."""
    first = (of.number > 0).argmax(axis=-1)
    return np.nan_to_num(of.means[np.arange(len(first)), first])
