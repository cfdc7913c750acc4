"""Step 8. What is written down of a month by run, and what is added up over the horizon by firm and by slot."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, group_sum, is_column, positions, split, sum_of_firms
from clustersim.spec.state import CHANNELS, OPEN, PAIRED
from clustersim.spec.world import World

LAST_MONTHS = 12  # the headline pairing rate is the mean over these


class Recorder:
    """Writes down every month of the horizon.

    Args:
        twin: for each arm the arm that is its twin: no alliance under the same events.
        horizon: months.

    Attributes:
        series: measure -> (arms, bases, months).
        output, value_added: (arms, bases, rows) sums over the horizon, 10k yuan.
        paired_months, shared_months: (arms, slots) months in which a slot was paired, and was in the twin too;
            paired_last, existing_last: the same for paired and existing slots over the last twelve months.
        ever_member: (arms, bases, rows).
    """

    def __init__(self, world: World, twin: Array, horizon: int):
        self.twin = twin
        self.horizon = horizon
        self.series: dict[str, Array] = {}
        firms, slots = world.state.capacity.shape, world.state.channel.shape
        self.output, self.value_added = np.zeros(firms), np.zeros(firms)
        self.paired_months, self.shared_months, self.paired_last, self.existing_last = (
            np.zeros(slots, dtype=np.int16) for _ in range(4)
        )

    def record(self, world: World) -> None:
        month = world.month - world.burn_in
        bought_local, bought_outside = _bought(world)
        value_added = world.flows.output - bought_local - bought_outside
        incumbents = world.population.incumbents
        self.output += world.flows.output
        self.value_added += value_added
        shared = self._shared_pairs(world)
        self._count_slots(world, shared, last=month > self.horizon - LAST_MONTHS)
        with_pair = _firms_with_a_pair(world)
        for measures in (
            self._pairing(world, shared, with_pair),
            _production(world, with_pair),
            {
                "value_added": sum_of_firms(value_added, incumbents),
                "bought_local": sum_of_firms(bought_local, incumbents),
                "bought_outside": sum_of_firms(bought_outside, incumbents),
            },
            {name: getattr(world.ledger, name) for name in world.ledger.__dataclass_fields__},
        ):
            for name, value in measures.items():
                if name not in self.series:
                    self.series[name] = np.zeros((world.arms, world.bases, self.horizon))
                self.series[name][:, :, month - 1] = value

    def _shared_pairs(self, world: World) -> Array:
        """The pairs of this month whose slots are paired in the twin too, run slots."""
        pair = world.flows.pair
        arm, slot = split(pair, world.slots)
        shared: Array = pair[world.flat.channel[self.twin[arm] * world.slots + slot] >= PAIRED]
        return shared

    def _count_slots(self, world: World, shared: Array, last: bool) -> None:
        paired = world.state.channel >= PAIRED
        self.paired_months += paired
        self.shared_months.reshape(-1)[shared] += 1
        if last:
            self.paired_last += paired
            self.existing_last += world.state.channel >= OPEN

    def _pairing(self, world: World, shared: Array, with_pair: Array) -> dict[str, Array]:
        state, flows, population = world.state, world.flows, world.population
        run, shape = flows.seller // world.rows, (world.arms, world.bases)
        channel = run * len(CHANNELS) + (world.flat.channel[flows.pair] - PAIRED)
        by_channel = np.bincount(channel, minlength=world.arms * world.bases * len(CHANNELS)).reshape(*shape, -1)
        volume = population.slot_volume[world.slot_of(flows.pair)]
        paired = by_channel.sum(axis=2)
        deadweight = np.bincount(world.buyer[shared] // world.rows, minlength=paired.size).reshape(shape)
        slots, slot_volume = world.kept("existing slots", lambda: _existing_slots(world))
        return {
            "slots": slots,
            "paired_slots": paired,
            "capped_slots": flows.capped_slots,
            "slot_volume": slot_volume,
            "paired_volume": group_sum(run, volume, paired.size).reshape(shape),
            "additional": paired - deadweight,
            "deadweight": deadweight,
            "twin_only": paired[self.twin] - deadweight,
            "enterprises": state.active.sum(axis=2),
            "enterprises_paired": (with_pair & state.active).sum(axis=2),
            "members": state.member.sum(axis=2),
            "members_paired": (with_pair & state.member).sum(axis=2),
            "organisations": (state.organisation & state.active).sum(axis=2),
            **{f"channel_{name}": by_channel[..., number] for number, name in enumerate(CHANNELS)},
        }


def _existing_slots(world: World) -> tuple[Array, Array]:
    """Number and volume of the goods slots of active firms, (arms, bases)."""
    place = positions(world.flat.channel >= OPEN)
    run, shape = world.buyer[place] // world.rows, (world.arms, world.bases)
    volume = world.population.slot_volume[world.slot_of(place)]
    runs = world.arms * world.bases
    return group_sum(run, None, runs).reshape(shape), group_sum(run, volume, runs).reshape(shape)


def _production(world: World, with_pair: Array) -> dict[str, Array]:
    state, flows, environment = world.state, world.flows, world.environment
    local_sales = state.delivery * flows.local_orders
    lost = np.maximum(0.0, environment.demand - flows.outside_demand)
    incumbents = world.population.incumbents
    by_firm = {
        "output": flows.output,
        "full_output": flows.full_output * state.active,
        "local_orders": flows.local_orders,
        "local_sales": local_sales,
        "outside_sales": flows.output - local_sales,
        "lost_outside_unpaired": lost * (state.active & ~with_pair),
        "productivity": state.productivity * state.active,
        "capacity": state.capacity * state.active,
    }
    sums = {name: sum_of_firms(column, incumbents) for name, column in by_firm.items()}
    sums["entrant_output"] = sum_of_firms(flows.output[..., incumbents:], 0)
    sums["productivity"] /= state.active.sum(axis=2)
    return sums


def _bought(world: World) -> tuple[Array, Array]:
    """What every firm buys inside and outside, (arms, bases, rows), 10k yuan.

    An open slot buys its order * availability outside (friction is delay, paid in full), a paired one f * order
    inside and (1 - s) (1 - f) * order * availability outside; what is laid in is bought outside too; aid is paid as
    delivered.
    """
    flows, firms, shape = world.flows, world.arms * world.firms, world.state.capacity.shape
    orders, delivery = flows.orders.reshape(-1)[flows.pair], world.flat.delivery[flows.seller]
    missing = (1.0 - world.by_slot(world.parameters.specificity, flows.pair)) * (1.0 - delivery)
    outside = (np.where(world.state.channel >= OPEN, flows.orders, 0.0) * world.availability()).reshape(-1)
    outside[flows.pair] *= missing
    outside[flows.refilled] += flows.refill
    place, inside = flows.pair, delivery * orders
    if flows.aid:
        place, inside = _with_aid(world, inside)
    by_firm = group_sum(world.buyer[place], inside, firms), group_sum(world.buyer, outside, firms)
    return by_firm[0].reshape(shape), by_firm[1].reshape(shape)


def _with_aid(world: World, inside: Array) -> tuple[Array, Array]:
    """Run slots that pay inside, rising, and how much, with aid. `inside`: (pairs,) what pairs deliver.

    Receivers pay for what their pool's helpers deliver, in proportion to what they were given.
    """
    flows = world.flows
    helped = [aid.arm * world.slots + aid.slot for aid in flows.aid]
    place, paid = flows.pair, inside.copy()
    if is_column(world.environment.availability):  # only where outside supply fails do open slots get aid
        place = np.union1d(flows.pair, np.concatenate(helped))
        paid = np.zeros(len(place))
        paid[np.searchsorted(place, flows.pair)] = inside
    for aid, slots in zip(flows.aid, helped, strict=True):
        delivery = world.state.delivery[aid.arm].reshape(-1)[aid.helper]
        pools = int(max(aid.slot_pool.max(initial=-1), aid.helper_pool.max(initial=-1))) + 1
        given = group_sum(aid.helper_pool, aid.given, pools)
        delivered = group_sum(aid.helper_pool, aid.given * delivery, pools)
        share = delivered / np.where(given > 0.0, given, 1.0)
        paid[np.searchsorted(place, slots)] += aid.received * share[aid.slot_pool]
    return place, paid


def _firms_with_a_pair(world: World) -> Array:
    """Firms that buy or sell in a pair, (arms, bases, rows)."""
    paired = np.zeros(world.arms * world.firms, dtype=bool)
    paired[world.flows.seller] = True
    paired[world.flows.buyer] = True
    return paired.reshape(world.state.capacity.shape)
