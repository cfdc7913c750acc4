"""Firms without a party organisation found one and join: the gate through which all other instruments reach firms.

Phases by site: (1) anchors and large firms, (2) also firms with a living pair with one of them, (3) all. The next
phase is open when `phase_share` of the former are members, and at the latest `phase_months` (for the third: twice as
many) after the start. The phase is read off the state each month.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, cells, pick, positions
from clustersim.spec.levers import Levers
from clustersim.spec.parameters import Values, choice, integer, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import LARGE, OPEN
from clustersim.spec.view import View

PARAMETERS = (
    choice("order", "lead_firm_first", ("lead_firm_first", "all_at_once"), "evidence: songjiang.jiuting_coverage"),
    number("hazard_large", 0.08, "probability_month", (0.02, 0.2)),
    number("hazard_medium", 0.05, "probability_month", (0.01, 0.15)),
    number("hazard_small", 0.03, "probability_month", (0.005, 0.1)),
    number("phase_share", 0.8, "share", (0.5, 1.0), role="dose"),
    integer("phase_months", 12, "months", (6, 24), hard=(1, 1200)),
    staff(0.2, 1.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values, population = use.values, view.population
    hazard = np.zeros(population.chain.shape)
    asked = view.eligible(use) & ~view.state.organisation
    if asked.any():
        asked &= _phase_is_open(view, use)
    firm = positions(asked)
    size, base = population.size_class.reshape(-1)[firm], firm // population.rows
    hazards = (values.hazard_small, values.hazard_medium, values.hazard_large)  # in the order of the classes
    hazard.reshape(-1)[firm] = np.choose(size, [pick(one, base) for one in hazards])
    return Levers(founding=hazard, staff_months=view.staff(values.staff))


def planned(values: Values, frame: Frame) -> Plan:
    return Plan(fixed=frame.staff(values.staff))


def _phase_is_open(view: View, use: InstrumentUse) -> Array:
    """Whether each firm's turn has come, (bases, rows)."""
    values, age = use.values, view.age(use)
    everyone = np.ones_like(view.state.active)
    if values.order == "all_at_once" or age >= 2 * values.phase_months:
        return everyone
    leading = view.state.active & (view.population.anchor | (view.population.size_class == LARGE))
    second = _mostly_members(view, leading, values.phase_share) | (age >= values.phase_months)
    if not second.any():
        return leading
    linked = leading | _paired_with(view, leading)
    third = second & _mostly_members(view, linked, values.phase_share)
    return leading | (linked & _at_site(view, second)) | _at_site(view, third)


def _mostly_members(view: View, firms: Array, share: Any) -> Array:
    """Whether at least `share` of these firms are members, by site, (bases, sites); true where there are none."""
    sites, rows = view.population.sites, view.population.rows
    firm = positions(firms)
    section = firm // rows * sites + view.state.site.reshape(-1)[firm]
    member = view.state.member.reshape(-1)[firm]
    length = len(firms) * sites
    number = np.bincount(section, minlength=length).reshape(-1, sites)
    members = np.bincount(section[member], minlength=length).reshape(-1, sites)
    return members >= share * number


def _at_site(view: View, by_site: Array) -> Array:
    return cells(by_site, view.state.site)


def _paired_with(view: View, firms: Array) -> Array:
    """Firms with a living pair with one of these, buying or selling."""
    slot = positions(view.state.channel > OPEN)
    buyer = view.population.slot_owner[slot]
    seller = buyer // view.population.rows * view.population.rows + view.state.supplier[slot]
    among, paired = firms.reshape(-1), np.zeros(firms.size, dtype=bool)
    paired[buyer[among[seller]]] = True
    paired[seller[among[buyer]]] = True
    return paired.reshape(firms.shape)
