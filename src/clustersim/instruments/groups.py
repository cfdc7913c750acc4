"""Standing groups of about ten firms that meet: contacts, referrals, learning from the best, common trust.

Groups are formed at the start, and each year again from members without one; or all of them anew at each meeting.
"""

from __future__ import annotations

from dataclasses import replace

from clustersim.spec.levers import Contacts, Formation, Levers, Pull
from clustersim.spec.parameters import Values, choice, flag, integer, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View

_DESIGN = "choice: design of cai_szeidl_2018"  # of the default only: the trial tried one design, no range

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    integer("size", 10, "firms", (6, 15), _DESIGN, (2, 10000)),
    integer("interval", 1, "months", (1, 6), _DESIGN, (1, 1200)),
    integer("duration", 12, "months", (6, 60), _DESIGN, (1, 1200)),
    flag("regroup", False),
    number("attendance", 0.6, "share", (0.3, 0.95)),
    number("contact", 0.037, "probability", (0.02, 0.1), "fitted: cai_szeidl_2018"),
    number("referral", 0.39, "share", (0.0, 1.0), "fitted: cai_szeidl_2018"),
    number("conversion", 0.3, "probability", (0.1, 0.5), "fitted: cai_szeidl_2018"),
    number("first_trust", 0.5, "share", (0.3, 0.7)),
    number("learning", 0.2, "share_meeting", (0.0, 0.3), "fitted: cai_szeidl_2018"),
    number("peer_size_weight", 0.0, "elasticity", (0.0, 1.5), hard=(0.0, 10.0)),
    number("trust_rate", 0.1, "share_meeting", (0.0, 0.2)),
    staff(0.2, 2.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values, age = use.values, view.age(use)
    if age >= values.duration:
        return Levers()
    asked = Levers(staff_months=view.staff(values.staff))
    who, meets = view.reached(use), view.occasion(use, values.interval) is not None
    forms = meets if values.regroup else age % 12 == 0
    if forms:
        asked.actions.append(Formation(use.label, values.scope, who, values.size, values.regroup))
    if not meets:
        return asked
    present = values.attendance
    asked.actions.append(
        Contacts(use.label, who, values.contact * present, values.referral, values.conversion, values.first_trust)
    )
    weight = values.peer_size_weight
    asked.pulls.append(Pull("best_of_group", who, values.learning * present, use.label, peer_size_weight=weight))
    asked.trust_group = values.trust_rate * present
    meeting = who & ((view.state.group >= 0) | forms)  # those who are in a group
    asked.firm_days = present * meeting
    asked.money = view.price_of_presence(meeting, present)
    return asked


def planned(values: Values, frame: Frame) -> Plan:
    met = replace(frame, months=min(frame.months, values.duration))
    return Plan(met.staff(values.staff) + met.presence(met.occasions(values.interval), values.attendance))
