"""Goods slots: how many, which goods, how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim.arrays import GRAIN, Array, nearest_whole
from clustersim.population.firms import Firms
from clustersim.scenario.model import PopulationPlan
from clustersim.spec.draws import chance, whole
from clustersim.spec.parameters import Values
from clustersim.spec.state import SLOT_STRIDE

if TYPE_CHECKING:
    from clustersim.population.build import Numbers


@dataclass(frozen=True, eq=False)
class Needs:
    """Packed goods slots; see `Population`."""

    begin: Array
    owner: Array
    number: Array
    good: Array
    volume: Array
    reserve_own: Array
    reserve_other: Array


def number_of_slots(capacity: Any, median: Any, at_median: Any, elasticity: Any, maximum: Any) -> Array:
    """K = clip(round(k0 (q_ref / median)^k_exp), 1, k_max)."""
    exact = at_median * np.exp(elasticity * np.log(capacity / median))
    return np.clip(nearest_whole(exact), 1, maximum)


def slot_volume(purchases: Any, capacity: Any, productivity: Any, slots: Any) -> Array:
    """V = beta q_ref A_ref / K, to the nearest multiple of 1/1024 and at least one, 10k yuan a month."""
    exact = purchases * capacity * productivity / slots
    return np.maximum(1.0, np.floor(exact * GRAIN + 0.5)) / GRAIN


def draw_needs(plan: PopulationPlan, parameters: Values, numbers: Numbers, firms: Firms) -> Needs:
    slots = number_of_slots(
        firms.capacity,
        parameters.median_capacity,
        parameters.slots_at_median,
        parameters.slots_size_elasticity,
        parameters.slots_maximum,
    )
    _make_room_for_links(plan, slots)
    volume = slot_volume(parameters.purchases, firms.capacity, firms.productivity, slots)
    begin = np.concatenate([[0], np.cumsum(slots.reshape(-1))])
    owner = np.repeat(np.arange(slots.size), slots.reshape(-1))
    number = np.arange(len(owner)) - begin[owner]
    shape = (*slots.shape, SLOT_STRIDE)
    base, row = owner // slots.shape[1], owner % slots.shape[1]
    crosses = chance(numbers.words("cross_chain", SLOT_STRIDE), parameters.cross_chain).reshape(shape)[
        base, row, number
    ]
    other = numbers.words("other_good", SLOT_STRIDE).reshape(shape)[base, row, number]
    return Needs(
        begin=begin,
        owner=owner,
        number=number,
        good=_goods(firms, owner, crosses, other),
        volume=volume.reshape(-1)[owner],
        reserve_own=~crosses,
        reserve_other=other,
    )


def _goods(firms: Firms, owner: Array, crosses: Array, other: Array) -> Array:
    """The next tier upstream of the own chain; across chains and for tier 0 any good but the own. -1: reserve rows."""
    own, tier = firms.good.reshape(-1)[owner], firms.tier.reshape(-1)[owner]
    drawn = whole(other, len(firms.good_chain) - 1)
    drawn = drawn + (drawn >= own)
    good = np.where((tier > 0) & ~crosses, own - 1, drawn)
    return np.where(own >= 0, good, -1).astype(np.int32)


def _make_room_for_links(plan: PopulationPlan, slots: Array) -> None:
    """A buyer has at least as many slots as known suppliers."""
    if plan.roster is not None and len(plan.roster.links):
        links = np.bincount(plan.roster.links[:, 1], minlength=plan.firms)
        slots[:, : plan.firms] = np.maximum(slots[:, : plan.firms], links)


def known_links(plan: PopulationPlan, firms: Firms, needs: Needs) -> Array:
    """Slot and supplier row of each known pair; slots that want another good are given the supplier's.

    A link takes the buyer's first free slot that wants the supplier's good, else its first free slot.
    """
    if plan.roster is None or not len(plan.roster.links):
        return np.zeros((0, 2), dtype=np.intp)
    bases, rows = firms.chain.shape
    links = []
    taken = np.zeros(len(needs.owner), dtype=bool)
    for base in range(bases):
        for supplier, buyer in plan.roster.links:
            firm = base * rows + buyer
            own = np.arange(needs.begin[firm], needs.begin[firm + 1])
            free = own[~taken[own]]
            wanting = free[needs.good[free] == firms.good[base, supplier]]
            slot = wanting[0] if len(wanting) else free[0]
            taken[slot] = True
            needs.good[slot] = firms.good[base, supplier]
            links.append((slot, supplier))
    return np.array(links, dtype=np.intp)
