"""A design: at which points of the unit cube the model is run; see `studies.designs`.

A design of 2n blocks begins with the design of n blocks (Sobol' base points, Morris trajectories), so the index of
the half costs no run. Points of PAWN are a Latin hypercube, which has no such beginning; its columns are shuffled,
so its first half is a random half.
"""

from __future__ import annotations

from dataclasses import dataclass

from clustersim.arrays import Array

DUMMY = "dummy"  # no model reads it
METHODS = ("sobol", "morris", "pawn")
SLICES = 10  # conditioning intervals of PAWN
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


def first_half(whole: Design) -> tuple[Design, slice]:
    """The design made of the first half of the blocks, and its rows in the whole."""
    size = whole.size // 2
    rows = slice(0, size * rows_per_block(whole))
    return Design(whole.method, whole.factors, whole.unit[rows], size), rows


def rows_per_block(whole: Design) -> int:
    """Rows that belong to one base point, trajectory or point."""
    return {"sobol": len(whole.factors) + 2, "morris": len(whole.factors) + 1, "pawn": 1}[whole.method]
