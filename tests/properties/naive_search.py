"""Own search and the contacts of groups, one application at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from naive_town import CONTACT, OPEN_NEED, SEARCH, SLOTS_DRAWN, Firm, Need, Provider, Slot, Town, at

from clustersim.spec.levers import Contacts


@dataclass(eq=False)
class Application:
    priority: float
    owner: int
    number: int
    slot: Slot
    provider: Firm
    first_trust: float = 0.0

    @property
    def place(self) -> tuple[float, int, int]:
        return self.priority, self.owner, self.number


def own_search(town: Town) -> None:
    applications = []
    for slot in [slot for slot in town.slots() if slot.is_open]:
        owner = town.firms[slot.owner]
        rate = town.search * town.outside.search_factor[owner.site]
        if not town.numbers.slot("search.goods", town.seed, slot) < rate:
            continue
        number = slot.owner * (SLOTS_DRAWN + 4) + slot.number
        local, place, convert, priority = town.numbers.detail("search.goods.details", town.seed, number)
        site = owner.site if local < town.local else None
        seller = _seller(
            town, slot, site, place, "search.goods.entrants", lambda firm: firm.capacity_reference**town.size_attraction
        )
        if seller is not None and _converts(town, owner, seller, convert, town.conversion):
            applications.append(Application(priority, slot.owner, slot.number, slot, seller))
    judge(town, applications, SEARCH)


def contacts(town: Town, request: Contacts) -> None:
    applications = []
    for slot in [slot for slot in town.slots() if slot.is_open]:
        owner = town.firms[slot.owner]
        called = town.numbers.slot(f"{request.label}.contact", town.seed, slot) < at(request.rate, town.base)
        if not (called and town.who(request, owner) and owner.group >= 0):
            continue
        number = slot.owner * (SLOTS_DRAWN + 4) + slot.number
        referral, place, convert, priority = town.numbers.detail(f"{request.label}.details", town.seed, number)
        if referral < at(request.referral, town.base):
            seller = _seller(town, slot, None, place, f"{request.label}.entrants", lambda _: 1.0)
        else:
            peers = [one for one in town.active() if one.group == owner.group and one.good == slot.slot_good]
            seller = peers[math.floor(place * len(peers))] if peers else None
        if seller is not None and _converts(town, owner, seller, convert, at(request.conversion, town.base)):
            trust = at(request.first_trust, town.base)
            applications.append(Application(priority, slot.owner, slot.number, slot, seller, trust))
    judge(town, applications, CONTACT)


def judge(town: Town, applications: list[Application], channel: int) -> None:
    """Each provider takes what fits at that moment, in the order of the numbers, and skips the others."""
    for application in sorted(applications, key=lambda one: one.place):
        if town.fits(application.provider, application.slot.volume):
            town.pair(application.slot, application.provider, channel, application.first_trust)


def _converts(town: Town, owner: Firm, seller: Firm, convert: float, conversion: float) -> bool:
    """A contact with oneself ends."""
    probability = conversion * (1.0 + town.trust_gain * town.common_trust(owner, seller))
    return convert < probability and owner.row != seller.row


def _seller(
    town: Town, slot: Slot, site: int | None, place: float, stream: str, weight: Callable[[Firm], float]
) -> Firm | None:
    sellers = [firm for firm in town.active() if firm.good == slot.slot_good and (site is None or firm.site == site)]
    incumbents = [firm for firm in sellers if firm.row < town.incumbents]
    entrants = [firm for firm in sellers if firm.row >= town.incumbents]
    if not sellers:
        return None
    number = slot.owner * (SLOTS_DRAWN + 4) + slot.number
    redirect, entrant, *_ = town.numbers.detail(stream, town.seed, number)
    if redirect < len(entrants) / len(sellers):
        return entrants[math.floor(len(entrants) * entrant)]
    found: Firm = weighted(incumbents, [weight(firm) for firm in incumbents], place)
    return found


def weighted(entries: list[Any], weights: list[float], number: float) -> Any:
    """The first entry whose cumulated share of the weights lies above the number."""
    total, cumulated = math.fsum(weights), 0.0
    for entry, weight in zip(entries, weights, strict=True):
        cumulated += weight
        if number < cumulated / total:
            return entry
    return entries[-1]


def service_search(town: Town) -> None:
    applications: list[tuple[float, int, int, Firm, Need, Provider]] = []
    for firm in town.active():
        for need in firm.needs:
            if need.service_state != OPEN_NEED:
                continue
            called = town.numbers.service("search.services", town.seed, firm.row, need.service)
            number = firm.row * (SLOTS_DRAWN + 4) + SLOTS_DRAWN + need.service
            local, place, _, priority = town.numbers.detail("search.services.details", town.seed, number)
            known = [
                one
                for one in town.providers
                if one.offered[need.service] > 0 and (local >= town.local or one.site == firm.site)
            ]
            if not called < town.service_search or not known:
                continue
            weights = [
                town.firms[one.firm].capacity_reference ** town.size_attraction if one.firm >= 0 else 1.0
                for one in known
            ]
            provider = weighted(known, weights, place)
            if provider.firm != firm.row:
                applications.append((priority, firm.row, need.service, firm, need, provider))
    for _, _, service, firm, need, provider in sorted(applications, key=lambda one: one[:3]):
        if provider.used[service] + 1 <= provider.places[service]:
            town.engage(firm, need, provider, "")
