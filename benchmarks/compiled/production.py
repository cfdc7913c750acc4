"""Steps 1, 6 and 7: outside demand, orders and inputs, mutual aid, production and sales, learning, common trust.

Outside demand moves on where it is first asked for, in production: no step before it does.
"""

from __future__ import annotations

import math

from clustersim.mechanisms.learning import PERCENTILE
from clustersim.mechanisms.production import (
    LARGEST_BURDEN,
    LEAST_INPUT_RATE,
    LEAST_OUTSIDE_SHARE,
    ORDER_LIMIT,
    SMOOTHING_MONTHS,
    STOCK_REFILL,
)
from clustersim.spec.state import OPEN, TALENT, WANTED

from .draws import compiled, details, laplace, normal
from .layout import SERVICE_SLOTS
from .pairs import room
from .sorting import select


@compiled
def inputs(memory, base):
    """What every slot orders, and the share of it that is at hand: delivered, topped up outside and from stock.

    Returns:
        How many pairs with an anchor there are; they are listed in passing.
    """
    numbers, start, end = memory.numbers, base * memory.rows, (base + 1) * memory.rows
    outside, pairs = 1.0 - numbers.friction, 0
    for number in range(start, end):
        memory.firm[number].local_orders = 0.0
    for number in range(start, end):
        firm = memory.firm[number]
        ordered = min(ORDER_LIMIT, firm.utilisation)
        for position in range(firm.slot_begin, firm.slot_begin + firm.slots):
            slot = memory.slot[position]
            slot.order = slot.volume * ordered
            if slot.channel == OPEN:
                slot.inputs = outside
                continue
            if slot.with_anchor:
                memory.anchor_slots[pairs] = position
                pairs += 1
            supplier = memory.firm[slot.supplier]
            supplier.local_orders += slot.order
            delivered = supplier.delivery + (1.0 - numbers.specificity) * (1.0 - supplier.delivery) * outside
            use = max(0.0, min(slot.stock, 1.0 - delivered))
            slot.inputs = delivered + use
            if use > 0.0:
                slot.stock -= use
            else:
                slot.stock = max(slot.stock, min(numbers.stock, slot.stock + STOCK_REFILL))
    return pairs


# --- mutual aid -----------------------------------------------------------------------------------------------------


@compiled
def aid(memory, base):
    """Members with room deliver to members whose supply has failed for longer than the delay, pro rata on both sides.

    Without events outside supply is never short, so only paired slots can be.
    """
    short = _short_slots(memory, base)
    if short > 0:
        _collect(memory, base)
        _share(memory, base, short)


@compiled
def _market(memory, base, site, good):
    return memory.site_market[(base * memory.sites + site) * memory.goods + good]


@compiled
def _lacks(slot):
    """10k yuan."""
    return slot.order * max(0.0, 1.0 - slot.inputs) if slot.channel > OPEN else 0.0


@compiled
def _short_slots(memory, base):
    """Counts the months of every shortage, and lists those to be met. Returns how many."""
    short, markets = 0, memory.sites * memory.goods
    for number in range(base * markets, (base + 1) * markets):
        memory.site_market[number].wanted = memory.site_market[number].offered = 0.0
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        for position in range(firm.slot_begin, firm.slot_begin + firm.slots):
            slot = memory.slot[position]
            lacks = _lacks(slot)
            if lacks <= 0.0:
                slot.short_months = 0
                continue
            slot.short_months += 1
            if slot.short_months > memory.rules.aid_delay and firm.member:
                _market(memory, base, firm.site, slot.good).wanted += lacks
                memory.short_slots[short] = position
                short += 1
    return short


@compiled
def _offer(memory, firm):
    """Of a member: a share of the room that this month's local orders leave."""
    return memory.rules.aid_share * max(0.0, room(memory, firm) - firm.local_orders)


@compiled
def _collect(memory, base):
    """What the helpers of each market that lacks something offer together."""
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.member:
            market = _market(memory, base, firm.site, firm.good)
            if market.wanted > 0.0:
                market.offered += _offer(memory, firm)


@compiled
def _share(memory, base, short):
    for number in range(short):
        slot = memory.slot[memory.short_slots[number]]
        market = _market(memory, base, memory.firm[slot.firm].site, slot.good)
        received = _lacks(slot) * (min(market.wanted, market.offered) / market.wanted)
        slot.inputs += received / slot.order
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.member:
            market = _market(memory, base, firm.site, firm.good)
            if market.wanted > 0.0 and market.offered > 0.0:
                share = min(market.wanted, market.offered) / market.offered
                firm.local_orders += _offer(memory, firm) * share


# --- production and sales -------------------------------------------------------------------------------------------


@compiled
def produce(memory, today, base):
    asked = memory.calendar[today.now]
    meets = asked.groups_meet or asked.meetings > 0
    _move_chains(memory, today, base)
    for number in range(base * memory.goods, (base + 1) * memory.goods):
        memory.market[number].pulled = 0.0
    _prepare(memory, today, meets, base)
    for number in range(base * memory.goods, (base + 1) * memory.goods):
        market = memory.market[number]
        mean = market.pulled / market.weight if market.weight > 0.0 else 1.0
        market.pulled = math.exp(memory.numbers.rivalry * math.log(mean))
    _sell(memory, base)


@compiled
def _move_chains(memory, today, base):
    numbers = memory.numbers
    for number in range(memory.chains):
        chain = memory.chain[base * memory.chains + number]
        one, two, _, _ = details(memory.base[base].seed, numbers.chain_stream, today.month, number)
        chain.demand = numbers.demand_persistence * chain.demand + numbers.demand_spread * normal(one, two)
        chain.factor = math.exp(chain.demand + chain.trend * today.now)


@compiled
def _prepare(memory, today, meets, base):
    """What outside customers order in normal times, what each firm can make, and how attractive it is to them."""
    numbers, start = memory.numbers, base * memory.rows
    normal = numbers.normal_input_rate
    for row in range(memory.rows):
        number = start + row
        firm = memory.firm[number]
        firm.noise = numbers.noise_persistence * firm.noise + numbers.noise_spread * laplace(today.noise[base, row])
        factor = memory.chain[base * memory.chains + firm.chain].factor
        firm.demand = firm.weight * math.exp(firm.noise - numbers.half_variance) * factor
        total, least = 0.0, math.inf
        for position in range(firm.slot_begin, firm.slot_begin + firm.slots):
            total += memory.slot[position].inputs
            least = min(least, memory.slot[position].inputs)
        mean = total / firm.slots
        rate = max(LEAST_INPUT_RATE, (1.0 - numbers.choke) * mean + numbers.choke * least)
        working = 1.0
        if meets:
            working = 1.0 - min(LARGEST_BURDEN, numbers.burden_day * firm.firm_days)
        if memory.need[number * SERVICE_SLOTS + TALENT].state == WANTED:
            working *= 1.0 - numbers.vacancy_loss
        firm.input_rate = rate
        firm.full_output = firm.capacity * firm.productivity
        firm.potential = firm.full_output * (rate / normal) * working
        service = firm.productivity * rate * working / (firm.productivity_reference * normal)
        firm.reputation += numbers.reputation_speed * (service - firm.reputation)
        relative = firm.capacity / firm.capacity_reference
        firm.attraction = math.exp(
            numbers.elasticity * math.log(firm.reputation) + numbers.capacity_pull * math.log(relative)
        )
        memory.market[base * memory.goods + firm.good].pulled += firm.weight * firm.attraction


@compiled
def _sell(memory, base):
    """Outside orders, output and deliveries; then capacity and productivity move on."""
    numbers = memory.numbers
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        local, potential = firm.local_orders, firm.potential
        level = firm.demand * firm.attraction / memory.market[base * memory.goods + firm.good].pulled
        demand = max(LEAST_OUTSIDE_SHARE * level, level - numbers.reroute * local)
        firm.outside_demand = demand
        firm.output = min(potential, demand + local)
        firm.delivery = 1.0
        if local > 0.0:
            first = numbers.pair_priority * min(1.0, potential / local)
            firm.delivery = first + (1.0 - numbers.pair_priority) * min(1.0, potential / (demand + local))
        firm.utilisation = firm.output / firm.full_output
        firm.smoothed_demand += (demand - firm.smoothed_demand) / SMOOTHING_MONTHS
        firm.capacity *= math.exp(numbers.capacity_adjustment * (firm.utilisation - numbers.normal_utilisation))
        gap = math.log(firm.productivity_reference / firm.productivity)
        firm.productivity *= math.exp(numbers.productivity_reversion * gap)


# --- learning -------------------------------------------------------------------------------------------------------


@compiled
def learn(memory, now, base, pairs):
    """All gains are computed on productivity as it stands after production; the largest of a firm's gains counts.

    Args:
        pairs: how many with an anchor are listed.
    """
    asked = memory.calendar[now]
    learners = _from_anchors(memory, pairs)
    if memory.rules.ties and now > 0:
        learners = _through_ties(memory, base, learners)
    if asked.groups_meet:
        learners = _in_groups(memory, base, learners)
    for number in range(learners):
        firm = memory.firm[memory.learners[number]]
        firm.productivity *= math.exp(firm.gain)
        firm.gain = 0.0
    rate, start = memory.rules.group_trust if asked.groups_meet else 0.0, base * memory.rows
    for number in range(start, start + memory.base[base].groups):
        group = memory.group[number]
        group.trust = (group.trust + rate * (1.0 - group.trust)) * (1.0 - memory.numbers.common_trust_decay)


@compiled
def _offer_gain(memory, number, source, rate, learners):
    """A chance to learn from a productivity. Returns how many firms gain from any."""
    firm = memory.firm[number]
    if source > firm.productivity:
        gained = min(1.0, rate) * math.log(source / firm.productivity)
        if gained > firm.gain:
            if firm.gain == 0.0:
                memory.learners[learners] = number
                learners += 1
            firm.gain = gained
    return learners


@compiled
def _from_anchors(memory, pairs):
    """Firms that are paired with an anchor learn from it, whichever of the two sells."""
    rate, learners = memory.numbers.anchor_learning, 0
    for number in range(pairs):
        slot = memory.slot[memory.anchor_slots[number]]
        buyer, supplier = memory.firm[slot.firm], memory.firm[slot.supplier]
        if supplier.anchor:
            learners = _offer_gain(memory, slot.firm, supplier.productivity, rate, learners)
        if buyer.anchor:
            learners = _offer_gain(memory, slot.supplier, buyer.productivity, rate, learners)
    return learners


@compiled
def _through_ties(memory, base, learners):
    """A firm tied to an institution learns towards the 75th percentile of its chain's members."""
    for chain in range(memory.chains):
        level = -1.0
        for number in range(base * memory.rows, (base + 1) * memory.rows):
            firm = memory.firm[number]
            if firm.tie_partner >= 0 and firm.chain == chain:
                if level < 0.0:
                    level = _percentile(memory, base, chain)
                learners = _offer_gain(memory, number, level, memory.rules.catch_up, learners)
    return learners


@compiled
def _percentile(memory, base, chain):
    """Productivity at rank floor(0.75 (n - 1)) of a chain's n members."""
    members = 0
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.member and firm.chain == chain:
            memory.levels[members] = firm.productivity
            members += 1
    return select(memory.levels, members, int(PERCENTILE * (members - 1)))


@compiled
def _in_groups(memory, base, learners):
    """Members learn from the best of their group at its meeting."""
    start = base * memory.rows
    for number in range(start, start + memory.base[base].groups):
        group, best = memory.group[number], 0.0
        for position in range(group.begin, group.end):
            best = max(best, memory.firm[memory.group_firms[position]].productivity)
        for position in range(group.begin, group.end):
            firm = memory.group_firms[position]
            learners = _offer_gain(memory, firm, best, memory.rules.group_learning, learners)
    return learners
