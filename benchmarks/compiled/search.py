"""Steps 2 to 4: needs, endings, own search.

A firm's service slots are walked over once, then its goods slots: needs, endings and applications of a slot depend on
nothing that another slot does in these steps. Who is asked judges when all have applied.
"""

from __future__ import annotations

import math

from clustersim.arrays import GRAIN
from clustersim.spec.state import (
    DETAIL_STRIDE,
    ENGAGED,
    IDLE,
    OPEN,
    SEARCH,
    SLOT_STRIDE,
    TALENT,
    TECHNOLOGY,
    WANTED,
)

from .draws import below, compiled, details, poisson
from .layout import SERVICE_SLOTS
from .pairs import converts, engage, judge, picked, queue, unpair

# --- services -------------------------------------------------------------------------------------------------------


@compiled
def services(memory, today, base):
    """Needs open and lapse, engagements take effect, open needs apply to providers, who take whom they have places
    for."""
    numbers, month, requests = memory.numbers, today.month, 0
    for word in range(memory.rows * SERVICE_SLOTS):
        number = base * memory.rows * SERVICE_SLOTS + word
        need = memory.need[number]
        if need.state == IDLE:
            if today.opening[base, word] >= numbers.service_opening:
                continue
            need.state = WANTED
            need.since = month
            need.due = month + numbers.service_patience
        elif need.due == month:
            if need.state == WANTED:
                need.state = IDLE
                memory.ledger[base].needs_lapsed += 1.0
            else:
                _take_effect(memory, month, base, number, need)
            continue
        elif need.state == ENGAGED:
            continue
        if today.service_search[base, word] < numbers.service_search:
            requests = _request(memory, month, base, number, requests)
    _give_places(memory, month, requests)


@compiled
def _take_effect(memory, month, base, number, need):
    """Technology (if it succeeds) and talent raise productivity, finance and permits raise capacity."""
    firm, service = memory.firm[number // SERVICE_SLOTS], number % SERVICE_SLOTS
    gain = memory.numbers.gains[service]
    if service == TECHNOLOGY:
        success, patents, factor = memory.numbers.technology_success, memory.numbers.engagement_patents, 1.0
        for kind in memory.rounds:
            if need.project > 0 and kind.project == need.project:
                success, patents, factor = kind.success, kind.patents, kind.gain_factor
        ident = (number // SERVICE_SLOTS - base * memory.rows) * DETAIL_STRIDE + SLOT_STRIDE + service
        luck, invention, _, _ = details(memory.base[base].seed, memory.numbers.engagement_stream, month, ident)
        if luck < success:
            firm.productivity *= 1.0 + gain * factor
        memory.ledger[base].patents += poisson(invention, patents)
    elif service == TALENT:
        firm.productivity *= 1.0 + gain
    else:
        firm.capacity *= 1.0 + gain
    memory.place[need.provider * SERVICE_SLOTS + service].used -= 1
    need.state = IDLE
    need.provider = -1


@compiled
def _request(memory, month, base, number, requests):
    """Apply to one provider; every contact converts. Returns how many have applied."""
    owner, service = number // SERVICE_SLOTS, number % SERVICE_SLOTS
    ident = (owner - base * memory.rows) * DETAIL_STRIDE + SLOT_STRIDE + service
    local, place, _, priority = details(memory.base[base].seed, memory.numbers.service_stream, month, ident)
    if local < memory.numbers.local:
        segment = (base * memory.sites + memory.firm[owner].site) * SERVICE_SLOTS + service
        chosen = picked(memory.servers_by_site, segment, place)
    else:
        chosen = picked(memory.servers, base * SERVICE_SLOTS + service, place)
    provider = base * memory.providers + chosen
    if chosen < 0 or memory.provider[provider].firm == owner:
        return requests
    asked = provider * SERVICE_SLOTS + service
    first = memory.place[asked].first_request
    memory.place[asked].first_request = queue(memory.application, first, requests, number, asked, priority)
    return requests + 1


@compiled
def _give_places(memory, month, requests):
    for number in range(requests):
        asked = memory.application[number].asked
        place = memory.place[asked]
        waiting = place.first_request
        place.first_request = -1
        while waiting >= 0:
            if place.used < place.open:
                need = memory.application[waiting].applicant
                engage(memory, month, need, need % SERVICE_SLOTS, place, asked // SERVICE_SLOTS, 0)
            waiting = memory.application[waiting].following


# --- goods ----------------------------------------------------------------------------------------------------------


@compiled
def goods(memory, today, base):
    """Pairs may end from their second month on; open slots that look around apply to one seller each."""
    numbers, applications = memory.numbers, 0
    for row in range(memory.rows):
        firm = memory.firm[base * memory.rows + row]
        for position in range(firm.slot_begin, firm.slot_begin + firm.slots):
            slot, number = memory.slot[position], position - firm.slot_begin
            if slot.channel > OPEN:
                word = today.ending[base, row * SLOT_STRIDE + number]
                if word >= numbers.ending_gate or not _ends(memory, today.month, slot, word):
                    continue
                unpair(memory, today.month, slot)
            if today.search[base, row * SLOT_STRIDE + number] < numbers.search:
                ident = row * DETAIL_STRIDE + number
                applications = _look(memory, today.month, base, position, ident, applications)
    judge(memory, today.month, applications, SEARCH, 0.0)


@compiled
def _ends(memory, month, slot, word):
    if slot.since >= month:
        return False
    numbers = memory.numbers
    trust = 1.0 - (1.0 - slot.first_trust) * memory.trust_left[month - 1 - slot.since]
    delivery = math.floor(memory.firm[slot.supplier].delivery * GRAIN) / GRAIN
    probability = numbers.ending * (1.0 - numbers.shield * trust) + numbers.bad_end * (1.0 - delivery)
    return word < below(probability)


@compiled
def _look(memory, month, base, position, ident, applications):
    """Meet one seller. Most contacts do not convert at any trust, so that is asked first. Returns how many applied."""
    numbers, slot = memory.numbers, memory.slot[position]
    local, place, convert, priority = details(memory.base[base].seed, numbers.search_stream, month, ident)
    if convert >= numbers.conversion_gate:
        return applications
    if local < numbers.local:
        site = base * memory.sites + memory.firm[slot.firm].site
        seller = picked(memory.sellers_by_site, site * memory.goods + slot.good, place)
    else:
        seller = picked(memory.sellers, base * memory.goods + slot.good, place)
    if seller < 0 or seller == slot.firm or not converts(memory, numbers.conversion, convert, slot.firm, seller):
        return applications
    first = memory.firm[seller].first_application
    memory.firm[seller].first_application = queue(memory.application, first, applications, position, seller, priority)
    return applications + 1
