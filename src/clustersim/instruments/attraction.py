"""Attraction: firms enter where goods are scarcest ("connect the broken link")."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.levers import Entries, Levers, Scope
from clustersim.spec.parameters import NOT_NEGATIVE, Parameter, Values, choice, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View, by_label, yearly_quota

REACHES_FIRMS = False  # it draws in new ones, so `who` has nobody to choose from

PARAMETERS = (
    choice("scope", "region", ("chain", "region")),
    number("entries", 1.0, "firms_per_label_year", (0.5, 10), hard=NOT_NEGATIVE, scaled=True),
    Parameter("chain", "", "word", None, "choice: any chain", kind="chain"),
    Parameter("site", "", "word", None, "choice: the site with the most enterprises", kind="site"),
    number("staff", 0.2, "staff_per_label", (0.0, 3.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    scope, entered = _entered(view, values)
    quota = by_label(yearly_quota(values.entries, view.age(use)), view.population.bases, len(entered))
    if not quota.any():
        return Levers(staff_months=values.staff * entered.sum())
    entries = Entries(scope, quota * entered, _site(view, values.site), view.parameters.price_entry)
    return Levers(staff_months=values.staff * entered.sum(), entries=[entries])


def planned(values: Values, frame: Frame) -> Plan:
    labels, prices = number_of_labels(values, frame.labels), frame.prices
    staff = values.staff * labels * frame.months * prices.price_staff_month
    return Plan(staff, values.entries * labels * frame.years * prices.price_entry)


def number_of_labels(values: Values, labels: Mapping[str, int]) -> int:
    """How many labels have a quota and staff: one where a chain is named.

    Args:
        labels: number of labels by scope.
    """
    return 1 if values.chain else labels[values.scope]


def _entered(view: View, values: Values) -> tuple[Scope, Array]:
    """By what labels the quota is counted, and which of them have one, (labels,): all, or the chain that is named."""
    if not values.chain:
        return values.scope, np.ones(view.labels(values.scope)[1], dtype=bool)
    names = view.population.chain_names
    return "chain", np.arange(len(names)) == names.index(values.chain)


def _site(view: View, name: str) -> Array:
    """Where firms settle, (bases,): the named site, else the one with the most incumbents."""
    population = view.population
    if name:
        return np.full(population.bases, population.site_names.index(name))
    sites = population.sites
    section = np.arange(population.bases)[:, None] * sites + population.site[:, : population.incumbents]
    return np.bincount(section.reshape(-1), minlength=population.bases * sites).reshape(-1, sites).argmax(axis=1)
