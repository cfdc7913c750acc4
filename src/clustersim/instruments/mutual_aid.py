"""Mutual aid: members with room deliver to members whose supply fails."""

from __future__ import annotations

from clustersim.spec.levers import Aid, Levers
from clustersim.spec.parameters import Values, choice, integer, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    number("share", 0.5, "share", (0.1, 1.0)),
    integer("delay", 1, "months", (0, 6)),
    staff(0.1, 2.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    aid = Aid(values.scope, view.reached(use), values.share, values.delay)
    return Levers(staff_months=view.staff(values.staff), aid=[aid])


def planned(values: Values, frame: Frame) -> Plan:
    return Plan(frame.staff(values.staff))
