"""Step 5. Formal pairing: a small member is tied to a large one, or to an institution's research staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.engines.reference.asked import reaches
from clustersim.engines.reference.parts import Tie
from clustersim.spec.levers import Ties
from clustersim.spec.state import SMALL, TECHNOLOGY, TIE

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.institution import Institution
    from clustersim.engines.reference.model import ClusterModel


def dissolve(model: ClusterModel) -> None:
    """A tie lasts until the instrument that made it ends: in the first month in which it asks for none any more."""
    asking = {action.label for action in model.levers.actions if isinstance(action, Ties)}
    for firm in model.firms:
        if firm.tie is not None and firm.tie.label not in asking:
            firm.tie = None


def carry_out(model: ClusterModel, request: Ties) -> None:
    """This month's quota goes through the untied small members of each label in the order of their numbers.

    Labels take turns, since institutions serve all of them.
    """
    waiting = [_untied(model, request, label) for label in range(model.labels(request.scope))]
    for turn in range(max(len(firms) for firms in waiting)):
        for label, firms in enumerate(waiting):
            if turn < len(firms):
                _tie(model, request, label, firms[turn])


def _untied(model: ClusterModel, request: Ties, label: int) -> list[Enterprise]:
    """Small members without a tie that this month's quota reaches."""
    firms = [
        firm
        for firm in model.firms
        if firm.size_class == SMALL and not firm.anchor and firm.tie is None
        if firm.label(request.scope) == label and reaches(request, firm)
    ]
    firms.sort(key=lambda firm: (model.numbers.of_firm(f"{request.label}.order", firm.row), firm.row))
    return firms[: int(request.quota[0, label])]


def _tie(model: ClusterModel, request: Ties, label: int, small: Enterprise) -> None:
    """Tie, and pair at once what one side sells and the other needs, if it fits: the large side's slots first.

    Ties to institutions make no pair.
    """
    if request.kind == "research":
        institution = _institution(model, request, label)
        if institution is not None:
            _make(model, request, small, institution)
        return
    large = _large_side(model, request, label, small)
    if large is not None:
        _make(model, request, small, large)
        for buyer, seller in ((large, small), (small, large)):
            for slot in buyer.open_slots:
                if slot.good == seller.good and seller.fits(slot.volume):
                    slot.pair_with(seller, TIE, request.first_trust)


def _make(model: ClusterModel, request: Ties, small: Enterprise, partner: Enterprise | Institution) -> None:
    small.tie = Tie(partner, request.label)
    model.ledger["money"] += request.price


def _ties_of(model: ClusterModel, partner: Enterprise | Institution) -> int:
    return sum(firm.tie is not None and firm.tie.partner is partner for firm in model.firms)


def _large_side(model: ClusterModel, request: Ties, label: int, small: Enterprise) -> Enterprise | None:
    """Who has an open need that the small firm could fill, else any; then by fewest ties, largest, id."""
    large = [
        firm
        for firm in model.firms
        if firm.member and firm.is_large_side and firm.label(request.scope) == label
        if _ties_of(model, firm) < request.mentees
        if request.owners == "any" or firm.owner_kind != small.owner_kind
    ]
    return min(
        large,
        key=lambda firm: (not _could_fill(small, firm), _ties_of(model, firm), -firm.capacity_reference, firm.row),
        default=None,
    )


def _could_fill(small: Enterprise, large: Enterprise) -> bool:
    return any(slot.good == small.good and small.fits(slot.volume) for slot in large.open_slots)


def _institution(model: ClusterModel, request: Ties, label: int) -> Institution | None:
    """By fewest ties, most technology places at the start, id; of the label's site where the scope is a site."""
    offering = [
        one
        for one in model.institutions
        if one.provider.offered[TECHNOLOGY] > 0 and (request.scope != "site" or one.provider.site == label)
        if _ties_of(model, one) < request.mentees
    ]
    return min(
        offering,
        key=lambda one: (_ties_of(model, one), -one.provider.offered[TECHNOLOGY], one.index),
        default=None,
    )
