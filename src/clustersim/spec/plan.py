"""What a policy is planned to cost, before any run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from clustersim.spec.parameters import Values
from clustersim.spec.quota import per_label


@dataclass(frozen=True)
class Frame:
    """What planned costs depend on.

    Attributes:
        months: months of the horizon in which the instrument is active.
        firms: enterprises at the start. chain_firms: of each chain, by name.
        reached: enterprises at the start that may be reached.
        places: of a service in all at the start.
        prices: model parameters, of which the prices count.
    """

    months: int
    firms: float
    chain_firms: Mapping[str, float]
    reached: float
    places: float
    prices: Values

    def occasions(self, interval: int) -> int:
        """Rounds or meetings in the active months."""
        return -(-self.months // interval)

    def of_chain(self, name: str) -> Frame:
        """The frame of what is counted per 100 firms of one chain."""
        return replace(self, firms=self.chain_firms[name])

    def staff(self, staff: float) -> float:
        """Cost of so many members of staff per 100 firms, 10k yuan."""
        return float(per_label(staff, self.firms)) * self.months * self.prices.price_staff_month

    def presence(self, occasions: int, attendance: float) -> float:
        """Cost of meetings to which this share of all who may be reached comes, 10k yuan."""
        return occasions * attendance * self.reached * self.prices.price_attendance

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
