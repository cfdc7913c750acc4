"""What an effect is over plausible worlds: central value, plausible range, chances, the luck of one town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.analysis.worlds.noise import shrunk
from clustersim.analysis.worlds.quantiles import weighted_quantiles
from clustersim.arrays import Array

RANGE = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Spread:
    """Of effects (..., worlds, seeds), each array with the leading axes; NaN where no world has an effect.

    Attributes:
        central: median over the worlds. low, high: 5% and 95% of them.
        above, within, below: shares of the worlds in which the effect is above, within, below its margin; an effect
            that equals its margin is within.
        luck_low, luck_high: 5% and 95% of single histories: what one town could see.
        noise: share of the variance of the world means that is noise of their seeds; NaN where no world has two.
        means: (..., worlds), shrunk (see `noise`). worlds: effective number of those in which the effect is defined.
    """

    central: Array
    low: Array
    high: Array
    above: Array
    within: Array
    below: Array
    luck_low: Array
    luck_high: Array
    noise: Array
    means: Array
    worlds: Array


def spread(effects: Array, margin: Array, weights: Array) -> Spread:
    """See the module.

    Args:
        effects: (..., worlds, seeds); NaN where a history is missing or not defined.
        margin: (...), of practical difference; NaN counts as 0. weights: (worlds,).
    """
    means, noise = shrunk(effects, weights)
    central, low, high = weighted_quantiles(means, weights, (0.5, *RANGE))
    there = np.isfinite(means)
    above, below = chances(means, margin, weights)
    luck_low, luck_high = _luck(effects, weights)
    worlds = (there @ weights) ** 2 / np.where(there.any(axis=-1), there @ weights**2, np.inf)
    return Spread(
        central, low, high, above, 1.0 - above - below, below, luck_low, luck_high, noise, means, worlds
    )  # fmt: skip


def chances(means: Array, margin: Array, weights: Array) -> tuple[Array, Array]:
    """Shares of the worlds in which means (..., worlds) lie above and below a margin, (...); NaN without worlds."""
    edge = np.nan_to_num(np.asarray(margin))[..., None]
    there = np.isfinite(means)
    whole = np.where(there.any(axis=-1), there @ weights, np.nan)
    above, below = ((side * np.where(there, means, 0.0) > edge) @ weights / whole for side in (1, -1))
    return above, below


def _luck(effects: Array, weights: Array) -> Array:
    """5% and 95% of single histories, a world's weight shared among its own, (2, ...)."""
    number = np.maximum(np.isfinite(effects).sum(axis=-1, keepdims=True), 1)
    each = np.broadcast_to(weights[:, None] / number, effects.shape)
    flat = (*effects.shape[:-2], effects.shape[-2] * effects.shape[-1])
    return weighted_quantiles(effects.reshape(flat), each.reshape(flat), RANGE)
