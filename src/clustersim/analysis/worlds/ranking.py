"""Which arm is ahead: how often in plausible worlds, and how much a wrong choice would cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clustersim.analysis.worlds.joint import JointMeans, joint_means
from clustersim.analysis.worlds.simulation import replicates
from clustersim.analysis.worlds.verdicts import Lead, lead
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


@dataclass(frozen=True, eq=False)
class Ranking:
    """Of arms, one of which may be no alliance, by one outcome.

    Attributes:
        effects: (arms, worlds, seeds) against a common twin, more is better; 0 everywhere: the twin itself.
        all_weights: (worlds,). margin: of practical difference.
    """

    effects: Array
    all_weights: Array
    margin: float

    @cached_property
    def same_as(self) -> list[int]:
        """Of each arm the first one that does the same in every history: itself, where it is the first."""
        return [
            next(first for first, other in enumerate(self.effects) if np.array_equal(one, other, equal_nan=True))
            for one in self.effects
        ]

    @cached_property
    def means(self) -> JointMeans:
        """Of the arms that differ."""
        return joint_means(self.effects[sorted(set(self.same_as))], self.all_weights)

    @cached_property
    def outcomes(self) -> Array:
        """(arms, worlds), without noise, of the worlds in which all arms are defined."""
        return self.means.shrunk()[self._row_of]

    @cached_property
    def _row_of(self) -> Array:
        """Of each arm its row among those that differ."""
        return np.searchsorted(sorted(set(self.same_as)), self.same_as)

    @cached_property
    def chances(self) -> Array:
        """(arms,), to be best."""
        return chances_to_be_best(self.outcomes, self.means.weights)

    @cached_property
    def chances_near_best(self) -> Array:
        """(arms,), to fall behind the best by no more than the margin."""
        near: Array = (self._behind <= self.margin + EQUAL) @ self.means.weights
        return near

    @cached_property
    def shortfall(self) -> Array:
        """(arms,), expected."""
        return expected_shortfall(self.outcomes, self.means.weights)

    @cached_property
    def leader(self) -> int:
        """The arm that is most often best, with those that do the same; of several the one that falls behind least."""
        return int(np.lexsort((self.shortfall, -np.round(self._of_equals, 9)))[0])

    @cached_property
    def verdict(self) -> Lead:
        """How sure it is that the leader is best."""
        alike = float((self._behind.max(axis=0) <= self.margin + EQUAL) @ self.means.weights)
        error, error_alike = self._errors
        worlds = 1.0 / float((self.means.weights**2).sum())
        return lead(float(self._of_equals[self.leader]), alike, worlds, (error, error_alike))

    @property
    def _behind(self) -> Array:
        return self.outcomes.max(axis=0) - self.outcomes

    @cached_property
    def _of_equals(self) -> Array:
        """Chance of each arm that it, or one that does the same, is best."""
        return np.bincount(self.same_as, self.chances)[self.same_as]

    @cached_property
    def _errors(self) -> tuple[float, float]:
        """Simulation errors of the leader's chance and of the chance that all are alike; see `simulation`."""
        means = self.means
        drawn = replicates(len(means.weights)) * means.weights
        share = (drawn / drawn.sum(axis=1, keepdims=True)).T  # (worlds, sets)
        outcomes = means.shrunk(means.raw @ share)
        best = outcomes.max(axis=0)
        is_first = outcomes.argmax(axis=0) == self._row_of[self.leader]
        is_alike = best - outcomes.min(axis=0) <= self.margin
        error, error_alike = ((one * share).sum(axis=0).std(ddof=1) for one in (is_first, is_alike))
        return float(error), float(error_alike)
