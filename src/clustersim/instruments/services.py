"""Service staff (店小二), commissioners, policy packages: more places, shorter durations of services for some firms.

With a caseload each member of staff looks after so many members of a label, the largest first; without one after all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, is_column, largest_of_each, pick, positions
from clustersim.spec.levers import Levers
from clustersim.spec.parameters import NOT_NEGATIVE, Values, choice, choices, dose, number, staff
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.quota import per_label
from clustersim.spec.state import SERVICES
from clustersim.spec.view import View

PARAMETERS = (
    choice("scope", "site", ("site", "chain", "region")),
    choices("services", SERVICES, SERVICES),
    dose("places_added", 0.0, "places_per_100", (0, 50), "always", scaled=True),
    number("places_factor", 1.0, "factor", (1.0, 2.0), hard=(0.0, 100.0), role="dose"),
    number("duration_factor", 0.7, "factor", (0.4, 1.0), "assumption", (0.01, 10.0)),
    number("caseload", 0.0, "firms_per_staff", (0, 50), hard=NOT_NEGATIVE, role="dose"),
    staff(1.0, 10.0),
)


def levers(view: View, use: InstrumentUse) -> Levers:
    values, parameters = use.values, view.parameters
    chosen = np.isin(np.arange(len(SERVICES)), [SERVICES.index(name) for name in values.services])
    quota = view.occasional_quota(use, "region", values.places_added, view.age(use))
    added: Any = 0.0
    factor: Any = 1.0
    if np.any(quota) or np.any(values.places_factor != 1.0):
        offering = (view.population.provider_places > 0) & (view.population.provider_firm < 0)[..., None] & chosen
        added, factor = _dealt(offering, quota), np.where(offering, _wide(values.places_factor), 1.0)
    wider = view.population.provider_places * np.maximum(0.0, factor - 1.0)
    places = (wider + added).sum(axis=(1, 2))[:, None]
    return Levers(
        places_factor=factor,
        places_added=added,
        duration_factor=_durations(_served(view, use), chosen, values.duration_factor),
        staff_months=view.staff(values.staff),
        money=places * parameters.price_place_year / 12.0,
    )


def planned(values: Values, frame: Frame) -> Plan:
    prices = frame.prices
    year = frame.years * prices.price_place_year
    wider = max(0.0, values.places_factor - 1.0) * frame.places * len(values.services) * year
    added = per_label(values.places_added, frame.firms) * len(values.services)
    return Plan(frame.staff(values.staff) + wider, added * year)


def _wide(number: Any) -> Any:
    """A column (bases, 1) against (bases, rows or providers, services)."""
    return number if not is_column(number) else number[..., None]


def _durations(served: Array, chosen: Array, factor: Any) -> Array:
    """The factor for chosen services of firms that are served, 1 for all others, (bases, rows, services)."""
    durations = np.ones((*served.shape, len(SERVICES)))
    firm = positions(served)
    of_firm = pick(factor, firm // served.shape[1])
    for service in positions(chosen):
        durations.reshape(-1)[firm * len(SERVICES) + service] = of_firm
    return durations


def _served(view: View, use: InstrumentUse) -> Array:
    """Members that the staff looks after, (bases, rows)."""
    reached, scope = view.reached(use), use.values.scope
    most = _looked_after(use.values.caseload, use.values.staff, view.firms(scope))
    if np.isinf(most).all():
        return reached
    labels, count = view.labels(scope)
    firm = positions(reached)
    section = firm // view.population.rows * count + labels.reshape(-1)[firm]
    wanted = np.minimum(most, len(firm)).astype(np.intp).reshape(-1)
    size = view.population.capacity_reference.reshape(-1)[firm]
    served = np.zeros_like(reached)
    served.reshape(-1)[firm[largest_of_each(section, size, wanted)]] = True
    return served


def _looked_after(caseload: Any, staff: Any, firms: Array) -> Array:
    """floor(caseload * staff * F / 100) firms of each label, all where the caseload is 0, (bases, labels)."""
    limit = np.floor(per_label(caseload * staff, firms))
    return np.where(np.asarray(caseload) == 0.0, np.inf, limit)


def _dealt(offering: Array, places: Any) -> Array:
    """Added places of each service in all, whole, dealt out one by one to the institutions that offer it, by id."""
    number = offering.sum(axis=1, keepdims=True)
    rank = np.cumsum(offering, axis=1) - 1
    whole = np.broadcast_to(_wide(places), number.shape)
    each, rest = np.divmod(whole, np.maximum(number, 1))
    return np.where(offering, each + (rank < rest), 0.0)
