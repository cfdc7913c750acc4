"""Random scenarios, and a month of a world beside the same month of the naive model."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from naive_month import aid, endings, environment, inputs, learning, needs, production
from naive_policy import policy
from naive_search import own_search, service_search
from naive_town import SLOTS_DRAWN, Numbers, Town, assert_same

from clustersim import scenario
from clustersim.engines import batch
from clustersim.engines.arms import reserve_rows, with_events
from clustersim.mechanisms import schedule
from clustersim.scenario.model import Scenario
from clustersim.spec import logbook
from clustersim.spec.levers import Levers
from clustersim.spec.month import Ledger, Log
from clustersim.spec.policy import Policy
from clustersim.spec.state import OPEN, SERVICES, WANTED
from clustersim.spec.world import World

SCOPES = ("site", "chain", "region")
RESOURCES = ("goods", "technology", "talent", "finance", "permit")
SHARES = {2: (0.6, 0.4), 3: (0.3, 0.5, 0.2)}
KINDS = ("vocational_school", "university", "department", "bank", "fund")


def parameters(chance: random.Random) -> dict[str, Any]:
    """Numbers that make much happen in few months."""

    def between(low: float, high: float) -> float:
        return round(chance.uniform(low, high), 3)

    return {
        "friction": between(0.0, 0.3),
        "cross_chain": between(0.1, 0.8),
        "spread": between(0.3, 1.0),
        "capacity_spread": between(0.3, 1.3),
        "slots_at_median": between(1.5, 3.0),
        "large_share": between(0.1, 0.3),
        "state_owned": between(0.1, 0.5),
        "service_opening": between(0.1, 0.4),
        "service_patience": chance.randint(1, 4),
        "service_duration": chance.randint(1, 5),
        "service_search": between(0.2, 0.9),
        "places_share": between(0.05, 0.3),
        "anchor_technology_places": chance.choice([1, 2]),
        "engagement_patents": between(0.0, 2.0),
        "ending": between(0.02, 0.2),
        "bad_end": between(0.0, 0.3),
        "trust_rate": between(0.02, 0.3),
        "search": between(0.1, 0.7),
        "conversion": between(0.2, 0.9),
        "local": between(0.2, 0.8),
        "displacement": between(0.0, 1.0),
        "trust_gain": between(0.5, 3.0),
        "key_share": between(0.1, 0.5),
        "choke": between(0.0, 0.9),
        "specificity": between(0.0, 0.9),
        "pair_priority": between(0.0, 0.5),
        "rivalry": between(0.0, 1.0),
        "reroute": between(0.0, 1.0),
        "noise_spread": between(0.05, 0.2),
        "burden_day": chance.choice([0.003, 0.3]),
        "capacity_adjustment": between(0.01, 0.1),
        "demand_trend": between(-0.02, 0.02),
    }


def population(chance: random.Random, firms: int) -> dict[str, Any]:
    sites = ["East", "West", "North"][: chance.randint(2, 3)]
    chains = ["one", "two", "three"][: chance.randint(2, 3)]
    institutions: list[dict[str, Any]] = []
    for kind in KINDS:
        for number in range(chance.randint(0, 2)):
            entry: dict[str, Any] = {"name": f"{kind} {number}", "kind": kind}
            if chance.random() < 0.4:
                entry["site"] = chance.choice(sites)
            if chance.random() < 0.3:
                entry["places"] = {name: chance.randint(0, 3) for name in RESOURCES[1:]}
            institutions.append(entry)
    return {
        "firms": firms,
        "sites": dict(zip(sites, SHARES[len(sites)], strict=True)),
        "chains": {
            name: {"tiers": chance.randint(1 if number else 2, 3), "share": share}
            for number, (name, share) in enumerate(zip(chains, SHARES[len(chains)], strict=True))
        },
        "institutions": institutions,
    }


def matchmaking(chance: random.Random, **fixed: Any) -> dict[str, Any]:
    words = {
        "instrument": "matchmaking",
        "scope": chance.choice(SCOPES),
        "also": chance.choice(["none", "region"]),
        "resources": sorted(chance.sample(RESOURCES, chance.randint(1, 5)), key=RESOURCES.index),
        "interval": chance.choice([1, 1, 2]),
        "survey_share": chance.choice([0.6, 1.0]),
        "introductions": chance.choice([2.5, 6, 15, 40]),
        "order": chance.choice(["random", "largest", "bottleneck"]),
        "key_firms_first": chance.random() < 0.4,
        "score": chance.choice(["size", "room", "same_site"]),
        "support": chance.choice([0.5, 1.0]),
        "conversion_information": chance.choice([0.1, 0.6]),
        "conversion_supported": chance.choice([0.5, 1.0]),
        "switch": chance.choice([0.0, 0.5, 1.0]),
        "meeting": chance.random() < 0.5,
    }
    return {**words, **fixed}


def composition(chance: random.Random) -> dict[str, Any]:
    """A policy of several instruments."""
    arm: dict[str, Any] = {}
    if chance.random() < 0.7:
        arm["members"] = "all"
    arm["organisation_building"] = {"hazard_small": 0.3, "phase_months": chance.choice([1, 3])}
    makers = {
        "rounds": lambda: matchmaking(chance),
        "more_rounds": lambda: matchmaking(chance, start=chance.randint(1, 3)),
        "pairing": lambda: formal_pairing(chance, "firms"),
        "research": lambda: formal_pairing(chance, "research"),
        "fusion_projects": lambda: {
            "scope": chance.choice(SCOPES),
            "projects": chance.choice([12, 60, 200]),
            "patents": 1.5,
            "gain_factor": chance.choice([1.0, 2.5]),
        },
        "services": lambda: {
            "scope": chance.choice(SCOPES),
            "duration_factor": 0.5,
            "places_added": chance.randint(0, 6),
            "places_factor": chance.choice([1.0, 1.5, 0.4]),
            "caseload": chance.choice([0, 5]),
        },
        "groups": lambda: {
            "scope": chance.choice(SCOPES),
            "size": chance.randint(3, 8),
            "interval": chance.choice([1, 2]),
            "duration": 60,
            "contact": 0.5,
            "referral": chance.choice([0.0, 0.5, 1.0]),
            "conversion": 0.7,
            "peer_size_weight": chance.choice([0.0, 1.0]),
            "who": {"share": chance.choice([1.0, 0.7])},
        },
        "forum": lambda: {"scope": chance.choice(SCOPES), "interval": chance.choice([1, 3]), "trust_rate": 0.2},
        "mutual_aid": lambda: {"scope": chance.choice(SCOPES), "share": 0.5, "delay": chance.randint(0, 2)},
        "attraction": lambda: {
            "scope": chance.choice(["chain", "region"]),
            "chain": chance.choice(["", "", "two"]),
            "entries": chance.choice([6, 24]),
        },
    }
    chosen = chance.sample(list(makers), chance.randint(4, len(makers)))
    return {**arm, **{label: makers[label]() for label in chosen}}


def formal_pairing(chance: random.Random, kind: str) -> dict[str, Any]:
    words = {
        "instrument": "formal_pairing",
        "kind": kind,
        "scope": chance.choice(SCOPES),
        "owners": chance.choice(["any", "different"]),
        "ties": chance.choice([12, 60]),
        "mentees": chance.randint(1, 3),
        "ending_factor": chance.choice([0.3, 1.0]),
    }
    return {**words, "end": 9} if chance.random() < 0.3 else words


def events(chance: random.Random, chains: Sequence[str], sites: Sequence[str]) -> list[dict[str, Any]]:
    def when() -> dict[str, Any]:
        return {"month": chance.randint(1, 5), "months": chance.randint(1, 4)}

    possible = [
        {"event": "demand", **when(), "factor": 0.6, "chain": chance.choice(chains)},
        {"event": "supply", **when(), "availability": 0.3, "chain": chance.choice(chains)},
        {"event": "supply", **when(), "availability": 0.5},
        {"event": "capacity", **when(), "loss": 0.5, "share": 0.5, "shock": False},
        {"event": "capacity", **when(), "loss": 0.7, "site": chance.choice(sites)},
        {"event": "contract", **when(), "share_of_capacity": 0.4, "share": 0.3},
        {"event": "finance", "month": 2, "gain": 0.1, "chain": chance.choice(chains)},
        {"event": "search", **when(), "factor": 2.0, "site": chance.choice(sites)},
    ]
    return chance.sample(possible, chance.randint(0, 4))


def document(
    chance: random.Random, policies: dict[str, Any], *, shocks: bool = True, firms: tuple[int, int] = (20, 45)
) -> dict[str, Any]:
    people = population(chance, chance.randint(*firms))
    return {
        "schema": 1,
        "name": "random",
        "time": {"burn_in": 24, "horizon": 12},
        "population": people,
        "policies": policies,
        "parameters": parameters(chance),
        "events": events(chance, list(people["chains"]), list(people["sites"])) if shocks else [],
    }


def with_roster(chance: random.Random, text: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The same scenario with listed firms: some offer places; known pairs, also between sellers of one good."""
    people = text["population"]
    firms = people.pop("firms")
    rows = ["id,chain,tier,site,capacity,places_technology,places_talent,places_permit"]
    for row in range(firms):
        chain = chance.choice(list(people["chains"]))
        tier = chance.choice(["", chance.randrange(people["chains"][chain]["tiers"])])
        places = ",".join(str(chance.choice(["", "", 0, 1, 3])) for _ in range(3))
        site, capacity = chance.choice(["", *people["sites"]]), chance.choice(["", 50, 100, 100, 400])
        rows.append(f"F{row},{chain},{tier},{site},{capacity},{places}")
    links = {tuple(chance.sample(range(firms), 2)) for _ in range(firms)}
    (folder / "firms.csv").write_text("\n".join(rows), encoding="utf-8")
    (folder / "links.csv").write_text(
        "\n".join(["supplier,buyer", *(f"F{supplier},F{buyer}" for supplier, buyer in sorted(links))]), encoding="utf-8"
    )
    return {**text, "population": {**people, "roster": "firms.csv", "links": "links.csv"}}


def two_points(chance: random.Random, text: dict[str, Any], folder: Path) -> list[Scenario]:
    """A scenario, and the same one with other numbers: parameters become columns."""
    first = scenario.loads(json.dumps(text), folder=folder)
    other = parameters(chance)
    changed = ("friction", "search", "conversion", "ending", "displacement", "service_duration", "slots_at_median")
    return [first, scenario.with_changes(first, {f"parameters.{name}": other[name] for name in changed})]


def one_arm(seed: int, arm: dict[str, Any], changes: dict[str, Any] | None = None) -> Comparison:
    """The arm of everyone's alliance, beside the naive model, at the end of a short burn-in."""
    chance = random.Random(seed)
    text = document(chance, {"arm": {"members": "all", **arm}}, shocks=False, firms=(30, 50))
    text["parameters"].update(changes or {})
    found = Comparison([scenario.loads(json.dumps(text))], [seed, seed + 1], first_arm=1)
    found.burn_in(8, compared=0)
    return found


# --- engine and naive model side by side ---------------------------------------------------------------------------


class Comparison:
    """Runs an engine's world month by month, and the naive model from each month's start.

    Attributes:
        happened: ledger of all months compared, over the arms and bases compared.
        first_arm: arms before it are run, not compared.
    """

    def __init__(self, points: Sequence[Scenario], seeds: Sequence[int], first_arm: int = 0):
        self.first_arm, self.happened = first_arm, Counter[str]()
        self.scenario, self.seeds = points[0], list(seeds)
        self.world = batch.world_of(points, seeds)
        self.arms = batch.stacked_policies(points, len(seeds))
        self.numbers = Numbers(self.seeds, self.world.population.incumbents, reserve_rows(points))

    def burn_in(self, months: int, compared: int = 1) -> None:
        for month in range(months):
            if month < months - compared:
                schedule.month(self.world)
            else:
                self.month([Policy("")], scheduled=False)
        self.world.burn_in = months
        batch.set_known_links(self.world)
        self.world = batch.branched(self.world, len(self.arms))
        self.world.levers = [Levers() for _ in self.arms]
        self.world.log = Log(self.world.bases)

    def horizon(self, months: int) -> None:
        for _ in range(months):
            self.month([arm.policy for arm in self.arms])

    def month(self, policies: Sequence[Policy], *, scheduled: bool = True) -> None:
        world = self.world
        planned = self.scenario.events if scheduled else ()
        meets = with_events(self.scenario, self.arms) if scheduled else np.ones((1, 0), dtype=bool)
        compared = range(min(self.first_arm, world.arms - 1), world.arms)
        towns = [Town(world, arm, base, self.numbers) for arm in compared for base in range(world.bases)]
        packed, before = _packed(world), _rounds_until_now(world)
        world.month += 1
        world.ledger = Ledger.empty(world.arms, world.bases)
        self.numbers.begin(world.month)
        for name, step in schedule.steps(policies, planned, meets):
            step(world)
            for town in towns:
                town.month = world.month
                if name == "environment":
                    environment(town, planned, meets[town.arm].tolist())
                elif name == "policy":
                    if policies:
                        policy(town, policies[town.arm], world.levers[town.arm])
                elif name == "endings":
                    endings(town, packed[town.base])
                else:
                    STEPS[name](town)
                assert_same(world, town, name)
                assert_same_flows(world, town, name)
        for town in towns:
            if before is not None:
                assert_same_rounds(world, town, packed[town.base], before)
            self.happened.update(town.ledger)


STEPS = {
    "needs": needs,
    "search": own_search,
    "service_search": service_search,
    "inputs": inputs,
    "aid": aid,
    "production": production,
    "learning": learning,
}


def assert_same_flows(world: World, town: Town, step: str) -> None:
    """What is computed on the executor: outside orders, inputs, local orders, output."""
    arm, base = town.arm, town.base
    if step == "environment":
        demand = np.broadcast_to(world.environment.demand, (world.arms, world.bases, world.rows))[arm, base]
        expected = [town.demand(firm) for firm in town.active()]
        np.testing.assert_allclose(demand[world.state.active[arm, base]], expected, rtol=1e-9)
        np.testing.assert_allclose(world.environment.noise[base], town.noise, rtol=1e-9, atol=1e-12)
    if step in ("inputs", "aid"):
        begin, end = world.population.slot_begin[[base * world.rows, (base + 1) * world.rows]]
        exists = world.state.channel[arm, begin:end] >= 0
        for name, expected in (
            ("orders", [slot.order for slot in town.slots()]),
            ("inputs", [slot.inputs for slot in town.slots()]),
        ):
            found = getattr(world.flows, name)[arm, begin:end][exists]
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(world.flows.local_orders[arm, base], town.local_orders, rtol=1e-9, atol=1e-12)
    if step == "production":
        for name, expected in town.made.items():
            found, active = getattr(world.flows, name)[arm, base], np.array([firm.active for firm in town.firms])
            np.testing.assert_allclose(found[active], np.array(expected)[active], rtol=1e-9, atol=1e-12, err_msg=name)


def _rounds_until_now(world: World) -> np.ndarray | None:
    """Months in which the needs that wait were surveyed and introduced; None while nothing is logged."""
    if world.log is None:
        return None
    needs = world.firms * len(SERVICES) + world.slots
    return np.zeros((2, world.arms, needs)) if world.log.rounds is None else world.log.rounds.copy()


def assert_same_rounds(world: World, town: Town, packed: dict[tuple[int, int], int], before: np.ndarray) -> None:
    """Needs that rounds found, and introduced, this month for the first time; of those that wait no more, nothing."""
    log, now = world.log, world.month - world.burn_in
    assert log is not None
    if log.rounds is not None:
        waits = [world.state.service_state[town.arm].reshape(-1) == WANTED, world.state.channel[town.arm] == OPEN]
        assert not log.rounds[:, town.arm, ~np.concatenate(waits)].any()
    for event, name in enumerate(("surveyed", "introduced")):
        first = set() if log.rounds is None else set(np.flatnonzero(log.rounds[event, town.arm] == now).tolist())
        for spells in log.spells:
            mine = (spells["arm"] == town.arm) & (spells[name] == now)
            needs = logbook.need_in_log(world, spells["firm"], spells["resource"], spells["slot"])
            first |= set(needs[mine].tolist())
        expected = set()
        for row, number in town.in_rounds[name]:
            slot, firm = packed.get((row, number), -1), np.array(town.base * world.rows + row)
            need = int(logbook.need_in_log(world, firm, number - SLOTS_DRAWN, slot))
            if before[event, town.arm, need] == 0:
                expected.add(need)
        assert {need for need in first if _base_of(world, need) == town.base} == expected, name


def _base_of(world: World, need: int) -> int:
    services = world.firms * len(SERVICES)
    return need // (world.rows * len(SERVICES)) if need < services else int(world.base_of_slot[need - services])


def _packed(world: World) -> list[dict[tuple[int, int], int]]:
    """Packed number of each (owner row, slot number) of each base."""
    numbers: list[dict[tuple[int, int], int]] = [{} for _ in range(world.bases)]
    for slot, (owner, number) in enumerate(
        zip(world.population.slot_owner.tolist(), world.population.slot_number.tolist(), strict=True)
    ):
        numbers[owner // world.rows][owner % world.rows, number] = slot
    return numbers
