"""Step 5 but its rounds: members join, organisations are founded, places are opened, ties and groups are made."""

from __future__ import annotations

import math

import numpy as np

from clustersim.spec.formulas import ROUNDING
from clustersim.spec.state import CONTACT, DETAIL_STRIDE, LARGE, OPEN, SLOT_STRIDE, SMALL, TECHNOLOGY

from .draws import compiled, details, whole
from .layout import SERVICE_SLOTS
from .pairs import any_of, converts, judge, queue
from .rounds import brokered_round, insert
from .sorting import sort

NEITHER, LINKED, LEADING = range(3)  # phases: those paired with a leading firm; anchors and large firms


@compiled
def policy(memory, today, base):
    """The policy step in its order. Instruments read the state as it stands after members have joined."""
    rules, asked = memory.rules, memory.calendar[today.now]
    _join(memory, today, base)
    _book(memory, asked, base)
    if rules.founds:
        _found(memory, today, base)
    if rules.serves:
        _open_places(memory, asked.places_added, base)
    for number in range(len(memory.rounds)):
        if asked.budget[number] > 0:
            words = today.surveys[number], today.service_surveys[number]
            brokered_round(memory, memory.rounds[number], words, today.month, base, asked.budget[number])
    if asked.tie_quota > 0:
        _tie(memory, today, base, asked.tie_quota)
    if asked.forms_groups:
        _form_groups(memory, today, base)
    if asked.groups_meet:
        _meet(memory, today, base)


@compiled
def _join(memory, today, base):
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.organisation or memory.rules.everyone:
            firm.member = True
        if today.now == 1:
            firm.joined = firm.member


@compiled
def _book(memory, asked, base):
    """Firm-days of this month's meetings, and what instruments cost by themselves."""
    ledger = memory.ledger[base]
    ledger.staff_months += asked.staff_months
    ledger.money += asked.money
    if asked.meetings == 0 and not asked.groups_meet:
        return
    for number in range(memory.sites):
        memory.site[number].meeting = 0
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        firm.firm_days = 0
        if firm.member:
            firm.firm_days = asked.meetings
            if asked.groups_meet and (firm.group >= 0 or asked.forms_groups):
                firm.firm_days += 1
                memory.site[firm.site].meeting += 1
        ledger.firm_days += firm.firm_days
    for number in range(memory.sites):
        firms = memory.site[number].meeting
        if firms > 0:
            groups = max(math.floor(firms / memory.rules.group_size + 0.5), 1.0)
            ledger.money += memory.rules.price_group_meeting * groups


# --- organisations --------------------------------------------------------------------------------------------------


@compiled
def _found(memory, today, base):
    """Which phases are open is asked only where a firm would found an organisation in its phase."""
    rules, are_counted = memory.rules, False
    for row in range(memory.rows):
        firm = memory.firm[base * memory.rows + row]
        if firm.organisation or today.founding[base, row] >= rules.founding[firm.size_class]:
            continue
        if rules.in_phases:
            if not are_counted:
                _count_phases(memory, base)
                are_counted = True
            if not _phase_is_open(rules, memory.site[firm.site], today.now - 1, firm.phase):
                continue
        firm.organisation = True


@compiled
def _count_phases(memory, base):
    """Marks the firms of phases 1 and 2, and counts them and their members by site."""
    start, end = base * memory.rows, (base + 1) * memory.rows
    for number in range(start, end):
        firm = memory.firm[number]
        firm.phase = LEADING if firm.anchor or firm.size_class == LARGE else NEITHER
    for number in range(start, end):
        buyer = memory.firm[number]
        for position in range(buyer.slot_begin, buyer.slot_begin + buyer.slots):
            if memory.slot[position].channel > OPEN:
                seller = memory.firm[memory.slot[position].supplier]
                if seller.phase == LEADING and buyer.phase == NEITHER:
                    buyer.phase = LINKED
                elif buyer.phase == LEADING and seller.phase == NEITHER:
                    seller.phase = LINKED
    for number in range(memory.sites):
        site = memory.site[number]
        site.leading = site.leading_members = site.linked = site.linked_members = 0
    for number in range(start, end):
        firm = memory.firm[number]
        site = memory.site[firm.site]
        if firm.phase != NEITHER:
            site.linked += 1
            site.linked_members += firm.member
        if firm.phase == LEADING:
            site.leading += 1
            site.leading_members += firm.member


@compiled
def _phase_is_open(rules, site, age, phase):
    """Phase 1 always; the others when most firms of the former are members, or so many months have passed."""
    if phase == LEADING or age >= 2 * rules.phase_months:
        return True
    second = age >= rules.phase_months or site.leading_members >= rules.phase_share * site.leading
    return second and (phase == LINKED or site.linked_members >= rules.phase_share * site.linked)


# --- services -------------------------------------------------------------------------------------------------------


@compiled
def _open_places(memory, added, base):
    """Places of this month; added ones are dealt out one by one to the institutions that offer a chosen service."""
    rules, paid = memory.rules, 0.0
    for service in range(SERVICE_SLOTS):
        offering, rank = 0, 0
        for number in range(base * memory.providers, (base + 1) * memory.providers):
            offering += _offers(memory, number, service)
        for number in range(base * memory.providers, (base + 1) * memory.providers):
            place = memory.place[number * SERVICE_SLOTS + service]
            place.open = place.offered
            if _offers(memory, number, service):
                more = added // offering + (rank < added % offering)
                place.open = math.floor(place.offered * rules.places_factor + more + ROUNDING)
                paid += place.offered * max(0.0, rules.places_factor - 1.0) + more
                rank += 1
    memory.ledger[base].money += paid * rules.price_place


@compiled
def _offers(memory, number, service):
    offered = memory.place[number * SERVICE_SLOTS + service].offered
    return offered > 0 and memory.provider[number].firm < 0 and memory.rules.offered[service] != 0


# --- ties -----------------------------------------------------------------------------------------------------------


@compiled
def _tie(memory, today, base, quota):
    """The first untied small members of each site, turn by turn, each to an institution of the site."""
    for number in range(memory.sites):
        memory.site[number].introductions = 0
    for row in range(memory.rows):
        firm = memory.firm[base * memory.rows + row]
        if firm.member and firm.tie_partner < 0 and firm.size_class == SMALL and not firm.anchor:
            word = np.int64(today.tie_order[base, row])
            insert(memory, firm.site, quota, 0, word, base * memory.rows + row, 0, 0)
    for turn in range(quota):
        for site in range(memory.sites):
            if turn < memory.site[site].introductions:
                number = _institution(memory, base, site)
                if number >= 0:
                    firm = memory.firm[memory.introduction[site, turn].item]
                    firm.tie_partner = memory.rows + memory.provider[number].institution
                    memory.provider[number].ties += 1
                    memory.ledger[base].money += memory.rules.price_tie


@compiled
def _institution(memory, base, site):
    """By fewest ties, most technology places at the start, id; -1 where none may be tied any more."""
    best = -1
    for number in range(base * memory.providers, (base + 1) * memory.providers):
        provider, places = memory.provider[number], memory.place[number * SERVICE_SLOTS + TECHNOLOGY].offered
        if provider.firm >= 0 or provider.site != site or places <= 0 or provider.ties >= memory.rules.mentees:
            continue
        if best >= 0:
            ties, most = memory.provider[best].ties, memory.place[best * SERVICE_SLOTS + TECHNOLOGY].offered
            if provider.ties > ties or (provider.ties == ties and places <= most):
                continue
        best = number
    return best


# --- groups ---------------------------------------------------------------------------------------------------------


@compiled
def _form_groups(memory, today, base):
    """Members without a group are ordered by their numbers within a site and cut into groups."""
    keys, chosen = memory.sort_keys, 0
    for row in range(memory.rows):
        firm = memory.firm[base * memory.rows + row]
        if firm.member and firm.group < 0:
            keys[chosen] = (np.int64(firm.site) << 32) + np.int64(today.group_order[base, row])
            memory.sort_firms[chosen] = base * memory.rows + row
            chosen += 1
    if chosen == 0:
        return
    sort(keys, memory.sort_firms, memory.spare_keys, memory.spare_firms, chosen)
    begin = 0
    while begin < chosen:
        end = begin
        while end < chosen and keys[end] >> 32 == keys[begin] >> 32:
            end += 1
        _cut(memory, base, begin, end)
        begin = end
    _list_groups(memory, base)


@compiled
def _cut(memory, base, begin, end):
    """Groups of a size; a last one under half of it joins the one before, if there is one."""
    size, known = memory.rules.group_size, memory.base[base].groups
    full, rest = (end - begin) // size, (end - begin) % size
    groups = full if full > 0 and 2 * rest < size else full + 1
    for position in range(begin, end):
        memory.firm[memory.sort_firms[position]].group = known + min((position - begin) // size, groups - 1)
    for number in range(known, known + groups):
        memory.group[base * memory.rows + number].trust = 0.0
    memory.base[base].groups = known + groups


@compiled
def _list_groups(memory, base):
    """Writes down the firms of every group, by id: how many, where they begin, who."""
    start, groups = base * memory.rows, memory.base[base].groups
    for number in range(start, start + groups):
        memory.group[number].end = 0
    for number in range(start, start + memory.rows):
        if memory.firm[number].group >= 0:
            memory.group[start + memory.firm[number].group].end += 1
    begin = start
    for number in range(start, start + groups):
        size = memory.group[number].end
        memory.group[number].begin = memory.group[number].end = begin
        begin += size
    for number in range(start, start + memory.rows):
        if memory.firm[number].group >= 0:
            group = memory.group[start + memory.firm[number].group]
            memory.group_firms[group.end] = number
            group.end += 1


@compiled
def _meet(memory, today, base):
    """Open slots of group members meet a seller of their group or, by referral, of all firms."""
    rules, seed, applications = memory.rules, memory.base[base].seed, 0
    for row in range(memory.rows):
        owner = base * memory.rows + row
        firm = memory.firm[owner]
        if firm.group < 0:
            continue
        for position in range(firm.slot_begin, firm.slot_begin + firm.slots):
            slot, number = memory.slot[position], position - firm.slot_begin
            if slot.channel != OPEN or today.contact[base, row * SLOT_STRIDE + number] >= rules.contact:
                continue
            ident = row * DETAIL_STRIDE + number
            choice, place, convert, priority = details(seed, rules.contact_stream, today.month, ident)
            if choice < rules.referral:
                seller = any_of(memory.sellers, base * memory.goods + slot.good, place)
            else:
                seller = _in_group(memory, memory.group[base * memory.rows + firm.group], slot.good, place)
            if seller < 0 or seller == owner:
                continue
            if converts(memory, rules.contact_conversion, convert, owner, seller):
                asked = memory.firm[seller]
                asked.first_application = queue(
                    memory.application, asked.first_application, applications, position, seller, priority
                )
                applications += 1
    judge(memory, today.month, applications, CONTACT, rules.contact_trust)


@compiled
def _in_group(memory, group, good, word):
    """Each seller of the good in a group alike, -1 if there is none."""
    sellers = 0
    for position in range(group.begin, group.end):
        sellers += memory.firm[memory.group_firms[position]].good == good
    chosen = whole(word, sellers)
    for position in range(group.begin, group.end):
        if memory.firm[memory.group_firms[position]].good == good:
            if chosen == 0:
                return memory.group_firms[position]
            chosen -= 1
    return -1
