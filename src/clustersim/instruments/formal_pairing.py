"""Formal pairing (结对): ties of a small member to a large one, or to research staff: learning, fewer endings."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import pick, positions, split
from clustersim.spec.draws import label_code
from clustersim.spec.levers import Levers, Pull, Ties
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, integer, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import OPEN
from clustersim.spec.view import View, by_label, yearly_quota

PARAMETERS = (
    choice("kind", "firms", ("firms", "research")),
    choice("scope", "chain", ("site", "chain", "region")),
    choice("owners", "any", ("any", "different")),
    number("ties", 12.0, "ties_per_label_year", (2, 60), hard=NOT_NEGATIVE, scaled=True),
    number("catch_up", 0.01, "share_month", (0.0, 0.03)),
    number("ending_factor", 0.5, "factor", (0.2, 1.0), hard=(0.0, 1.0)),
    integer("mentees", 3, "ties", (1, 6), hard=(1, 1000)),
    number("first_trust", 0.5, "share", (0.3, 0.7)),
    number("staff", 0.2, "staff_per_label", (0.0, 2.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    labels = view.labels(values.scope)[1]
    who = view.reached(use)
    ties = Ties(
        label=use.label,
        kind=values.kind,
        scope=values.scope,
        who=who,
        quota=by_label(yearly_quota(values.ties, view.age(use)), view.population.bases, labels),
        owners=values.owners,
        mentees=values.mentees,
        first_trust=values.first_trust,
        price=view.parameters.price_tie,
    )
    return Levers(
        ending_factor=_ending_factor(view, use),
        staff_months=values.staff * labels,
        actions=[ties],
        pulls=[Pull("tie", who, values.catch_up, use.label)],
    )


def planned(values: Values, frame: Frame) -> Plan:
    labels, prices = frame.labels[values.scope], frame.prices
    staff = frame.staff(values.staff, values.scope)
    return Plan(staff, values.ties * labels * frame.years * prices.price_tie)


def _ending_factor(view: View, use: InstrumentUse) -> Any:
    """The factor for pairs between two sides of a tie of this label, whichever sells; 1 for all others, (slots,)."""
    population, state = view.population, view.state
    tied = state.tie_label.reshape(-1) == label_code(use.label)
    if use.values.kind == "research" or not tied.any():  # institutions sell no goods
        return 1.0
    partner = np.where(tied, state.tie_partner.reshape(-1), -1)
    slot = positions(state.channel > OPEN)
    buyer = population.slot_owner[slot]
    base, buyer_row = split(buyer, population.rows)
    seller_row = state.supplier[slot]
    between = (partner[buyer] == seller_row) | (partner[base * population.rows + seller_row] == buyer_row)
    factor = np.ones(population.slots)
    factor[slot[between]] = pick(use.values.ending_factor, base[between])
    return factor
