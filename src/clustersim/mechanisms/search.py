"""Step 4. Own search for goods: open slots apply to one seller each, sellers judge their applications.

The contacts of standing groups (step 5) follow the same rule and stand here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.arrays import Array, accept_in_order, by_word, find, pick
from clustersim.spec.draws import chance, whole
from clustersim.spec.levers import Contacts
from clustersim.spec.state import CONTACT, OPEN, SEARCH
from clustersim.spec.world import World


def conversion_probability(conversion: Any, trust_gain: Any, common_trust: Any) -> Any:
    """conversion * (1 + trust_gain * c)."""
    return conversion * (1.0 + trust_gain * common_trust)


@dataclass(frozen=True, eq=False)
class Seekers:
    """Open goods slots that look for a seller this month, in the order (arm, owner, slot), with their numbers; (n,)."""

    arm: Array
    slot: Array
    choice: Array  # local or region; group or referral
    place: Array  # which seller
    convert: Array
    priority: Array

    def only(self, kept: Array) -> Seekers:
        return Seekers(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def step(world: World) -> None:
    """Every open goods slot that looks around this month applies on the state after the endings."""
    parameters, population = world.parameters, world.population
    factor = world.environment.search_factor
    highest = float(np.max(parameters.search)) * max(1.0, float(np.max(factor)))
    words = world.slot_words("search.goods")
    seekers = _seekers(world, "search.goods.details", np.flatnonzero(chance(words, min(1.0, highest))))
    base = world.base_of_slot[seekers.slot]
    site = _site_of_owner(world, seekers)
    rate = pick(parameters.search, base) * (factor if np.ndim(factor) == 0 else factor[seekers.arm, site])
    kept = chance(words[seekers.slot], np.broadcast_to(rate, site.shape))
    seekers, base, site = seekers.only(kept), base[kept], site[kept]
    good = world.state.slot_good[seekers.arm, seekers.slot]
    local = chance(seekers.choice, pick(parameters.local, base))
    supplier = np.full(len(base), -1, dtype=np.int64)
    by_site = (base * population.sites + site) * population.goods + good
    for chosen, region, lists, segment in (
        (local, False, population.sellers_by_site, by_site),
        (~local, True, population.sellers, base * population.goods + good),
    ):
        known = lists.count(segment)
        some = np.flatnonzero(chosen & (known > 0))
        supplier[some] = lists.pick(segment[some], seekers.place[some])
        _redirect_to_entrants(world, "search.goods.entrants", seekers, chosen, supplier, known, region)
    judge(world, seekers, supplier, pick(parameters.conversion, base), SEARCH, 0.0)


def meet_in_groups(world: World, arm: int, request: Contacts) -> None:
    """Step 5. An open slot of a group member meets a seller of its group or, by referral, of all firms."""
    population = world.population
    words = world.slot_words(f"{request.label}.contact")
    called = chance(words, pick(request.rate, world.base_of_slot))
    called &= request.who.reshape(-1)[population.slot_owner]
    called &= world.state.group[arm].reshape(-1)[population.slot_owner] >= 0
    seekers = _seekers(world, f"{request.label}.details", np.flatnonzero(called), arm)
    base = world.base_of_slot[seekers.slot]
    good = world.state.slot_good[arm, seekers.slot]
    referred = chance(seekers.choice, pick(request.referral, base))
    supplier = np.full(len(base), -1, dtype=np.int64)
    segment = base * population.goods + good
    known = population.sellers.count(segment)
    some = np.flatnonzero(referred & (known > 0))
    step_in = whole(seekers.place[some], known[some])
    supplier[some] = population.sellers.entries[population.sellers.begin[segment[some]] + step_in]
    _redirect_to_entrants(world, f"{request.label}.entrants", seekers, referred, supplier, known, True)
    _choose_in_group(world, arm, seekers, ~referred, supplier)
    judge(world, seekers, supplier, pick(request.conversion, base), CONTACT, pick(request.first_trust, base))


def _seekers(world: World, stream: str, listed: Array, only_arm: int | None = None) -> Seekers:
    """Those of the listed slots that are open, arm by arm; their numbers are shared by the arms."""
    numbers = world.details(stream, world.base_of_slot[listed], world.slot_detail[listed])
    if only_arm is None:
        arm, where = find(world.state.channel[:, listed] == OPEN)
    else:
        where = np.flatnonzero(world.state.channel[only_arm, listed] == OPEN)
        arm = np.full(len(where), only_arm)
    return Seekers(arm, listed[where], *numbers[:, where])


def _site_of_owner(world: World, seekers: Seekers) -> Array:
    return world.state.site.reshape(world.arms, -1)[seekers.arm, world.population.slot_owner[seekers.slot]]


def _choose_in_group(world: World, arm: int, seekers: Seekers, chosen: Array, supplier: Array) -> None:
    """Each seller of the good in the owner's group alike."""
    state, population = world.state.arm(arm), world.population
    group = state.group.reshape(-1).astype(np.int64)
    members = np.flatnonzero((group >= 0) & state.active.reshape(-1))
    groups = int(group.max(initial=-1)) + 1
    base = members // world.rows
    key = (base * groups + group[members]) * population.goods + state.good.reshape(-1)[members]
    order = np.argsort(key, kind="stable")
    owner = population.slot_owner[seekers.slot]
    wanted = (world.base_of_slot[seekers.slot] * groups + group[owner]) * population.goods
    wanted += state.slot_good[seekers.slot]
    begin = np.searchsorted(key[order], wanted)
    count = np.searchsorted(key[order], wanted, side="right") - begin
    some = np.flatnonzero(chosen & (count > 0))
    supplier[some] = members[order[begin[some] + whole(seekers.place[some], count[some])]]


def _redirect_to_entrants(
    world: World, stream: str, seekers: Seekers, chosen: Array, supplier: Array, known: Array, region: bool
) -> None:
    """m entrants beside the n0 incumbents of a list get a contact with probability m / (n0 + m), each alike."""
    population, state = world.population, world.state
    arms, base, row = find(state.active[:, :, population.incumbents :])
    if len(arms) == 0:
        return
    row = row + population.incumbents
    key = _market(world, arms, base, state.good[arms, base, row], None if region else state.site[arms, base, row])
    order = np.argsort(key, kind="stable")  # keeps the order of entry
    good = state.slot_good[seekers.arm, seekers.slot]
    site = None if region else _site_of_owner(world, seekers)
    wanted = _market(world, seekers.arm, world.base_of_slot[seekers.slot], good, site)
    begin = np.searchsorted(key[order], wanted)
    count = np.searchsorted(key[order], wanted, side="right") - begin
    redirect, entrant, *_ = world.details(stream, world.base_of_slot[seekers.slot], world.slot_detail[seekers.slot])
    moved = np.flatnonzero(chosen & chance(redirect, count / np.maximum(known + count, 1)))
    firms = (base * world.rows + row)[order]
    supplier[moved] = firms[begin[moved] + whole(entrant[moved], count[moved])]


def _market(world: World, arm: Array, base: Array, good: Array, site: Array | None) -> Array:
    """One number for (arm, base, good) or (arm, base, good, site)."""
    market = (arm * world.bases + base) * world.population.goods + good
    return market if site is None else market * world.population.sites + site


def judge(world: World, seekers: Seekers, supplier: Array, conversion: Any, channel: int, first_trust: Any) -> None:
    """Contacts that convert become applications; each provider takes those that fit, in the order of their numbers.

    Args:
        supplier: (n,) base firm that each seeker met, -1 none.
    """
    population, arm, slot = world.population, seekers.arm, seekers.slot
    common = world.common_trust(arm, population.slot_owner[slot], np.maximum(supplier, 0))
    gain = pick(world.parameters.trust_gain, world.base_of_slot[slot])
    probability = np.broadcast_to(conversion_probability(conversion, gain, common), arm.shape)
    met = (supplier >= 0) & (supplier != population.slot_owner[slot])  # a contact with oneself ends
    kept = np.flatnonzero(met & chance(seekers.convert, probability))
    firms = world.bases * world.rows
    order = kept[by_word(arm[kept] * firms + supplier[kept], seekers.priority[kept])]
    arm, slot, supplier = arm[order], slot[order], supplier[order]
    free = world.room_at(arm, supplier) - world.state.contracted.reshape(-1)[arm * firms + supplier]
    taken = accept_in_order(arm * firms + supplier, population.slot_volume[slot], free)
    trust = first_trust if np.ndim(first_trust) == 0 else first_trust[order][taken]
    world.pair(arm[taken], slot[taken], supplier[taken], channel, trust)
