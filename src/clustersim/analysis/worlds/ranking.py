"""Which arm is ahead: how often in plausible worlds, and how much a wrong choice would cost."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array

EQUAL = 1e-12  # relative to the largest: arms that do the same are the same


def chances_to_be_best(outcomes: Array, weights: Array) -> Array:
    """Share of the worlds in which each arm is the best one; ties share equally.

    Args:
        outcomes: (arms, worlds), more is better. weights: (worlds,).

    Returns:
        (arms,), of sum 1.
    """
    best = outcomes.max(axis=0)
    is_best = outcomes >= best - EQUAL * np.maximum(1.0, np.abs(best))
    shared: Array = (is_best / is_best.sum(axis=0)) @ weights / weights.sum()
    return shared


def expected_shortfall(outcomes: Array, weights: Array) -> Array:
    """How far each arm falls behind the best of each world, on average, (arms,): the cost of choosing it wrongly."""
    behind: Array = (outcomes.max(axis=0) - outcomes) @ weights / weights.sum()
    return behind
