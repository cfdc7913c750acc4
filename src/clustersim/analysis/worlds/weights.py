"""The worlds of a run, how much each of them counts, and which of its seeds are histories of which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustersim.analysis.worlds.quantiles import effective_size
from clustersim.arrays import Array
from clustersim.worlds import ENSEMBLE_SIZE


@dataclass(frozen=True, eq=False)
class WorldWeights:
    """Attributes: weights: (worlds,), by the number of the world; one world is the central one, all of whose seeds are
    histories of the same numbers."""

    weights: Array

    @classmethod
    def equal(cls, worlds: int) -> WorldWeights:
        return cls(np.ones(worlds))

    @property
    def is_central(self) -> bool:
        return len(self.weights) == 1

    @property
    def effective(self) -> float:
        """Number of equally weighted worlds that tell as much."""
        return effective_size(self.weights)

    def places(self, seeds: Array) -> tuple[Array, Array]:
        """World and history of each seed; the histories that occur are numbered from 0."""
        world, history = np.zeros_like(seeds), seeds
        if not self.is_central:
            world, history = seeds % ENSEMBLE_SIZE, seeds // ENSEMBLE_SIZE
        return world, np.unique(history, return_inverse=True)[1]

    def by_world(self, values: Array, seeds: Array) -> tuple[Array, Array]:
        """Values of histories (runs,) as (worlds, histories), NaN where one is missing, and the worlds' weights.

        Worlds in which no value is defined, or which do not count, are left out.
        """
        world, place = self.places(seeds)
        cube = np.full((len(self.weights), place.max(initial=-1) + 1), np.nan)
        cube[world, place] = values
        kept = np.isfinite(cube).any(axis=1) & (self.weights > 0)
        return cube[kept], self.weights[kept]


CENTRAL = WorldWeights.equal(1)


@dataclass(frozen=True, eq=False)
class ByWorld:
    """Values of runs.

    Attributes:
        values: (arms, measures, worlds, histories), NaN where a run is missing or a measure is not defined in it.
        weights: (worlds,), of those that count. numbers: (worlds,), which they are.
        arms: in the order of the frame.
    """

    values: Array
    weights: Array
    numbers: Array
    arms: list[str]

    def of(self, arms: list[str]) -> Array:
        """(arms, measures, worlds, histories)."""
        return self.values[[self.arms.index(arm) for arm in arms]]


def by_world(values: pd.DataFrame, measures: list[str], weights: WorldWeights) -> ByWorld:
    """Runs, index (arm, seed) and a column for each measure, by arm, measure, world and history."""
    arms = list(values.index.unique("arm"))
    arm = values.index.get_level_values("arm").to_numpy()
    world, history = weights.places(values.index.get_level_values("seed").to_numpy())
    cube = np.full((len(arms), len(weights.weights), history.max(initial=-1) + 1, len(measures)), np.nan)
    place = pd.Categorical(arm, categories=arms).codes
    cube[place, world, history] = values[measures].to_numpy(dtype=np.float64)
    kept = np.flatnonzero((weights.weights > 0) & (np.bincount(world, minlength=len(weights.weights)) > 0))
    return ByWorld(np.moveaxis(cube[:, kept], -1, 1), weights.weights[kept], kept, arms)
