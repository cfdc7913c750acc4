"""Mutual aid: members with room deliver to members whose supply fails."""

from __future__ import annotations

from clustersim.spec.levers import Aid, Levers
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, integer, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    number("share", 0.5, "share", (0.1, 1.0)),
    integer("delay", 1, "months", (0, 6)),
    number("staff", 0.1, "staff_per_label", (0.0, 2.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    labels = view.labels(values.scope)[1]
    aid = Aid(values.scope, view.reached(use), values.share, values.delay)
    return Levers(staff_months=values.staff * labels, aid=[aid])


def planned(values: Values, frame: Frame) -> Plan:
    return Plan(frame.staff(values.staff, values.scope))
