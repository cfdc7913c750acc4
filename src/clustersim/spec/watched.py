"""Runs as an observer sees them, firm by firm and month by month: what facts and findings are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustersim.arrays import Array

BEFORE = 12  # months of the burn-in that are watched, so that the first year of a policy has one before it


@dataclass(frozen=True, eq=False)
class Watched:
    """Some seeds of a scenario, all arms.

    Attributes:
        arms: names, as in `Block`; twin: the number of each arm's no-alliance arm.
        firms: column -> (arms, seeds, months, rows), the months from -11 on, 1 being the first after the burn-in.
            output, other_sales (those to others than a contract event's) and tax, 10k yuan, NaN before the burn-in
            began; suppliers and clients, distinct partners; active; organisation, has one; group, its number, -1 none;
            tie, code of the instrument that made a firm's tie, 0 none.
        series: measure -> (arms, seeds, months), from month 1 on.
        pairs: column -> (events,), the pairing events after the burn-in: arm and seed (as indices), month, buyer and
            supplier (rows), slot (number at the buyer), code (channel, 0 where a pair ended), volume (10k yuan a
            month), since (month in which a pair that ends was made).
        chain, site: (arms, seeds, rows) at the end. anchor and capacity (q_ref, 10k yuan a month): (seeds, rows).
        reached: (arm, label of an instrument) -> (seeds, rows) members of the first month that pass its `who`.
        hit: (seeds, rows) firms that a shock concerns; customers: (arms, seeds, rows) others that bought from one in
            the month before the first shock.
        incumbents: rows of firms at the start.
    """

    arms: tuple[str, ...]
    twin: Array
    firms: dict[str, Array]
    series: dict[str, Array]
    pairs: dict[str, Array]
    chain: Array
    site: Array
    anchor: Array
    capacity: Array
    reached: dict[tuple[int, str], Array]
    hit: Array
    customers: Array
    incumbents: int

    @property
    def seeds(self) -> int:
        return int(self.anchor.shape[0])

    def months(self, column: str, arm: int, first: int, last: int) -> Array:
        """A firm column of an arm over months first .. last, (seeds, months, rows)."""
        return self.firms[column][arm, :, first + BEFORE - 1 : last + BEFORE]

    def total(self, name: str, arm: int, first: int, last: int) -> Array:
        """Sum of a series of an arm over months first .. last, (seeds,)."""
        total: Array = self.series[name][arm, :, first - 1 : last].sum(axis=1)
        return total


@dataclass(frozen=True)
class Asked:
    """What an observable is asked for.

    Attributes:
        arm: index of the arm; without_shock: that of the same arm without its shocks, -1 where there is none.
        first, last: months.
        filters: as the scenario's author wrote them, names of sites and chains as indices.
    """

    arm: int
    without_shock: int
    first: int
    last: int
    filters: Mapping[str, Any]
