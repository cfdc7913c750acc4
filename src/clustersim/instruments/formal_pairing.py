"""Formal pairing (结对): ties of a small member to a large one, or to research staff: learning, fewer endings."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import pick, positions, split
from clustersim.spec.draws import label_code
from clustersim.spec.levers import Levers, Pull, Ties
from clustersim.spec.parameters import Values, choice, dose, integer, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.quota import per_label
from clustersim.spec.state import OPEN
from clustersim.spec.view import View

PARAMETERS = (
    choice("kind", "firms", ("firms", "research")),
    choice("scope", "chain", ("site", "chain", "region")),
    choice("owners", "any", ("any", "different")),
    dose("ties", 5.0, "ties_per_100_year", (0.5, 30), "year", scaled=True),
    number("catch_up", 0.2, "share_month", (0.0, 0.3)),
    number("ending_factor", 0.5, "factor", (0.2, 1.0), hard=(0.0, 1.0)),
    integer("mentees", 3, "ties", (1, 6), hard=(1, 1000)),
    number("first_trust", 0.5, "share", (0.3, 0.7)),
    staff(0.2, 2.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    who = view.reached(use)
    ties = Ties(
        label=use.label,
        kind=values.kind,
        scope=values.scope,
        who=who,
        quota=view.yearly_quota(use, values.scope, values.ties),
        owners=values.owners,
        mentees=values.mentees,
        first_trust=values.first_trust,
        price=view.parameters.price_tie,
    )
    return Levers(
        ending_factor=_ending_factor(view, use),
        staff_months=view.staff(values.staff),
        actions=[ties],
        pulls=[Pull("tie", who, values.catch_up, use.label)],
    )


def planned(values: Values, frame: Frame) -> Plan:
    ties = per_label(values.ties, frame.firms) * frame.years
    return Plan(frame.staff(values.staff), ties * frame.prices.price_tie)


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
