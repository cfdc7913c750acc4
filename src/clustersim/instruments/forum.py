"""Forums, courses and contests: learning towards the 75th percentile of a scope's members, and common trust."""

from __future__ import annotations

from clustersim.spec.levers import Levers, Pull
from clustersim.spec.parameters import Values, choice, integer, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    integer("interval", 6, "months", (1, 12), hard=(1, 1200)),
    number("attendance", 0.6, "share", (0.3, 0.95)),
    number("learning", 0.03, "share_meeting", (0.0, 0.1)),
    number("trust_rate", 0.05, "share_meeting", (0.0, 0.2)),
    staff(0.1, 2.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    asked = Levers(staff_months=view.staff(values.staff))
    if view.occasion(use, values.interval) is None:
        return asked
    who = view.reached(use)
    asked.pulls.append(Pull("percentile", who, values.learning * values.attendance, use.label, values.scope))
    trust_rate = values.trust_rate * values.attendance
    if values.scope in ("site", "region"):
        asked.trust_site = trust_rate
    if values.scope in ("chain", "region"):
        asked.trust_chain = trust_rate
    asked.firm_days = values.attendance * who
    asked.money = view.price_of_presence(who, values.attendance)
    return asked


def planned(values: Values, frame: Frame) -> Plan:
    return Plan(frame.staff(values.staff) + frame.presence(frame.occasions(values.interval), values.attendance))
