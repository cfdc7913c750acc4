"""Attraction: firms enter where goods are scarcest ("connect the broken link").

All are paid for; only those enter that would not have come anyway. The others would stand in the twin too, and cancel:
nobody simulates them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.levers import Entries, Levers, Scope
from clustersim.spec.parameters import Parameter, Values, choice, dose, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.quota import per_label
from clustersim.spec.view import View

REACHES_FIRMS = False  # it draws in new ones, so `who` has nobody to choose from

PARAMETERS = (
    choice("scope", "region", ("chain", "region")),
    dose("entries", 1.0, "firms_per_100_year", (0.2, 10), "year", scaled=True),
    number("additional", 0.15, "share", (0.02, 0.5), "literature: location_incentives"),
    Parameter("chain", "", "word", None, "choice: any chain", kind="chain"),
    Parameter("site", "", "word", None, "choice: the site with the most enterprises", kind="site"),
    staff(0.2, 3.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    scope, chosen = _entered(view, values)
    asked = Levers(staff_months=_staff(view, values, chosen))
    paid = view.yearly_quota(use, scope, values.entries) * chosen
    entering = view.yearly_quota(use, scope, values.additional * values.entries) * chosen
    if paid.any() or entering.any():
        asked.entries.append(Entries(scope, entering, paid, _site(view, values.site), view.parameters.price_entry))
    return asked


def planned(values: Values, frame: Frame) -> Plan:
    if values.chain:
        frame = frame.of_chain(values.chain)
    entries = per_label(values.entries, frame.firms) * frame.years
    return Plan(frame.staff(values.staff), entries * frame.prices.price_entry)


def _entered(view: View, values: Values) -> tuple[Scope, Array]:
    """By what labels the dose is counted, and which of them have one, (labels,): all, or the chain that is named."""
    if not values.chain:
        return values.scope, np.ones(view.labels(values.scope)[1], dtype=bool)
    names = view.population.chain_names
    return "chain", np.arange(len(names)) == names.index(values.chain)


def _staff(view: View, values: Values, chosen: Array) -> Any:
    """Staff-months: of all firms, or of those of the chain that is named, (bases, 1)."""
    if not values.chain:
        return view.staff(values.staff)
    return per_label(values.staff, view.firms("chain")[:, chosen])


def _site(view: View, name: str) -> Array:
    """Where firms settle, (bases,): the named site, else the one with the most incumbents."""
    population = view.population
    if name:
        return np.full(population.bases, population.site_names.index(name))
    sites = population.sites
    section = np.arange(population.bases)[:, None] * sites + population.site[:, : population.incumbents]
    return np.bincount(section.reshape(-1), minlength=population.bases * sites).reshape(-1, sites).argmax(axis=1)
