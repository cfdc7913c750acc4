"""Points of a study in the unit cube: grids, Latin hypercubes, Sobol' sequences. The same at every call."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from clustersim.arrays import Array
from clustersim.execution.factors import Factor
from clustersim.spec.parameters import Scalar

DESIGN_SEED = 1


def latin_hypercube(points: int, factors: int) -> Array:
    """(points, factors): each factor once in each of as many equal parts as there are points."""
    from scipy.stats import qmc  # slow to import, and a study that is only read needs no points

    return np.asarray(
        qmc.LatinHypercube(factors, rng=np.random.Generator(np.random.Philox(DESIGN_SEED))).random(points)
    )


def sobol_sequence(points: int, factors: int) -> Array:
    """(points, factors), scrambled; the first points of a longer sequence are the shorter one. `points` is a power of
    two."""
    from scipy.stats import qmc

    generator = np.random.Generator(np.random.Philox(DESIGN_SEED))
    return np.asarray(qmc.Sobol(factors, rng=generator).random_base2(points.bit_length() - 1))


def grid_values(factors: Sequence[Factor], steps: Sequence[int]) -> list[tuple[Scalar, ...]]:
    """The points of a grid: levels as they are listed, whole numbers at most once each."""
    axes = [
        list(factor.levels) or list(dict.fromkeys(factor.at(np.linspace(0.0, 1.0, number))))
        for factor, number in zip(factors, steps, strict=True)
    ]
    return list(itertools.product(*axes))


def values_at(factors: Sequence[Factor], unit: Array) -> list[tuple[Scalar, ...]]:
    """The factors' values at places of the unit cube, a tuple for each point."""
    return list(zip(*(factor.at(unit[:, number]) for number, factor in enumerate(factors)), strict=True))
