"""Step 6, after inputs. Mutual aid: members with room deliver to members whose supply fails. No pair, no trust."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustersim.engines.reference.asked import reaches
from clustersim.engines.reference.enterprise import Enterprise, added
from clustersim.engines.reference.parts import GoodsSlot

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.spec.levers import Aid


@dataclass(frozen=True, eq=False)
class Delivery:
    """What the helpers of one label and good give this month, and which slots receive it, 10k yuan."""

    received: list[tuple[GoodsSlot, float]]
    given: list[tuple[Enterprise, float]]


def step(model: ClusterModel) -> None:
    """Shortages are counted before anybody helps; several instruments help one after another on what is left."""
    model.deliveries = []
    if model.levers.aid:
        for slot in model.slots:
            slot.short_months = slot.short_months + 1 if slot.is_short else 0
    for request in model.levers.aid:
        deliver(model, request)


def deliver(model: ClusterModel, request: Aid) -> None:
    """min(total shortage, total offer) of each (label, good) is shared pro rata on both sides."""
    short, offers = _short_slots(model, request), _offers(model, request)
    for pool in sorted(short.keys() & offers.keys()):
        wanted = added([lacks for _, lacks in short[pool]])
        offered = added([offer for _, offer in offers[pool]])
        shared = min(wanted, offered)
        received = [(slot, lacks * (shared / wanted)) for slot, lacks in short[pool]]
        given = [(helper, offer * (shared / offered)) for helper, offer in offers[pool]]
        for slot, amount in received:
            slot.inputs += amount / slot.order
            slot.lack -= amount / slot.order
        for helper, amount in given:
            helper.local_orders += amount
        model.deliveries.append(Delivery(received, given))


def _short_slots(model: ClusterModel, request: Aid) -> dict[tuple[int, int], list[tuple[GoodsSlot, float]]]:
    """Slots of reached members that have been short for more than the delay, by (label, good)."""
    found = defaultdict(list)
    for slot in model.slots:
        lacks = slot.order * slot.lack
        if slot.is_short and lacks > 0.0 and slot.short_months > request.delay and reaches(request, slot.owner):
            found[slot.owner.label(request.scope), slot.good].append((slot, lacks))
    return found


def _offers(model: ClusterModel, request: Aid) -> dict[tuple[int, int], list[tuple[Enterprise, float]]]:
    """A share of the room that this month's local orders leave to each reached member, by (label, good)."""
    found = defaultdict(list)
    for firm in model.firms:
        offer = request.share * max(0.0, firm.room - firm.local_orders)
        if offer > 0.0 and reaches(request, firm):
            found[firm.label(request.scope), firm.good].append((firm, offer))
    return found
