"""Steps 6 and 7: orders and inputs, mutual aid, production and sales, learning, common trust."""

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

from .draws import compiled
from .layout import SERVICE_SLOTS
from .pairs import room


@compiled
def inputs(memory, base):
    """What every slot orders, and the share of it that is at hand: delivered, topped up outside and from stock."""
    numbers, start, end = memory.numbers, base * memory.rows, (base + 1) * memory.rows
    outside = 1.0 - numbers.friction
    for number in range(start, end):
        memory.firm[number].local_orders = 0.0
    for number in range(start, end):
        firm = memory.firm[number]
        ordered = min(ORDER_LIMIT, firm.utilisation)
        for position in range(firm.slot_begin, firm.slot_end):
            slot = memory.slot[position]
            slot.order = slot.volume * ordered
            if slot.channel == OPEN:
                slot.inputs = outside
                continue
            supplier = memory.firm[slot.supplier]
            supplier.local_orders += slot.order
            delivered = supplier.delivery + (1.0 - numbers.specificity) * (1.0 - supplier.delivery) * outside
            use = max(0.0, min(slot.stock, 1.0 - delivered))
            slot.inputs = delivered + use
            if use > 0.0:
                slot.stock -= use
            else:
                slot.stock = max(slot.stock, min(numbers.stock, slot.stock + STOCK_REFILL))


# --- mutual aid -----------------------------------------------------------------------------------------------------


@compiled
def aid(memory, base):
    """Members with room deliver to members whose supply has failed for longer than the delay, pro rata on both sides.

    Without events outside supply is never short, so only paired slots can be.
    """
    short = _short_slots(memory, base)
    if short > 0:
        _offer(memory, base)
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
        for position in range(firm.slot_begin, firm.slot_end):
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
def _offer(memory, base):
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        market = _market(memory, base, firm.site, firm.good)
        firm.offer = 0.0
        if firm.member and market.wanted > 0.0:
            firm.offer = memory.rules.aid_share * max(0.0, room(memory, firm) - firm.local_orders)
            market.offered += firm.offer


@compiled
def _share(memory, base, short):
    for number in range(short):
        slot = memory.slot[memory.short_slots[number]]
        market = _market(memory, base, memory.firm[slot.firm].site, slot.good)
        received = _lacks(slot) * (min(market.wanted, market.offered) / market.wanted)
        slot.inputs += received / slot.order
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.offer > 0.0:
            market = _market(memory, base, firm.site, firm.good)
            firm.local_orders += firm.offer * (min(market.wanted, market.offered) / market.offered)


# --- production and sales -------------------------------------------------------------------------------------------


@compiled
def produce(memory, meets, base):
    for number in range(base * memory.goods, (base + 1) * memory.goods):
        memory.market[number].pulled = 0.0
    _prepare(memory, meets, base)
    for number in range(base * memory.goods, (base + 1) * memory.goods):
        market = memory.market[number]
        mean = market.pulled / market.weight if market.weight > 0.0 else 1.0
        market.pulled = math.exp(memory.numbers.rivalry * math.log(mean))
    _sell(memory, base)


@compiled
def _prepare(memory, meets, base):
    """What each firm can make, and how attractive it is to outside customers."""
    numbers = memory.numbers
    normal = numbers.normal_input_rate
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        total, least = 0.0, math.inf
        for position in range(firm.slot_begin, firm.slot_end):
            total += memory.slot[position].inputs
            least = min(least, memory.slot[position].inputs)
        mean = total / (firm.slot_end - firm.slot_begin)
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
def learn(memory, now, base):
    """All gains are computed on productivity as it stands after production; the largest of a firm's gains counts."""
    asked = memory.calendar[now]
    _from_anchors(memory, base)
    if memory.rules.ties and now > 0:
        _through_ties(memory, base)
    if asked.groups_meet:
        _in_groups(memory, base)
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.gain > 0.0:
            firm.productivity *= math.exp(firm.gain)
            firm.gain = 0.0
    rate, start = memory.rules.group_trust if asked.groups_meet else 0.0, base * memory.rows
    for number in range(start, start + memory.base[base].groups):
        group = memory.group[number]
        group.trust = (group.trust + rate * (1.0 - group.trust)) * (1.0 - memory.numbers.common_trust_decay)


@compiled
def _offer_gain(firm, source, rate):
    if source > firm.productivity:
        firm.gain = max(firm.gain, min(1.0, rate) * math.log(source / firm.productivity))


@compiled
def _from_anchors(memory, base):
    """Firms that are paired with an anchor learn from it, whichever of the two sells."""
    rate = memory.numbers.anchor_learning
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        buyer = memory.firm[number]
        for position in range(buyer.slot_begin, buyer.slot_end):
            if memory.slot[position].channel > OPEN:
                supplier = memory.firm[memory.slot[position].supplier]
                if supplier.anchor:
                    _offer_gain(buyer, supplier.productivity, rate)
                if buyer.anchor:
                    _offer_gain(supplier, buyer.productivity, rate)


@compiled
def _through_ties(memory, base):
    """A firm tied to an institution learns towards the 75th percentile of its chain's members."""
    for chain in range(memory.chains):
        level = -1.0
        for number in range(base * memory.rows, (base + 1) * memory.rows):
            firm = memory.firm[number]
            if firm.tie_partner >= 0 and firm.chain == chain:
                if level < 0.0:
                    level = _percentile(memory, base, chain)
                _offer_gain(firm, level, memory.rules.catch_up)


@compiled
def _percentile(memory, base, chain):
    """Productivity at rank floor(0.75 (n - 1)) of a chain's n members."""
    members = 0
    for number in range(base * memory.rows, (base + 1) * memory.rows):
        firm = memory.firm[number]
        if firm.member and firm.chain == chain:
            memory.levels[members] = firm.productivity
            members += 1
    return _select(memory.levels, members, int(PERCENTILE * (members - 1)))


@compiled
def _select(values, count, rank):
    """The value of a rank, by Hoare's quickselect; the values are left in another order."""
    low, high = 0, count - 1
    while low < high:
        pivot, left, right = values[(low + high) >> 1], low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if rank <= right:
            high = right
        elif rank >= left:
            low = left
        else:
            break
    return values[rank]


@compiled
def _in_groups(memory, base):
    """Members learn from the best of their group at its meeting."""
    start = base * memory.rows
    for number in range(start, start + memory.base[base].groups):
        group, best = memory.group[number], 0.0
        for position in range(group.begin, group.end):
            best = max(best, memory.firm[memory.group_firms[position]].productivity)
        for position in range(group.begin, group.end):
            _offer_gain(memory.firm[memory.group_firms[position]], best, memory.rules.group_learning)
