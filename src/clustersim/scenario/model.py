"""A validated, frozen scenario: what the engines, the population and the experiment read.

`schema.py` says what may be written in YAML, `resolve.py` turns it into this: presets merged, defaults filled in,
rosters read, every name checked. Nothing here can be wrong any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from clustersim.arrays import largest_remainder
from clustersim.spec.parameters import Values
from clustersim.spec.policy import Event, EventKind, InstrumentUse, Policy, Who
from clustersim.spec.state import OWNER_KINDS, SERVICES, SIZE_CLASSES

__all__ = [
    "INSTITUTION_KINDS",
    "NO_ALLIANCE",
    "OWNER_KINDS",
    "SERVICES",
    "SIZE_CLASSES",
    "Chain",
    "Event",
    "EventKind",
    "Institution",
    "InstrumentUse",
    "Observation",
    "Policy",
    "PopulationPlan",
    "Precision",
    "Roster",
    "Scenario",
    "Site",
    "Time",
    "Who",
]

INSTITUTION_KINDS = ("vocational_school", "university", "department", "bank", "fund")

NO_ALLIANCE = "no_alliance"


@dataclass(frozen=True)
class Time:
    """Months. Month 1 is the first after the burn-in."""

    burn_in: int
    horizon: int


@dataclass(frozen=True)
class Site:
    name: str
    share: float


@dataclass(frozen=True)
class Chain:
    """An industrial chain. `site` is its home (None: dealt in turn); `trend` of log demand a month from month 1."""

    name: str
    tiers: int
    share: float
    site: str | None = None
    trend: float | None = None


@dataclass(frozen=True)
class Institution:
    """A provider of services. `places` by service; None: an equal part of the service's places in all."""

    name: str
    kind: str
    site: str | None = None
    places: dict[str, int] | None = None


@dataclass(frozen=True, eq=False)
class Roster:
    """Firms as listed. Shapes (firms,). A missing number is NaN, a missing index or flag -1: drawn by the population.

    Attributes:
        ids: unique names of the firms.
        chain, tier, site: indices; tier counts from 0 = most upstream.
        capacity: 10k yuan of output a month at full use.
        places: (firms, services), -1 where not given.
        links: (pairs, 2) rows (supplier, buyer) of pairs known to exist at the branch.
        drawn: column -> in how many firms it is empty, and so drawn.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    chain: np.ndarray
    tier: np.ndarray
    site: np.ndarray
    capacity: np.ndarray
    productivity: np.ndarray
    outside_share: np.ndarray
    owner: np.ndarray
    anchor: np.ndarray
    organisation: np.ndarray
    places: np.ndarray
    links: np.ndarray
    drawn: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True)
class PopulationPlan:
    """How the enterprises of a seed come about. `fixed` draws the synthetic population once for all seeds."""

    firms: int
    sites: tuple[Site, ...]
    chains: tuple[Chain, ...]
    institutions: tuple[Institution, ...]
    roster: Roster | None = None
    fixed: bool = False

    @property
    def goods(self) -> int:
        return sum(chain.tiers for chain in self.chains)

    @property
    def chain_firms(self) -> dict[str, int]:
        """Enterprises of each chain at the start, by name."""
        if self.roster:
            counts = np.bincount(self.roster.chain, minlength=len(self.chains))
        else:
            counts = largest_remainder([chain.share for chain in self.chains], self.firms)
        return {chain.name: int(count) for chain, count in zip(self.chains, counts, strict=True)}


@dataclass(frozen=True)
class Precision:
    """Half-widths at which enough seeds were run: pairing in points, output in percent; `cap` seeds at most."""

    pairing: float
    output: float
    cap: int


@dataclass(frozen=True)
class Observation:
    """A reported fact or a published finding to compare with the model.

    Attributes:
        fact: id in the evidence or the literature.
        value: what was reported: a number, an interval (low, high), or None. at_least: whether it is a lower bound.
        observable: name of what the model is asked for, "" where it has no counterpart.
        arm, first, last: policy and months.
        filters: of the observable; sites and chains as indices, a channel as its code.
        note: how the report was turned into the value, by language.
        not_comparable: why the two cannot be compared, by language; empty where they can.
    """

    fact: str
    value: float | tuple[float, float] | None = None
    observable: str = ""
    arm: str = ""
    first: int = 0
    last: int = 0
    filters: dict[str, int | str] = field(default_factory=dict)
    note: dict[str, str] = field(default_factory=dict)
    not_comparable: dict[str, str] = field(default_factory=dict)
    at_least: bool = False


@dataclass(frozen=True)
class Scenario:
    """Everything that a run depends on. `policies[0]` is no_alliance.

    Attributes:
        budget: "own", "equal" (all policy arms at their mean planned cost a year), "both" (each arm as it is, and
            beside it at that mean) or 10k yuan a year.
        sources: path in the YAML -> `evidence: <id>`, `literature: <id>` or `assumption`: its author's, and those that
            presets bring for numbers which the author left as they are.
        written: the parameter names that the author set.
        document: the YAML as read (plain dicts and lists), for the manifest.
        folder: what paths in the document are relative to.
        observed: facts and findings that the model is compared with; no run depends on them.
    """

    name: str
    title: dict[str, str]
    time: Time
    population: PopulationPlan
    policies: tuple[Policy, ...]
    parameters: Values
    events: tuple[Event, ...] = ()
    budget: str | float = "own"
    seeds: int = 100
    precision: Precision | None = None
    sources: dict[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    document: dict[str, object] = field(default_factory=dict)
    folder: Path = field(default=Path(), compare=False, repr=False)
    observed: tuple[Observation, ...] = ()

    @property
    def has_shock(self) -> bool:
        return any(event.shock for event in self.events)
