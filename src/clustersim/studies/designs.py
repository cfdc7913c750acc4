"""Points of a study in the unit cube: grids, Latin hypercubes, Sobol' sequences, designs of sensitivity studies.

The same at every call.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from clustersim.analysis.sensitivity.design import DUMMY, FEWEST, METHODS, Design
from clustersim.arrays import Array
from clustersim.execution.factors import Factor
from clustersim.spec.parameters import Scalar

DESIGN_SEED = 1
LEVELS = 4  # of a Morris grid
SALIB_SEED = 20240229  # not 0: SALib takes 0 as "no seed" in some places


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


def sensitivity_design(method: str, factors: Sequence[str], size: int) -> Design:
    """A design for the named factors, the same for the same arguments.

    Args:
        method: `sobol` gives size x (k + 2) rows, `morris` size x (k + 1), `pawn` size; k counts the dummy.
        factors: names of the real factors; the dummy is put behind them.
        size: base points (a power of two), trajectories, or points.

    Raises:
        ValueError: an unknown method; no factor, one named twice or named as the dummy; a size too small or,
            for `sobol`, not a power of two.
    """
    _check(method, factors, size)
    names = (*factors, DUMMY)
    if method == "pawn":
        return Design(method, names, latin_hypercube(size, len(names)), size)
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    draw = {"sobol": _saltelli, "morris": _trajectories}[method]
    unit = np.clip(draw(problem, size), 0.0, 1.0)
    return Design(method, names, unit, size)


def _check(method: str, factors: Sequence[str], size: int) -> None:
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}; known: {', '.join(METHODS)}")
    if not factors or len(set(factors)) < len(factors) or DUMMY in factors:
        raise ValueError(f"factors must be named once each, at least one, none {DUMMY!r}; got {list(factors)}")
    if size < FEWEST[method]:
        raise ValueError(f"size must be at least {FEWEST[method]} for {method}, got {size}")
    if method == "sobol" and size & (size - 1):
        raise ValueError(f"size must be a power of two for sobol, got {size}")


def _saltelli(problem: dict[str, object], size: int) -> Array:
    """Blocks of rows A, AB_1 .. AB_k, B."""
    from SALib.sample import sobol

    return np.asarray(sobol.sample(problem, size, calc_second_order=False, seed=SALIB_SEED))


def _trajectories(problem: dict[str, object], size: int) -> Array:
    """Blocks of rows that each move one factor of the row before."""
    from SALib.sample.morris import sample

    return np.asarray(sample(problem, size, num_levels=LEVELS, seed=SALIB_SEED))
