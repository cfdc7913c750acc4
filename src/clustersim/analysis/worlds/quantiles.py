"""Quantiles and sizes of weighted samples."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array


def weighted_quantiles(values: Array, weights: Array, levels: tuple[float, ...]) -> Array:
    """Quantiles along the last axis.

    A value stands at the middle of its own weight, and between two values the quantile is linear (Hazen), so that equal
    weights give the ordinary quantiles and a world of weight 0 counts for nothing.

    Args:
        values: (..., worlds), finite. weights: (worlds,), not negative, of positive sum. levels: in 0 .. 1.

    Returns:
        (levels, ...).
    """
    counting = weights > 0
    values, weights = values[..., counting], weights[counting]
    order = np.argsort(values, axis=-1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=-1)
    sorted_weights = np.broadcast_to(weights, values.shape)
    sorted_weights = np.take_along_axis(sorted_weights, order, axis=-1)
    middle = (np.cumsum(sorted_weights, axis=-1) - 0.5 * sorted_weights) / weights.sum()
    pairs = zip(middle.reshape(-1, values.shape[-1]), ordered.reshape(-1, values.shape[-1]), strict=True)
    found = [np.interp(levels, place, value) for place, value in pairs]
    return np.moveaxis(np.array(found).reshape(*values.shape[:-1], len(levels)), -1, 0)


def effective_size(weights: Array) -> float:
    """How many equally weighted worlds tell as much (Kish): (sum w)^2 / sum w^2."""
    return float(weights.sum() ** 2 / (weights**2).sum())
