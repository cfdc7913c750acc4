"""The columns of the model: what exists, in which dtype and unit, and what it means.

Axes. `arm` runs over the arms, `base` over (parameter point, seed), `row` over the firms of a base (incumbents, then
reserve rows for entrants). Goods slots are packed: `slot` runs over all goods slots of all bases, base after base and
firm after firm, so a firm's slots stand side by side. A *base firm* is base * rows + row.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from clustersim.arrays import Array

type Axis = Literal["firm", "slot", "service", "place", "site", "chain", "group"]

SERVICES = ("technology", "talent", "finance", "permit")
TECHNOLOGY, TALENT, FINANCE, PERMIT = range(len(SERVICES))
SIZE_CLASSES = ("small", "medium", "large")
SMALL, MEDIUM, LARGE = range(len(SIZE_CLASSES))
OWNER_KINDS = ("private", "state", "foreign")

CHANNELS = ("search", "introduction", "contact", "tie", "roster")
NO_SLOT, OPEN = -1, 0
SEARCH, INTRODUCTION, CONTACT, TIE, ROSTER = range(1, len(CHANNELS) + 1)
PAIRED = 1  # channels from here on are pairs

IDLE, WANTED, ENGAGED = range(3)  # a service slot; WANTED is an open one

SLOT_STRIDE = 8  # numbers are drawn for so many goods slots a firm, however many it has
DETAIL_STRIDE = SLOT_STRIDE + len(SERVICES)  # ids of details: goods slots first, then service slots


@dataclass(frozen=True)
class Column:
    """A run-owned column. Its shape is (arms, bases, rows) for `firm`, (arms, slots) for `slot`,
    (arms, bases, rows, services) for `service`, (arms, bases, providers, services) for `place`, else
    (arms, bases, labels)."""

    axis: Axis
    dtype: type
    unit: str
    meaning: str


# Who is where and with whom, then what follows from it: a comparison names the first column that differs.
COLUMNS: dict[str, Column] = {
    "active": Column("firm", np.bool_, "", "produces; reserve rows become active when a firm enters"),
    "chain": Column("firm", np.int32, "index", "industrial chain"),
    "tier": Column("firm", np.int32, "index", "0 = most upstream"),
    "site": Column("firm", np.int32, "index", "town or park"),
    "good": Column("firm", np.int32, "index", "what it sells: (chain, tier); -1 for reserve rows"),
    "organisation": Column("firm", np.bool_, "", "has a party organisation"),
    "member": Column("firm", np.bool_, "", "member of the alliance"),
    "joined": Column("firm", np.bool_, "", "member at the policy's start (fixed from then on)"),
    "group": Column("firm", np.int32, "index", "standing group, -1 none"),
    "tie_partner": Column("firm", np.int32, "row", "large partner of a small firm's tie; rows + institution; -1 none"),
    "tie_label": Column("firm", np.int32, "code", "which instrument made a small firm's tie, 0 none"),
    "supplier": Column("slot", np.int32, "row", "supplier of a paired slot, -1 none"),
    "channel": Column("slot", np.int8, "code", "-1 no slot, 0 open, else how its pair came about"),
    "since": Column("slot", np.int16, "month", "month in which the pair was made, or the slot became open"),
    "first_trust": Column("slot", np.float64, "share", "trust at the start of the pair"),
    "stock": Column("slot", np.float64, "months", "what a slot has in stock"),
    "short_months": Column(
        "slot", np.int16, "months", "how long it has been short, counted while the policy has mutual aid"
    ),
    "slot_good": Column("slot", np.int32, "index", "good that it buys"),
    "contracted": Column("firm", np.float64, "10k yuan a month", "sum of the volumes of the pairs it supplies"),
    "input_rate": Column("firm", np.float64, "share", "e, inputs at hand"),
    "reputation": Column("firm", np.float64, "ratio", "G, how well it served outside customers lately"),
    "delivery": Column("firm", np.float64, "share", "f, share of its local orders delivered"),
    "output": Column("firm", np.float64, "10k yuan a month", "y, last month's once it is over"),
    "utilisation": Column("firm", np.float64, "share", "u = y / (q A)"),
    "smoothed_demand": Column("firm", np.float64, "10k yuan a month", "Dbar, outside demand over six months"),
    "capacity": Column("firm", np.float64, "10k yuan a month", "q, output at full use and A = 1"),
    "productivity": Column("firm", np.float64, "ratio", "A"),
    "service_state": Column("service", np.int8, "code", "0 idle, 1 open, 2 engaged"),
    "service_due": Column("service", np.int32, "month", "when an open need lapses or an engagement takes effect"),
    "service_since": Column("service", np.int16, "month", "when the need opened"),
    "service_provider": Column("service", np.int32, "index", "provider of an engagement, -1 none"),
    "service_project": Column("service", np.int8, "index", "0 no project, else the policy's project round"),
    "places": Column("place", np.int32, "places", "places of a provider this month"),
    "used": Column("place", np.int32, "places", "engagements that hold a place"),
    "trust_site": Column("site", np.float64, "share", "common trust of a site's members"),
    "trust_chain": Column("chain", np.float64, "share", "common trust of a chain's members"),
    "trust_group": Column("group", np.float64, "share", "common trust of a standing group"),
}


class State:
    """Every run-owned column as an attribute. `arm(a)` gives views without the arm axis: writing there writes here."""

    active: Array
    chain: Array
    tier: Array
    site: Array
    good: Array
    organisation: Array
    member: Array
    joined: Array
    group: Array
    tie_partner: Array
    tie_label: Array
    capacity: Array
    productivity: Array
    reputation: Array
    smoothed_demand: Array
    input_rate: Array
    output: Array
    utilisation: Array
    delivery: Array
    contracted: Array
    supplier: Array
    channel: Array
    since: Array
    first_trust: Array
    stock: Array
    short_months: Array
    slot_good: Array
    service_state: Array
    service_due: Array
    service_since: Array
    service_provider: Array
    service_project: Array
    places: Array
    used: Array
    trust_site: Array
    trust_chain: Array
    trust_group: Array

    def __init__(self, columns: dict[str, Array]):
        for name in COLUMNS:
            setattr(self, name, columns[name])

    def columns(self) -> dict[str, Array]:
        return {name: getattr(self, name) for name in COLUMNS}

    def arm(self, arm: int) -> State:
        return State({name: column[arm] for name, column in self.columns().items()})

    def branch(self, arms: int) -> State:
        """Copies of a state of one arm, one for each arm."""
        return State({name: np.repeat(column, arms, axis=0) for name, column in self.columns().items()})


@dataclass(frozen=True, eq=False)
class SellerLists:
    """Fixed lists of providers by segment, for inverse cumulative weights. Segments stand one after another.

    Attributes:
        begin: (segments + 1,) first entry of each segment.
        entries: (entries,) base firms, or provider indices for services, by id within a segment.
        keys: (entries,) segment * 2**33 + floor(cumulated weight share * 2**32), increasing.
    """

    begin: Array
    entries: Array
    keys: Array

    def count(self, segment: Array) -> Array:
        return self.begin[segment + 1] - self.begin[segment]

    def pick(self, segment: Array, word: Array) -> Array:
        """Entry of each segment at a word; the segments must not be empty."""
        query = (segment.astype(np.int64) << 33) + word
        return self.entries[np.searchsorted(self.keys, query, side="right")]


@dataclass(frozen=True, eq=False)
class Population:
    """Seed-owned columns, shared by all arms. Shapes (bases, rows) if not said otherwise.

    Attributes:
        incumbents: rows of firms at the start; the rest are reserve rows.
        site_names, chain_names: in their order.
        good_chain, good_tier: (goods,) chain and tier of each good.
        chain, tier, site, good: at the start; of reserve rows only good says so, with -1.
        capacity_reference, productivity_reference: q_ref (10k yuan a month) and A_ref.
        weight: w * q_ref * A_ref, outside demand in normal times (10k yuan a month).
        slot_begin: (bases * rows + 1,) first packed slot of each base firm.
        slot_owner: (slots,) base firm. slot_number: (slots,) its number at the owner.
        slot_good: (slots,) good it buys, at the start. slot_volume: (slots,) V, a multiple of 1/1024.
        reserve_own, reserve_other: (slots,) bool and uint32 word: whether a reserve row's slot buys the next tier
            upstream of the good it gets at entry, and else which other good.
        provider_firm: (bases, providers) row of an enterprise that offers services, -1 for an institution.
        provider_institution: (providers,) index of the institution, -1 for an enterprise.
        provider_site: (bases, providers). provider_places: (bases, providers, services) at the start.
        sellers, sellers_by_site: incumbents by (base, good) and (base, site, good).
        servers, servers_by_site: providers by (base, service) and (base, site, service).
        links: (pairs, 2) base slots' (packed slot, supplier row) that are paired at the branch.
    """

    incumbents: int
    site_names: tuple[str, ...]
    chain_names: tuple[str, ...]
    good_chain: Array
    good_tier: Array
    chain: Array
    tier: Array
    site: Array
    good: Array
    size_class: Array
    owner_kind: Array
    anchor: Array
    organisation: Array
    capacity_reference: Array
    productivity_reference: Array
    weight: Array
    slot_begin: Array
    slot_owner: Array
    slot_number: Array
    slot_good: Array
    slot_volume: Array
    reserve_own: Array
    reserve_other: Array
    provider_firm: Array
    provider_institution: Array
    provider_site: Array
    provider_places: Array
    sellers: SellerLists
    sellers_by_site: SellerLists
    servers: SellerLists
    servers_by_site: SellerLists
    links: Array = field(default_factory=lambda: np.zeros((0, 2), dtype=np.intp))

    @functools.cached_property
    def firms_by_site(self) -> Array:
        """Incumbents of each site, (bases, sites)."""
        return self._incumbents(self.site, self.sites)

    @functools.cached_property
    def firms_by_chain(self) -> Array:
        """Incumbents of each chain, (bases, chains)."""
        return self._incumbents(self.chain, self.chains)

    def _incumbents(self, label: Array, labels: int) -> Array:
        section = np.arange(self.bases)[:, None] * labels + label[:, : self.incumbents]
        counted: Array = np.bincount(section.reshape(-1), minlength=self.bases * labels).astype(np.float64)
        return counted.reshape(self.bases, labels)

    @property
    def sites(self) -> int:
        return len(self.site_names)

    @property
    def chains(self) -> int:
        return len(self.chain_names)

    @property
    def bases(self) -> int:
        return int(self.chain.shape[0])

    @property
    def rows(self) -> int:
        return int(self.chain.shape[1])

    @property
    def slots(self) -> int:
        return len(self.slot_owner)

    @property
    def goods(self) -> int:
        return len(self.good_chain)

    @property
    def providers(self) -> int:
        return int(self.provider_firm.shape[1])

    @property
    def institutions(self) -> int:
        return int(self.provider_institution.max(initial=-1)) + 1
