"""Step 6, after inputs. Mutual aid: members with room deliver to members whose supply fails. No pair, no trust."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import GRAIN, Array, group_sum, is_column, pick, positions
from clustersim.spec.formulas import missing, needed_input
from clustersim.spec.levers import Aid
from clustersim.spec.month import AidDelivery
from clustersim.spec.state import OPEN
from clustersim.spec.world import World


def is_short(missing: Any) -> Any:
    """Whether a slot that lacks this share of its order counts as short: floor(1024 missing) >= 1."""
    return np.floor(GRAIN * missing) >= 1.0


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
    """Slots of an arm that are short, rising, and what they lack, 10k yuan. Open ones can only be where outside supply
    fails."""
    channel, parameters = world.state.channel[arm], world.parameters
    if is_column(world.environment.availability):
        slot = positions(channel >= OPEN)
    else:
        first, last = np.searchsorted(world.flows.pair, (arm * world.slots, (arm + 1) * world.slots))
        slot = world.flows.pair[first:last] - arm * world.slots
    friction = pick(parameters.friction, world.base_of_slot[slot])
    lacks = missing(needed_input(channel[slot] > OPEN, friction), world.flows.inputs[arm, slot])
    some = positions(is_short(lacks))
    return slot[some], lacks[some] * world.flows.orders[arm, slot[some]]


def _lacking(world: World, arm: int, request: Aid) -> tuple[Array, Array]:
    """Slots of members whose shortages have lasted for the delay, and what they lack."""
    slot, lacks = _shortages(world, arm)
    waited = world.state.short_months[arm, slot] > request.delay
    some = positions(waited & (lacks > 0.0) & request.who.reshape(-1)[world.population.slot_owner[slot]])
    return slot[some], lacks[some]


def _offers(world: World, arm: int, request: Aid) -> Array:
    """share * max(0, room - load) of every helper, (bases * rows,); load is what it is asked for locally this month."""
    room = np.maximum(0.0, world.room(arm) - world.flows.local_orders[arm])
    return np.where(request.who & world.state.active[arm], request.share * room, 0.0).reshape(-1)
