"""The other steps of a month: environment, needs, endings, production with aid, learning."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from naive_town import ENGAGED, IDLE, OPEN, OPEN_NEED, SLOTS_DRAWN, Firm, Need, Town, at

from clustersim.spec.draws import label_code
from clustersim.spec.levers import Aid, Pull
from clustersim.spec.policy import Event

TECHNOLOGY, TALENT, FINANCE, PERMIT = range(4)


# --- 1: environment --------------------------------------------------------------------------------------------------


def environment(town: Town, events: Sequence[Event], meets: Sequence[bool]) -> None:
    variance = town.noise_spread**2 / (1.0 - town.noise_persistence**2)
    for firm in town.firms:
        innovation = _laplace(town.numbers.firm("environment.noise", town.seed, firm.row))
        town.noise[firm.row] = town.noise_persistence * town.noise[firm.row] + town.noise_spread * innovation
    for chain in range(town.chains):
        first, second, *_ = town.numbers.detail("environment.chain_demand", town.seed, chain)
        innovation = math.sqrt(-2.0 * math.log(_middle(first))) * math.cos(2.0 * math.pi * _middle(second))
        town.chain_demand[chain] = town.demand_persistence * town.chain_demand[chain] + town.demand_spread * innovation
    outside = town.outside
    outside.contract, outside.loss = [0.0] * town.rows, [0.0] * town.rows
    outside.availability, outside.search_factor = [1.0] * len(town.good_chain), [1.0] * town.sites
    factor = [1.0] * town.chains
    for event, met in zip(events, meets, strict=True):
        last = event.month + (0 if event.kind == "finance" else event.months - 1)
        if met and event.month <= town.now <= last:
            _act(town, event, factor)
    outside.firm_demand = [firm.weight * math.exp(town.noise[firm.row] - variance / 2.0) for firm in town.firms]
    outside.chain_factor = [
        math.exp(town.chain_demand[chain] + town.trend[chain] * max(0, town.now)) * factor[chain]
        for chain in range(town.chains)
    ]


def _act(town: Town, event: Event, factor: list[float]) -> None:
    outside = town.outside
    if event.kind == "supply":
        for good, (chain, tier) in enumerate(zip(town.good_chain, town.good_tier, strict=True)):
            if (not event.chains or chain in event.chains) and (not event.tiers or tier in event.tiers):
                outside.availability[good] *= event.size
    elif event.kind == "search":
        for site in event.sites or range(town.sites):
            outside.search_factor[site] *= event.size
    elif event.kind == "demand":
        for chain in event.chains or range(town.chains):
            factor[chain] *= event.size
    for firm in town.active():
        if not _concerned(town, event, firm):
            continue
        if event.kind == "capacity":
            outside.loss[firm.row] = 1.0 - (1.0 - outside.loss[firm.row]) * (1.0 - event.size)
        elif event.kind == "contract":
            outside.contract[firm.row] += event.size * firm.capacity_reference
        elif event.kind == "finance":
            firm.capacity *= 1.0 + event.size


def _concerned(town: Town, event: Event, firm: Firm) -> bool:
    return (
        (not event.firms or firm.row in event.firms)
        and (not event.sites or firm.site in event.sites)
        and (not event.chains or firm.chain in event.chains)
        and (
            event.share == 1.0 or town.numbers.firm(f"{event.label}.share", town.seed, firm.row, month=0) < event.share
        )
    )


def _middle(number: float) -> float:
    """The middle of the number's cell, strictly between 0 and 1."""
    return number + 0.5 / 2.0**32


def _laplace(number: float) -> float:
    """Mean 0, standard deviation 1, by inversion: sign(u - 1/2) * -ln(1 - 2 |u - 1/2|) / sqrt 2."""
    centred = _middle(number) - 0.5
    return math.copysign(-math.log(1.0 - 2.0 * abs(centred)) / math.sqrt(2.0), centred)


# --- 2: needs --------------------------------------------------------------------------------------------------------


def needs(town: Town) -> None:
    for firm in town.active():
        for need in firm.needs:
            opens = town.numbers.service("needs.opening", town.seed, firm.row, need.service) < town.service_opening
            if need.service_state == OPEN_NEED and town.month == need.service_since + town.service_patience:
                need.service_state = IDLE
                town.ledger["needs_lapsed"] += 1
            elif need.service_state == IDLE and opens:
                need.service_state, need.service_since = OPEN_NEED, town.month
                need.service_due = town.month + town.service_patience


# --- 3: endings ------------------------------------------------------------------------------------------------------


def endings(town: Town, packed: dict[tuple[int, int], int]) -> None:
    for slot in town.slots():
        if slot.is_paired and slot.since < town.month:
            trust = town.trust_of(slot, town.month - 1 - slot.since)
            factor = town.levers.ending_factor
            factor = float(factor) if np.ndim(factor) == 0 else float(factor[packed[slot.owner, slot.number]])
            delivery = math.floor(town.firms[slot.supplier].delivery * 1024.0) / 1024.0
            probability = town.ending * factor * (1.0 - town.shield * trust) + town.bad_end * (1.0 - delivery)
            if town.numbers.slot("endings.pair", town.seed, slot) < probability:
                town.unpair(slot)
    for firm in town.active():
        for need in firm.needs:
            if need.service_state == ENGAGED and need.service_due == town.month:
                _take_effect(town, firm, need)


def _take_effect(town: Town, firm: Firm, need: Need) -> None:
    number = firm.row * (SLOTS_DRAWN + 4) + SLOTS_DRAWN + need.service
    luck, patents, *_ = town.numbers.detail("endings.engagement", town.seed, number)
    success, mean = town.technology_success, town.engagement_patents if need.service == TECHNOLOGY else 0.0
    gain = town.technology_gain
    for label, project in town.projects:
        if label == need.project:
            success, mean = at(project.success, town.base), at(project.patents, town.base)
            gain *= at(project.gain_factor, town.base)
    if need.service == TECHNOLOGY and luck < success:
        firm.productivity *= 1.0 + gain
    elif need.service == TALENT:
        firm.productivity *= 1.0 + town.talent_gain
    elif need.service == FINANCE:
        firm.capacity *= 1.0 + town.finance_gain
    elif need.service == PERMIT:
        firm.capacity *= 1.0 + town.permit_gain
    town.ledger["patents"] += _poisson(patents, mean)
    town.providers[need.service_provider].used[need.service] -= 1
    need.service_state, need.service_provider = IDLE, -1


def _poisson(number: float, mean: float) -> int:
    """The smallest k whose cumulated probability lies above the number."""
    k, term = 0, math.exp(-mean)
    cumulated = term
    while number >= cumulated and k < 127:
        k += 1
        term *= mean / k
        cumulated += term
    return k


# --- 6: production ---------------------------------------------------------------------------------------------------


def inputs(town: Town) -> None:
    town.local_orders = [0.0] * town.rows
    for slot in town.slots():
        slot.order = slot.volume * min(1.25, town.firms[slot.owner].utilisation)
        outside = (1.0 - town.friction) * town.outside.availability[slot.slot_good]
        slot.inputs = outside
        if slot.is_paired:
            delivery = town.firms[slot.supplier].delivery
            town.local_orders[slot.supplier] += slot.order
            slot.inputs = delivery + (1.0 - town.specificity) * (1.0 - delivery) * outside
            use = max(0.0, min(slot.stock, 1.0 - slot.inputs))
            slot.inputs += use
            slot.stock = slot.stock - use if use > 0.0 else max(slot.stock, min(town.stock, slot.stock + 0.1))


def aid(town: Town) -> None:
    if town.levers.aid:
        for slot in town.slots():
            slot.short_months = slot.short_months + 1 if _shortage(town, slot) > 0.0 else 0
    for request in town.levers.aid:
        _help(town, request)


def _shortage(town: Town, slot: Any) -> float:
    if slot.is_paired:
        return float(slot.order * max(0.0, 1.0 - slot.inputs))
    if town.outside.availability[slot.slot_good] < 1.0:
        return float(slot.order * max(0.0, 1.0 - town.friction - slot.inputs))
    return 0.0


def _help(town: Town, request: Aid) -> None:
    lacking: dict[tuple[int, int], list[Any]] = defaultdict(list)
    offers: dict[tuple[int, int], list[tuple[Firm, float]]] = defaultdict(list)
    for slot in town.slots():
        owner = town.firms[slot.owner]
        if slot.short_months > request.delay and _shortage(town, slot) > 0.0 and town.who(request, owner):
            lacking[town.label(owner, request.scope), slot.slot_good].append((slot, _shortage(town, slot)))
    for firm in town.active():
        offer = at(request.share, town.base) * max(0.0, town.room(firm) - town.local_orders[firm.row])
        if town.who(request, firm):
            offers[town.label(firm, request.scope), firm.good].append((firm, offer))
    for pool, short in lacking.items():
        total_short, total_offer = sum(one for _, one in short), sum(offer for _, offer in offers[pool])
        shared = min(total_short, total_offer)
        for slot, one in short:
            slot.inputs += one / total_short * shared / slot.order
        for firm, offer in offers[pool]:
            if offer > 0.0:
                town.local_orders[firm.row] += offer / total_offer * shared


def production(town: Town) -> None:
    for firm in town.firms:
        values = [
            slot.inputs if slot.channel >= OPEN else 1.0 - town.friction for slot in firm.slots
        ]  # reserve rows wait with what they can have outside
        firm.input_rate = max(0.05, (1.0 - town.choke) * sum(values) / len(values) + town.choke * min(values))
    potential, attraction = [0.0] * town.rows, [1.0] * town.rows
    for firm in town.firms:
        burden = min(0.5, town.burden_day * float(town.of_firm(town.levers.firm_days, firm)))
        vacancy = town.vacancy_loss if firm.needs[TALENT].service_state == OPEN_NEED else 0.0
        working = (1.0 - burden) * (1.0 - vacancy)
        full = firm.capacity * firm.productivity
        potential[firm.row] = full * firm.input_rate / town.e0 * working * (1.0 - town.outside.loss[firm.row])
        served = firm.productivity * firm.input_rate * working / (firm.productivity_reference * town.e0)
        firm.reputation += town.reputation_speed * (served - firm.reputation)
        relative = firm.capacity / firm.capacity_reference
        attraction[firm.row] = firm.reputation**town.elasticity * relative**town.capacity_pull
    rivals = [_rivals(town, good, attraction) for good in range(len(town.good_chain))]
    town.made = {"output": [], "potential": potential, "outside_demand": [], "full_output": []}
    for firm in town.firms:
        _sell(town, firm, potential[firm.row], attraction[firm.row], rivals)


def _rivals(town: Town, good: int, attraction: list[float]) -> float:
    """zbar ** rivalry."""
    sellers = [firm for firm in town.active() if firm.good == good]
    known = [firm for firm in sellers if firm.row < town.incumbents] or sellers
    if not sellers:
        return 1.0
    pulled = sum(firm.weight * attraction[firm.row] for firm in sellers)
    return float((pulled / sum(firm.weight for firm in known)) ** town.rivalry)


def _sell(town: Town, firm: Firm, potential: float, attraction: float, rivals: list[float]) -> None:
    local = town.local_orders[firm.row]
    demand = 0.0
    if firm.active:
        first = town.demand(firm) * attraction / rivals[firm.good]
        demand = max(0.02 * first, first - town.reroute * local) + town.outside.contract[firm.row]
    full = firm.capacity * firm.productivity
    output = min(potential, demand + local)
    firm.delivery = 1.0
    if local > 0.0:
        priority = town.pair_priority
        firm.delivery = priority * min(1.0, potential / local)
        firm.delivery += (1.0 - priority) * min(1.0, potential / (demand + local))
    firm.utilisation = output / full
    firm.smoothed_demand += (demand - firm.smoothed_demand) / 6.0
    firm.capacity *= math.exp(town.capacity_adjustment * (firm.utilisation - town.normal_utilisation))
    firm.productivity *= (firm.productivity_reference / firm.productivity) ** town.productivity_reversion
    for name, value in (("output", output), ("outside_demand", demand), ("full_output", full)):
        town.made[name].append(value)


# --- 7: learning -----------------------------------------------------------------------------------------------------


def learning(town: Town) -> None:
    gains: dict[int, float] = defaultdict(float)

    def offer(firm: Firm, source: float, rate: float) -> None:
        gains[firm.row] = max(gains[firm.row], rate * max(0.0, math.log(source / firm.productivity)))

    for slot in town.slots():
        if slot.is_paired:
            buyer, seller = town.firms[slot.owner], town.firms[slot.supplier]
            for learner, source in ((buyer, seller), (seller, buyer)):
                if source.anchor:
                    offer(learner, source.productivity, town.anchor_learning)
    for pull in town.levers.pulls:
        for firm in town.active():
            source = _source(town, pull, firm) if town.who(pull, firm) else None
            if source is not None:
                offer(firm, source, at(pull.rate, town.base) * _closeness(town, pull, firm))
    for row, gain in gains.items():
        town.firms[row].productivity *= math.exp(gain)
    for name, rate in (
        ("site", town.levers.trust_site),
        ("chain", town.levers.trust_chain),
        ("group", town.levers.trust_group),
    ):
        town.trust[name] = [
            (one + at(rate, town.base) * (1.0 - one)) * (1.0 - town.common_trust_decay) for one in town.trust[name]
        ]


def _source(town: Town, pull: Pull, firm: Firm) -> float | None:
    if pull.towards == "percentile":
        return _percentile(town, [one for one in town.active() if _shares(town, one, firm, pull.scope)])
    if pull.towards == "best_of_group":
        group = _group(town, pull, firm)
        return max(one.productivity for one in group) if group else None
    if firm.tie_label != label_code(pull.label):
        return None
    if firm.tie_partner < town.rows:
        return float(town.firms[firm.tie_partner].productivity)
    return _percentile(town, [one for one in town.active() if one.chain == firm.chain])


def _shares(town: Town, one: Firm, firm: Firm, scope: str) -> bool:
    return town.label(one, scope) == town.label(firm, scope)


def _percentile(town: Town, firms: list[Firm]) -> float | None:
    """The 75th percentile of the members among these firms: rank floor(0.75 (n - 1)) from below."""
    values = sorted(firm.productivity for firm in firms if firm.member)
    return values[math.floor(0.75 * (len(values) - 1))] if values else None


def _group(town: Town, pull: Pull, firm: Firm) -> list[Firm]:
    if firm.group < 0:
        return []
    return [one for one in town.active() if one.group == firm.group and town.who(pull, one)]


def _closeness(town: Town, pull: Pull, firm: Firm) -> float:
    """exp(weight * (mean ln q_ref of the peers - own))."""
    peers = [one for one in _group(town, pull, firm) if one is not firm] if pull.towards == "best_of_group" else []
    if not peers:
        return 1.0
    mean = sum(math.log(one.capacity_reference) for one in peers) / len(peers)
    return math.exp(at(pull.peer_size_weight, town.base) * (mean - math.log(firm.capacity_reference)))
