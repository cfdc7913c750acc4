"""Attraction: firms enter where goods are scarcest ("connect the broken link")."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.levers import Entries, Levers
from clustersim.spec.parameters import NOT_NEGATIVE, Parameter, Values, choice, number
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.view import View, by_label, yearly_quota

REACHES_FIRMS = False  # it draws in new ones, so `who` has nobody to choose from

PARAMETERS = (
    choice("scope", "region", ("chain", "region")),
    number("entries", 1.0, "firms_per_label_year", (0.5, 10), hard=NOT_NEGATIVE, scaled=True),
    Parameter("site", "", "word", None, "choice: the site with the most enterprises", kind="site"),
    number("staff", 0.2, "staff_per_label", (0.0, 3.0), hard=NOT_NEGATIVE),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values = use.values
    labels = view.labels(values.scope)[1]
    quota = by_label(yearly_quota(values.entries, view.age(use)), view.population.bases, labels)
    entries = Entries(values.scope, quota, _site(view, values.site), view.parameters.price_entry)
    return Levers(staff_months=values.staff * labels, entries=[entries])


def planned(values: Values, frame: Frame) -> Plan:
    labels, prices = frame.labels[values.scope], frame.prices
    staff = frame.staff(values.staff, values.scope)
    return Plan(staff, values.entries * labels * frame.years * prices.price_entry)


def _site(view: View, name: str) -> Array:
    """Where firms settle, (bases,): the named site, else the one with the most incumbents."""
    population = view.population
    if name:
        return np.full(population.bases, population.site_names.index(name))
    site = population.site[:, : population.incumbents]
    counts = (site[..., None] == np.arange(population.sites)).sum(axis=1)
    return counts.argmax(axis=1)
