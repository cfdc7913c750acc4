"""What an effect is over plausible worlds: central value, plausible range, chances, the luck of one town.

Effects come by world and seed. The mean over the seeds of a world holds noise of its few seeds, which would widen the
range: means are shrunk to their common mean by sqrt(1 - noise / total variance) before quantiles and chances are taken,
but never to less of the variance than its own sampling error, sqrt(2 / worlds): where noise is nearly all that is seen,
a range of no width would pretend to a certainty that few worlds cannot give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from clustersim.analysis.worlds.quantiles import effective_size, weighted_quantiles
from clustersim.arrays import Array

RANGE = (0.05, 0.95)
REPLICATES = 200
BOOTSTRAP_SEED = 1


@dataclass(frozen=True, eq=False)
class Spread:
    """Of effects (..., worlds, seeds), each array with the leading axes.

    Attributes:
        central: median over the worlds. low, high: 5% and 95% of them.
        above, within, below: shares of the worlds in which the effect is above, within, below its margin.
        luck_low, luck_high: 5% and 95% of single histories: what one town could see.
        noise: share of the variance of the world means that is noise of their seeds; NaN where no world has two.
        means: (..., worlds), shrunk. worlds: effective number.
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
    worlds: float


def spread(effects: Array, margin: Array, weights: Array) -> Spread:
    """See the module.

    Args:
        effects: (..., worlds, seeds); NaN where a history is missing. Every world has one at least.
        margin: (...), of practical difference; NaN counts as 0. weights: (worlds,).
    """
    means, noise = shrunk(effects, weights)
    central, low, high = weighted_quantiles(means, weights, (0.5, *RANGE))
    edge = np.nan_to_num(np.asarray(margin))[..., None]
    share = weights / weights.sum()
    above, below = ((side * means > edge) @ share for side in (1, -1))
    luck_low, luck_high = _luck(effects, weights)
    return Spread(
        central,
        low,
        high,
        above,
        1.0 - above - below,
        below,
        luck_low,
        luck_high,
        noise,
        means,
        effective_size(weights),
    )


def shrunk(effects: Array, weights: Array) -> tuple[Array, Array]:
    """World means (..., worlds) without the noise of their seeds, and the share of their variance that it was (...)."""
    number = np.isfinite(effects).sum(axis=-1)
    means = np.nanmean(effects, axis=-1)
    left = np.nansum((effects - means[..., None]) ** 2, axis=(-1, -2))
    free = (number - 1).sum(axis=-1)
    of_seed = np.where(free > 0, left / np.maximum(free, 1), np.nan)
    share = weights / weights.sum()
    middle = (means @ share)[..., None]
    total = (((means - middle) ** 2) @ share) / max(1.0 - (share**2).sum(), 1e-12)
    noise = of_seed * ((1.0 / number) @ share) / np.where(total > 0, total, np.nan)
    least = min(1.0, math.sqrt(2.0 / effective_size(weights)))
    kept = np.sqrt(np.clip(1.0 - np.nan_to_num(noise), least, 1.0))[..., None]
    return middle + kept * (means - middle), np.minimum(noise, 1.0)


def _luck(effects: Array, weights: Array) -> Array:
    """5% and 95% of single histories, a world's weight shared among its own, (2, ...)."""
    flat = effects.reshape(-1, *effects.shape[-2:])
    rows = []
    for one in flat:
        there = np.isfinite(one)
        each = np.broadcast_to((weights / there.sum(axis=-1))[:, None], one.shape)
        rows.append(weighted_quantiles(one[there], each[there], RANGE))
    return np.moveaxis(np.array(rows).reshape(*effects.shape[:-2], 2), -1, 0)


def simulation_error(effects: Array, weights: Array) -> Array:
    """Standard error of the central value: what other worlds of the ensemble and other seeds would move it.

    A bootstrap over worlds and, within them, seeds, always the same.

    Args:
        effects, weights: see `spread`.

    Returns:
        (...).
    """
    generator = np.random.Generator(np.random.Philox(BOOTSTRAP_SEED))
    worlds, seeds = effects.shape[-2:]
    drawn = generator.choice(worlds, (REPLICATES, worlds), p=weights / weights.sum())
    seed = generator.integers(seeds, size=(REPLICATES, worlds, seeds))
    equal = np.ones(worlds)
    centres = [
        np.median(shrunk(effects[..., rows[:, None], places], equal)[0], axis=-1)
        for rows, places in zip(drawn, _present(effects, drawn, seed), strict=True)
    ]
    found: Array = np.std(centres, axis=0, ddof=1)
    return found


def _present(effects: Array, drawn: Array, seed: Array) -> Array:
    """Places of seeds that are there: a world with one seed has that one drawn each time."""
    there = np.isfinite(effects).reshape(-1, *effects.shape[-2:]).all(axis=0)
    first = there.argmax(axis=-1)
    return np.where(there[drawn[..., None], seed], seed, first[drawn][..., None])
