"""Step 3. Goods pairs end, engagements take effect."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, find, floor_to_grain, pick
from clustersim.spec.draws import WORD_RANGE, chance
from clustersim.spec.formulas import trust_after
from clustersim.spec.state import (
    DETAIL_STRIDE,
    ENGAGED,
    FINANCE,
    OPEN,
    PERMIT,
    SLOT_STRIDE,
    TALENT,
    TECHNOLOGY,
)
from clustersim.spec.world import World

POISSON_TERMS = 128  # patents of one engagement are counted up to here


def ending_probability(ending: Any, factor: Any, shield: Any, trust: Any, bad_end: Any, delivery: Any) -> Any:
    """ending * factor * (1 - shield * trust) + bad_end * (1 - f), f floored to 1/1024."""
    return ending * factor * (1.0 - shield * trust) + bad_end * (1.0 - floor_to_grain(delivery))


def step(world: World) -> None:
    _end_pairs(world)
    _end_engagements(world)


def _end_pairs(world: World) -> None:
    """A pair may end from its second month on. Only slots whose number is low enough for any pair are looked at."""
    parameters, state = world.parameters, world.state
    words = world.slot_words("endings.pair")
    highest = float(np.max(np.asarray(parameters.ending) + parameters.bad_end))
    listed = np.flatnonzero(chance(words, min(1.0, highest)))
    arm, where = find((state.channel[:, listed] > OPEN) & (state.since[:, listed] < world.month))
    slot = listed[where]
    base = world.base_of_slot[slot]
    months = world.month - 1 - state.since[arm, slot].astype(np.int64)
    trust = trust_after(state.first_trust[arm, slot], months, pick(parameters.trust_rate, base))
    probability = ending_probability(
        pick(parameters.ending, base),
        _ending_factor(world, arm, slot),
        pick(parameters.shield, base),
        trust,
        pick(parameters.bad_end, base),
        state.delivery[arm, base, state.supplier[arm, slot]],
    )
    ends = words[slot] < np.floor(probability * WORD_RANGE)
    world.unpair(arm[ends], slot[ends])


def _ending_factor(world: World, arm: Array, slot: Array) -> Array:
    factor = np.ones(len(arm))
    for number, levers in enumerate(world.levers):
        if np.ndim(levers.ending_factor):
            mine = arm == number
            factor[mine] = levers.ending_factor[slot[mine]]
    return factor


def _end_engagements(world: World) -> None:
    state, parameters = world.state, world.parameters
    arm, base, row, service = find((state.service_due == world.month) & (state.service_state == ENGAGED))
    if len(arm) == 0:
        return
    success, patents, factor = _outcomes(world, arm, base, row, service)
    gains = (
        parameters.technology_gain,
        parameters.talent_gain,
        parameters.finance_gain,
        parameters.permit_gain,
    )
    for column, services in ((state.productivity, (TECHNOLOGY, TALENT)), (state.capacity, (FINANCE, PERMIT))):
        for one in services:
            works = (service == one) & (success if one == TECHNOLOGY else True)
            column[arm[works], base[works], row[works]] *= 1.0 + pick(gains[one], base[works]) * factor[works]
    np.add.at(world.ledger.patents, (arm, base), patents)
    world.release(arm, base * world.rows + row, service)


def _outcomes(world: World, arm: Array, base: Array, row: Array, service: Array) -> tuple[Array, Array, Array]:
    """Success of technology engagements and patents, from two numbers of the service slot; and the factor on the gain.

    The factor is 1 but in projects, which are all of technology.
    """
    parameters, project = world.parameters, world.state.service_project[arm, base, row, service]
    probability = np.broadcast_to(pick(parameters.technology_success, base), arm.shape).astype(float)
    mean = np.where(service == TECHNOLOGY, pick(parameters.engagement_patents, base), 0.0)
    factor = np.ones(len(arm))
    for number, kinds in enumerate(world.project_kinds):
        for code, (_, kind) in enumerate(kinds, start=1):
            mine = (arm == number) & (project == code)
            probability[mine] = np.broadcast_to(pick(kind.success, base[mine]), mine.sum())
            mean[mine] = np.broadcast_to(pick(kind.patents, base[mine]), mine.sum())
            factor[mine] = np.broadcast_to(pick(kind.gain_factor, base[mine]), mine.sum())
    ids = row * DETAIL_STRIDE + SLOT_STRIDE + service
    words = world.details("endings.engagement", base, ids)
    return chance(words[0], probability), poisson(words[1], mean), factor


def poisson(words: Array, mean: Array) -> Array:
    """Poisson numbers by inversion: the smallest k whose cumulated probability lies above the number.

    Rounded up, since sums that stay a hair below 1 must lie above the largest number too.
    """
    count = np.zeros(len(words))
    term = np.exp(-mean)
    cumulated = term.copy()
    for k in range(1, POISSON_TERMS):
        above = words >= np.ceil(cumulated * WORD_RANGE)
        if not above.any():
            break
        count[above] = k
        term = term * mean / k
        cumulated = cumulated + term
    return count
