"""Step 5. The instruments read the state as it stands now; what they ask for is carried out in the policy's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim import instruments
from clustersim.engines.reference import brokerage, contacts, entry, groups, ties
from clustersim.engines.reference.asked import at, at_slot
from clustersim.engines.reference.portrait import view
from clustersim.spec.formulas import places_open
from clustersim.spec.levers import Contacts, Formation, Levers, Round, Ties, combine

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel


def step(model: ClusterModel) -> None:
    """The order of docs/odd.md, "The policy step". Nothing happens before the policy's first month."""
    start = model.plan_of_policy.start
    if start is None or model.month < start:
        return
    for firm in model.firms:
        firm.join(model.plan_of_policy.everyone)
        if model.month == start:
            firm.joined = firm.member
    model.levers = _asked(model)
    _standing_orders(model)
    for firm in model.firms:
        firm.found(at(model.levers.founding, firm.row))
    ties.dissolve(model)
    rounds = [action for action in model.levers.actions if isinstance(action, Round)]
    model.projects |= {label: one.project for one in rounds for label in one.labels if one.project is not None}
    for action in model.levers.actions:
        _CARRY_OUT[type(action)](model, action)
    for request in model.levers.entries:
        entry.carry_out(model, request)
    _book(model)


_CARRY_OUT: dict[type, Callable[[ClusterModel, Any], None]] = {
    Formation: groups.form,
    Contacts: contacts.meet,
    Round: brokerage.carry_out,
    Ties: ties.carry_out,
}


def _asked(model: ClusterModel) -> Levers:
    """What the instruments that are active this month ask for together."""
    seen = view(model)
    active = [
        use
        for use in model.plan_of_policy.instruments
        if use.start <= model.month and (use.end is None or model.month <= use.end)
    ]
    return combine([instruments.module(use.instrument).levers(seen, use) for use in active])


def _standing_orders(model: ClusterModel) -> None:
    """Provider, durations and ending factors hold until the next policy step."""
    levers = model.levers
    for provider in model.providers:
        for service, offered in enumerate(provider.offered):
            factor = at(levers.places_factor, provider.number, service)
            added = at(levers.places_added, provider.number, service)
            provider.places[service] = int(places_open(offered, factor, added))
    for firm in model.firms:
        for need in firm.service_needs:
            need.duration_factor = at(levers.duration_factor, firm.row, need.service)
        for slot, packed in zip(firm.slots, model.packed_slots(firm.row), strict=True):
            slot.ending_factor = at_slot(levers.ending_factor, packed)


def _book(model: ClusterModel) -> None:
    """What the instruments cost by themselves; rounds, ties and entries book their own prices."""
    levers = model.levers
    model.ledger["staff_months"] += float(np.sum(levers.staff_months))  # of one run
    model.ledger["money"] += float(np.sum(levers.money))
    model.ledger["firm_days"] += sum(at(levers.firm_days, firm.row) for firm in model.firms)
