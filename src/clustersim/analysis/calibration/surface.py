"""Quadratic surfaces through the means of a design: the best point, and a fast stand-in for the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustersim.analysis.calibration.targets import Target
from clustersim.arrays import Array

STARTS = 8  # points of the table from which the least penalty is searched for, beside the first values
QUARTERS = 4.0  # a parameter pays 1 for a move by a quarter of its range
DIGITS = 2  # that a fitted value keeps
POINTS_PER_TERM = 1.5  # below that a surface follows single points


def terms(points: Array, low: Array, high: Array) -> Array:
    """1, x, and all products of two, of points scaled to -1 .. 1; (points, parameters) to (points, terms)."""
    unit = 2.0 * (np.atleast_2d(points) - low) / (high - low) - 1.0
    first, second = np.triu_indices(unit.shape[1])
    return np.hstack([np.ones((len(unit), 1)), unit, unit[:, first] * unit[:, second]])


def quadratic(points: Array, means: Array, low: Array, high: Array) -> Array:
    """Least squares coefficients, (terms, targets), of means (points, targets)."""
    surface, *_ = np.linalg.lstsq(terms(points, low, high), means, rcond=None)
    return surface


def explained(points: Array, means: Array, low: Array, high: Array) -> Array:
    """R squared of the quadratic surface for each target; NaN where the means do not vary."""
    left = means - terms(points, low, high) @ quadratic(points, means, low, high)
    spread = means.var(axis=0)
    return 1.0 - left.var(axis=0) / np.where(spread > 0, spread, np.nan)


def best(
    points: Array, means: Array, targets: Sequence[Target], low: Array, high: Array, first: Array, free: Array
) -> Array:
    """The point with the least penalty on the quadratic surface.

    The penalty is the sum of squared misses (`Target.miss`) and of squared moves from the first values in
    units of a quarter of a parameter's range. So a parameter that the targets say nothing about stays.

    Args:
        points: (points, parameters).
        means: (points, targets).
        low, high, first: (parameters,).
        free: (parameters,) bool; what is not free stays at its first value.

    Returns:
        (parameters,).
    """
    start, may_move = np.array(first, dtype=np.float64), np.asarray(free, dtype=bool)
    if not may_move.any():
        return start
    surface = quadratic(points, means, low, high)

    def moved(values: Array) -> Array:
        whole = start.copy()
        whole[may_move] = values
        return whole

    def penalty(values: Array) -> float:
        whole = moved(values)
        at_point = terms(whole, low, high)[0] @ surface
        misses = np.array([target.miss(mean) for target, mean in zip(targets, at_point, strict=True)])
        moves = QUARTERS * (whole - start) / (high - low)
        return float((misses**2).sum() + (moves**2).sum())

    from scipy.optimize import minimize  # slow to import, and nothing before there are results needs it

    # In units of the range, from the first values and from the best points of the table: the penalty may have several
    # hollows, and a search that follows the bounds can end in a corner.
    span = (high - low)[may_move]
    tried = [penalty(moved(point[may_move])[may_move]) for point in points]
    starts = [start, *points[np.argsort(tried, kind="stable")[:STARTS]]]

    def of_unit(unit: Array) -> float:
        return penalty(low[may_move] + unit * span)

    searches = [
        minimize(of_unit, (one[may_move] - low[may_move]) / span, bounds=[(0.0, 1.0)] * len(span), method="L-BFGS-B")
        for one in starts
    ]
    found = min(searches, key=lambda search: float(search.fun))
    return moved(low[may_move] + found.x * span)


def rounded(values: Array, first: Array, free: Array, digits: int = DIGITS) -> Array:
    """Free values with so many significant digits; first values where nothing that such digits show has moved.

    All (parameters,).
    """
    short, began = (np.array([float(f"{value:.{digits}g}") for value in one]) for one in (values, first))
    return np.where(free & (short != began), short, first)


@dataclass(frozen=True)
class Emulator:
    """Surfaces that stand in for the model's mean, and how far they may lie from it.

    Attributes:
        coefficients: (terms, targets), 0 where a target's surface leaves a term out.
        variance: (targets,), of the model's mean about the surface at a new point.
        low, high: (parameters,).
    """

    coefficients: Array
    variance: Array
    low: Array
    high: Array

    def __call__(self, points: Array) -> Array:
        """Means at points (points, parameters), (points, targets)."""
        return terms(points, self.low, self.high) @ self.coefficients


def emulator(
    points: Array, means: Array, standard_errors: Array, low: Array, high: Array, *, same_seeds: bool = True
) -> Emulator:
    """For each target the form (constant, linear, with squares, quadratic) with the least leave-one-out error.

    A form needs 1.5 points a term. The variance begins with the mean squared leave-one-out error. Where all points
    have the same seeds, what is special about these seeds shifts the whole surface and no point can show it: the mean
    squared standard error of the means is added. Where each point has its own, it is noise of the table and not of the
    model, and is taken off; at least what the surface's own coefficients are uncertain by is left. Standard errors that
    are NaN (one seed) change nothing.

    Args:
        points: (points, parameters).
        means, standard_errors: (points, targets).
    """
    design = terms(points, low, high)
    fits = [_fit(design, means, columns) for columns in _forms(points.shape[1]) if _affordable(columns, len(points))]
    left_out = np.array([fit[1] for fit in fits])
    chosen = left_out.argmin(axis=0)
    every = np.arange(means.shape[1])
    noise = np.mean(np.nan_to_num(standard_errors) ** 2, axis=0)
    floor = np.array([fit[2] for fit in fits])[chosen, every]
    coefficients = np.array([fit[0] for fit in fits])[chosen, :, every].T
    left = left_out[chosen, every]
    variance = left + noise if same_seeds else np.maximum(left - noise, floor)
    return Emulator(coefficients, variance, low, high)


def _forms(parameters: int) -> list[Array]:
    """Columns of `terms` in each form, the smallest first."""
    first, second = np.triu_indices(parameters)
    linear = 1 + parameters
    squares = linear + np.flatnonzero(first == second)
    every = np.arange(linear + len(first))
    return [every[:1], every[:linear], np.concatenate([every[:linear], squares]), every]


def _affordable(columns: Array, points: int) -> bool:
    return points >= POINTS_PER_TERM * len(columns)


def _fit(design: Array, means: Array, columns: Array) -> tuple[Array, Array, Array]:
    """Coefficients (terms, targets), mean squared leave-one-out error and variance of the estimate (targets,)."""
    left, sizes, right = np.linalg.svd(design[:, columns], full_matrices=False)
    kept = sizes > sizes[0] * len(design) * np.finfo(np.float64).eps
    left, sizes, right = left[:, kept], sizes[kept], right[kept]
    projected = left.T @ means
    coefficients = np.zeros((design.shape[1], means.shape[1]))
    coefficients[columns] = right.T @ (projected / sizes[:, None])
    residual = means - left @ projected
    free_share = np.maximum(1.0 - (left**2).sum(axis=1), 1e-6)[:, None]
    rank = len(sizes)
    estimate = (residual**2).sum(axis=0) / max(len(design) - rank, 1) * rank / len(design)
    return coefficients, np.mean((residual / free_share) ** 2, axis=0), estimate
