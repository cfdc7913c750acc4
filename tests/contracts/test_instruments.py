"""The contract of every instrument: it only pulls levers, is neutral at zero strength, and costs its plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from clustersim import instruments
from clustersim.engines.arms import Arm, reserve_rows
from clustersim.execution.budget import planned
from clustersim.mechanisms import brokerage, schedule
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import Entries, Levers, Round, Ties
from clustersim.spec.month import Ledger
from clustersim.spec.parameters import Parameter
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import CONTACT, INTRODUCTION, SERVICES, SMALL, TIE
from clustersim.spec.view import View
from clustersim.spec.world import World
from small_worlds import (
    EVERYTHING,
    Finished,
    branch,
    burned_in,
    make,
    months,
    run,
)

type Array = np.ndarray[Any, Any]

NAMES = instruments.names()
SEEDS = (0, 7)
COSTS = ("staff_months", "firm_days", "money", "entries_paid")
MEMBERSHIP = ("members", "members_paired", "organisations")
BOOKKEEPING = {"member", "joined", "group", "organisation", "short_months"}  # of who takes part: change nothing else
OUTAGE = {"event": "supply", "month": 3, "months": 4, "availability": 0.2, "shock": False}

# How often, how long, how large a circle: no strength. Zero is what is left of the rest.
NO_STRENGTH = {"interval", "duration", "size", "mentees", "delay", "phase_months", "phase_share", "caseload", "staff"}
# What switches an instrument off alone, whatever else it is set to.
OFF = [
    ("matchmaking", {"introductions": 0}),
    ("matchmaking", {"survey_share": 0, "switch": 0}),
    ("matchmaking", {"conversion_information": 0, "conversion_word": 0, "conversion_supported": 0, "switch": 1}),
    ("formal_pairing", {"ties": 0}),
    ("fusion_projects", {"projects": 0}),
    ("groups", {"contact": 0, "learning": 0, "trust_rate": 0}),
    ("groups", {"conversion": 0, "learning": 0, "trust_rate": 0}),
    ("forum", {"learning": 0, "trust_rate": 0}),
    ("mutual_aid", {"share": 0}),
    ("attraction", {"entries": 0}),
    ("attraction", {"additional": 0}),
    ("forum", {"attendance": 0}),
    ("groups", {"attendance": 0}),
    ("services", {"duration_factor": 1, "places_factor": 1, "places_added": 0}),
]
STRONG: dict[str, dict[str, Any]] = {
    "attraction": {"entries": 20, "additional": 1},
    "formal_pairing": {"ties": 40, "scope": "region"},
    "forum": {"interval": 1},
    "fusion_projects": {"projects": 80},
    "groups": {"contact": 0.5, "conversion": 0.5},
    "matchmaking": {"interval": 1, "introductions": 30, "support": 1, "word": 0},
    "mutual_aid": {"scope": "region", "share": 1, "delay": 0},
    "organisation_building": {"hazard_small": 0.2, "hazard_medium": 0.2, "hazard_large": 0.2, "phase_months": 2},
    "services": {"places_added": 5, "places_factor": 2, "duration_factor": 0.2},
}


def zero(parameter: Parameter) -> Any:
    """No strength at all: quotas, rates and shares 0, factors 1."""
    if parameter.name in NO_STRENGTH or not parameter.is_numeric:
        return parameter.default
    return 1.0 if parameter.unit == "factor" else 0.0


def alone(name: str, values: dict[str, Any], members: str = "all", **words: Any) -> Scenario:
    """One arm with one instrument, in months that know an outage."""
    arm = {"members": members, name: {**values, **words}}
    return make({"arm": arm}, {"burden_day": 0.0, "service_opening": 0.1}, [OUTAGE])


@pytest.fixture(name="start", scope="module")
def _start() -> World:
    """The burn-in that all arms without entrants share."""
    return burned_in([alone("forum", {})], SEEDS)


def finished(scenario: Scenario, start: World) -> Finished:
    return run(scenario, SEEDS, start if reserve_rows([scenario]) == 0 else None)


def changes(found: Finished, arm: int = 1) -> set[str]:
    """Measures and columns in which an arm is not its twin, costs and membership apart."""
    series = {name for name, column in found.recorder.series.items() if not np.array_equal(column[arm], column[0])}
    columns = {
        name for name, column in found.world.state.columns().items() if not np.array_equal(column[arm], column[0])
    }
    return (series - {*COSTS, *MEMBERSHIP}) | (columns - BOOKKEEPING)


@pytest.mark.parametrize("name", NAMES)
def test_no_strength_changes_nothing_but_costs(name: str, start: World) -> None:
    values = {parameter.name: zero(parameter) for parameter in instruments.module(name).PARAMETERS}
    values |= {parameter: list(word) for parameter, word in values.items() if isinstance(word, tuple)}
    found = finished(alone(name, values), start)
    assert changes(found) == set()
    assert found.total("staff_months")[1].min() > 0  # it was there


@pytest.mark.parametrize(("name", "values"), OFF)
def test_one_zero_is_enough(name: str, values: dict[str, Any], start: World) -> None:
    found = finished(alone(name, {**STRONG[name], **values}), start)
    assert changes(found) - {"introductions"} == set()


@pytest.mark.parametrize("name", NAMES)
def test_an_instrument_with_strength_changes_something(name: str, start: World) -> None:
    members = "organised" if name == "organisation_building" else "all"
    found = finished(alone(name, STRONG[name], members), start)
    if name == "organisation_building":  # a gate: nothing but its members
        assert (found.recorder.series["members"][1, :, -1] > found.recorder.series["members"][1, :, 0]).all()
        assert changes(found) == set()
    else:
        assert {"output", "needs_served"} & changes(found)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_before_the_start_and_nothing_asked_after_the_end(name: str) -> None:
    values = {**STRONG[name], "start": 4, "end": 6}
    policy = {"arm": {"members": "organised", name: values}, "both": {"members": "all", name: values}}
    scenario = make(policy, {"service_opening": 0.1}, [OUTAGE])
    costs = np.zeros((3, scenario.time.horizon))
    for month, world in enumerate(months([scenario], SEEDS), start=1):
        costs[:, month - 1] = sum(getattr(world.ledger, cost).sum(axis=1) for cost in COSTS)
        if month < 4:
            assert all(np.array_equal(column[1], column[0]) for column in world.state.columns().values())
        if month > 6:
            neutral, levers = Levers(), world.levers[2]
            assert all(np.all(getattr(levers, field.name) == getattr(neutral, field.name)) for field in fields(Levers))
            assert (world.state.tie_partner == -1).all()
            assert np.array_equal(world.state.places[2], world.population.provider_places)
    assert (costs[0] == 0).all()
    assert (costs[1:, :3] == 0).all()
    assert (costs[1:, 3:6] > 0).all()
    assert (costs[1:, 6:] == 0).all()


def read_only(world: World, arm: int, use: InstrumentUse) -> View:
    """A view whose arrays refuse to be written, and that gives no numbers but those of `who` and of quotas."""
    population = replace(world.population)
    columns = world.state.arm(arm).columns()
    for column in columns.values():
        column.flags.writeable = False
    for field in fields(population):
        if isinstance(column := getattr(population, field.name), np.ndarray):
            shown = column.view()
            shown.flags.writeable = False
            object.__setattr__(population, field.name, shown)

    def words(stream: str) -> Array:
        assert stream in (f"{use.label}.who", "drawn.trial")
        return world.firm_words(stream, month=0)

    def label_words(stream: str, labels: int) -> Array:
        assert stream == f"{use.label}.quota"
        return world.label_words(stream, labels)

    month = world.month - world.burn_in
    return View(month, population, type(world.state)(columns), world.parameters, words, label_words)


def uses(world: World, arms: list[Arm]) -> Iterator[tuple[View, InstrumentUse, Levers]]:
    """What every instrument of every arm asks for now, and what it saw."""
    for number, arm in enumerate(arms):
        for use in arm.policy.instruments:
            view = read_only(world, number, use)
            yield view, use, instruments.module(use.instrument).levers(view, use)


def prepared(points: list[Scenario], seeds: tuple[int, ...] = SEEDS, after: int = 12) -> tuple[World, list[Arm]]:
    """The world some months into the horizon, one month ahead of its last policy step."""
    world, arms = branch(burned_in(points, seeds), points)
    for _ in range(after):
        schedule.month(world, [arm.policy for arm in arms], points[0].events)
    world.month += 1
    world.ledger = Ledger.empty(world.arms, world.bases)
    return world, arms


def reaches(label: str, entry: Any) -> bool:
    """Whether an entry of a policy is an instrument that reaches firms."""
    if not isinstance(entry, dict):
        return False
    return getattr(instruments.module(entry.get("instrument", label)), "REACHES_FIRMS", True)


def with_who(who: dict[str, Any]) -> dict[str, Any]:
    arm = {label: {**entry, "who": who} if reaches(label, entry) else entry for label, entry in EVERYTHING.items()}
    return {**arm, "organisation_building": {**STRONG["organisation_building"], "who": who}, "members": "organised"}


def same(one: Any, other: Any) -> bool:
    """Equal levers, field by field."""
    if isinstance(one, list):
        return len(one) == len(other) and all(same(*both) for both in zip(one, other, strict=True))
    if is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)
        )
    return bool(np.all(one == other))


def test_instruments_only_read_and_draw_nothing() -> None:
    everything = with_who({"share": 0.7})
    world, arms = prepared([make({"arm": everything}, events=[OUTAGE])])
    before = {name: column.copy() for name, column in world.state.columns().items()}
    asked = list(uses(world, arms))
    assert {use.instrument for _, use, _ in asked} == set(NAMES)
    assert all(np.array_equal(before[name], column) for name, column in world.state.columns().items())
    for view, use, levers in asked:
        assert same(levers, instruments.module(use.instrument).levers(view, use))


def shapes(view: View, levers: Levers) -> Iterator[tuple[Any, tuple[int, ...]]]:
    """Every lever with the shape it must have or spread to."""
    people = view.population
    firms, places = (people.bases, people.rows), (people.bases, people.providers, len(SERVICES))
    yield levers.founding, firms
    yield levers.firm_days, firms
    yield levers.places_factor, places
    yield levers.places_added, places
    yield levers.duration_factor, (*firms, len(SERVICES))
    yield levers.ending_factor, (people.slots,)
    yield levers.trust_site, (people.bases, people.sites)
    yield levers.trust_chain, (people.bases, people.chains)
    yield levers.trust_group, firms
    yield levers.staff_months, (people.bases, 1)
    yield levers.money, (people.bases, 1)


def exact_shapes(view: View, levers: Levers) -> Iterator[tuple[Array, tuple[int, ...], type]]:
    people = view.population
    for action in [*levers.actions, *levers.pulls, *levers.aid]:
        yield action.who, (people.bases, people.rows), np.bool_
    for request in [*levers.actions, *levers.entries]:
        if isinstance(request, Round | Ties | Entries):
            quota = request.budget if isinstance(request, Round) else request.quota
            yield quota, (people.bases, view.labels(request.scope)[1]), np.int64
    for request in levers.entries:
        yield request.site, (people.bases,), np.int64


def number_columns(factor: float) -> dict[str, Any]:
    """Everything, with the numbers of its instruments changed so that points differ."""
    arm: dict[str, Any] = {"members": "all"}
    for label, entry in EVERYTHING.items():
        if not isinstance(entry, dict):
            continue
        registry = instruments.parameters(entry.get("instrument", label))
        arm[label] = dict(entry)
        for parameter in registry.values():
            if parameter.kind == "number":
                value = arm[label].get(parameter.name, parameter.default) * factor
                arm[label][parameter.name] = min(value, parameter.hard[1])
    return arm


@pytest.mark.parametrize("factors", [(1.0,), (1.0, 0.6)])
def test_levers_have_their_shapes_with_one_point_and_with_two(factors: tuple[float, ...]) -> None:
    points = [make({"arm": number_columns(factor)}, {"price_introduction": factor / 2}) for factor in factors]
    world, arms = prepared(points)
    for view, _, levers in uses(world, arms):
        for lever, shape in shapes(view, levers):
            assert np.broadcast_shapes(np.shape(lever), shape) == shape
        for lever, shape, kind in exact_shapes(view, levers):
            assert (np.shape(lever), lever.dtype.type) == (shape, kind)


@pytest.mark.parametrize(
    "who",
    [
        {"site": "West"},
        {"chain": "parts"},
        {"tier": 1},
        {"size_class": ["small", "medium"]},
        {"owner": "private"},
        {"anchor": False},
        {"share": 0.4},
        {"share": 0.4, "drawn": "trial"},
        {"site": "East", "size_class": "small", "share": 0.8},
    ],
)
def test_nobody_outside_who_is_reached(who: dict[str, Any]) -> None:
    world, arms = prepared([make({"arm": with_who(who)}, events=[OUTAGE], months=(12, 12))], after=3)
    reached: dict[str, int] = {}
    for view, use, levers in uses(world, arms):
        nobody = ~inside(world, who, use.label)
        masks = [action.who for action in [*levers.actions, *levers.pulls, *levers.aid]]
        masks += [
            np.broadcast_to(levers.firm_days, nobody.shape) > 0,
            np.broadcast_to(levers.founding > 0, nobody.shape),
        ]
        masks += [(np.broadcast_to(levers.duration_factor, (*nobody.shape, len(SERVICES))) != 1).any(axis=2)]
        assert not any((mask & nobody).any() for mask in masks)
        if use.instrument != "organisation_building":
            assert not any((mask & ~view.state.member).any() for mask in masks)
        reached[use.label] = sum(int(mask.sum()) for mask in masks)
    assert {label for label, number in reached.items() if number == 0} <= {"attraction"}


def inside(world: World, who: dict[str, Any], label: str) -> Array:
    """Which firms pass a `who`, told without the view, (bases, rows)."""
    people, state = world.population, world.state
    numbers = world.firm_words("drawn.trial" if "drawn" in who else f"{label}.who", month=0)
    passed = state.active[1] & (numbers < int(who.get("share", 1) * 2**32))
    names = {"site": ["East", "West"], "chain": ["equipment", "parts"], "owner": ["private", "state", "foreign"]}
    names["size_class"] = ["small", "medium", "large"]
    columns = {"site": state.site[1], "chain": state.chain[1], "owner": people.owner_kind, "tier": state.tier[1]}
    columns["size_class"] = people.size_class
    for key, column in columns.items():
        if key in who:
            words = who[key] if isinstance(who[key], list) else [who[key]]
            passed &= np.isin(column, [names[key].index(word) if key in names else word for word in words])
    return passed & (people.anchor == who["anchor"]) if "anchor" in who else passed


def test_pairs_that_a_policy_makes_belong_to_who() -> None:
    arm = {label: {**entry, "who": {"site": "West"}} for label, entry in EVERYTHING.items() if reaches(label, entry)}
    *_, world = months([make({"arm": {**arm, "members": "all"}})], SEEDS)
    assert world.log is not None
    made = {
        name: np.concatenate([part[name] for part in world.log.pairs]) for name in ("arm", "slot", "supplier", "code")
    }
    west = (world.population.site == 1).reshape(-1)
    buyer = west[world.population.slot_owner[made["slot"]]]
    seller = west[np.maximum(made["supplier"], 0)]
    brokered = np.isin(made["code"], (INTRODUCTION, CONTACT))
    assert brokered.sum() > 20
    assert buyer[brokered].all()
    assert (buyer | seller)[made["code"] == TIE].all()
    assert not buyer[made["code"] == 1].all()  # own search goes on everywhere


# --- planned and realised cost -------------------------------------------------------------------------------------

LABELS = 2  # of a scope at most; each of them may be ahead of its share by less than one, by its phase
PRICES = {"formal_pairing": 1.0, "fusion_projects": 6.0, "attraction": 50.0}
CERTAIN = ("organisation_building", "forum", "groups", "mutual_aid", "services")


def realised(found: Finished) -> Array:
    prices = found.scenario.parameters
    return found.total("staff_months")[1] * prices.price_staff_month + found.total("money")[1]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("active", [{}, {"start": 3, "end": 9}])
def test_realised_cost_is_the_plan_or_less(name: str, active: dict[str, int], start: World) -> None:
    scenario = alone(name, {**STRONG[name], **active})
    found, plan = finished(scenario, start), planned(scenario, scenario.policies[1])
    if name in CERTAIN:
        assert realised(found) == pytest.approx(plan.at(1.0), rel=1e-12)
    elif name == "matchmaking":  # how many supported ones convert is random
        assert (found.total("introductions")[1] <= introductions_planned(scenario) + LABELS).all()
        assert (found.total("first_orders") <= found.total("introductions")).all()
    else:
        assert (realised(found) <= plan.at(1.0) + LABELS * PRICES[name] + 1e-9).all()
        assert (realised(found) >= plan.fixed - 1e-9).all()


def introductions_planned(scenario: Scenario) -> float:
    """Introductions in the plan, told by a price of 1 for each and of 0 for all else."""
    prices = scenario.parameters.replace(price_introduction=1.0, price_first_order=0.0)
    return planned(replace(scenario, parameters=prices), scenario.policies[1]).scaled


def test_meetings_of_a_matchmaking_programme_cost_their_plan(start: World) -> None:
    scenario = alone("matchmaking", {"introductions": 0, "meeting": True, "interval": 3})
    found = finished(scenario, start)
    assert realised(found) == pytest.approx(planned(scenario, scenario.policies[1]).at(1.0), rel=1e-12)
    assert found.total("firm_days")[1] == pytest.approx(4 * 0.6 * 60)  # six in ten come
    assert found.total("money")[1] == pytest.approx(4 * 0.6 * 60 * 0.02)


def test_places_that_are_added_are_paid_as_planned_and_dealt_out(start: World) -> None:
    found = finished(alone("services", {"places_added": 5, "staff": 0}), start)
    people, state = found.world.population, found.world.state
    added = (state.places[1] - people.provider_places).sum(axis=1)
    assert (added == 3).all()  # 5 per 100 firms of 60
    assert found.total("money")[1] == pytest.approx(3 * 4 * 6.0)


# --- limits --------------------------------------------------------------------------------------------------------


def test_no_budget_quota_or_place_is_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds, engagements = [], []
    play, engage = brokerage._round, World.engage

    def watched_round(world: World, arm: int, request: Round) -> Array:
        spent = play(world, arm, request)
        rounds.append((request.label, spent, request.budget))
        return spent

    def watched_engage(self: World, need: Array, provider: Array, project: int) -> None:
        engage(self, need, provider, project)
        seat, firm = self.seat(need, provider), need // len(SERVICES)
        engagements.append((self.flat.used[seat], self.flat.places[seat]))
        assert (self.population.provider_firm[self.base_of(firm), provider] != firm % self.rows).all()

    monkeypatch.setattr(brokerage, "_round", watched_round)
    monkeypatch.setattr(World, "engage", watched_engage)
    scenario = make({"arm": EVERYTHING}, {"service_opening": 0.3}, [OUTAGE], months=(24, 24))
    before = None
    for month, world in enumerate(months([scenario], SEEDS)):
        _check_ties_and_entries(world, before, month)
        before = world.state.tie_partner.copy()
    assert {label for label, *_ in rounds} == {"matchmaking", "matchmaking.region", "fusion_projects"}
    assert all((spent <= budget).all() for _, spent, budget in rounds)
    assert any((spent == budget).all() for _, spent, budget in rounds)  # the budgets bind
    used, places = (np.concatenate(column) for column in zip(*engagements, strict=True))
    assert (used <= places).all()
    assert (used == places).any()


def _check_ties_and_entries(world: World, before: Array | None, month: int) -> None:
    """Each of the two pairing schemes ties at most its monthly quota in each label, and at most 3 to a firm.

    A year's ties are 40 per 100 of 36 and 24 firms of a chain, 14.4 and 9.6, and 20 per 100 of 30 at a site, 6. Firms
    enter by 7 * 0.9 * 60 / 100 / 12 = 0.315 a month.
    """
    people, partner = world.population, world.state.tie_partner
    new = partner[1] >= 0 if before is None else (partner[1] >= 0) & (before[1] < 0)
    assert (people.size_class[new] == SMALL).all()
    with_firm, chain, site = partner[1] < world.rows, world.state.chain[1], world.state.site[1]
    for base in range(world.bases):
        for label, scheme, quota in ((chain, with_firm, (2, 1)), (site, ~with_firm, (1, 1))):
            counts = np.bincount(label[base][new[base] & scheme[base]], minlength=2)
            assert (counts <= quota).all()
        tied = partner[1, base][partner[1, base] >= 0]
        assert np.bincount(tied, minlength=1).max() <= 3
    entered = world.state.active[1, :, people.incumbents :].sum(axis=1)
    assert np.isin(entered - int(0.315 * (month + 1)), (0, 1)).all()


def test_organisations_are_founded_with_their_hazard_every_month() -> None:
    """After m months a share (1 - h)^m of the firms without one still has none."""
    hazards = {f"hazard_{size}": 0.1 for size in ("small", "medium", "large")}
    arm = {"organisation_building": {"order": "all_at_once", **hazards}}
    found = run(make({"arm": arm}, months=(0, 18), firms=400), SEEDS)
    without = 1.0 - found.world.state.organisation[1].mean(axis=1)
    at_start = 1.0 - found.world.population.organisation.mean(axis=1)
    assert without / at_start == pytest.approx(0.9**18, abs=0.06)


def services_asked(*changes: dict[str, Any]) -> list[Levers]:
    """Of points that differ in their services, side by side in one world; one policy arm."""
    points = [make({"arm": {"members": "all", "services": change}}) for change in changes]
    world, arms = prepared(points, seeds=(0,), after=1)
    return [levers for _, _, levers in uses(world, arms)]


def served(levers: Levers, point: int) -> int:
    """Firms whose engagements are shorter at a point."""
    return int((levers.duration_factor[point] < 1.0).any(axis=1).sum())


def test_a_caseload_of_one_point_limits_no_other() -> None:
    (together,) = services_asked({"caseload": 0, "scope": "region"}, {"caseload": 5, "scope": "region"})
    (alone,) = services_asked({"caseload": 0, "scope": "region"})
    assert (served(alone, 0), served(together, 0), served(together, 1)) == (60, 60, 3)  # 5 * 60 / 100


def test_a_caseload_without_staff_reaches_nobody() -> None:
    (levers,) = services_asked({"caseload": 5, "staff": 0})
    assert served(levers, 0) == 0


def test_fewer_places_are_no_income() -> None:
    (levers,) = services_asked({"places_factor": 0.5})
    assert np.all(np.asarray(levers.money) == 0.0)
    fewer, same_as_ever = (make({"arm": {"services": {"places_factor": factor}}}) for factor in (0.5, 1.0))
    assert planned(fewer, fewer.policies[1]) == planned(same_as_ever, same_as_ever.policies[1])


def test_only_those_who_are_in_a_group_spend_a_day_at_its_meetings() -> None:
    slow = {"hazard_small": 0.2, "hazard_medium": 0.2, "hazard_large": 0.2, "order": "all_at_once"}
    world, arms = prepared([make({"arm": {"organisation_building": slow, "groups": {"duration": 60}}})], after=6)
    view, _, levers = next(one for one in uses(world, arms) if one[1].instrument == "groups")
    member, grouped = view.state.member, view.state.group >= 0
    assert (member & ~grouped).any()
    assert np.array_equal(levers.firm_days > 0.0, grouped)
