"""Step 6, after inputs. Mutual aid: members with room deliver to members whose supply fails. No pair, no trust."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, group_sum, pick
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
            short = world.state.short_months[arm]
            short[:] = np.where(_shortages(world, arm) > 0.0, short + 1, 0)
        for request in levers.aid:
            _deliver(world, arm, request)


def _deliver(world: World, arm: int, request: Aid) -> None:
    """min(total shortage, total offer) of each (label, good) is shared pro rata on both sides."""
    population, flows = world.population, world.flows
    labels, count = world.labels(request.scope, arm)
    goods = population.goods
    pools = world.bases * count * goods
    section = (np.arange(world.bases)[:, None] * count + labels).reshape(-1)
    lacking, slot = _lacking(world, arm, request)
    slot_pool = section[population.slot_owner[slot]] * goods + world.state.slot_good[arm, slot]
    offer = _offers(world, arm, request)
    helper = np.flatnonzero(offer > 0.0)
    helper_pool = section[helper] * goods + world.state.good[arm].reshape(-1)[helper]
    wanted, offered = group_sum(slot_pool, lacking, pools), group_sum(helper_pool, offer[helper], pools)
    shared = np.minimum(wanted, offered)
    received = lacking * (shared / np.where(wanted > 0.0, wanted, 1.0))[slot_pool]
    given = offer[helper] * (shared / np.where(offered > 0.0, offered, 1.0))[helper_pool]
    flows.inputs[arm, slot] += received / flows.orders[arm, slot]
    flows.local_orders[arm].reshape(-1)[helper] += given
    flows.aid.append(AidDelivery(arm, slot, received, slot_pool, helper, given, helper_pool))


def _shortages(world: World, arm: int) -> Array:
    """What every slot of an arm lacks, (slots,)."""
    state, flows, availability = world.state.arm(arm), world.flows, world.environment.availability
    if np.ndim(availability):
        availability = availability[arm][np.maximum(state.slot_good, 0)]
    friction = pick(world.parameters.friction, world.base_of_slot)
    lacks = shortage(flows.orders[arm], flows.inputs[arm], state.channel > OPEN, friction, availability)
    return np.where(state.channel >= OPEN, lacks, 0.0)


def _lacking(world: World, arm: int, request: Aid) -> tuple[Array, Array]:
    """Shortages of members that have lasted for the delay, and their slots."""
    lacks = _shortages(world, arm)
    waited = world.state.short_months[arm] > request.delay
    slot = np.flatnonzero((lacks > 0.0) & waited & request.who.reshape(-1)[world.population.slot_owner])
    return lacks[slot], slot


def _offers(world: World, arm: int, request: Aid) -> Array:
    """share * max(0, room - load) of every helper, (bases * rows,); load is what it is asked for locally this month."""
    room = np.maximum(0.0, world.room(arm) - world.flows.local_orders[arm])
    return np.where(request.who & world.state.active[arm], request.share * room, 0.0).reshape(-1)
