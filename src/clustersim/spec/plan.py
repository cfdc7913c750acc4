"""What a policy is planned to cost, before any run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clustersim.spec.parameters import Values


@dataclass(frozen=True)
class Frame:
    """What planned costs depend on.

    Attributes:
        labels: number of labels by scope.
        months: months of the horizon in which the instrument is active.
        firms: of the population that may be reached.
        places: of a service in all at the start.
        prices: model parameters, of which the prices count.
    """

    labels: Mapping[str, int]
    months: int
    firms: float
    places: float
    prices: Values

    def occasions(self, interval: int) -> int:
        """Rounds or meetings in the active months."""
        return -(-self.months // interval)

    def staff(self, staff: float, scope: str) -> float:
        """Cost of so many members of staff for each label, 10k yuan."""
        return staff * self.labels[scope] * self.months * self.prices.price_staff_month

    @property
    def years(self) -> float:
        return self.months / 12.0


@dataclass(frozen=True)
class Plan:
    """Planned cost over the horizon, 10k yuan: `fixed` (staff, meetings) and what `budget: equal` may scale."""

    fixed: float = 0.0
    scaled: float = 0.0

    def __add__(self, other: Plan) -> Plan:
        return Plan(self.fixed + other.fixed, self.scaled + other.scaled)

    def at(self, factor: float) -> float:
        return self.fixed + factor * self.scaled
