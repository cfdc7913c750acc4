"""Step 3. Goods pairs end, engagements take effect."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, floor_to_grain, is_column, pick, positions, split
from clustersim.spec.draws import WORD_RANGE, chance
from clustersim.spec.formulas import trust_after
from clustersim.spec.state import (
    DETAIL_STRIDE,
    ENGAGED,
    FINANCE,
    OPEN,
    PERMIT,
    SERVICES,
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
    """A pair may end from its second month on.

    Only slots whose number is low enough for any pair are looked at; of those, trust is asked for only where the number
    is low enough for a pair without trust or tie.
    """
    parameters, flat = world.parameters, world.flat
    words = world.slot_words("endings.pair")
    highest = float(np.max(np.asarray(parameters.ending) + parameters.bad_end))
    listed = positions(chance(words, min(1.0, highest)))
    place = world.in_every_arm(listed, world.slots)
    place = place[(flat.channel[place] > OPEN) & (flat.since[place] < world.month)]
    word = words[world.slot_of(place)]
    without_trust = _ending_probability(world, place, 1.0, 0.0)
    some = word < np.floor(without_trust * WORD_RANGE)
    place, word = place[some], word[some]
    months = world.month - 1 - flat.since[place].astype(np.int64)
    trust = trust_after(flat.first_trust[place], months, world.by_slot(parameters.trust_rate, place))
    probability = _ending_probability(world, place, _ending_factor(world, place), trust)
    world.unpair(place[word < np.floor(probability * WORD_RANGE)])


def _ending_probability(world: World, place: Array, factor: Any, trust: Any) -> Any:
    parameters = world.parameters
    return ending_probability(
        world.by_slot(parameters.ending, place),
        factor,
        world.by_slot(parameters.shield, place),
        trust,
        world.by_slot(parameters.bad_end, place),
        world.flat.delivery[world.supplier_of(place)],
    )


def _ending_factor(world: World, place: Array) -> Array:
    """Factors lie between 0 and 1."""
    factor = np.ones(len(place))
    for number, levers in enumerate(world.levers):
        if is_column(levers.ending_factor):
            mine = positions(place // world.slots == number)
            factor[mine] = levers.ending_factor[place[mine] - number * world.slots]
    return factor


def _end_engagements(world: World) -> None:
    flat, parameters = world.flat, world.parameters
    need = positions(flat.service_due == world.month)
    need = need[flat.service_state[need] == ENGAGED]
    if len(need) == 0:
        return
    firm, service = split(need, len(SERVICES))
    success, patents, factor = _outcomes(world, need)
    gains = (
        parameters.technology_gain,
        parameters.talent_gain,
        parameters.finance_gain,
        parameters.permit_gain,
    )
    for column, services in ((flat.productivity, (TECHNOLOGY, TALENT)), (flat.capacity, (FINANCE, PERMIT))):
        for one in services:
            works = positions((service == one) & (success if one == TECHNOLOGY else True))
            column[firm[works]] *= 1.0 + world.by_firm(gains[one], firm[works]) * factor[works]
    np.add.at(world.ledger.patents.reshape(-1), firm // world.rows, patents)
    world.release(need)


def _outcomes(world: World, need: Array) -> tuple[Array, Array, Array]:
    """Success of technology engagements and patents, from two numbers of the service slot; and the factor on the gain.

    The factor is 1 but in projects, which are all of technology.
    """
    parameters, project = world.parameters, world.flat.service_project[need]
    firm, service = split(need, len(SERVICES))
    arm, base = split(firm // world.rows, world.bases)
    probability = np.broadcast_to(world.by_firm(parameters.technology_success, firm), need.shape).astype(float)
    mean = np.where(service == TECHNOLOGY, world.by_firm(parameters.engagement_patents, firm), 0.0)
    factor = np.ones(len(need))
    for number, kinds in enumerate(world.project_kinds):
        for code, (_, kind) in enumerate(kinds, start=1):
            mine = positions((arm == number) & (project == code))
            probability[mine] = pick(kind.success, base[mine])
            mean[mine] = pick(kind.patents, base[mine])
            factor[mine] = pick(kind.gain_factor, base[mine])
    ids = split(firm, world.rows)[1] * DETAIL_STRIDE + SLOT_STRIDE + service
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
