"""Step 4. Own search for services: open needs apply to one provider each. Every contact converts."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, accept_in_order, by_word, find, pick
from clustersim.spec.draws import chance
from clustersim.spec.state import DETAIL_STRIDE, SERVICES, SLOT_STRIDE, WANTED
from clustersim.spec.world import World


def step(world: World) -> None:
    """Providers take applications in the order of their numbers while they have places; nobody serves itself."""
    parameters, state, population = world.parameters, world.state, world.population
    words = world.service_words("search.services").reshape(-1)
    listed = np.flatnonzero(chance(words, float(np.max(parameters.service_search))))
    arm, where = find(state.service_state.reshape(world.arms, -1)[:, listed] == WANTED)
    slot = listed[where]
    firm, service = slot // len(SERVICES), slot % len(SERVICES)
    base = firm // world.rows
    kept = chance(words[slot], pick(parameters.service_search, base))
    arm, firm, service, base = arm[kept], firm[kept], service[kept], base[kept]
    row = firm - base * world.rows
    numbers = world.details("search.services.details", base, row * DETAIL_STRIDE + SLOT_STRIDE + service)
    local, place, _, priority = numbers
    provider = _choose_server(world, (arm, base, row, service), local, place)
    other = (provider >= 0) & (population.provider_firm[base, provider] != row)
    arm, firm, service, base, provider = arm[other], firm[other], service[other], base[other], provider[other]
    seat = ((arm * world.bases + base) * population.providers + provider) * len(SERVICES) + service
    order = by_word(seat, priority[other])
    free = (state.places - state.used).reshape(-1)[seat[order]]
    taken = order[accept_in_order(seat[order], np.ones(len(order)), free)]
    world.engage(arm[taken], firm[taken], service[taken], provider[taken], 0)


def _choose_server(world: World, place_of: tuple[Array, Array, Array, Array], local: Array, place: Array) -> Array:
    arm, base, row, service = place_of
    population = world.population
    site = world.state.site[arm, base, row]
    in_site = chance(local, pick(world.parameters.local, base))
    provider = np.full(len(base), -1, dtype=np.int64)
    for chosen, lists, segment in (
        (in_site, population.servers_by_site, (base * population.sites + site) * len(SERVICES) + service),
        (~in_site, population.servers, base * len(SERVICES) + service),
    ):
        known = np.flatnonzero(chosen & (lists.count(segment) > 0))
        provider[known] = lists.pick(segment[known], place[known])
    return provider
