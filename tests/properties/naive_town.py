"""A run as plain Python objects: loaded from one arm and base of a world, compared with it after every step.

The naive model that stands beside this file is written from the specification alone: one firm, one slot at a time,
lists and loops. It shares the random numbers with the engine and nothing else.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clustersim.spec.draws import Draws
from clustersim.spec.levers import Levers
from clustersim.spec.state import COLUMNS
from clustersim.spec.world import World

SLOTS_DRAWN = 8  # numbers stand ready for so many goods slots a firm, and for four service slots behind them
IDLE, OPEN_NEED, ENGAGED = range(3)
NO_SLOT, OPEN, SEARCH, INTRODUCTION, CONTACT, TIE = range(-1, 5)
FIRM_COLUMNS = [name for name, column in COLUMNS.items() if column.axis == "firm"]
SLOT_COLUMNS = [name for name, column in COLUMNS.items() if column.axis == "slot"]
NEED_COLUMNS = [name for name, column in COLUMNS.items() if column.axis == "service"]


@dataclass(eq=False)
class Slot:
    owner: int
    number: int
    volume: float
    reserve_own: bool
    reserve_other: int
    supplier: int = -1
    channel: int = OPEN
    since: int = 0
    first_trust: float = 0.0
    stock: float = 0.0
    short_months: int = 0
    slot_good: int = -1
    order: float = 0.0
    inputs: float = 0.0

    @property
    def is_open(self) -> bool:
        return self.channel == OPEN

    @property
    def is_paired(self) -> bool:
        return self.channel > OPEN


@dataclass(eq=False)
class Need:
    service: int
    service_state: int = IDLE
    service_due: int = 0
    service_since: int = 0
    service_provider: int = -1
    project: str = ""


class Firm:
    """Columns of `State` as attributes, and those of the population that the rules speak of."""

    def __init__(self, row: int, **columns: Any):
        self.row = row
        self.slots: list[Slot] = []
        self.needs: list[Need] = []
        self.__dict__.update(columns)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@dataclass(eq=False)
class Provider:
    number: int
    firm: int
    institution: int
    site: int
    offered: list[int]
    places: list[int]
    used: list[int]

    def free(self, service: int) -> int:
        return max(0, self.places[service] - self.used[service])


class Numbers:
    """Random numbers as floats in [0, 1), from streams of its own."""

    def __init__(self, seeds: list[int], incumbents: int, reserve: int):
        self.draws = Draws(seeds, incumbents, reserve)
        self.rows = incumbents + reserve
        self.month = 0
        self._tables: dict[tuple[str, int], Any] = {}

    def begin(self, month: int) -> None:
        self.month = month
        self._tables.clear()

    def firm(self, stream: str, seed: int, place: int, per_firm: int = 1, month: int | None = None) -> float:
        month = self.month if month is None else month
        if (stream, month) not in self._tables:
            words = self.draws.words(stream, month, per_firm).astype(float)
            self._tables[stream, month] = (words / 2.0**32).tolist()
        number: float = self._tables[stream, month][seed][place]
        return number

    def slot(self, stream: str, seed: int, slot: Slot) -> float:
        return self.firm(stream, seed, slot.owner * SLOTS_DRAWN + slot.number, SLOTS_DRAWN)

    def service(self, stream: str, seed: int, row: int, service: int) -> float:
        return self.firm(stream, seed, row * 4 + service, 4)

    def detail(self, stream: str, seed: int, number: int) -> tuple[float, ...]:
        if (stream, -1) not in self._tables:
            ids = np.arange(self.rows * (SLOTS_DRAWN + 4))
            table = [
                self.draws.details(stream, self.month, np.full(len(ids), one), ids).T / 2.0**32
                for one in range(len(self.draws.seeds))
            ]
            self._tables[stream, -1] = [one.tolist() for one in table]
        return tuple(self._tables[stream, -1][seed][number])


class Town:
    """One arm of one base."""

    def __init__(self, world: World, arm: int, base: int, numbers: Numbers):
        population = world.population
        self.arm, self.base, self.numbers = arm, base, numbers
        self.seed = int(world.seed_of_base[base])
        self.month, self.burn_in = world.month, world.burn_in
        self.parameters = {name: at(value, base) for name, value in world.parameters.as_dict().items()}
        self.incumbents, self.rows = population.incumbents, world.rows
        self.sites, self.chains = population.sites, population.chains
        self.good_chain, self.good_tier = population.good_chain.tolist(), population.good_tier.tolist()
        self.levers: Levers = world.levers[arm]
        self.projects = [(label, project) for label, project in world.project_kinds[arm]]
        self.ledger: Counter[str] = Counter()
        self.trust = {name: getattr(world.state, f"trust_{name}")[arm, base].tolist() for name in TRUSTS}
        self.firms = _firms(world, arm, base)
        self.providers = _providers(world, arm, base)
        self._load_needs(world)
        self.noise = world.environment.noise[base].tolist()
        self.chain_demand = world.environment.chain_demand[base].tolist()
        self.trend = np.broadcast_to(world.chain_trend, (world.bases, self.chains))[base].tolist()
        self.outside = Outside()
        self.in_rounds: dict[str, set[tuple[int, int]]] = {"surveyed": set(), "introduced": set()}  # this month

    def _load_needs(self, world: World) -> None:
        for firm in self.firms:
            for service in range(4):
                place = (self.arm, self.base, firm.row, service)
                need = Need(service)
                for name in NEED_COLUMNS:
                    if name != "service_project":
                        setattr(need, name, int(getattr(world.state, name)[place]))
                code = int(world.state.service_project[place])
                if need.service_state == ENGAGED and code > 0:
                    need.project = world.project_kinds[self.arm][code - 1][0]
                firm.needs.append(need)

    def __getattr__(self, name: str) -> Any:
        """Parameters by name."""
        try:
            return self.__dict__["parameters"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def now(self) -> int:
        return self.month - self.burn_in

    @property
    def e0(self) -> float:
        return float(1.0 - 0.7 * self.parameters["friction"])

    def active(self) -> list[Firm]:
        return [firm for firm in self.firms if firm.active]

    def slots(self) -> list[Slot]:
        """Existing goods slots in the order (owner, slot)."""
        return [slot for firm in self.firms for slot in firm.slots if slot.channel != NO_SLOT]

    def label(self, firm: Firm, scope: str) -> int:
        return {"site": firm.site, "chain": firm.chain, "region": 0}[scope]

    def labels(self, scope: str) -> int:
        return {"site": self.sites, "chain": self.chains, "region": 1}[scope]

    def of_firm(self, column: Any, firm: Firm) -> Any:
        """Entry of a column (bases, rows), or the number itself."""
        return column if np.ndim(column) == 0 else column[self.base, firm.row % column.shape[1]]

    def who(self, request: Any, firm: Firm) -> bool:
        return bool(request.who[self.base, firm.row])

    def demand(self, firm: Firm) -> float:
        """weight * M * exp(n - var n / 2)."""
        return self.outside.firm_demand[firm.row] * self.outside.chain_factor[firm.chain]

    # --- room, pairs, engagements ----------------------------------------------------------------------------------

    def room(self, firm: Firm) -> float:
        """q A e / e0 (1 - loss) - (1 - displacement) Dbar, down to a multiple of 1/1024."""
        full = firm.capacity * firm.productivity * firm.input_rate
        left = full / self.e0 * (1.0 - self.outside.loss[firm.row])
        return math.floor((left - (1.0 - self.displacement) * firm.smoothed_demand) * 1024.0) / 1024.0

    def fits(self, firm: Firm, volume: float) -> bool:
        return firm.contracted + volume <= self.room(firm)

    def trust_of(self, slot: Slot, months: int) -> float:
        trust = slot.first_trust
        for _ in range(months):
            trust += self.trust_rate * (1.0 - trust)
        return trust

    def pair(self, slot: Slot, supplier: Firm, channel: int, first_trust: float) -> None:
        assert slot.owner != supplier.row, "nobody supplies itself"
        if slot.is_paired:
            self.unpair(slot)
        slot.supplier, slot.channel, slot.since = supplier.row, channel, self.month
        slot.first_trust, slot.stock = first_trust, self.stock
        supplier.contracted += slot.volume
        self.ledger["pairs_made"] += 1

    def unpair(self, slot: Slot) -> None:
        self.firms[slot.supplier].contracted -= slot.volume
        slot.supplier, slot.channel, slot.since = -1, OPEN, self.month
        self.ledger["pairs_ended"] += 1

    def engage(self, firm: Firm, need: Need, provider: Provider, project: str) -> None:
        assert provider.firm != firm.row, "nobody serves itself"
        factor = self.levers.duration_factor
        factor = float(factor) if np.ndim(factor) == 0 else float(factor[self.base, firm.row, need.service])
        self.ledger["needs_served"] += need.service_state == OPEN_NEED  # a project may create its need
        need.service_state, need.service_provider, need.project = ENGAGED, provider.number, project
        need.service_due = self.month + max(1, math.floor(self.service_duration * factor + 0.5))
        provider.used[need.service] += 1

    def common_trust(self, first: Firm, second: Firm) -> float:
        """The largest c of the labels that both members carry."""
        if not (first.member and second.member):
            return 0.0
        shared = [0.0]
        for name in TRUSTS:
            label = getattr(first, name)
            if label >= 0 and label == getattr(second, name):
                shared.append(self.trust[name][label])
        return max(shared)


TRUSTS = ("site", "chain", "group")


@dataclass
class Outside:
    """What comes from outside this month, by row, chain, good or site."""

    firm_demand: list[float] = field(default_factory=list)
    chain_factor: list[float] = field(default_factory=list)
    contract: list[float] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    availability: list[float] = field(default_factory=list)
    search_factor: list[float] = field(default_factory=list)


def at(value: Any, base: int) -> Any:
    """A number, or the entry of a column (bases, 1) or (bases,)."""
    return value if np.ndim(value) == 0 else np.asarray(value)[base].reshape(-1)[0].item()


def _firms(world: World, arm: int, base: int) -> list[Firm]:
    population, state = world.population, world.state
    columns = {name: getattr(state, name)[arm, base].tolist() for name in FIRM_COLUMNS}
    for name in ("size_class", "owner_kind", "anchor", "capacity_reference", "productivity_reference", "weight"):
        columns[name] = getattr(population, name)[base].tolist()
    firms = [Firm(row, **{name: column[row] for name, column in columns.items()}) for row in range(world.rows)]
    for firm in firms:
        firm.slots.extend(_slots(world, arm, base, firm.row))
    return firms


def _slots(world: World, arm: int, base: int, row: int) -> list[Slot]:
    population, slots = world.population, []
    begin, end = population.slot_begin[base * world.rows + row : base * world.rows + row + 2].tolist()
    for number, packed in enumerate(range(begin, end)):
        slot = Slot(
            row,
            number,
            float(population.slot_volume[packed]),
            bool(population.reserve_own[packed]),
            int(population.reserve_other[packed]),
        )
        for name in SLOT_COLUMNS:
            setattr(slot, name, getattr(world.state, name)[arm, packed].item())
        slots.append(slot)
    return slots


def _providers(world: World, arm: int, base: int) -> list[Provider]:
    population, state = world.population, world.state
    return [
        Provider(
            number,
            int(population.provider_firm[base, number]),
            int(population.provider_institution[number]),
            int(population.provider_site[base, number]),
            population.provider_places[base, number].tolist(),
            state.places[arm, base, number].tolist(),
            state.used[arm, base, number].tolist(),
        )
        for number in range(population.providers)
    ]


# --- comparison ------------------------------------------------------------------------------------------------------


def assert_same(world: World, town: Town, step: str) -> None:
    """Everything that decides is equal, every quantity agrees to 1e-9; volumes and places add up from both sides."""
    where = f"month {town.month}, arm {town.arm}, base {town.base}, after {step}"
    for name, expected, found in _columns(world, town):
        if np.issubdtype(found.dtype, np.floating):
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=f"{name}, {where}")
        else:
            np.testing.assert_array_equal(found, expected, err_msg=f"{name}, {where}")
    _assert_books(world, town, where)
    _assert_sums(town, where)


def _columns(world: World, town: Town) -> Any:
    arm, base, state = town.arm, town.base, world.state
    yield "active", [firm.active for firm in town.firms], state.active[arm, base]
    for name in FIRM_COLUMNS:
        yield (
            name,
            [getattr(firm, name) for firm in town.active()],
            getattr(state, name)[arm, base][state.active[arm, base]],
        )
    begin, end = world.population.slot_begin[[base * world.rows, (base + 1) * world.rows]]
    for name in SLOT_COLUMNS:
        found = getattr(state, name)[arm, begin:end]
        exists = state.channel[arm, begin:end] != NO_SLOT
        yield name, [getattr(slot, name) for slot in town.slots()], found[exists]
    for name in ("service_state", "service_provider"):
        needs = [[getattr(need, name) for need in firm.needs] for firm in town.firms]
        yield name, needs, getattr(state, name)[arm, base]
    yield from _needs(world, town)
    for name in ("places", "used"):
        yield name, [getattr(one, name) for one in town.providers], getattr(state, name)[arm, base]
    for name in TRUSTS:
        yield f"trust_{name}", town.trust[name], getattr(state, f"trust_{name}")[arm, base]


def _needs(world: World, town: Town) -> Any:
    """Dates count while a need is open or engaged, the project while it is engaged."""
    state, place = world.state, (town.arm, town.base)
    needs = [need for firm in town.firms for need in firm.needs]
    waiting = np.array([need.service_state == OPEN_NEED for need in needs])
    engaged = np.array([need.service_state == ENGAGED for need in needs])
    for name, counts in (("service_due", waiting | engaged), ("service_since", waiting)):
        found = getattr(state, name)[place].reshape(-1)
        yield name, np.array([getattr(need, name) for need in needs])[counts], found[counts]
    kinds = ["", *(label for label, _ in world.project_kinds[town.arm])]
    found = np.array(kinds, dtype=object)[state.service_project[place].reshape(-1)[engaged]]
    yield "project", np.array([need.project for need in needs], dtype=object)[engaged], found


def _assert_books(world: World, town: Town, where: str) -> None:
    for name in world.ledger.__dataclass_fields__:
        found = getattr(world.ledger, name)[town.arm, town.base]
        assert math.isclose(found, town.ledger[name], rel_tol=1e-9, abs_tol=1e-9), (
            f"{name}: {found}, expected {town.ledger[name]}, {where}"
        )


def _assert_sums(town: Town, where: str) -> None:
    contracted = [0.0] * town.rows
    for slot in town.slots():
        if slot.is_paired:
            assert slot.supplier != slot.owner, f"a firm supplies itself, {where}"
            contracted[slot.supplier] += slot.volume
    assert contracted == [firm.contracted for firm in town.firms], where
    used = Counter(
        (need.service_provider, need.service)
        for firm in town.firms
        for need in firm.needs
        if need.service_state == ENGAGED
    )
    for provider in town.providers:
        assert provider.used == [used[provider.number, service] for service in range(4)], where
