"""Resamples with replacement, told as weights, and the interval that they give."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array

RESAMPLES = 500
TAIL = 0.025
KEY = 20240301


def weights(count: int) -> Array:
    """Share of each of `count` things in each resample, shape (RESAMPLES, count); rows sum to 1.

    A mean over a resample is then a product of matrices. The same count always has the same resamples.
    """
    generator = np.random.Generator(np.random.Philox(key=KEY))
    return generator.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES) / count


def interval(estimate: Array, resampled: Array, count: int, floor: float = -np.inf) -> tuple[Array, Array]:
    """Low and high end (95%) of each estimate.

    The spread of the resamples is laid around the estimate: an index that is a square, an absolute value or a
    largest distance grows with every noise, so its resamples lie above it, and their plain quantiles would too.
    The spread of n resampled things is too small by sqrt((n - 1) / n), which is undone.

    Args:
        estimate: shape (factors,).
        resampled: the same for each resample, shape (RESAMPLES, factors); NaN where a resample does not define it.
        count: how many things were resampled, at least 2.
        floor: least value that the index can have.

    Returns:
        Two arrays (factors,), NaN where more than a twentieth of the resamples is not defined.
    """
    undefined = np.isnan(resampled).mean(axis=0) > 2 * TAIL
    filled = np.where(undefined, 0.0, resampled)
    widen = np.sqrt(count / (count - 1))
    around = widen * (np.nanquantile(filled, [TAIL, 1 - TAIL], axis=0) - np.nanmean(filled, axis=0))
    low, high = np.where(undefined, np.nan, np.maximum(estimate + around, floor))
    return low, high


def no_interval(factors: int) -> tuple[Array, Array]:
    return np.full(factors, np.nan), np.full(factors, np.nan)
