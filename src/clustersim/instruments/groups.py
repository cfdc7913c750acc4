"""Standing groups of about ten firms that meet: contacts, referrals, learning from the best, common trust.

Groups are formed at the start, and each year again from members without one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.levers import Contacts, Formation, Levers, Pull
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, integer, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View

_DESIGN = "choice: design of cai_szeidl_2018"  # of the default only: the trial tried one design, no range

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    integer("size", 10, "firms", (6, 15), _DESIGN, (2, 10000)),
    integer("interval", 1, "months", (1, 6), _DESIGN, (1, 1200)),
    integer("duration", 12, "months", (6, 60), _DESIGN, (1, 1200)),
    number("contact", 0.037, "probability", (0.02, 0.1), "fitted: cai_szeidl_2018"),
    number("referral", 0.39, "share", (0.0, 1.0), "fitted: cai_szeidl_2018"),
    number("conversion", 0.3, "probability", (0.1, 0.5), "fitted: cai_szeidl_2018"),
    number("first_trust", 0.5, "share", (0.3, 0.7)),
    number("learning", 0.0084, "share_meeting", (0.004, 0.012), "fitted: cai_szeidl_2018"),
    number("peer_size_weight", 0.0, "elasticity", (0.0, 1.5), hard=(0.0, 10.0)),
    number("trust_rate", 0.1, "share_meeting", (0.0, 0.2)),
    number("staff", 0.2, "staff_per_label", (0.0, 2.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    age, labels = view.age(use), view.labels(values.scope)[1]
    if age >= values.duration:
        return Levers()
    asked = Levers(staff_months=values.staff * labels)
    who = view.reached(use)
    if age % 12 == 0:
        asked.actions.append(Formation(use.label, values.scope, who, values.size))
    if view.occasion(use, values.interval) is None:
        return asked
    asked.actions.append(
        Contacts(use.label, who, values.contact, values.referral, values.conversion, values.first_trust)
    )
    asked.pulls.append(Pull("best_of_group", who, values.learning, use.label, peer_size_weight=values.peer_size_weight))
    asked.trust_group = values.trust_rate
    meeting = who & ((view.state.group >= 0) | (age % 12 == 0))  # those who are in a group
    asked.firm_days = meeting.astype(float)
    asked.money = view.parameters.price_group_meeting * _groups(view, meeting, values)
    return asked


def _groups(view: View, meeting: Array, values: Values) -> Array:
    """How many groups of about the given size these firms make, (bases, 1)."""
    labels, count = view.labels(values.scope)
    base, row = np.nonzero(meeting)
    bases = len(meeting)
    firms = np.bincount(base * count + labels[base, row], minlength=bases * count).reshape(bases, count)
    groups: Array = groups_of(firms, values.size).sum(axis=1, keepdims=True)
    return groups


def groups_of(firms: Any, size: Any) -> Any:
    """Groups into which so many firms are cut: a last one under half the size joins the one before."""
    return np.maximum(np.floor(firms / size + 0.5), np.minimum(firms, 1))


def planned(values: Values, frame: Frame) -> Plan:
    """Groups of all firms, each at the price of a meeting."""
    met = replace(frame, months=min(frame.months, values.duration))
    meetings = met.occasions(values.interval) * float(groups_of(frame.firms, values.size))
    return Plan(met.staff(values.staff, values.scope) + meetings * frame.prices.price_group_meeting)
