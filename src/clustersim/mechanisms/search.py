"""Step 4. Own search for goods: open slots apply to one seller each, sellers judge their applications.

The contacts of standing groups (step 5) follow the same rule and stand here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.arrays import Array, accept_in_order, by_word, is_column, pick, positions, split
from clustersim.spec.draws import chance, whole
from clustersim.spec.levers import Contacts
from clustersim.spec.state import CONTACT, OPEN, SEARCH
from clustersim.spec.world import World


def conversion_probability(conversion: Any, trust_gain: Any, common_trust: Any) -> Any:
    """conversion * (1 + trust_gain * c)."""
    return conversion * (1.0 + trust_gain * common_trust)


@dataclass(frozen=True, eq=False)
class Seekers:
    """Open goods slots that look for a seller this month, by run slot, with their numbers; (n,) each."""

    place: Array
    choice: Array  # local or region; group or referral
    which: Array  # seller of the list
    convert: Array
    priority: Array

    def only(self, kept: Array) -> Seekers:
        return Seekers(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


def step(world: World) -> None:
    """Every open goods slot that looks around this month applies on the state after the endings."""
    parameters, population = world.parameters, world.population
    factor = world.environment.search_factor
    highest = float(np.max(parameters.search)) * float(np.max(factor))
    words = world.slot_words("search.goods")
    listed = positions(chance(words, min(1.0, highest)))
    seekers = _seekers(world, "search.goods.details", listed, range(world.arms), parameters.conversion)
    if is_column(parameters.search) or is_column(factor):
        seekers = seekers.only(chance(words[world.slot_of(seekers.place)], _search_rate(world, seekers)))
    place, buyer = seekers.place, world.buyer[seekers.place]
    run, good = buyer // world.rows, world.flat.slot_good[place]
    arm, base = split(run, world.bases)
    local = chance(seekers.choice, world.by_firm(parameters.local, buyer))
    supplier = np.full(len(place), -1, dtype=np.intp)
    by_site = (base * population.sites + world.flat.site[buyer]) * population.goods + good
    for chosen, region, lists, segment in (
        (local, False, population.sellers_by_site, by_site),
        (~local, True, population.sellers, base * population.goods + good),
    ):
        known = lists.count(segment)
        some = positions(chosen & (known > 0))
        supplier[some] = arm[some] * world.firms + lists.pick(segment[some], seekers.which[some])
        _redirect_to_entrants(world, "search.goods.entrants", seekers, chosen, supplier, known, region)
    judge(world, seekers, supplier, parameters.conversion, SEARCH, 0.0)


def _search_rate(world: World, seekers: Seekers) -> Array:
    buyer, factor = world.buyer[seekers.place], world.environment.search_factor
    if is_column(factor):
        factor = factor[buyer // world.firms, world.flat.site[buyer]]
    return np.broadcast_to(world.by_firm(world.parameters.search, buyer) * factor, buyer.shape)


def meet_in_groups(world: World, arm: int, request: Contacts) -> None:
    """Step 5. An open slot of a group member meets a seller of its group or, by referral, of all firms."""
    population = world.population
    words = world.slot_words(f"{request.label}.contact")
    listed = positions(chance(words, pick(request.rate, world.base_of_slot)))
    owner = population.slot_owner[listed]
    listed = listed[request.who.reshape(-1)[owner] & (world.state.group[arm].reshape(-1)[owner] >= 0)]
    seekers = _seekers(world, f"{request.label}.details", listed, (arm,), request.conversion)
    slot = seekers.place - arm * world.slots
    base, good = world.base_of_slot[slot], world.state.slot_good[arm, slot]
    referred = chance(seekers.choice, pick(request.referral, base))
    supplier = np.full(len(base), -1, dtype=np.intp)
    segment = base * population.goods + good
    known = population.sellers.count(segment)
    some = positions(referred & (known > 0))
    step_in = whole(seekers.which[some], known[some])
    supplier[some] = arm * world.firms + population.sellers.entries[population.sellers.begin[segment[some]] + step_in]
    _redirect_to_entrants(world, f"{request.label}.entrants", seekers, referred, supplier, known, True)
    _choose_in_group(world, arm, seekers, ~referred, supplier)
    judge(world, seekers, supplier, request.conversion, CONTACT, request.first_trust)


def _seekers(world: World, stream: str, listed: Array, arms: Sequence[int], conversion: Any) -> Seekers:
    """Those of the listed packed slots that are open, arm by arm; their numbers are shared by the arms.

    Contacts that cannot convert, however much the two trust one another, are left out at once.
    """
    state = world.state
    listed = listed[(state.channel[arms[0] : arms[-1] + 1, listed] == OPEN).any(axis=0)]
    numbers = world.slot_details(stream, listed)
    trust = 1.0 if world.trust_in_use else 0.0
    highest = conversion_probability(np.max(conversion), np.max(world.parameters.trust_gain), trust)
    able = chance(numbers[2], min(1.0, float(highest)))
    listed, numbers = listed[able], numbers[:, able]
    place = (np.array(arms)[:, None] * world.slots + listed).reshape(-1)
    found = positions(world.flat.channel[place] == OPEN)
    return Seekers(place[found], *numbers[:, split(found, max(len(listed), 1))[1]])


def _choose_in_group(world: World, arm: int, seekers: Seekers, chosen: Array, supplier: Array) -> None:
    """Each seller of the good in the owner's group alike."""
    state, population = world.arm(arm), world.population
    group, groups = state.group.reshape(-1).astype(np.int64), int(state.group.max(initial=-1)) + 1
    members = positions((group >= 0) & state.active.reshape(-1))
    good = state.good.reshape(-1)[members]
    key = (members // world.rows * groups + group[members]) * population.goods + good
    owner = world.buyer[seekers.place] - arm * world.firms
    wanted = (owner // world.rows * groups + group[owner]) * population.goods + world.flat.slot_good[seekers.place]
    asked = positions(np.isin(key, wanted[chosen]))
    asked = asked[np.argsort(key[asked], kind="stable")]
    begin = np.searchsorted(key[asked], wanted)
    count = np.searchsorted(key[asked], wanted, side="right") - begin
    some = positions(chosen & (count > 0))
    supplier[some] = arm * world.firms + members[asked[begin[some] + whole(seekers.which[some], count[some])]]


def _redirect_to_entrants(
    world: World, stream: str, seekers: Seekers, chosen: Array, supplier: Array, known: Array, region: bool
) -> None:
    """m entrants beside the n0 incumbents of a list get a contact with probability m / (n0 + m), each alike."""
    population, flat = world.population, world.flat
    reserve = world.rows - population.incumbents
    entered = positions(world.state.active[:, :, population.incumbents :])
    if len(entered) == 0:
        return
    run, number = split(entered, reserve)
    entrants = run * world.rows + population.incumbents + number
    key = _market(world, entrants, flat.good[entrants], region)
    order = np.argsort(key, kind="stable")  # keeps the order of entry
    wanted = _market(world, world.buyer[seekers.place], flat.slot_good[seekers.place], region)
    begin = np.searchsorted(key[order], wanted)
    count = np.searchsorted(key[order], wanted, side="right") - begin
    redirect, entrant, *_ = world.slot_details(stream, world.slot_of(seekers.place))
    moved = positions(chosen & chance(redirect, count / np.maximum(known + count, 1)))
    supplier[moved] = entrants[order][begin[moved] + whole(entrant[moved], count[moved])]


def _market(world: World, firm: Array, good: Array, region: bool) -> Array:
    """One number for the run and the good, and the site of these run firms if not for the whole region."""
    market = firm // world.rows * world.population.goods + good
    return market if region else market * world.population.sites + world.flat.site[firm]


def judge(world: World, seekers: Seekers, supplier: Array, conversion: Any, channel: int, first_trust: Any) -> None:
    """Contacts that convert become applications; each provider takes those that fit, in the order of their numbers.

    Args:
        supplier: (n,) run firm that each seeker met, -1 none.
    """
    buyer = world.buyer[seekers.place]
    met = positions((supplier >= 0) & (supplier != buyer))  # a contact with oneself ends
    seekers, supplier, buyer = seekers.only(met), supplier[met], buyer[met]
    gain = world.by_firm(world.parameters.trust_gain, buyer)
    common = world.common_trust(buyer, supplier)
    probability = conversion_probability(world.by_firm(conversion, buyer), gain, common)
    kept = positions(chance(seekers.convert, probability))
    order = kept[by_word(supplier[kept], seekers.priority[kept])]
    place, supplier = seekers.place[order], supplier[order]
    volume = world.population.slot_volume[world.slot_of(place)]
    taken = accept_in_order(supplier, volume, world.free_room(supplier))
    place, supplier = place[taken], supplier[taken]
    world.pair(place, supplier, channel, world.by_firm(first_trust, supplier))
