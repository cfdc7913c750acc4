"""What an instrument sees: one arm at the start of the policy step. Any engine can make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.draws import chance
from clustersim.spec.levers import Scope
from clustersim.spec.parameters import Values
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import Population, State


@dataclass(frozen=True, eq=False)
class View:
    """One arm, read only. Shapes (bases, rows) for firms, (slots,) for goods slots.

    Attributes:
        month: of the scenario, 1 the first after the burn-in.
        words: stream name -> one number for each firm, the same in all months, uint32 (bases, rows).
    """

    month: int
    population: Population
    state: State
    parameters: Values
    words: Callable[[str], Array]

    def labels(self, scope: Scope) -> tuple[Array, int]:
        """Label of each firm in a scope and how many labels there are."""
        if scope == "site":
            return self.state.site, self.population.sites
        if scope == "chain":
            return self.state.chain, self.population.chains
        return np.zeros_like(self.state.site), 1

    def reached(self, use: InstrumentUse) -> Array:
        """Members that pass the instrument's `who`."""
        return self.eligible(use) & self.state.member

    def eligible(self, use: InstrumentUse) -> Array:
        """Active firms that pass the instrument's `who`, members or not."""
        state, population, who = self.state, self.population, use.who
        passed = state.active.copy()
        for allowed, column in (
            (who.sites, state.site),
            (who.chains, state.chain),
            (who.tiers, state.tier),
            (who.size_classes, population.size_class),
            (who.owners, population.owner_kind),
        ):
            if allowed:
                passed &= np.isin(column, allowed)
        if who.anchors is not None:
            passed &= population.anchor == who.anchors
        if who.share < 1.0:
            passed &= chance(self.words(f"{use.label}.who"), who.share)
        return passed

    def age(self, use: InstrumentUse) -> int:
        """Months since the instrument's start, from 0."""
        return self.month - use.start

    def occasion(self, use: InstrumentUse, interval: int) -> int | None:
        """Number of this month's occasion (round, meeting) counted from the start, None in a month without one."""
        return self.age(use) // interval if self.age(use) % interval == 0 else None


def yearly_quota(number: Any, age: int) -> Any:
    """Part of a yearly quota n that falls on month m: floor(n (m + 1) / 12) - floor(n m / 12)."""
    return np.floor(number * (age + 1) / 12.0) - np.floor(number * age / 12.0)


def occasional_quota(number: Any, occasion: int) -> Any:
    """Part of a quota n an occasion that falls on occasion k: floor(n (k + 1)) - floor(n k)."""
    return np.floor(number * (occasion + 1)) - np.floor(number * occasion)


def by_label(number: Any, bases: int, labels: int) -> Array:
    """A quota for each label of each base, whole numbers (bases, labels)."""
    return np.broadcast_to(np.asarray(number), (bases, labels)).astype(np.intp)
