"""Institutions, and who has how many places for which service."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array, largest_remainder, nearest_whole
from clustersim.population.firms import Firms
from clustersim.scenario.model import Institution, PopulationPlan
from clustersim.spec.parameters import Values
from clustersim.spec.state import SERVICES, TECHNOLOGY

OFFERED = {
    "technology": ("vocational_school", "university"),
    "talent": ("vocational_school", "university"),
    "finance": ("bank", "fund"),
    "permit": ("department",),
}
STAND_INS = {"finance": ("department",)}  # where there is neither bank nor fund


@dataclass(frozen=True, eq=False)
class Offers:
    """Providers of services, enterprises first, by id. Shapes as in `Population`."""

    firm: Array
    institution: Array
    site: Array
    places: Array


def offer_places(plan: PopulationPlan, parameters: Values, firms: Firms, anchor: Array) -> Offers:
    bases = len(firms.chain)
    rows, of_firms = _enterprises(plan, parameters, anchor)
    of_institutions = _institutions(plan, parameters)
    site = np.take_along_axis(firms.site, rows, axis=1)
    sites = np.broadcast_to(_institution_sites(plan), (bases, len(plan.institutions)))
    none = np.full((bases, len(plan.institutions)), -1, dtype=rows.dtype)
    return Offers(
        firm=np.concatenate([rows, none], axis=1),
        institution=np.concatenate([np.full(rows.shape[1], -1), np.arange(len(plan.institutions))]),
        site=np.concatenate([site, sites], axis=1),
        places=np.concatenate(
            [of_firms, np.broadcast_to(of_institutions, (bases, *of_institutions.shape[1:]))], axis=1
        ).astype(np.int32),
    )


def _enterprises(plan: PopulationPlan, parameters: Values, anchor: Array) -> tuple[Array, Array]:
    """Rows with places, (bases, number) by id, and their places: an anchor's technology place, or the roster's.

    There are as many columns as may ever be needed, whatever seeds stand together, so that the institutions behind
    them have the same numbers in any batch; spare columns are firms without places.
    """
    bases = len(anchor)
    given = np.full((plan.firms, len(SERVICES)), -1) if plan.roster is None else plan.roster.places
    places = np.broadcast_to(np.maximum(given, 0), (bases, *given.shape)).copy()
    anchors = anchor[:, : plan.firms] & (given[:, TECHNOLOGY] < 0)
    own = np.broadcast_to(nearest_whole(parameters.anchor_technology_places), anchors.shape)
    places[..., TECHNOLOGY] += np.where(anchors, own, 0)
    has = (places > 0).any(axis=2)
    number = min(plan.firms, int((given > 0).any(axis=1).sum()) + len(plan.chains))
    rows = np.argsort(~has, axis=1, kind="stable")[:, :number]
    return rows, np.take_along_axis(places, rows[..., None], axis=1)


def _institutions(plan: PopulationPlan, parameters: Values) -> Array:
    """Places of each institution, (bases or 1, institutions, services)."""
    share = np.atleast_2d(parameters.places_share)
    total = np.maximum(1, nearest_whole(share * plan.firms))[:, 0]
    places = np.zeros((len(total), len(plan.institutions), len(SERVICES)), dtype=np.int64)
    for service, name in enumerate(SERVICES):
        offering = _offering(plan.institutions, name)
        for base in range(len(total) if offering else 0):
            places[base, offering, service] = largest_remainder(np.ones(len(offering)), int(total[base]))
    for number, institution in enumerate(plan.institutions):
        if institution.places is not None:
            places[:, number] = [institution.places.get(name, 0) for name in SERVICES]
    return places


def _offering(institutions: tuple[Institution, ...], service: str) -> list[int]:
    """Institutions that share the places of a service: those of its kinds that do not state their own places."""
    for kinds in (OFFERED[service], STAND_INS.get(service, ())):
        found = [number for number, one in enumerate(institutions) if one.kind in kinds]
        if found:
            return [number for number in found if institutions[number].places is None]
    return []


def _institution_sites(plan: PopulationPlan) -> Array:
    """The site that an institution names, else the sites by their shares, kind after kind."""
    names = [site.name for site in plan.sites]
    sites = np.zeros(len(plan.institutions), dtype=np.int32)
    for kind in {institution.kind for institution in plan.institutions}:
        unplaced = [number for number, one in enumerate(plan.institutions) if one.kind == kind and one.site is None]
        counts = largest_remainder([site.share for site in plan.sites], len(unplaced))
        sites[unplaced] = np.repeat(np.arange(len(names)), counts)
    for number, institution in enumerate(plan.institutions):
        if institution.site is not None:
            sites[number] = names.index(institution.site)
    return sites
