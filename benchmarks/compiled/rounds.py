"""Step 5: brokered rounds and project rounds of one base, scope site, providers ranked by size.

Sellers of different sites and goods stand in different queues, so goods are placed one after another in the order of
their introduction; providers of services may serve several sites, so these are placed in the order (turn, site).
"""

from __future__ import annotations

import math

from clustersim.arrays import GRAIN
from clustersim.spec.state import DETAIL_STRIDE, IDLE, INTRODUCTION, OPEN, SLOT_STRIDE, WANTED

from .draws import compiled, details
from .layout import SERVICE_SLOTS
from .pairs import engage, pair, room

ANY_SITE, NOBODY = -2, -1
WHOLE_RANGE = 1 << 32


@compiled
def insert(memory, site, most, urgency, word, item, convert, support):
    """Keep an item if it is among the first `most` of its site by (urgency, word); earlier ones stand first."""
    at = memory.site[site].introductions
    if at < most:
        memory.site[site].introductions += 1
    elif _stands_before(memory.introduction[site, at - 1], urgency, word):
        return
    else:
        at -= 1
    while at > 0 and not _stands_before(memory.introduction[site, at - 1], urgency, word):
        _copy(memory.introduction[site, at - 1], memory.introduction[site, at])
        at -= 1
    mine = memory.introduction[site, at]
    mine.urgency, mine.word, mine.item, mine.convert, mine.support = urgency, word, item, convert, support


@compiled
def _stands_before(other, urgency, word):
    return other.urgency < urgency or (other.urgency == urgency and other.word <= word)


@compiled
def _copy(source, target):
    target.urgency, target.word, target.item = source.urgency, source.word, source.item
    target.convert, target.support = source.convert, source.support


@compiled
def brokered_round(memory, asked, words, month, base, budget):
    """Survey, introduce, match. Goods stand as their slot, services as -1 - their slot.

    Args:
        asked: the round. words: of its surveys of goods and of services. budget: introductions for each site.
    """
    survey, service_survey = words
    for number in range(memory.sites):
        memory.site[number].introductions = 0
    if asked.lists_goods:
        _find_room(memory, base)
    _find_places(memory, asked, base)
    for row in range(memory.rows):
        if memory.firm[base * memory.rows + row].member:
            if asked.lists_goods:
                _list_goods(memory, asked, survey, month, base, row, budget)
            _list_services(memory, asked, service_survey, month, base, row, budget)
    for site in range(memory.sites):
        introductions = memory.site[site].introductions
        memory.ledger[base].introductions += introductions
        memory.ledger[base].money += introductions * asked.price_introduction
        for position in range(introductions):
            _place_goods(memory, asked, month, base, memory.introduction[site, position])
    for service in range(SERVICE_SLOTS):
        if asked.lists_services[service]:
            _place_services(memory, asked, month, base, service)


@compiled
def _find_room(memory, base):
    """The most that a member of each site and good has free at the start of the round."""
    first = base * memory.sites * memory.goods
    for number in range(first, first + memory.sites * memory.goods):
        memory.site_market[number].most_room = -math.inf
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.member:
            market = memory.site_market[first + firm.site * memory.goods + firm.good]
            market.most_room = max(market.most_room, room(memory, firm) - firm.contracted)


@compiled
def _site_served(memory, asked, provider):
    """The site that a provider serves in a round, ANY_SITE or NOBODY.

    A member serves its site, an institution too; in a project round any institution and any anchor serves all.
    """
    if provider.firm < 0:
        return ANY_SITE if asked.idle_too else provider.site
    firm = memory.firm[provider.firm]
    if asked.idle_too and firm.anchor:
        return ANY_SITE
    return firm.site if firm.member else NOBODY


@compiled
def _find_places(memory, asked, base):
    """How many providers have a place free at the start of the round, for each site and service."""
    memory.open_providers[:] = 0
    for number in range(base * memory.providers, (base + 1) * memory.providers):
        served = _site_served(memory, asked, memory.provider[number])
        for service in range(SERVICE_SLOTS):
            place = memory.place[number * SERVICE_SLOTS + service]
            if place.open <= place.used:
                continue
            if served == ANY_SITE:
                for site in range(memory.sites):
                    memory.open_providers[site, service] += 1
            elif served != NOBODY:
                memory.open_providers[served, service] += 1


@compiled
def _list_goods(memory, asked, survey, month, base, row, budget):
    firm = memory.firm[base * memory.rows + row]
    for position in range(firm.slot_begin, firm.slot_begin + firm.slots):
        slot, number = memory.slot[position], position - firm.slot_begin
        if slot.channel != OPEN or survey[base, row * SLOT_STRIDE + number] >= asked.survey:
            continue
        market = memory.site_market[(base * memory.sites + firm.site) * memory.goods + slot.good]
        if market.most_room < slot.volume:
            continue
        if slot.good == firm.good and _first_seller(memory, base, slot) < 0:
            continue  # nobody but itself
        ident = row * DETAIL_STRIDE + number
        order, convert, support, _ = details(memory.base[base].seed, asked.stream, month, ident)
        urgency = -int(slot.volume * GRAIN) if asked.largest_first else 0
        insert(memory, firm.site, budget, urgency, order, position, convert, support)


@compiled
def _list_services(memory, asked, survey, month, base, row, budget):
    """Open needs that the survey finds and a provider has a place for; in a project round idle slots as well."""
    number = base * memory.rows + row
    firm = memory.firm[number]
    for service in range(SERVICE_SLOTS):
        state = memory.need[number * SERVICE_SLOTS + service].state
        if not asked.lists_services[service] or not (state == WANTED or (asked.idle_too and state == IDLE)):
            continue
        if asked.survey < WHOLE_RANGE and survey[base, row * SERVICE_SLOTS + service] >= asked.survey:
            continue
        providers = memory.open_providers[firm.site, service]
        if firm.own_provider >= 0:
            own = memory.place[(base * memory.providers + firm.own_provider) * SERVICE_SLOTS + service]
            providers -= own.open > own.used
        if providers <= 0:
            continue
        ident = row * DETAIL_STRIDE + SLOT_STRIDE + service
        order, convert, support, _ = details(memory.base[base].seed, asked.stream, month, ident)
        urgency = -int(GRAIN) if asked.largest_first else 0
        item = -1 - (number * SERVICE_SLOTS + service)
        insert(memory, firm.site, budget, urgency, order, item, convert, support)


@compiled
def _goes_on(asked, introduction):
    """Whether an introduction converts, which depends on whether it is supported, never on the provider."""
    if introduction.support < asked.support:
        return introduction.convert < asked.conversion_supported
    return introduction.convert < asked.conversion_information


@compiled
def _first_seller(memory, base, slot):
    """The largest member of the owner's site that sells the good and has room for the slot now, -1 if there is none."""
    site = base * memory.sites + memory.firm[slot.firm].site
    market = memory.site_market[site * memory.goods + slot.good]
    for position in range(market.begin, market.end):
        number = memory.ranked[position]
        seller = memory.firm[number]
        if seller.member and number != slot.firm and room(memory, seller) - seller.contracted >= slot.volume:
            return number
    return -1


@compiled
def _place_goods(memory, asked, month, base, introduction):
    if introduction.item < 0 or not _goes_on(asked, introduction):
        return
    slot = memory.slot[introduction.item]
    seller = _first_seller(memory, base, slot)
    if seller < 0:
        return
    pair(memory, month, slot, seller, INTRODUCTION, asked.first_trust)
    if introduction.support < asked.support:
        memory.ledger[base].first_orders += 1.0
        memory.ledger[base].money += asked.price_first_order


@compiled
def _place_services(memory, asked, month, base, service):
    """In the order (turn, site) each introduction that goes on takes the first provider that has a place."""
    for number in range(memory.sites):
        memory.site[number].read = 0
    found = True
    while found:
        found = False
        for number in range(memory.sites):
            need = _next_in_line(memory, asked, number, service)
            if need >= 0:
                found = True
                _place_service(memory, asked, month, base, number, need)


@compiled
def _next_in_line(memory, asked, number, service):
    """The next introduction of a site for a service that goes on, -1 behind the last."""
    site = memory.site[number]
    while site.read < site.introductions:
        introduction = memory.introduction[number, site.read]
        need = -1 - introduction.item
        site.read += 1
        if need >= 0 and need % SERVICE_SLOTS == service and _goes_on(asked, introduction):
            return need
    return -1


@compiled
def _place_service(memory, asked, month, base, site, need):
    """The largest provider: by q_ref of an enterprise, by the places of an institution."""
    owner, service = need // SERVICE_SLOTS, need % SERVICE_SLOTS
    best, best_score = -1, 0.0
    for number in range(base * memory.providers, (base + 1) * memory.providers):
        provider, place = memory.provider[number], memory.place[number * SERVICE_SLOTS + service]
        served = _site_served(memory, asked, provider)
        if provider.firm == owner or place.open <= place.used or (served not in (site, ANY_SITE)):
            continue
        score = float(place.open)
        if provider.firm >= 0:
            score = memory.firm[provider.firm].capacity_reference
        if best < 0 or score > best_score:
            best, best_score = number, score
    if best < 0:
        return
    engage(memory, month, need, service, memory.place[best * SERVICE_SLOTS + service], best, asked.project)
    memory.ledger[base].money += asked.price_engagement
    if asked.project > 0:
        memory.ledger[base].projects += 1.0
