"""The worlds of a run, how much each of them counts, and which of its seeds are histories of which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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

    def by_world(self, values: Array, seeds: Array) -> tuple[Array, Array]:
        """Values of histories (runs,) as (worlds, histories), NaN where one is missing, and the worlds' weights.

        Worlds in which no value is defined, or which do not count, are left out.
        """
        world, history = (
            (np.zeros_like(seeds), seeds) if self.is_central else (seeds % ENSEMBLE_SIZE, seeds // ENSEMBLE_SIZE)
        )
        place = np.unique(history, return_inverse=True)[1]
        cube = np.full((len(self.weights), place.max(initial=-1) + 1), np.nan)
        cube[world, place] = values
        kept = np.isfinite(cube).any(axis=1) & (self.weights > 0)
        return cube[kept], self.weights[kept]


CENTRAL = WorldWeights.equal(1)
