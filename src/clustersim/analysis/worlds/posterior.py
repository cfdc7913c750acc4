"""What published findings leave of the prior: weights of simulated worlds, and a resample of equal weights.

Importance sampling from the prior. A second round about the first's weighted cloud (population Monte Carlo, Beaumont et
al. 2009) was tried and left fewer worlds that count, 72 in place of 168: the findings tell a little of many numbers,
and a kernel in so many dimensions gives all weight to few. Twice as many draws of the prior leave twice as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array

FAR = 8.0  # normal scores beyond which a quantile is 0 or 1 in floating point


@dataclass(frozen=True)
class WorldTarget:
    """A published number, how certain it is, and what the model may be off.

    Attributes:
        scenario: file of the setting. observed: place in its section `observed`. is_fit: whether worlds are weighted by
            it; else it is only compared with them.
    """

    name: str
    scenario: str
    observed: int
    value: float
    error: float
    discrepancy: float
    is_fit: bool


def log_likelihood(simulated: Array, variance: Array, targets: Sequence[WorldTarget]) -> Array:
    """Of each world, up to a constant: Gaussian in the published error, the discrepancy and the seeds' own variance.

    Args:
        simulated: (worlds, targets); a world in which a target is no number is impossible. variance: (targets,), of one
            world over its seeds.

    Returns:
        (worlds,).
    """
    total = np.zeros(len(simulated))
    for place, target in enumerate(targets):
        if target.is_fit:
            spread = target.error**2 + target.discrepancy**2 + variance[place]
            total -= (simulated[:, place] - target.value) ** 2 / (2.0 * spread)
    return np.where(np.isfinite(total), total, -np.inf)


def normalised(log_weights: Array) -> Array:
    """Weights of sum 1."""
    weights = np.exp(log_weights - log_weights.max())
    found: Array = weights / weights.sum()
    return found


def scores(unit: Array) -> Array:
    """Normal scores of places in the unit cube."""
    from scipy.special import ndtri  # slow to import

    return np.clip(ndtri(unit), -FAR, FAR)


def systematic(weights: Array, number: int, generator: np.random.Generator) -> Array:
    """Places of a resample in which each world stands about number x weight times, (number,)."""
    steps = (generator.random() + np.arange(number)) / number
    return np.minimum(np.searchsorted(np.cumsum(weights), steps), len(weights) - 1)


def balanced_order(sample: Array) -> Array:
    """An order of worlds in which every beginning is much like the whole, (worlds,).

    Worlds are put in halves of halves, along the number that differs most within each part, and dealt out by the
    reversed bits of their places.

    Args:
        sample: (worlds, columns); a power of two of worlds.
    """
    parts = [np.arange(len(sample))]
    while len(parts) < len(sample):
        parts = [half for part in parts for half in _halves(part, sample)]
    places = np.concatenate(parts)
    bits = len(sample).bit_length() - 1
    reverse = [int(f"{number:0{bits}b}"[::-1], 2) for number in range(len(sample))]
    found: Array = places[reverse]
    return found


def _halves(part: Array, sample: Array) -> tuple[Array, Array]:
    column = sample[part].std(axis=0).argmax()
    order = part[np.argsort(sample[part, column], kind="stable")]
    return order[: len(order) // 2], order[len(order) // 2 :]
