"""Forums, courses and contests: learning towards the 75th percentile of a scope's members, and common trust."""

from __future__ import annotations

from clustersim.spec.levers import Levers, Pull
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, integer, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    integer("interval", 6, "months", (1, 12), hard=(1, 1200)),
    number("learning", 0.002, "share_meeting", (0.0, 0.005)),
    number("trust_rate", 0.05, "share_meeting", (0.0, 0.2)),
    number("staff", 0.1, "staff_per_label", (0.0, 2.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    labels = view.labels(values.scope)[1]
    asked = Levers(staff_months=values.staff * labels)
    if view.occasion(use, values.interval) is None:
        return asked
    who = view.reached(use)
    asked.pulls.append(Pull("percentile", who, values.learning, use.label, values.scope))
    if values.scope in ("site", "region"):
        asked.trust_site = values.trust_rate
    if values.scope in ("chain", "region"):
        asked.trust_chain = values.trust_rate
    asked.firm_days = who.astype(float)
    asked.money = view.parameters.price_meeting * labels
    return asked


def planned(values: Values, frame: Frame) -> Plan:
    labels, prices = frame.labels[values.scope], frame.prices
    staff = frame.staff(values.staff, values.scope)
    return Plan(staff + frame.occasions(values.interval) * labels * prices.price_meeting)
