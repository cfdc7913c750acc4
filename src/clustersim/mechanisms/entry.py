"""Step 5, last. Firms enter where goods are scarcest."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, pick, positions, ranges
from clustersim.spec.draws import whole
from clustersim.spec.levers import Entries
from clustersim.spec.state import OPEN
from clustersim.spec.world import World


def scarcity(open_slots: Any, sellers_with_room: Any) -> Any:
    """Open slots / (1 + sellers with room)."""
    return open_slots / (1.0 + sellers_with_room)


def carry_out(world: World, arm: int, request: Entries) -> None:
    """Entry after entry, label after label: each takes the next reserve row while there is one.

    All that are paid for are charged, whether they enter or not.
    """
    for label in range(request.quota.shape[1]):
        for turn in range(int(request.quota[:, label].max(initial=0))):
            base = positions(request.quota[:, label] > turn)
            row = _next_reserve_row(world, arm)[base]
            left = row < world.rows
            if left.any():
                _enter(world, arm, request, base[left], row[left], label)
    if request.quota.any():
        world.spread_demand()  # entrants meet the demand of the chain that they enter
    paid = request.paid.sum(axis=1)
    world.ledger.entries_paid[arm] += paid
    world.ledger.money[arm] += paid * np.reshape(request.price, -1)


def _next_reserve_row(world: World, arm: int) -> Array:
    population = world.population
    return population.incumbents + world.state.active[arm, :, population.incumbents :].sum(axis=1)


def _enter(world: World, arm: int, request: Entries, base: Array, row: Array, label: int) -> None:
    state, population = world.arm(arm), world.population
    good = _scarcest_good(world, arm, base, label if request.scope == "chain" else None)
    state.active[base, row] = True
    state.good[base, row] = good
    state.chain[base, row] = population.good_chain[good]
    state.tier[base, row] = population.good_tier[good]
    state.site[base, row] = request.site[base]
    start_firm(world, arm, base, row)
    _choose_needs(world, arm, base, row, good)
    world.entrants += len(base)
    world.ledger.entries[arm, base] += 1


def _scarcest_good(world: World, arm: int, base: Array, chain: int | None) -> Array:
    """Most open slots / (1 + sellers with room); the first good of those that tie. Of one chain, or of all."""
    state, population = world.arm(arm), world.population
    goods = population.goods
    open_slot = state.channel == OPEN
    wanted = np.bincount(
        world.base_of_slot[open_slot] * goods + state.slot_good[open_slot], minlength=world.bases * goods
    )
    firm = positions(state.active & (world.room(arm) > state.contracted))
    sellers = np.bincount(firm // world.rows * goods + state.good.reshape(-1)[firm], minlength=world.bases * goods)
    ratio = scarcity(wanted, sellers).reshape(world.bases, goods)
    if chain is not None:
        ratio = np.where(population.good_chain == chain, ratio, -1.0)
    return ratio[base].argmax(axis=1)


def start_firm(world: World, arm: int, base: Array, row: Array) -> None:
    """A firm's quantities at its start, as at month 0 of the burn-in."""
    state, population, parameters = world.arm(arm), world.population, world.parameters
    place = (base, row)
    state.capacity[place] = population.capacity_reference[place]
    state.productivity[place] = population.productivity_reference[place]
    state.smoothed_demand[place] = population.weight[place]
    state.reputation[place] = 1.0
    state.delivery[place] = 1.0
    state.input_rate[place] = 1.0 - pick(parameters.friction, base)
    state.utilisation[place] = pick(parameters.normal_utilisation, base)
    normal = population.capacity_reference[place] * population.productivity_reference[place]
    state.output[place] = state.utilisation[place] * normal


def _choose_needs(world: World, arm: int, base: Array, row: Array, good: Array) -> None:
    """Goods of an entrant's slots: the next tier upstream, or another good; the numbers are the reserve row's own."""
    state, population = world.arm(arm), world.population
    firm = base * world.rows + row
    slot, entrant = ranges(population.slot_begin[firm], population.slot_begin[firm + 1])
    own = good[entrant]
    other = whole(population.reserve_other[slot], population.goods - 1)
    upstream = (population.good_tier[own] > 0) & population.reserve_own[slot]
    state.slot_good[slot] = np.where(upstream, own - 1, other + (other >= own))
    state.channel[slot] = OPEN
    state.stock[slot] = pick(world.parameters.stock, base[entrant])
    state.since[slot] = world.month
