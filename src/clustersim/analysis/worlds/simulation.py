"""Simulation error: what other worlds and other seeds would move, by a bootstrap that is always the same.

Worlds are drawn with replacement, each with the seeds that it has. The mean of a world holds the noise of its seeds, so
the spread of drawn means holds both; seeds drawn anew within worlds would count their noise twice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.analysis.worlds.noise import WorldMeans, moments, world_means
from clustersim.arrays import Array

REPLICATES = 200
BOOTSTRAP_SEED = 1


@dataclass(frozen=True, eq=False)
class SimulationError:
    """Standard errors of what `spread` finds, each (...); NaN where fewer than two worlds have an effect."""

    central: Array
    above: Array
    within: Array
    below: Array


def replicates(worlds: int) -> Array:
    """How often each world is drawn in each replicate, (replicates, worlds)."""
    generator = np.random.Generator(np.random.Philox(BOOTSTRAP_SEED))
    return generator.multinomial(worlds, np.full(worlds, 1.0 / worlds), size=REPLICATES)


def simulation_errors(effects: Array, margin: Array, weights: Array) -> SimulationError:
    """See the module. Args: see `spread.spread`; the noise of seeds is found anew in each replicate."""
    means = world_means(effects)
    rows = means.rows
    copies = replicates(len(weights))
    drawn = copies * (weights / weights.max())
    found = moments(rows, drawn, copies)
    middle, kept = found.middle, found.kept
    edges = np.broadcast_to(np.nan_to_num(np.asarray(margin)), effects.shape[:-2]).reshape(-1)
    by_world = np.ascontiguousarray(drawn.T, dtype=np.float32)  # exact for equal weights
    errors = [_of_row(rows, row, middle[:, row], kept[:, row], edges[row], by_world) for row in range(len(edges))]
    shape = effects.shape[:-2]
    return SimulationError(*(one.reshape(shape) for one in np.array(errors).reshape(-1, 4).T))


def simulation_error(effects: Array, weights: Array) -> Array:
    """Of the central value, (...)."""
    return simulation_errors(effects, np.asarray(0.0), weights).central


def _of_row(
    of: WorldMeans, row: int, middle: Array, kept: Array, edge: float, drawn: Array
) -> tuple[float, ...]:  # fmt: skip
    """Errors of the central value and the chances of one row. Shrinking keeps the order of the worlds, so that one
    order serves all replicates, and margins are moved in place of the means."""
    means = of.means[row]
    order = np.argsort(means)[: int((of.number[row] > 0).sum())]
    if len(order) < 2:
        return (np.nan,) * 4
    values = means[order]
    if values[0] == values[-1]:
        return (0.0,) * 4
    up_to = np.cumsum(drawn[order], axis=0)
    whole, place = up_to[-1], np.arange(drawn.shape[1])
    some = whole > 0
    half = np.minimum((up_to < 0.5 * whole).sum(axis=0), len(values) - 1)
    central = middle + kept * (values[half] - middle)
    not_above = np.searchsorted(values, middle + (edge - middle) / kept, side="right")
    below = np.searchsorted(values, middle + (-edge - middle) / kept, side="left")
    shares = [np.where(n > 0, up_to[n - 1, place], 0.0) / np.where(some, whole, 1.0) for n in (not_above, below)]
    told = (central, 1.0 - shares[0], shares[0] - shares[1], shares[1])
    return tuple(float(np.std(one[some], ddof=1)) if some.sum() > 1 else np.nan for one in told)
