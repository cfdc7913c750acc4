"""The policy step: membership, groups, ties, entries, and the order in which requests are carried out."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
from naive_rounds import brokered_round
from naive_search import contacts
from naive_town import OPEN, TIE, Firm, Provider, Town, at

from clustersim.spec.draws import label_code
from clustersim.spec.levers import Contacts, Entries, Formation, Levers, Round, Ties
from clustersim.spec.policy import Policy

SMALL, LARGE, TECHNOLOGY = 0, 2, 0


def policy(town: Town, arm_policy: Policy, levers: Levers) -> None:
    if arm_policy.start is None or town.now < arm_policy.start:
        return
    for firm in town.active():
        firm.member = firm.member or firm.organisation or arm_policy.everyone
    if town.now == arm_policy.start:
        for firm in town.firms:
            firm.joined = firm.member
    town.levers = levers
    _places(town, levers)
    for firm in town.active():
        hazard = town.of_firm(levers.founding, firm)
        if town.numbers.firm("organisation.founding", town.seed, firm.row) < hazard:
            firm.organisation = True
    asking = [label_code(action.label) for action in levers.actions if isinstance(action, Ties)]
    for firm in town.firms:
        if firm.tie_label not in asking:  # the instrument that made the tie has ended
            firm.tie_partner, firm.tie_label = -1, 0
    for action in levers.actions:
        CARRY_OUT[type(action)](town, action)
    for request in levers.entries:
        _enter(town, request)
    _book(town, levers)


def _places(town: Town, levers: Levers) -> None:
    def entry(column: Any, provider: Provider, service: int) -> float:
        return float(column) if np.ndim(column) == 0 else float(column[town.base, provider.number, service])

    for provider in town.providers:
        provider.places = [
            math.floor(
                provider.offered[service] * entry(levers.places_factor, provider, service)
                + entry(levers.places_added, provider, service)
                + 1e-9
            )
            for service in range(4)
        ]


def _book(town: Town, levers: Levers) -> None:
    town.ledger["staff_months"] += at(levers.staff_months, town.base)
    town.ledger["money"] += at(levers.money, town.base)
    for firm in town.firms:
        town.ledger["firm_days"] += float(town.of_firm(levers.firm_days, firm))  # type: ignore[assignment]


def form_groups(town: Town, request: Formation) -> None:
    """Members of a label in the order of their numbers, cut; a last group under half joins the one before."""
    highest = max(firm.group for firm in town.firms)
    for label in range(town.labels(request.scope)):
        found = [
            firm
            for firm in town.active()
            if firm.member and town.who(request, firm) and firm.group < 0 and town.label(firm, request.scope) == label
        ]
        found.sort(key=lambda firm: (town.numbers.firm(f"{request.label}.group", town.seed, firm.row), firm.row))
        groups = [found[first : first + request.size] for first in range(0, len(found), request.size)]
        if len(groups) > 1 and len(groups[-1]) < request.size / 2:
            groups[-2:] = [groups[-2] + groups[-1]]
        for group in groups:
            highest += 1
            town.trust["group"][highest] = 0.0
            for firm in group:
                firm.group = highest


# --- ties ------------------------------------------------------------------------------------------------------------


def ties(town: Town, request: Ties) -> None:
    """Turn by turn through the labels: institutions may serve several of them."""
    waiting = {label: _untied(town, request, label) for label in range(town.labels(request.scope))}
    for turn in range(max(len(firms) for firms in waiting.values())):
        for label, firms in waiting.items():
            if turn < len(firms):
                _tie(town, request, label, firms[turn])


def _untied(town: Town, request: Ties, label: int) -> list[Firm]:
    found = [
        firm
        for firm in town.active()
        if firm.member and town.who(request, firm) and firm.size_class == SMALL and not firm.anchor
        if firm.tie_partner < 0 and town.label(firm, request.scope) == label
    ]
    found.sort(key=lambda firm: (town.numbers.firm(f"{request.label}.order", town.seed, firm.row), firm.row))
    return found[: int(request.quota[town.base, label])]


def _tie(town: Town, request: Ties, label: int, firm: Firm) -> None:
    number = Counter(one.tie_partner for one in town.firms)
    if request.kind == "research":
        large = [
            (number[town.rows + one.institution], -one.offered[TECHNOLOGY], town.rows + one.institution)
            for one in town.providers
            if one.firm < 0 and one.offered[TECHNOLOGY] > 0 and (request.scope != "site" or one.site == label)
        ]
        large = [one for one in large if one[0] < request.mentees]
        if large:
            firm.tie_partner, firm.tie_label = min(large)[-1], label_code(request.label)
            town.ledger["money"] += at(request.price, town.base)
        return
    partners = [
        one
        for one in town.active()
        if one.member and (one.anchor or one.size_class == LARGE) and town.label(one, request.scope) == label
        if number[one.row] < request.mentees and (request.owners == "any" or one.owner_kind != firm.owner_kind)
    ]
    if not partners:
        return
    best = min(
        partners,
        key=lambda one: (not _could_fill(town, one, firm), number[one.row], -one.capacity_reference, one.row),
    )
    firm.tie_partner, firm.tie_label = best.row, label_code(request.label)
    town.ledger["money"] += at(request.price, town.base)
    for buyer, seller in ((best, firm), (firm, best)):
        for slot in buyer.slots:
            if slot.is_open and slot.slot_good == seller.good and town.fits(seller, slot.volume):
                town.pair(slot, seller, TIE, at(request.first_trust, town.base))


def _could_fill(town: Town, large: Firm, small: Firm) -> bool:
    return any(slot.is_open and slot.slot_good == small.good and town.fits(small, slot.volume) for slot in large.slots)


# --- entry -----------------------------------------------------------------------------------------------------------


def _enter(town: Town, request: Entries) -> None:
    for label in range(request.quota.shape[1]):
        for _ in range(int(request.quota[town.base, label])):
            row = town.incumbents + sum(firm.active for firm in town.firms[town.incumbents :])
            if row < town.rows:
                good = _scarcest(town, label if request.scope == "chain" else None)
                _start(town, town.firms[row], good, int(request.site[town.base]))
                town.ledger["entries"] += 1
                town.ledger["money"] += at(request.price, town.base)


def _scarcest(town: Town, chain: int | None) -> int:
    open_slots = Counter(slot.slot_good for slot in town.slots() if slot.is_open)
    sellers = Counter(firm.good for firm in town.active() if town.room(firm) > firm.contracted)
    goods = [good for good, one in enumerate(town.good_chain) if chain is None or one == chain]
    return min(goods, key=lambda good: (-open_slots[good] / (1.0 + sellers[good]), good))


def _start(town: Town, firm: Firm, good: int, site: int) -> None:
    firm.active, firm.good, firm.site = True, good, site
    firm.chain, firm.tier = town.good_chain[good], town.good_tier[good]
    firm.capacity, firm.productivity = firm.capacity_reference, firm.productivity_reference
    firm.smoothed_demand, firm.reputation, firm.delivery = firm.weight, 1.0, 1.0
    firm.input_rate, firm.utilisation = 1.0 - town.friction, town.normal_utilisation
    for slot in firm.slots:
        place = firm.row * 8 + slot.number
        crosses = town.numbers.firm("population.cross_chain", town.seed, place, 8, month=0) < town.cross_chain
        others = [other for other in range(len(town.good_chain)) if other != good]
        other = town.numbers.firm("population.other_good", town.seed, place, 8, month=0)
        upstream = firm.tier > 0 and not crosses
        slot.slot_good = good - 1 if upstream else others[math.floor(other * len(others))]
        slot.channel, slot.since = OPEN, town.month


CARRY_OUT: dict[type, Any] = {
    Formation: form_groups,
    Contacts: contacts,
    Round: brokered_round,
    Ties: ties,
}
