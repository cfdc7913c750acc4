"""Quantiles and sizes of weighted samples."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array


def weighted_quantiles(values: Array, weights: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles along the last axis.

    A value stands at the middle of its own weight, and between two values the quantile is linear (Hazen), so that equal
    weights give the ordinary quantiles and a world of weight 0 counts for nothing.

    Args:
        values: (..., worlds); NaN counts for nothing. weights: broadcast to them, not negative. levels: in 0 .. 1.

    Returns:
        (levels, ...), NaN where nothing counts.
    """
    counting = np.isfinite(values) & (weights > 0)
    order = np.argsort(np.where(counting, values, np.inf), axis=-1)
    ordered = np.take_along_axis(values, order, axis=-1)
    sorted_weights = np.take_along_axis(np.where(counting, weights, 0.0), order, axis=-1)
    total = np.maximum(sorted_weights.sum(axis=-1, keepdims=True), np.finfo(np.float64).tiny)
    middle = (np.cumsum(sorted_weights, axis=-1) - 0.5 * sorted_weights) / total
    rows = (one.reshape(-1, values.shape[-1]) for one in (middle, ordered))
    found = [_at(levels, *row) for row in zip(*rows, counting.sum(axis=-1).reshape(-1), strict=True)]
    return np.moveaxis(np.array(found).reshape(*values.shape[:-1], len(levels)), -1, 0)


def _at(levels: tuple[float, ...], places: Array, values: Array, number: int) -> Array:
    return np.interp(levels, places[:number], values[:number]) if number else np.full(len(levels), np.nan)


def effective_size(weights: Array) -> float:
    """How many equally weighted worlds tell as much (Kish): (sum w)^2 / sum w^2; 0 where none counts."""
    return float(weights.sum() ** 2 / max((weights**2).sum(), np.finfo(np.float64).tiny))
