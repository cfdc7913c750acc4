"""Step 5. Members of standing groups meet sellers: of their group, or by referral of the whole region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.engines.reference.asked import reaches
from clustersim.spec.draws import chance, whole
from clustersim.spec.state import CONTACT

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.engines.reference.parts import GoodsSlot
    from clustersim.spec.levers import Contacts


def meet(model: ClusterModel, request: Contacts) -> None:
    """Open slots apply, then sellers judge, as in own search."""
    for firm in model.firms:
        if firm.group >= 0 and reaches(request, firm):
            for slot in firm.open_slots:
                _meet_a_seller(model, request, slot)
    model.enterprises.do("judge_applications", CONTACT)


def _meet_a_seller(model: ClusterModel, request: Contacts, slot: GoodsSlot) -> None:
    firm, numbers = slot.owner, model.numbers
    if not chance(numbers.of_slot(f"{request.label}.contact", firm.row, slot.number), request.rate):
        return
    choice, place, convert, priority = numbers.details_of_slot(f"{request.label}.details", firm.row, slot.number)
    if chance(choice, request.referral):
        seller = _referred(model, request, slot, place)
    else:
        seller = _in_group(model, slot, place)
    firm.apply(slot, seller, request.conversion, (convert, priority), request.first_trust)


def _referred(model: ClusterModel, request: Contacts, slot: GoodsSlot, place: int) -> Enterprise | None:
    """Each seller of the region alike."""
    known = model.directory.sellers(slot.good, None)
    seller = slot.owner.redirected(slot, f"{request.label}.entrants", None, len(known))
    if seller is None and known:
        row, _ = known[int(whole(place, len(known)))]
        seller = model.firms[row]
    return seller


def _in_group(model: ClusterModel, slot: GoodsSlot, place: int) -> Enterprise | None:
    """Each seller of the good in the owner's group alike."""
    peers = [one for one in model.firms if one.group == slot.owner.group and one.good == slot.good]
    return peers[int(whole(place, len(peers)))] if peers else None
