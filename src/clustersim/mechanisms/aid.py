"""Step 6, after inputs. Mutual aid: members with room deliver to members whose supply fails. No pair, no trust."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, group_sum, is_column, pick, positions
from clustersim.spec.levers import Aid
from clustersim.spec.month import AidDelivery
from clustersim.spec.state import OPEN
from clustersim.spec.world import World


def shortage(order: Any, inputs: Any, paired: Any, friction: Any, availability: Any) -> Any:
    """What a member's slot lacks, 10k yuan.

    order * (1 - x) if paired; order * (1 - friction - x) if open and outside supply is short (availability < 1).
    """
    short = np.where(paired, 1.0 - inputs, np.where(availability < 1.0, 1.0 - friction - inputs, 0.0))
    return order * np.maximum(0.0, short)


def step(world: World) -> None:
    """Shortages are counted before anybody helps; several instruments of one policy help one after another."""
    for arm, levers in enumerate(world.levers):
        if levers.aid:
            slot, _ = _shortages(world, arm)
            lasted = world.state.short_months[arm]
            months = lasted[slot] + 1
            lasted[:] = 0
            lasted[slot] = months
        for request in levers.aid:
            _deliver(world, arm, request)


def _deliver(world: World, arm: int, request: Aid) -> None:
    """min(total shortage, total offer) of each (label, good) is shared pro rata on both sides."""
    population, flows = world.population, world.flows
    slot, lacking = _lacking(world, arm, request)
    if len(slot) == 0:
        return
    labels, count = world.labels(request.scope, arm)
    goods = population.goods
    pools = world.bases * count * goods
    section = (np.arange(world.bases)[:, None] * count + labels).reshape(-1)
    slot_pool = section[population.slot_owner[slot]] * goods + world.state.slot_good[arm, slot]
    offer = _offers(world, arm, request)
    helper = positions(offer > 0.0)
    helper_pool = section[helper] * goods + world.state.good[arm].reshape(-1)[helper]
    wanted, offered = group_sum(slot_pool, lacking, pools), group_sum(helper_pool, offer[helper], pools)
    shared = np.minimum(wanted, offered)
    received = lacking * (shared / np.where(wanted > 0.0, wanted, 1.0))[slot_pool]
    given = offer[helper] * (shared / np.where(offered > 0.0, offered, 1.0))[helper_pool]
    flows.inputs[arm, slot] += received / flows.orders[arm, slot]
    flows.local_orders[arm].reshape(-1)[helper] += given
    flows.aid.append(AidDelivery(arm, slot, received, slot_pool, helper, given, helper_pool))


def _shortages(world: World, arm: int) -> tuple[Array, Array]:
    """Slots of an arm that lack something, rising, and how much: open ones only where outside supply is short."""
    availability = world.environment.availability
    if is_column(availability):
        slot = positions(world.state.channel[arm] >= OPEN)
        availability = availability[arm][world.state.slot_good[arm, slot]]
    else:
        first, last = np.searchsorted(world.flows.pair, (arm * world.slots, (arm + 1) * world.slots))
        slot = world.flows.pair[first:last] - arm * world.slots
    inputs, orders = world.flows.inputs[arm, slot], world.flows.orders[arm, slot]
    friction = pick(world.parameters.friction, world.base_of_slot[slot])
    lacks = shortage(orders, inputs, world.state.channel[arm, slot] > OPEN, friction, availability)
    some = positions(lacks > 0.0)
    return slot[some], lacks[some]


def _lacking(world: World, arm: int, request: Aid) -> tuple[Array, Array]:
    """Slots of members whose shortages have lasted for the delay, and what they lack."""
    slot, lacks = _shortages(world, arm)
    waited = world.state.short_months[arm, slot] > request.delay
    some = positions(waited & request.who.reshape(-1)[world.population.slot_owner[slot]])
    return slot[some], lacks[some]


def _offers(world: World, arm: int, request: Aid) -> Array:
    """share * max(0, room - load) of every helper, (bases * rows,); load is what it is asked for locally this month."""
    room = np.maximum(0.0, world.room(arm) - world.flows.local_orders[arm])
    return np.where(request.who & world.state.active[arm], request.share * room, 0.0).reshape(-1)
