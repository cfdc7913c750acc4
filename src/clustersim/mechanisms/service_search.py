"""Step 4. Own search for services: open needs apply to one provider each. Every contact converts."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, by_word, is_column, positions, rank_within, split
from clustersim.spec.draws import chance
from clustersim.spec.state import DETAIL_STRIDE, SERVICES, SLOT_STRIDE, WANTED
from clustersim.spec.world import World


def step(world: World) -> None:
    """Providers take applications in the order of their numbers while they have places; nobody serves itself."""
    rate, population, flat = world.parameters.service_search, world.population, world.flat
    words = world.service_words("search.services").reshape(-1)
    listed = positions(chance(words, float(np.max(rate))))
    need = world.in_every_arm(listed, len(words))
    need = need[flat.service_state[need] == WANTED]
    if is_column(rate):
        need = need[chance(words[split(need, len(words))[1]], world.by_firm(rate, need // len(SERVICES)))]
    firm, service = split(need, len(SERVICES))
    run, row = split(firm, world.rows)
    base = split(run, world.bases)[1]
    ids = row * DETAIL_STRIDE + SLOT_STRIDE + service
    local, which, _, priority = world.details("search.services.details", base, ids)
    provider = _choose_server(world, firm, service, local, which)
    other = positions((provider >= 0) & (population.provider_firm[base, provider] != row))
    need, provider = need[other], provider[other]
    seat = world.seat(need, provider)
    order = by_word(seat, priority[other])
    seat = seat[order]
    taken = order[rank_within(seat) < flat.places[seat] - flat.used[seat]]
    world.engage(need[taken], provider[taken], 0)


def _choose_server(world: World, firm: Array, service: Array, local: Array, which: Array) -> Array:
    """The provider that each need (of run firms) applies to, -1 none."""
    population, base = world.population, world.base_of(firm)
    in_site = chance(local, world.by_firm(world.parameters.local, firm))
    provider = np.full(len(firm), -1, dtype=np.intp)
    for chosen, lists, section in (
        (in_site, population.servers_by_site, base * population.sites + world.flat.site[firm]),
        (~in_site, population.servers, base),
    ):
        segment = section * len(SERVICES) + service
        known = positions(chosen & (lists.count(segment) > 0))
        provider[known] = lists.pick(segment[known], which[known])
    return provider
