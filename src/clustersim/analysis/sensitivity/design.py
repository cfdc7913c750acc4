"""Designs: at which points of the unit cube the model is run.

A design of 2n blocks begins with the design of n blocks (Sobol' base points, Morris trajectories), so the index of
the half costs no run. Points of PAWN are a Latin hypercube, which has no such beginning; its columns are shuffled,
so its first half is a random half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array

DUMMY = "dummy"  # no model reads it
METHODS = ("sobol", "morris", "pawn")
LEVELS = 4  # of a Morris grid
SLICES = 10  # conditioning intervals of PAWN
KEY = 20240229  # fixed, and not 0: SALib takes 0 as "no seed" in some places
FEWEST = {"sobol": 4, "morris": 4, "pawn": 4 * SLICES}  # the half still has two points in each slice


@dataclass(frozen=True, eq=False)
class Design:
    """Points to run.

    Attributes:
        method: one of `METHODS`.
        factors: names, `DUMMY` last.
        unit: the points, shape (rows, factors), in [0, 1].
        size: base points (sobol), trajectories (morris) or points (pawn).
    """

    method: str
    factors: tuple[str, ...]
    unit: Array
    size: int


def design(method: str, factors: Sequence[str], size: int) -> Design:
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
    problem = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    draw = {"sobol": _saltelli, "morris": _trajectories, "pawn": _hypercube}[method]
    unit = np.clip(draw(problem, size), 0.0, 1.0)
    return Design(method, names, unit, size)


def first_half(whole: Design) -> tuple[Design, slice]:
    """The design made of the first half of the blocks, and its rows in the whole."""
    size = whole.size // 2
    rows = slice(0, size * rows_per_block(whole))
    return Design(whole.method, whole.factors, whole.unit[rows], size), rows


def rows_per_block(whole: Design) -> int:
    """Rows that belong to one base point, trajectory or point."""
    return {"sobol": len(whole.factors) + 2, "morris": len(whole.factors) + 1, "pawn": 1}[whole.method]


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

    return np.asarray(sobol.sample(problem, size, calc_second_order=False, seed=KEY))


def _trajectories(problem: dict[str, object], size: int) -> Array:
    """Blocks of rows that each move one factor of the row before."""
    from SALib.sample.morris import sample

    return np.asarray(sample(problem, size, num_levels=LEVELS, seed=KEY))


def _hypercube(problem: dict[str, object], size: int) -> Array:
    from SALib.sample import latin

    return np.asarray(latin.sample(problem, size, seed=KEY))
