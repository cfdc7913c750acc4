"""Spearman's rank correlation, and which parameters an effect moves with beyond what shuffled effects do."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array

PERMUTATIONS = 400
BY_CHANCE = 95.0  # percentile of the largest rank correlation of shuffled effects


def spearman(x: Array, y: Array) -> Array:
    """Rank correlation of each column of x with each of y, (columns of x, columns of y); 0 where one is constant.

    As `scipy.stats.spearmanr`, which has no table of one set of columns against another and warns of constants.
    """
    found: Array = _standard_ranks(x).T @ _standard_ranks(y)
    return found


def rank_correlations(values: Array, effects: Array) -> tuple[Array, Array]:
    """Spearman's of each factor with each arm's effect, (factors, arms), and what the largest of an arm reaches by
    chance, (arms,); infinite where the effect is the same everywhere."""
    x, y = (_standard_ranks(one) for one in (values, effects))
    generator = np.random.Generator(np.random.Philox(1))
    orders = np.argsort(generator.random((PERMUTATIONS, len(y))), axis=1)
    by_chance = [np.percentile(np.abs(x.T @ column[orders].T).max(axis=0), BY_CHANCE) for column in y.T]
    return x.T @ y, np.where(np.ptp(effects, axis=0) > 0, by_chance, np.inf)


def _standard_ranks(values: Array) -> Array:
    from scipy.stats import rankdata  # slow to import, and nothing before there are results needs it

    ranks = rankdata(values, axis=0)
    centred = ranks - ranks.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    standard: Array = centred / np.where(size > 0, size, 1.0)
    return standard
