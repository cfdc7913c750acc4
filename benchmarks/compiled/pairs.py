"""What several steps need: room, picking from lists, and the few moves that make and end pairs and engagements."""

from __future__ import annotations

import math

from clustersim.arrays import GRAIN
from clustersim.spec.state import ENGAGED, OPEN, WANTED

from .draws import below, compiled, whole
from .layout import SERVICE_SLOTS


@compiled
def room(memory, firm):
    """Room for local orders, down to a multiple of 1/1024."""
    numbers = memory.numbers
    full = firm.capacity * firm.productivity * firm.input_rate
    spare = full / numbers.normal_input_rate - (1.0 - numbers.displacement) * firm.smoothed_demand
    return math.floor(spare * GRAIN) / GRAIN


@compiled
def pair(memory, month, slot, supplier, channel, first_trust):
    """Pair an open slot."""
    slot.supplier = supplier
    slot.channel = channel
    slot.since = month
    slot.first_trust = first_trust
    slot.stock = memory.numbers.stock
    slot.with_anchor = memory.firm[slot.firm].anchor or memory.firm[supplier].anchor
    memory.firm[supplier].contracted += slot.volume
    memory.ledger[supplier // memory.rows].pairs_made += 1.0


@compiled
def unpair(memory, month, slot):
    memory.firm[slot.supplier].contracted -= slot.volume
    memory.ledger[slot.supplier // memory.rows].pairs_ended += 1.0
    slot.supplier = -1
    slot.channel = OPEN
    slot.since = month


@compiled
def engage(memory, month, number, service, place, provider, project):
    """Begin an engagement of a service slot. It is shorter for the members whom service staff look after."""
    need, firm = memory.need[number], memory.firm[number // SERVICE_SLOTS]
    if need.state == WANTED:  # a project may create its need: then nobody waited
        memory.ledger[number // SERVICE_SLOTS // memory.rows].needs_served += 1.0
    months = memory.rules.duration[service] if firm.member else memory.numbers.duration
    need.state = ENGAGED
    need.due = month + months
    need.provider = provider
    need.project = project
    place.used += 1


@compiled
def converts(memory, conversion, word, buyer, seller):
    """Whether a contact becomes an application: the likelier, the more two firms of a group trust each other."""
    common = 0.0
    if memory.firm[buyer].group >= 0 and memory.firm[buyer].group == memory.firm[seller].group:
        common = memory.group[buyer // memory.rows * memory.rows + memory.firm[buyer].group].trust
    return word < below(conversion * (1.0 + memory.numbers.trust_gain * common))


@compiled
def picked(lists, segment, word):
    """Who is picked of a segment by a word, by inverse cumulative weight; -1 where the segment is empty."""
    low, high = lists.begin[segment], lists.begin[segment + 1]
    if low == high:
        return -1
    while low < high:
        middle = (low + high) >> 1
        if lists.entries[middle].threshold > word:
            high = middle
        else:
            low = middle + 1
    return lists.entries[low].entry


@compiled
def any_of(lists, segment, word):
    """Each entry of a segment alike; -1 where it is empty."""
    begin, count = lists.begin[segment], lists.begin[segment + 1] - lists.begin[segment]
    return lists.entries[begin + whole(word, count)].entry if count > 0 else -1


@compiled
def queue(applications, first, number, applicant, asked, priority):
    """Put an application in the list of whom it asks, by its number; those that agree keep their order.

    Args:
        first: who is first in that list, -1 if nobody is.

    Returns:
        Who is first now.
    """
    mine = applications[number]
    mine.applicant, mine.asked, mine.priority = applicant, asked, priority
    before, behind = -1, first
    while behind >= 0 and applications[behind].priority <= priority:
        before, behind = behind, applications[behind].following
    mine.following = behind
    if before < 0:
        return number
    applications[before].following = number
    return first


@compiled
def judge(memory, month, applications, channel, first_trust):
    """Each seller that was asked takes, in the order of their numbers, what fits at that moment, and skips the rest."""
    for number in range(applications):
        asked = memory.application[number].asked
        seller = memory.firm[asked]
        waiting = seller.first_application
        if waiting < 0:
            continue
        seller.first_application = -1
        limit = room(memory, seller)
        while waiting >= 0:
            slot = memory.slot[memory.application[waiting].applicant]
            if seller.contracted + slot.volume <= limit:
                pair(memory, month, slot, asked, channel, first_trust)
            waiting = memory.application[waiting].following
