"""The population section of a scenario: sites, chains, institutions, and the roster where there is one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from clustersim.errors import InputError
from clustersim.scenario import schema
from clustersim.scenario.arms import Geography
from clustersim.scenario.document import Document
from clustersim.scenario.model import Chain, Institution, PopulationPlan, Roster, Site

SECTION = ("population",)


def read_geography(document: Document) -> Geography:
    """Names of sites and chains as written, however wrong the rest of the section may be."""
    population = document.data.get("population")
    population = population if isinstance(population, dict) else {}
    sites, chains = population.get("sites"), population.get("chains")
    names = tuple(name for name in sites if isinstance(name, str)) if isinstance(sites, (list, dict)) else ()
    chains = chains if isinstance(chains, dict) else {}
    return Geography(names, {name: _tiers(chain) for name, chain in chains.items()})


def _tiers(chain: Any) -> int:
    tiers = chain.get("tiers") if isinstance(chain, dict) else None
    return tiers if isinstance(tiers, int) else 1


def check_population(document: Document) -> None:
    """What depends on whether the firms come from a roster, on the data as written."""
    population = document.data.get("population")
    if not isinstance(population, dict):
        return
    if ("firms" in population) == ("roster" in population):
        document.report(SECTION, "firms_and_roster" if "firms" in population else "firms_or_roster")
    if "links" in population and "roster" not in population:
        document.report((*SECTION, "links"), "links_need_roster")
    if "roster" not in population:
        _check_shares_given(population, document)


def _check_shares_given(population: dict[str, Any], document: Document) -> None:
    if isinstance(population.get("sites"), list):
        document.report((*SECTION, "sites"), "site_shares_needed")
    chains = population.get("chains")
    for name, chain in chains.items() if isinstance(chains, dict) else ():
        if isinstance(chain, dict) and "share" not in chain:
            document.report((*SECTION, "chains", name), "missing", name="share")


def plan_of(population: schema.Population, document: Document, roster: Roster | None) -> PopulationPlan:
    """The checked section as the model's plan. What is wrong is reported to the document."""
    geography = read_geography(document)
    chains = _chains(population.chains, roster, geography, document)
    if population.firms is not None:
        _check_sizes(population.firms, chains, document)
    if sum(chain.tiers for chain in chains) < 2:
        document.report((*SECTION, "chains"), "one_good")
    return PopulationPlan(
        firms=len(roster.ids) if roster else population.firms or 0,
        sites=_sites(population.sites, roster),
        chains=chains,
        institutions=_institutions(population.institutions, geography, document),
        roster=roster,
        fixed=population.fixed,
    )


def _sites(written: dict[str, float] | list[str], roster: Roster | None) -> tuple[Site, ...]:
    if isinstance(written, dict):
        return tuple(Site(name, share) for name, share in written.items())
    shares = _observed_shares(roster.site if roster else np.zeros(0, dtype=np.intp), len(written))
    return tuple(Site(name, share) for name, share in zip(written, shares, strict=True))


def _chains(
    written: dict[str, schema.Chain], roster: Roster | None, geography: Geography, document: Document
) -> tuple[Chain, ...]:
    shares = _observed_shares(roster.chain if roster else np.zeros(0, dtype=np.intp), len(written))
    chains = []
    for (name, chain), observed in zip(written.items(), shares, strict=True):
        if chain.site is not None:
            geography.indices("site", [chain.site], document, (*SECTION, "chains", name, "site"))
        share = observed if chain.share is None else chain.share
        chains.append(Chain(name, chain.tiers, share, chain.site, chain.trend))
    return tuple(chains)


def _observed_shares(indices: np.ndarray, labels: int) -> list[float]:
    """Shares of the labels among a roster's firms that state one; equal shares where none does."""
    counts = np.bincount(indices[indices >= 0], minlength=labels)
    shares: list[float] = (counts / counts.sum() if counts.any() else np.full(labels, 1 / labels)).tolist()
    return shares


def _check_sizes(firms: int, chains: tuple[Chain, ...], document: Document) -> None:
    """A chain gets its share of the firms by largest remainders: one firm for each tier must be possible."""
    for chain in chains:
        most = math.ceil(firms * chain.share - 1e-9)
        if chain.tiers > most:
            path = (*SECTION, "chains", chain.name, "tiers")
            document.report(path, "more_tiers_than_firms", tiers=chain.tiers, firms=most)


def _institutions(
    written: schema.InstitutionCounts | list[schema.Institution], geography: Geography, document: Document
) -> tuple[Institution, ...]:
    if isinstance(written, schema.InstitutionCounts):
        counts = written.model_dump()
        return tuple(Institution(f"{kind} {n + 1}", kind) for kind, count in counts.items() for n in range(count))
    path = (*SECTION, "institutions")
    for index, entry in enumerate(written):
        if entry.site is not None:
            geography.indices("site", [entry.site], document, (*path, index, "site"))
        if entry.name in [earlier.name for earlier in written[:index]]:
            document.report((*path, index, "name"), "repeated", given=entry.name, repeated=entry.name)
    return tuple(Institution(entry.name, entry.kind, entry.site, _places(entry.places)) for entry in written)


def _places(places: schema.Places | None) -> dict[str, int] | None:
    return None if places is None else places.model_dump(exclude_none=True)


def roster_of(document: Document, geography: Geography) -> Roster | None:
    """The roster that the section names, if any; its problems are added to the document's."""
    from clustersim.scenario.roster import read_roster  # reading tables is not always needed

    population = document.data.get("population")
    roster, links = (
        (population.get("roster"), population.get("links")) if isinstance(population, dict) else (None, None)
    )
    if not isinstance(roster, str) or not geography.sites or not geography.chains:
        return None
    links_path = document.folder / links if isinstance(links, str) else None
    try:
        return read_roster(document.folder / Path(roster), geography.sites, geography.chains, links_path)
    except InputError as error:
        document.problems.extend(error.problems)
        return None
