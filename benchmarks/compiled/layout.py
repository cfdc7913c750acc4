"""What the loops read and write: one record for each firm, slot, service slot, place and so on, as structs in C.

Firms are numbered through all bases, base * rows + row; so are slots (firm after firm), service slots (firm * 4 +
service) and providers; a place is provider * 4 + service. What a step leaves behind in a working field is read by no
other step. Where the batch engine keeps a row or a number of a base, these records keep the number through all bases.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.draws import stream_key
from clustersim.spec.formulas import normal_input_rate
from clustersim.spec.state import OPEN, SERVICES, SellerLists
from clustersim.spec.world import World

from .draws import WORD_RANGE

SERVICE_SLOTS = len(SERVICES)
CACHE_LINE = 64  # bytes
ROUNDS = 3  # places for rounds of a policy; an unused one has no budget in any month
SIZES = 3


def record(numbers: str = "", integers: str = "", short: str = "", small: str = "", flags: str = "") -> np.dtype:
    """A struct, the wider fields first: 64-bit numbers, whole numbers of 32, 16 and 8 bits, flags."""
    kinds = ((numbers, "f8"), (integers, "i4"), (short, "i2"), (small, "i1"), (flags, "?"))
    return np.dtype([(name, kind) for names, kind in kinds for name in names.split()], align=True)


# Three lines of the cache: what room is made of and what others ask of a firm; what sales are made of; the rest.
FIRM = record(
    numbers="capacity productivity input_rate smoothed_demand contracted delivery utilisation local_orders "
    "reputation capacity_reference productivity_reference weight noise demand attraction full_output "
    "potential output outside_demand gain",
    integers="slot_begin group tie_partner first_application",
    short="chain site good own_provider",
    small="slots size_class phase firm_days",
    flags="anchor organisation member joined",
)
# One line of the cache.
SLOT = record(
    numbers="volume first_trust stock order inputs",
    integers="firm good supplier since",
    short="short_months",
    small="channel",
    flags="with_anchor",  # of a pair: whether an anchor buys or sells
)
NEED = record(integers="due since provider", small="state project")
PROVIDER = record(integers="firm site institution ties")
PLACE = record(integers="offered open used first_request")
CHAIN = record(numbers="demand factor trend")
MARKET = record(numbers="weight pulled")  # of a good in a base
SITE_MARKET = record(numbers="most_room wanted offered", integers="begin end")  # of a good at a site of a base
GROUP = record(numbers="trust", integers="begin end")
SITE = record(integers="introductions read meeting leading leading_members linked linked_members")
APPLICATION = np.dtype([("priority", "i8"), ("applicant", "i4"), ("asked", "i4"), ("following", "i4")], align=True)
INTRODUCTION = np.dtype([(name, "i8") for name in ("urgency", "word", "item", "convert", "support")])
ENTRY = np.dtype([("threshold", "i8"), ("entry", "i4")], align=True)
BASE = np.dtype([("seed", "u8"), ("groups", "i4")], align=True)
LEDGER = record(
    numbers="introductions first_orders projects staff_months firm_days money patents needs_served needs_lapsed "
    "pairs_made pairs_ended"
)

# Parameters of the model. A chance is what a word must be below.
CHANCES = ("service_opening", "service_search", "technology_success", "search", "local")
AMOUNTS = (
    "noise_persistence",
    "noise_spread",
    "demand_persistence",
    "demand_spread",
    "friction",
    "engagement_patents",
    "vacancy_loss",
    "ending",
    "shield",
    "bad_end",
    "conversion",
    "trust_gain",
    "displacement",
    "common_trust_decay",
    "choke",
    "specificity",
    "pair_priority",
    "stock",
    "elasticity",
    "reputation_speed",
    "rivalry",
    "capacity_pull",
    "reroute",
    "burden_day",
    "capacity_adjustment",
    "normal_utilisation",
    "productivity_reversion",
    "anchor_learning",
)
STREAMS = {
    "chain_stream": "environment.chain_demand",
    "search_stream": "search.goods.details",
    "service_stream": "search.services.details",
    "engagement_stream": "endings.engagement",
}
GAINS = ("technology_gain", "talent_gain", "finance_gain", "permit_gain")  # by service
NUMBERS = np.dtype(
    [(name, "f8") for name in AMOUNTS]
    + [(name, "i8") for name in CHANCES]
    + [(name, "u8") for name in STREAMS]
    + [
        ("half_variance", "f8"),
        ("normal_input_rate", "f8"),
        ("ending_gate", "i8"),  # no pair ends at a word from here on
        ("conversion_gate", "i8"),  # no contact converts at a word from here on
        ("service_patience", "i8"),
        ("duration", "i8"),  # of an engagement
        ("gains", "f8", SERVICE_SLOTS),
    ]
)


class Lists(NamedTuple):
    """Known sellers by segment, and up to which word each is picked."""

    begin: Array
    entries: Array


class Memory(NamedTuple):
    """All that a month needs but its words. The last ones are working memory of the base that a step is at."""

    rows: int
    sites: int
    chains: int
    goods: int
    providers: int
    numbers: np.void
    rules: np.void
    rounds: Array
    calendar: Array  # by month of the scenario
    trust_left: Array  # (1 - trust_rate) to the power of so many months
    base: Array
    ledger: Array
    firm: Array
    slot: Array
    need: Array
    provider: Array
    place: Array
    chain: Array
    market: Array
    site_market: Array
    ranked: Array  # firms of each site market, the largest first
    group: Array  # base * rows + group
    group_firms: Array
    sellers: Lists
    sellers_by_site: Lists
    servers: Lists
    servers_by_site: Lists
    site: Array
    application: Array
    introduction: Array  # (sites, introductions)
    open_providers: Array  # (sites, services)
    short_slots: Array
    anchor_slots: Array
    learners: Array
    levels: Array
    sort_keys: Array
    sort_firms: Array
    spare_keys: Array
    spare_firms: Array


class Today(NamedTuple):
    """The month, and one word for each firm, slot or service slot, (bases, n); none where nobody asks for any."""

    month: int  # 1 the first of the burn-in
    now: int  # 1 the first after it, 0 before
    noise: Array
    opening: Array
    ending: Array
    search: Array
    service_search: Array
    founding: Array
    tie_order: Array
    group_order: Array
    contact: Array
    surveys: tuple[Array, ...]  # of goods, by round
    service_surveys: tuple[Array, ...]


def word_below(probability: float) -> int:
    """What a word must be below to meet a probability."""
    return int(np.floor(float(probability) * WORD_RANGE))


def key_of(stream: str) -> np.uint64:
    return np.uint64(stream_key(stream))


# --- from a world ---------------------------------------------------------------------------------------------------


def memory_of(world: World, rules: np.void, rounds: Array, calendar: Array) -> Memory:
    """Copies a world of one arm.

    Args:
        rules, rounds, calendar: of the policy; see `rules`.
    """
    people, rows = world.population, world.rows
    firms = _firms(world)
    introductions = max(1, int(calendar["budget"].max()), int(calendar["tie_quota"].max()))
    markets, ranked = _site_markets(world, firms)
    slots = int(np.diff(np.array(people.slot_begin)[::rows]).max(initial=0))  # of a base
    months = world.burn_in + len(calendar)
    return Memory(
        rows=rows,
        sites=people.sites,
        chains=people.chains,
        goods=people.goods,
        providers=people.providers,
        numbers=_numbers(world),
        rules=rules,
        rounds=rounds,
        calendar=calendar,
        trust_left=np.power(1.0 - world.parameters.trust_rate, np.arange(months)),
        base=_copied(BASE, world.bases, seed=np.array(world.draws.seeds, dtype=np.uint64)),
        ledger=np.zeros(world.bases, dtype=LEDGER),
        firm=firms,
        slot=_slots(world, firms),
        need=_needs(world),
        provider=_providers(world),
        place=_places(world),
        chain=_chains(world),
        market=_markets(world, firms),
        site_market=markets,
        ranked=ranked,
        group=np.zeros(len(firms), dtype=GROUP),
        group_firms=np.zeros(len(firms), dtype=np.int32),
        sellers=_lists(people.sellers),
        sellers_by_site=_lists(people.sellers_by_site),
        servers=_lists(people.servers),
        servers_by_site=_lists(people.servers_by_site),
        site=np.zeros(people.sites, dtype=SITE),
        application=np.zeros(max(slots, rows * SERVICE_SLOTS), dtype=APPLICATION),
        introduction=np.zeros((people.sites, introductions), dtype=INTRODUCTION),
        open_providers=np.zeros((people.sites, SERVICE_SLOTS), dtype=np.int64),
        short_slots=np.zeros(slots, dtype=np.int32),
        anchor_slots=np.zeros(slots, dtype=np.int32),
        learners=np.zeros(rows, dtype=np.int32),
        levels=np.zeros(rows),
        sort_keys=np.zeros(rows, dtype=np.int64),
        sort_firms=np.zeros(rows, dtype=np.int32),
        spare_keys=np.zeros(rows, dtype=np.int64),
        spare_firms=np.zeros(rows, dtype=np.int32),
    )


def _numbers(world: World) -> np.void:
    given, numbers = world.parameters, np.zeros(1, dtype=NUMBERS)
    for name in AMOUNTS:
        numbers[name] = getattr(given, name)
    for name in CHANCES:
        numbers[name] = word_below(getattr(given, name))
    for name, stream in STREAMS.items():
        numbers[name] = key_of(stream)
    numbers["half_variance"] = given.noise_spread * given.noise_spread / (1.0 - given.noise_persistence**2) / 2.0
    numbers["normal_input_rate"] = normal_input_rate(given.friction)
    numbers["ending_gate"] = word_below(min(1.0, given.ending + given.bad_end))
    numbers["conversion_gate"] = word_below(given.conversion * (1.0 + given.trust_gain))
    numbers["service_patience"] = given.service_patience
    numbers["duration"] = max(1, int(np.floor(given.service_duration + 0.5)))
    numbers["gains"] = [getattr(given, name) for name in GAINS]
    return numbers[0]


def _copied(dtype: np.dtype, length: int, **columns: Array) -> Array:
    """Records with these fields, the others 0. The first begins at a line of the cache."""
    store = np.zeros(length * dtype.itemsize + CACHE_LINE, dtype=np.uint8)
    begin = -store.ctypes.data % CACHE_LINE
    records = store[begin : begin + length * dtype.itemsize].view(dtype)
    for name, column in columns.items():
        records[name] = np.asarray(column).reshape(-1)
    return records


def _firms(world: World) -> Array:
    state, people = world.state, world.population
    begin = np.asarray(people.slot_begin)
    of_state = [name for name in FIRM.names if hasattr(state, name)]
    of_people = ("capacity_reference", "productivity_reference", "weight", "anchor", "size_class")
    firms = _copied(
        FIRM,
        world.bases * world.rows,
        **{name: getattr(state, name) for name in of_state},
        **{name: getattr(people, name) for name in of_people},
        noise=world.environment.noise,
        slot_begin=begin[:-1],
        slots=np.diff(begin),
    )
    firms["own_provider"] = firms["first_application"] = -1
    base, provider = np.nonzero(np.asarray(people.provider_firm) >= 0)
    firms["own_provider"][base * world.rows + people.provider_firm[base, provider]] = provider
    return firms


def _slots(world: World, firms: Array) -> Array:
    state, people = world.state, world.population
    owner = np.asarray(people.slot_owner)
    of_state = [name for name in SLOT.names if hasattr(state, name) and name != "good"]
    slots = _copied(
        SLOT,
        people.slots,
        **{name: getattr(state, name) for name in of_state},
        firm=owner,
        good=state.slot_good,
        volume=people.slot_volume,
    )
    paired = slots["channel"] > OPEN
    slots["supplier"] = np.where(paired, slots["supplier"] + owner // world.rows * world.rows, -1)
    slots["with_anchor"] = paired & (firms["anchor"][owner] | firms["anchor"][slots["supplier"]])
    return slots


def _needs(world: World) -> Array:
    """Engagements keep their provider's number through all bases."""
    state = world.state
    provider = np.array(state.service_provider, dtype=np.int64)[0]
    provider = np.where(
        provider >= 0, provider + np.arange(world.bases)[:, None, None] * world.population.providers, -1
    )
    return _copied(
        NEED,
        provider.size,
        due=state.service_due,
        since=state.service_since,
        provider=provider,
        state=state.service_state,
        project=state.service_project,
    )


def _providers(world: World) -> Array:
    people = world.population
    firm = np.array(people.provider_firm, dtype=np.int64)
    firm = np.where(firm >= 0, firm + np.arange(world.bases)[:, None] * world.rows, -1)
    institution = np.broadcast_to(people.provider_institution, firm.shape)
    return _copied(PROVIDER, firm.size, firm=firm, site=people.provider_site, institution=institution)


def _places(world: World) -> Array:
    state, offered = world.state, np.asarray(world.population.provider_places)
    places = _copied(PLACE, offered.size, offered=offered, open=state.places, used=state.used)
    places["first_request"] = -1
    return places


def _chains(world: World) -> Array:
    demand = np.asarray(world.environment.chain_demand)
    trend = np.broadcast_to(world.chain_trend, demand.shape)
    return _copied(CHAIN, demand.size, demand=demand, trend=trend)


def _markets(world: World, firms: Array) -> Array:
    market = np.arange(len(firms)) // world.rows * world.population.goods + firms["good"]
    markets = world.bases * world.population.goods
    return _copied(MARKET, markets, weight=np.bincount(market, firms["weight"], minlength=markets))


def _site_markets(world: World, firms: Array) -> tuple[Array, Array]:
    people = world.population
    base = np.arange(len(firms)) // world.rows
    market = (base * people.sites + firms["site"]) * people.goods + firms["good"]
    ranked = np.lexsort((-firms["capacity_reference"], market))
    begin = np.searchsorted(market[ranked], np.arange(world.bases * people.sites * people.goods + 1))
    return _copied(SITE_MARKET, len(begin) - 1, begin=begin[:-1], end=begin[1:]), ranked.astype(np.int32)


def _lists(lists: SellerLists) -> Lists:
    threshold = np.array(lists.keys, dtype=np.int64) & (2**33 - 1)  # the segment stands above
    return Lists(
        np.array(lists.begin, dtype=np.int32), _copied(ENTRY, len(threshold), threshold=threshold, entry=lists.entries)
    )
