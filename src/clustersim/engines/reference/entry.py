"""Step 5, last. Firms enter where goods are scarcest."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from clustersim.engines.reference.parts import GoodsSlot
from clustersim.mechanisms.entry import scarcity
from clustersim.spec.draws import whole

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.spec.levers import Entries


def carry_out(model: ClusterModel, request: Entries) -> None:
    """Entry after entry, label after label, while firms are left that may enter. An entrant counts at once.

    What is paid for is paid, also for firms that would have come anyway: those are in both arms, and nobody's here.
    """
    paid = int(request.paid.sum())
    model.ledger["entries_paid"] += paid
    model.ledger["money"] += paid * request.price
    for label in range(request.quota.shape[1]):
        for _ in range(int(request.quota[0, label])):
            good = scarcest_good(model, label if request.scope == "chain" else None)
            firm = model.enter(good, int(request.site[0]))
            if firm is not None:
                choose_needs(model, firm)
                model.ledger["entries"] += 1


def scarcest_good(model: ClusterModel, chain: int | None) -> int:
    """Most open slots / (1 + sellers with room); the first good of those that tie. Of one chain, or of all."""
    wanted = Counter(slot.good for slot in model.slots if slot.is_open)
    sellers = Counter(firm.good for firm in model.firms if firm.room > firm.contracted)
    goods = [good for good, of in enumerate(model.population.good_chain) if chain in (None, of)]
    return max(goods, key=lambda good: (scarcity(wanted[good], sellers[good]), -good))


def choose_needs(model: ClusterModel, firm: Enterprise) -> None:
    """Each slot of an entrant buys the next tier upstream, or another good; the numbers are its reserve row's own."""
    people = model.population
    for number, packed in enumerate(model.packed_slots(firm.row)):
        if firm.tier > 0 and people.reserve_own[packed]:
            good = firm.good - 1
        else:
            other = int(whole(people.reserve_other[packed], people.goods - 1))
            good = other + (other >= firm.good)
        volume, full = float(people.slot_volume[packed]), model.parameters.stock
        firm.slots.append(GoodsSlot(firm, number, good, volume, full, open_since=model.clock))
