"""What belongs to one month of a world: what comes from outside, what flows, what is booked and what is logged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clustersim.arrays import Array


@dataclass(eq=False)
class Environment:
    """What comes from outside this month. Events make the columns wider by arm; without events they are numbers.

    Attributes:
        noise: (bases, rows) n. chain_demand: (bases, chains) log M without its trend.
        firm_demand: (bases, rows) weight * exp(n - var n / 2), 10k yuan a month.
        chain_factor: (1 or arms, bases, chains) M, times the demand events that meet a chain.
        demand: (1 or arms, bases, rows) the product of the two, with the chain that a firm has.
        contract: added outside orders by firm, (arms, bases, rows). loss: share of capacity lost.
        availability: of outside supply by site and good, (arms, sites, goods). search_factor: by site, (arms, sites).
    """

    noise: Array
    chain_demand: Array
    firm_demand: Array
    chain_factor: Array
    demand: Array
    contract: Any = 0.0
    loss: Any = 0.0
    availability: Any = 1.0
    search_factor: Any = 1.0


@dataclass(frozen=True, eq=False)
class AidDelivery:
    """What helpers (base firms) give and slots receive in one month, 10k yuan, in pools of (base, label, good)."""

    arm: int
    slot: Array
    received: Array
    slot_pool: Array
    helper: Array
    given: Array
    helper_pool: Array


@dataclass(eq=False)
class Flows:
    """What production computes in a month, for learning and measurement.

    Attributes:
        pair: run slots of the month's pairs, rising. buyer, seller: their run firms.
        orders: (arms, slots) what each slot orders, 10k yuan. inputs: (arms, slots) x, share of it at hand.
        refilled: run slots whose stock is laid in. refill: what they buy outside for it, 10k yuan.
        capped_slots: (arms, bases) slots whose owner orders the largest share.
        local_orders: (arms, bases, rows) L. full_output: q A at the start of the month. output: y. outside_demand: D.
        aid: deliveries of mutual aid.
    """

    pair: Array
    buyer: Array
    seller: Array
    orders: Array
    inputs: Array
    local_orders: Array
    refilled: Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    refill: Array = field(default_factory=lambda: np.zeros(0))
    capped_slots: Array = field(default_factory=lambda: np.zeros(0))
    full_output: Array = field(default_factory=lambda: np.zeros(0))
    output: Array = field(default_factory=lambda: np.zeros(0))
    outside_demand: Array = field(default_factory=lambda: np.zeros(0))
    aid: list[AidDelivery] = field(default_factory=list)


@dataclass(eq=False)
class Ledger:
    """Costs and counts of the month, (arms, bases).

    `projects`: engagements begun by a project round. `introduced_pairs`: goods pairs that introductions made;
    `replaced_pairs`: those of them that replaced another. `entries_paid`: enterprises that attraction paid for;
    `entries`: those of them that entered.
    """

    introductions: Array
    first_orders: Array
    introduced_pairs: Array
    replaced_pairs: Array
    projects: Array
    staff_months: Array
    firm_days: Array
    money: Array
    patents: Array
    needs_served: Array
    needs_lapsed: Array
    entries_paid: Array
    entries: Array
    pairs_made: Array
    pairs_ended: Array

    @classmethod
    def empty(cls, arms: int, bases: int) -> Ledger:
        return cls(**{name: np.zeros((arms, bases)) for name in cls.__dataclass_fields__})


@dataclass(eq=False)
class Log:
    """Pairing events and ended waiting spells of the first bases, as they happen; a list of columns each.

    Attributes:
        bases: how many bases are logged.
        pairs: month, arm, slot, supplier (base firm, -1 where a pair ended), code (channel, 0 where a pair ended).
        living: the pairs that live when the horizon begins, columns as those of `pairs`.
        spells: month, arm, firm (base firm), resource (service, -1 goods), slot (-1 for a service), since, outcome
            (place in `OUTCOMES`), surveyed and introduced (months of the horizon, 0 never).
        rounds: (2, arms, needs), of each need that waits now the month of the horizon in which a round first surveyed
            it, and first introduced it, 0 not yet; services before goods. None before the first round.
    """

    bases: int
    pairs: list[dict[str, Array]] = field(default_factory=list)
    living: list[dict[str, Array]] = field(default_factory=list)
    spells: list[dict[str, Array]] = field(default_factory=list)
    rounds: Array | None = None


OUTCOMES = ("waiting", "served", "lapsed")
WAITING, SERVED, LAPSED = range(len(OUTCOMES))
SURVEYED, INTRODUCED = range(2)  # what a round does with a need, in its order
