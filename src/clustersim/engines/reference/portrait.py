"""The agents as columns: what the instruments see, and what the other engine is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clustersim.arrays import Array
from clustersim.engines.reference.enterprise import Enterprise
from clustersim.spec.state import COLUMNS, NO_SLOT, OPEN, SERVICES, State
from clustersim.spec.view import View

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.engines.reference.parts import GoodsSlot, ServiceNeed

type Columns = dict[str, Array]

SAME_NAMES = (
    *("chain", "tier", "site", "good", "organisation", "member", "joined", "group"),
    *("capacity", "productivity", "reputation", "smoothed_demand", "input_rate", "utilisation", "delivery"),
    *("contracted", "output"),
)
KNOWN_BEFORE_ENTRY = ("chain", "tier", "site", "good", "organisation")


def view(model: ClusterModel) -> View:
    """What the instruments see."""
    draws = model.numbers.draws

    def label_words(name: str, labels: int) -> Array:
        return draws.details(name, 0, np.zeros(labels, dtype=np.int64), np.arange(labels))[:1]

    return View(
        model.month, model.population, portrait(model), model.parameters, lambda name: draws.words(name, 0), label_words
    )


def portrait(model: ClusterModel) -> State:
    """The columns of one run. Shapes are those of `COLUMNS` for one arm and one base, without the axis of arms.

    What does not exist (rows that have not entered, pairs of open slots, dates of idle needs) is 0 or -1.
    """
    columns = _empty(model)
    for firm in model.firms:
        _firm(model, firm, columns)
        for slot, packed in zip(firm.slots, model.packed_slots(firm.row), strict=True):
            _slot(slot, packed, columns)
        for need in firm.service_needs:
            _need(model, need, columns)
    for provider in model.providers:
        columns["places"][0, provider.number] = provider.places
        columns["used"][0, provider.number] = provider.used
    for name, trust in model.common_trust.items():
        columns[f"trust_{name}"][0, : len(trust)] = trust
    return State(columns)


def _empty(model: ClusterModel) -> Columns:
    people = model.population
    shapes = {
        "firm": (1, people.rows),
        "slot": (people.slots,),
        "service": (1, people.rows, len(SERVICES)),
        "place": (1, people.providers, len(SERVICES)),
        "site": (1, people.sites),
        "chain": (1, people.chains),
        "group": (1, people.rows),
    }
    columns: Columns = {name: np.zeros(shapes[column.axis], dtype=column.dtype) for name, column in COLUMNS.items()}
    for name in KNOWN_BEFORE_ENTRY:
        columns[name][:] = getattr(people, name)
    for name in ("group", "tie_partner", "supplier", "service_provider", "slot_good"):
        columns[name][:] = -1
    columns["channel"][:] = NO_SLOT
    return columns


def _firm(model: ClusterModel, firm: Enterprise, columns: Columns) -> None:
    place = (0, firm.row)
    columns["active"][place] = True
    for name in SAME_NAMES:
        columns[name][place] = getattr(firm, name)
    if firm.tie is not None:
        partner = firm.tie.partner
        row = partner.row if isinstance(partner, Enterprise) else model.population.rows + partner.index
        columns["tie_partner"][place], columns["tie_label"][place] = row, firm.tie.code


def _slot(slot: GoodsSlot, packed: int, columns: Columns) -> None:
    found: dict[str, float] = {
        "slot_good": slot.good,
        "stock": slot.stock,
        "channel": OPEN,
        "since": slot.open_since,
        "short_months": slot.short_months,
    }
    if slot.pair is not None:
        pair = slot.pair
        found |= {"supplier": pair.supplier.row, "channel": pair.channel, "since": pair.since}
        found |= {"first_trust": pair.first_trust}
    for name, value in found.items():
        columns[name][packed] = value


def _need(model: ClusterModel, need: ServiceNeed, columns: Columns) -> None:
    place = (0, need.owner.row, need.service)
    columns["service_state"][place] = need.state
    columns["service_due"][place] = need.due
    columns["service_since"][place] = need.since
    if need.provider is not None:
        columns["service_provider"][place] = need.provider.number
    if need.project:
        columns["service_project"][place] = list(model.projects).index(need.project) + 1
