"""Step 8. What is written down of a month by run, and what is added up over the horizon by firm and by slot."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, group_sum, pick, sum_of_firms
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
        self._run_of_slot = np.arange(world.arms)[:, None] * world.bases + world.base_of_slot
        self._first_slot = world.population.slot_begin[:: world.rows][:-1]

    def record(self, world: World) -> None:
        month = world.month - world.burn_in
        paired = world.state.channel >= PAIRED
        bought_local, bought_outside = self._bought(world)
        value_added = world.flows.output - bought_local - bought_outside
        incumbents = world.population.incumbents
        self.output += world.flows.output
        self.value_added += value_added
        self._count_slots(paired, world, last=month > self.horizon - LAST_MONTHS)
        for measures in (
            self._pairing(world, paired),
            self._production(world),
            {
                "value_added": sum_of_firms(value_added, incumbents),
                "bought_local": sum_of_firms(bought_local, incumbents),
                "bought_outside": sum_of_firms(bought_outside, incumbents),
            },
            {name: getattr(world.ledger, name) for name in world.ledger.__dataclass_fields__},
        ):
            for name, value in measures.items():
                column = self.series.setdefault(name, np.zeros((world.arms, world.bases, self.horizon)))
                column[:, :, month - 1] = value

    def _by_run(self, slots: Array) -> Array:
        """Sum of a (arms, slots) column of whole numbers by run, (arms, bases)."""
        return np.add.reduceat(slots, self._first_slot, axis=1)

    def _count_slots(self, paired: Array, world: World, last: bool) -> None:
        self.paired_months += paired
        self.shared_months += paired & paired[self.twin]
        if last:
            self.paired_last += paired
            self.existing_last += world.state.channel >= OPEN

    def _pairing(self, world: World, paired: Array) -> dict[str, Array]:
        state, flows, population = world.state, world.flows, world.population
        runs, shape = world.arms * world.bases, (world.arms, world.bases)
        existing = state.channel >= OPEN
        volume = np.broadcast_to(population.slot_volume, existing.shape)
        run = self._run_of_slot[flows.pair_arm, flows.pair_slot]
        channel = state.channel[flows.pair_arm, flows.pair_slot] - PAIRED
        by_channel = group_sum(run * len(CHANNELS) + channel, None, runs * len(CHANNELS)).reshape(*shape, -1)
        twin = paired[self.twin]
        with_pair = _firms_with_a_pair(world)
        return {
            "slots": self._by_run(existing.astype(np.int64)),
            "paired_slots": self._by_run(paired.astype(np.int64)),
            "slot_volume": self._by_run(volume * existing),
            "paired_volume": self._by_run(volume * paired),
            "additional": self._by_run((paired & ~twin).astype(np.int64)),
            "deadweight": self._by_run((paired & twin).astype(np.int64)),
            "twin_only": self._by_run((twin & ~paired).astype(np.int64)),
            "enterprises": state.active.sum(axis=2),
            "enterprises_paired": (with_pair & state.active).sum(axis=2),
            "members": state.member.sum(axis=2),
            "members_paired": (with_pair & state.member).sum(axis=2),
            "organisations": (state.organisation & state.active).sum(axis=2),
            **{f"channel_{name}": by_channel[..., number] for number, name in enumerate(CHANNELS)},
        }

    def _production(self, world: World) -> dict[str, Array]:
        state, flows, environment = world.state, world.flows, world.environment
        local_sales = state.delivery * flows.local_orders
        unpaired = ~_firms_with_a_pair(world) & state.active
        lost = np.where(unpaired, np.maximum(0.0, environment.demand - flows.outside_demand), 0.0)
        incumbents = world.population.incumbents
        by_firm = {
            "output": flows.output,
            "full_output": flows.full_output * state.active,
            "local_orders": flows.local_orders,
            "local_sales": local_sales,
            "outside_sales": flows.output - local_sales,
            "lost_outside_unpaired": lost,
            "productivity": state.productivity * state.active,
            "capacity": state.capacity * state.active,
        }
        sums = {name: sum_of_firms(column, incumbents) for name, column in by_firm.items()}
        sums["entrant_output"] = sum_of_firms(flows.output[..., incumbents:], 0)
        sums["productivity"] /= state.active.sum(axis=2)
        return sums

    def _bought(self, world: World) -> tuple[Array, Array]:
        """What every firm buys inside and outside, (arms, bases, rows), 10k yuan.

        An open slot buys its order * availability outside (friction is delay, paid in full), a paired one f * order
        inside and (1 - s) (1 - f) * order * availability outside; aid is paid as delivered.
        """
        state, flows, population = world.state, world.flows, world.population
        arm, slot = flows.pair_arm, flows.pair_slot
        outside = np.where(state.channel >= OPEN, flows.orders, 0.0) * _availability(world)
        delivery = state.delivery.reshape(-1)[flows.pair_seller]
        missing = (1.0 - pick(world.parameters.specificity, world.base_of_slot[slot])) * (1.0 - delivery)
        inside = np.zeros_like(outside)
        inside[arm, slot] = delivery * flows.orders[arm, slot]
        outside[arm, slot] *= missing
        _pay_for_aid(world, inside)
        firms = world.bases * world.rows
        owner = (np.arange(world.arms)[:, None] * firms + population.slot_owner).reshape(-1)
        shape = state.capacity.shape

        def by_firm(paid: Array) -> Array:
            return group_sum(owner, paid.reshape(-1), world.arms * firms).reshape(shape)

        return by_firm(inside), by_firm(outside)


def _availability(world: World) -> Any:
    availability = world.environment.availability
    if np.ndim(availability) == 0:
        return availability
    return availability[np.arange(world.arms)[:, None], np.maximum(world.state.slot_good, 0)]


def _pay_for_aid(world: World, inside: Array) -> None:
    """Receivers pay for what their pool's helpers deliver, in proportion to what they were given."""
    for aid in world.flows.aid:
        delivery = world.state.delivery[aid.arm].reshape(-1)[aid.helper]
        pools = int(max(aid.slot_pool.max(initial=-1), aid.helper_pool.max(initial=-1))) + 1
        given = group_sum(aid.helper_pool, aid.given, pools)
        delivered = group_sum(aid.helper_pool, aid.given * delivery, pools)
        share = delivered / np.where(given > 0.0, given, 1.0)
        inside[aid.arm, aid.slot] += aid.received * share[aid.slot_pool]


def _firms_with_a_pair(world: World) -> Array:
    """Firms that buy or sell in a pair, (arms, bases, rows)."""
    flows, firms = world.flows, world.bases * world.rows
    paired = np.zeros(world.arms * firms, dtype=bool)
    paired[flows.pair_seller] = True
    paired[flows.pair_arm * firms + world.population.slot_owner[flows.pair_slot]] = True
    return paired.reshape(world.state.capacity.shape)
