"""What an instrument sees: one arm at the start of the policy step. Any engine can make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.arrays import Array
from clustersim.spec import quota
from clustersim.spec.draws import WORD_RANGE, chance
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
        label_words: stream name, labels -> one number for each label, the same in all months, uint32 (bases, labels):
            the first of the details of month 0 with the label's index as id.
    """

    month: int
    population: Population
    state: State
    parameters: Values
    words: Callable[[str], Array]
    label_words: Callable[[str, int], Array]

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
        if who.firms:
            passed &= np.isin(np.arange(population.rows), who.firms)
        if who.share < 1.0:
            passed &= chance(self.words(f"drawn.{who.drawn}" if who.drawn else f"{use.label}.who"), who.share)
        return passed

    def firms(self, scope: Scope) -> Array:
        """F: incumbents by label of a scope, members or not, (bases, labels)."""
        population = self.population
        if scope == "region":
            return np.full((population.bases, 1), float(population.incumbents))
        return population.firms_by_site if scope == "site" else population.firms_by_chain

    def staff(self, number: Any) -> Any:
        """Staff-months of a month, for so many members of staff per 100 firms."""
        return quota.per_label(number, float(self.population.incumbents))

    def price_of_presence(self, who: Array, attendance: Any) -> Any:
        """Price of a meeting to which this share of these firms comes, 10k yuan, (bases, 1)."""
        return self.parameters.price_attendance * (attendance * who.sum(axis=1, keepdims=True))

    def yearly_quota(self, use: InstrumentUse, scope: Scope, dose: Any) -> Array:
        """Part of a yearly dose that falls on this month, whole numbers (bases, labels)."""
        firms = self.firms(scope)
        found = quota.yearly_quota(dose, firms, self.age(use), self._phase(use, firms))
        return found.astype(np.int64)

    def occasional_quota(self, use: InstrumentUse, scope: Scope, dose: Any, occasion: int) -> Array:
        """Part of a dose an occasion that falls on this one, whole numbers (bases, labels)."""
        firms = self.firms(scope)
        found = quota.occasional_quota(dose, firms, occasion, self._phase(use, firms))
        return found.astype(np.int64)

    def _phase(self, use: InstrumentUse, firms: Array) -> Array:
        """o: one number in [0, 1) for each label, the same in all months and arms, (bases, labels)."""
        return self.label_words(f"{use.label}.quota", firms.shape[1]) / WORD_RANGE

    def age(self, use: InstrumentUse) -> int:
        """Months since the instrument's start, from 0."""
        return self.month - use.start

    def occasion(self, use: InstrumentUse, interval: int) -> int | None:
        """Number of this month's occasion (round, meeting) counted from the start, None in a month without one."""
        return self.age(use) // interval if self.age(use) % interval == 0 else None
