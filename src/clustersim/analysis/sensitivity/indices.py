"""From values y (rows, seeds) to indices, whatever the method."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pandas as pd

from clustersim.analysis.sensitivity import morris, pawn, sobol
from clustersim.analysis.sensitivity.convergence import compare
from clustersim.analysis.sensitivity.design import Design, first_half
from clustersim.analysis.sensitivity.seeds import FEWEST_SEEDS, components
from clustersim.arrays import Array

METHOD: dict[str, ModuleType] = {"sobol": sobol, "morris": morris, "pawn": pawn}
SEED_INTERVAL = ("low_seeds", "high_seeds")
NEED_TWO_SEEDS = ("noise", "total_corrected", "low_corrected", "high_corrected")
ROUNDING = 1e-12  # a spread of the row means below this share of the largest is no spread


@dataclass(frozen=True, eq=False)
class Result:
    """Indices of a design.

    Attributes:
        method: as of the design.
        main: column of the main index: `total`, `mu_star` or `median`.
        table: a row for each factor in the order of the design, the dummy last. Columns: `factor`; the indices
            (sobol `first`, `total`; morris `mu_star`, `mu`, `sigma`; pawn `median`, `maximum`); of the main index
            the 95% intervals `low_design`, `high_design` (resampled base points, trajectories or points) and
            `low_seeds`, `high_seeds` (resampled seeds; NaN with fewer than 3); `noise`, the part of the main index
            that the seeds' being few makes (NaN with one seed, and for pawn); for sobol `total_corrected` without
            that part, with `low_corrected`, `high_corrected` over the design only; `below_dummy`, true if the factor
            cannot be told apart from one that no model reads.
        mean: of y, over the rows that sample the unit cube.
        variance: of the row means, over the rows that sample the unit cube; in the square of y's unit.
        seed_share: part of `variance` that other seeds would change; NaN with one seed.
        seeds_share_of_one_run: part of a single run's variance that its seed makes; NaN with one seed.
        half: the table of the first half of the design.
        converged: whether the order of the top factors was the same in the half, but for overlapping intervals.
        rank_correlation: Spearman's, whole against half, over the real factors told apart in either; NaN if fewer
            than two.
        largest_change: largest absolute change of the main index of a real factor from the half to the whole.
    """

    method: str
    main: str
    table: pd.DataFrame
    mean: float
    variance: float
    seed_share: float
    seeds_share_of_one_run: float
    half: pd.DataFrame
    converged: bool
    rank_correlation: float
    largest_change: float


def analyse(design: Design, y: Array) -> Result:
    """Indices of the mean over seeds.

    Args:
        design: what was run.
        y: values, shape (rows, seeds); column s is the same seed in every row.

    Raises:
        ValueError: y has not the design's rows, no seed, or a value that is not finite (the first row and seed
            are named, counted from 0).
    """
    values = _checked(design, y)
    method = METHOD[design.method]
    half, rows = first_half(design)
    whole_table, half_table = _table(design, values), _table(half, values[rows])
    found = components(method.sample(design, values))
    held = compare(whole_table, half_table, method.MAIN)
    return Result(
        method=design.method,
        main=method.MAIN,
        table=whole_table,
        mean=found.mean,
        variance=found.variance,
        seed_share=found.seed_share,
        seeds_share_of_one_run=found.seeds_share_of_one_run,
        half=half_table,
        converged=held.converged,
        rank_correlation=held.rank_correlation,
        largest_change=held.largest_change,
    )


def _checked(design: Design, y: Array) -> Array:
    values = np.asarray(y, dtype=float)
    rows = len(design.unit)
    if values.ndim != 2 or len(values) != rows or values.shape[1] == 0:
        raise ValueError(f"y must have the shape ({rows}, seeds) with at least one seed, got {values.shape}")
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, seed = (int(place) for place in wrong[0])
        raise ValueError(f"y is not finite at row {row}, seed {seed}: {values[row, seed]}")
    return values


def _table(design: Design, y: Array) -> pd.DataFrame:
    """A method's table; of a constant the same columns, all 0 where the method gives a number."""
    means = METHOD[design.method].sample(design, y).mean(axis=1)
    if np.ptp(means) > ROUNDING * float(np.abs(means).max()):
        return METHOD[design.method].table(design, y)
    return _constant(design, y.shape[1])


def _constant(design: Design, seeds: int) -> pd.DataFrame:
    """What is left to tell if no row differs from another."""
    columns = METHOD[design.method].COLUMNS
    table = pd.DataFrame(0.0, index=range(len(design.factors)), columns=list(columns))
    few = [*SEED_INTERVAL] if seeds < FEWEST_SEEDS else []
    alone = [name for name in NEED_TWO_SEEDS if name in columns] if seeds == 1 else []
    table[[*few, *alone, *(["noise"] if design.method == "pawn" else [])]] = np.nan
    table["factor"] = list(design.factors)
    table["below_dummy"] = True
    return table
