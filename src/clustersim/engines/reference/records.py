"""Step 8. What is written down of a month, and what is added up over the horizon. Definitions: docs/measures.md.

What is only written down may be rounded in another order, so plain `sum` will do here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustersim.engines.reference.enterprise import Enterprise
from clustersim.measures import LAST_MONTHS
from clustersim.mechanisms.production import ORDER_LIMIT
from clustersim.spec.month import Ledger
from clustersim.spec.state import CHANNELS, PAIRED

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.engines.reference.parts import GoodsSlot

type Place = tuple[int, int]  # of a goods slot: its owner's row and its number


@dataclass(frozen=True)
class PairEvent:
    """A pair was made, or ended (supplier -1, channel 0). Rows of firms; the month is the scenario's."""

    month: int
    buyer: int
    slot: int
    supplier: int
    channel: int


@dataclass(frozen=True)
class Spell:
    """A need has ended as `outcome` (a place in `OUTCOMES`). `service`: None for goods; `slot`: -1 for a service.

    Months are those of the scenario; 0 and below are the burn-in. `surveyed`, `introduced`: in which a round first
    found the need, and first introduced it; 0 never.
    """

    firm: int
    service: int | None
    slot: int
    opened: int
    ended: int
    outcome: int
    surveyed: int
    introduced: int


class Records:
    """The months of the scenario, one after another.

    Attributes:
        series: measure -> one number a month; names as in the stored series.
        paired: the slots that were paired, month by month.
        output, value_added: sums by row, 10k yuan. slots: number of goods slots by row, summed over the last months.
    """

    def __init__(self, model: ClusterModel):
        self._model = model
        self.series: dict[str, list[float]] = defaultdict(list)
        self.paired: list[frozenset[Place]] = []
        self.output: dict[int, float] = defaultdict(float)
        self.value_added: dict[int, float] = defaultdict(float)
        self.slots: Counter[int] = Counter()

    def write(self) -> None:
        """The month that is ending."""
        model = self._model
        self.paired.append(frozenset((slot.owner.row, slot.number) for slot in model.slots if not slot.is_open))
        local, outside = _bought_local(model), _bought_outside(model)
        for firm in model.firms:
            self.output[firm.row] += firm.output
            self.value_added[firm.row] += firm.output - local[firm.row] - outside[firm.row]
            if model.month > model.setting.time.horizon - LAST_MONTHS:
                self.slots[firm.row] += len(firm.slots)
        bought = {"bought_local": sum(local.values()), "bought_outside": sum(outside.values())}
        made = {"value_added": sum(firm.output for firm in model.firms) - sum(bought.values())}
        booked = {name: float(model.ledger[name]) for name in Ledger.__dataclass_fields__}
        for measures in (_pairing(model), _production(model), bought, made, booked):
            for name, value in measures.items():
                self.series[name].append(float(value))

    def last(self) -> dict[str, float]:
        """The measures of the last month that was written down."""
        return {name: values[-1] for name, values in self.series.items()}


def _pairing(model: ClusterModel) -> dict[str, float]:
    slots = model.slots
    paired = [slot for slot in slots if not slot.is_open]
    with_pair = _firms_with_a_pair(model)
    channels = Counter(slot.pair.channel for slot in paired if slot.pair is not None)
    return {
        "slots": len(slots),
        "paired_slots": len(paired),
        "capped_slots": sum(slot.order >= ORDER_LIMIT * slot.volume for slot in slots),
        "slot_volume": sum(slot.volume for slot in slots),
        "paired_volume": sum(slot.volume for slot in paired),
        "enterprises": len(model.firms),
        "enterprises_paired": len(with_pair),
        "members": sum(firm.member for firm in model.firms),
        "members_paired": sum(firm.member for firm in with_pair),
        "organisations": sum(firm.organisation for firm in model.firms),
        **{f"channel_{name}": channels[number] for number, name in enumerate(CHANNELS, start=PAIRED)},
    }


def _production(model: ClusterModel) -> dict[str, float]:
    firms, with_pair = model.firms, _firms_with_a_pair(model)
    lost = (max(0.0, model.outside.demand(firm) - firm.outside_demand) for firm in firms if firm not in with_pair)
    local_sales = sum(firm.delivery * firm.local_orders for firm in firms)
    output = sum(firm.output for firm in firms)
    return {
        "output": output,
        "entrant_output": sum(firm.output for firm in model.entrants),
        "full_output": sum(firm.full_output for firm in firms),
        "local_orders": sum(firm.local_orders for firm in firms),
        "local_sales": local_sales,
        "outside_sales": output - local_sales,
        "lost_outside_unpaired": sum(lost),
        "productivity": sum(firm.productivity for firm in firms) / len(firms),
        "capacity": sum(firm.capacity for firm in firms),
    }


def _firms_with_a_pair(model: ClusterModel) -> set[Enterprise]:
    """Firms that buy or sell in a pair."""
    found = set()
    for firm in model.firms:
        for _, pair in firm.pairs:
            found |= {firm, pair.supplier}
    return found


def _bought_local(model: ClusterModel) -> dict[int, float]:
    """What each firm pays inside, by row, 10k yuan: what its suppliers deliver, and aid as it is delivered.

    Receivers of aid pay the average delivery rate of their pool's helpers.
    """
    paid: dict[int, float] = defaultdict(float)
    for firm in model.firms:
        for slot, pair in firm.pairs:
            paid[firm.row] += pair.supplier.delivery * slot.order
    for delivery in model.deliveries:
        given = sum(amount for _, amount in delivery.given)
        delivered = sum(amount * helper.delivery for helper, amount in delivery.given)
        for slot, amount in delivery.received:
            paid[slot.owner.row] += amount * delivered / given
    return paid


def _bought_outside(model: ClusterModel) -> dict[int, float]:
    """What each firm pays outside, by row, 10k yuan."""
    paid: dict[int, float] = defaultdict(float)
    for slot in model.slots:
        bought = slot.order * model.outside.available(slot) * _missing(model, slot)
        paid[slot.owner.row] += bought + slot.refill * slot.order
    return paid


def _missing(model: ClusterModel, slot: GoodsSlot) -> float:
    """The part of an order that is bought outside: all of an open slot's (friction is delay, paid in full), of a paired
    one what its supplier does not deliver, as far as the good is not specific."""
    if slot.pair is None:
        return 1.0
    missing: float = (1.0 - model.parameters.specificity) * (1.0 - slot.pair.supplier.delivery)
    return missing
