"""What holds in every month of every run: pairs fit and add up, money adds up, effects split exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim.engines import batch
from clustersim.engines.collect import firm_columns
from clustersim.mechanisms import brokerage
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import GOODS, Round
from clustersim.spec.state import ENGAGED, IDLE, OPEN, SERVICES
from clustersim.spec.world import World
from small_worlds import (
    EVERYTHING,
    MATCHMAKING,
    branch,
    brokering,
    burned_in,
    contracted_afresh,
    make,
    months,
    room_afresh,
    run,
)

type Array = np.ndarray[Any, Any]

SEEDS = (0, 5)
OUTAGES = [
    {"event": "supply", "month": 4, "months": 4, "availability": 0.1, "shock": False},
    {"event": "capacity", "month": 9, "months": 4, "loss": 0.5, "share": 0.5, "shock": False},
]


def eventful(**parameters: float) -> Scenario:
    """All instruments, entrants, failing supply and capacity."""
    arms = {"all": EVERYTHING, "leader": {"preset": "chain_leader", "members": "all"}}
    return make(arms, {"service_opening": 0.1, **parameters}, OUTAGES, months=(24, 18))


# --- every pair fits, when it is made ------------------------------------------------------------------------------


def fitting(monkeypatch: pytest.MonkeyPatch) -> dict[int, list[bool]]:
    """Watches every pair that is made: by channel, whether its provider had room for all it took at that moment."""
    found: dict[int, list[bool]] = {}
    make_pairs = World.pair

    def watched(self: World, place: Array, supplier: Array, channel: int, first_trust: Any) -> None:
        arm, slot = place // self.slots, place % self.slots
        base, row = self.base_of_slot[slot], supplier % self.rows
        taken = contracted_afresh(self) if len(slot) else self.state.contracted
        np.add.at(taken, (arm, base, row), self.population.slot_volume[slot])
        fits = taken[arm, base, row] <= room_afresh(self)[arm, base, row]
        sells = self.state.good[arm, base, row] == self.state.slot_good[arm, slot]
        other = supplier != self.buyer[place]
        same_run = supplier // self.rows == arm * self.bases + base
        once = len(np.unique(place)) == len(place)
        active = self.state.active[arm, base, row]
        found.setdefault(channel, []).extend(fits & sells & other & same_run & active & once)
        make_pairs(self, place, supplier, channel, first_trust)

    monkeypatch.setattr(World, "pair", watched)
    return found


def test_no_pair_is_made_that_its_provider_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = fitting(monkeypatch)
    suppliers_entered = False
    for world in months([eventful()], SEEDS):
        bought = world.state.supplier[world.state.channel > OPEN]
        suppliers_entered |= bool((bought >= world.population.incumbents).any())
    assert {channel: all(fits) for channel, fits in found.items()} == dict.fromkeys(range(1, 5), True)
    assert min(len(fits) for fits in found.values()) > 5
    assert suppliers_entered


def test_a_pair_that_does_not_fit_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make(brokering())
    world, _ = branch(burned_in([scenario], SEEDS), [scenario])
    found = fitting(monkeypatch)
    slot = np.flatnonzero(world.state.channel[0] == OPEN)[:1]
    fullest = int(np.argmin(room_afresh(world)[0, 0] - world.state.contracted[0, 0]))
    world.pair(slot, np.array([fullest]), 1, 0.0)
    assert found == {1: [False]}


# --- both sides of a pair and of an engagement add up ---------------------------------------------------------------


def test_volumes_and_places_add_up_from_both_sides_every_month() -> None:
    for world in months([eventful()], SEEDS):
        state, people = world.state, world.population
        assert np.array_equal(contracted_afresh(world), state.contracted)
        assert ((state.supplier >= 0) == (state.channel > OPEN)).all()
        used = np.zeros(state.used.shape, dtype=np.int64)
        arm, base, row, service = np.nonzero(state.service_state == ENGAGED)
        np.add.at(used, (arm, base, state.service_provider[arm, base, row, service], service), 1)
        assert np.array_equal(used, state.used)
        assert ((state.service_provider >= 0) == (state.service_state == ENGAGED)).all()
        assert (state.service_due[state.service_state != IDLE] > world.month - 1).all()
        asleep = ~state.active[..., people.incumbents :]
        assert (state.service_state[:, :, people.incumbents :][asleep] == IDLE).all()


def test_sums_of_volumes_are_exact() -> None:
    world = burned_in([make()], SEEDS)
    assert np.array_equal(world.population.slot_volume * 1024, np.round(world.population.slot_volume * 1024))


# --- money ---------------------------------------------------------------------------------------------------------


def test_the_books_balance() -> None:
    scenario = eventful()
    found, helped = run(scenario, SEEDS), 0
    series = found.recorder.series
    close = {"rtol": 1e-12, "atol": 1e-6}
    np.testing.assert_allclose(series["local_sales"], series["bought_local"], **close)
    np.testing.assert_allclose(series["output"], series["local_sales"] + series["outside_sales"], **close)
    bought = series["bought_local"] + series["bought_outside"]
    np.testing.assert_allclose(series["value_added"], series["output"] - bought, **close)
    assert (series["value_added"] <= series["output"]).all()
    assert min(series[name].min() for name in ("local_sales", "outside_sales", "bought_outside")) >= 0
    for world in months([scenario], SEEDS):
        flows, state = world.flows, world.state
        potential = flows.full_output * (1.0 - world.environment.loss)
        assert (flows.output <= np.minimum(potential, flows.outside_demand + flows.local_orders) * (1 + 1e-12)).all()
        assert (flows.output[~state.active] == 0).all()
        assert ((state.delivery >= 0) & (state.delivery <= 1)).all()
        assert (state.delivery * flows.local_orders <= flows.output * (1 + 1e-12) + 1e-9).all()
        helped += sum(len(delivery.slot) for delivery in flows.aid)
        for delivery in flows.aid:
            assert delivery.received.sum() == pytest.approx(delivery.given.sum())
    assert helped > 0


def test_aid_works_where_nobody_is_paired_yet() -> None:
    outage = {"event": "supply", "month": 1, "months": 6, "availability": 0.2, "shock": False}
    aid = {"members": "all", "mutual_aid": {"scope": "region", "share": 1.0, "delay": 0}}
    found = run(make({"aid": aid}, {"search": 0.0}, [outage], months=(0, 12)), SEEDS)
    assert found.total("local_sales")[0].max() == 0
    assert found.total("local_sales")[1].min() > 0
    assert found.effect("output").min() > 0


# --- effects split exactly -----------------------------------------------------------------------------------------


def test_additional_less_twin_only_is_net_per_run_and_per_firm() -> None:
    found = run(eventful(), SEEDS)
    firms = firm_columns(found.world, found.recorder)
    for columns in (found.recorder.series, firms):
        paired = columns["paired_months" if columns is firms else "paired_slots"]
        net = columns["additional"] - columns["twin_only"]
        assert np.array_equal(net, paired - paired[:1])
        assert np.array_equal(columns["additional"] + columns["deadweight"], paired)
        assert (columns["twin_only"][1:].sum(axis=(1, 2)) > 0).all()
    for name in ("additional", "deadweight", "twin_only"):
        assert np.array_equal(firms[name].sum(axis=2), found.total(name))
    for name in ("output", "value_added"):
        np.testing.assert_allclose(firms[name].sum(axis=2), found.total(name), rtol=1e-12)
    entrants = firms["additional"][1:, :, found.world.population.incumbents :]
    own = firms["paired_months"][1:, :, found.world.population.incumbents :]
    assert np.array_equal(entrants, own)


# --- a larger budget never introduces fewer ------------------------------------------------------------------------

START = burned_in([make(brokering(), {"service_opening": 0.3}, months=(12, 12))], SEEDS)


def play_round(budget: int, **changes: Any) -> tuple[list[tuple[int, int]], int]:
    """A round with this budget, from the same state every time: who is introduced for which need, and who is listed."""
    introduced, number_listed = list[tuple[int, int]](), 0
    world = batch.branched(START, 1)
    world.month += 1
    world.state.member[:] = world.state.active
    everyone = np.ones((world.bases, world.rows), dtype=bool)
    scope = changes.get("scope", "site")
    count = world.labels(scope, 0)[1]
    request = Round(
        **{
            "label": "test",
            "scope": scope,
            "who": everyone,
            "resources": (GOODS, *range(len(SERVICES))),
            "budget": np.full((world.bases, count), budget),
            "conversion_information": 0.3,
            "survey_share": 0.8,
            **changes,
        }
    )
    choose = brokerage.introduced

    def watched(world: World, arm: int, asked: Round, items: Any, fits: Array, urgency: Array) -> Any:
        nonlocal number_listed
        found, words = choose(world, arm, asked, items, fits, urgency)
        number_listed += int(fits.sum())
        introduced.extend(zip(found.firm.tolist(), found.detail.tolist(), strict=True))
        return found, words

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brokerage, "introduced", watched)
        brokerage.carry_out(world, 0, request)
    assert len(introduced) == world.ledger.introductions.sum()
    assert np.array_equal(contracted_afresh(world), world.state.contracted)
    return introduced, number_listed


@settings(max_examples=40, deadline=None)
@given(
    budget=st.integers(1, 40),
    order=st.sampled_from(["random", "largest", "bottleneck"]),
    score=st.sampled_from(["size", "room", "same_site"]),
    scope=st.sampled_from(["site", "chain", "region"]),
    key=st.booleans(),
    switch=st.sampled_from([0.0, 0.5]),
)
def test_twice_the_budget_introduces_the_same_and_more(budget: int, key: bool, **changes: Any) -> None:
    small, listed = play_round(budget, key_firms_first=key, **changes)
    large, listed_again = play_round(2 * budget, key_firms_first=key, **changes)
    assert listed_again == listed
    assert set(small) <= set(large)
    assert len(large) == listed or len(large) > len(small)


@settings(max_examples=15, deadline=None)
@given(budget=st.integers(60, 120), scope=st.sampled_from(["site", "chain"]))
def test_what_a_label_leaves_is_spent_in_the_region(budget: int, scope: str) -> None:
    """Nothing converts, so that the region may introduce again what its labels have."""
    alone, _ = play_round(budget, scope=scope, conversion_information=0.0, support=0.0)
    both, _ = play_round(budget, scope=scope, conversion_information=0.0, support=0.0, follow_up=True)
    given = budget * START.bases * START.labels(scope, 0)[1]
    assert both[: len(alone)] == alone
    assert (len(both) > len(alone)) == (len(alone) < given)
    assert len(both) <= given


# --- what else stands in a run does not matter ---------------------------------------------------------------------


def test_a_policy_is_the_same_in_any_place_among_the_arms() -> None:
    one, other = brokering(), {"committee": {"preset": "cluster_committee", "members": "all"}}
    first, second = run(make({**one, **other}), SEEDS), run(make({**other, **one}), SEEDS)
    for name, column in first.recorder.series.items():
        assert np.array_equal(column[[0, 1, 2]], second.recorder.series[name][[0, 2, 1]])


def test_a_second_label_has_numbers_of_its_own() -> None:
    twice = {"members": "all", "a": {"instrument": "matchmaking", **MATCHMAKING}}
    renamed = {"members": "all", "b": {"instrument": "matchmaking", **MATCHMAKING}}
    found = run(make({"one": twice, "other": renamed, "again": twice}), SEEDS)
    assert not np.array_equal(found.world.state.supplier[1], found.world.state.supplier[2])
    assert np.array_equal(found.world.state.supplier[1], found.world.state.supplier[3])


def test_reserve_rows_change_no_incumbent() -> None:
    """What an arm with entrants needs in rows behind the incumbents leaves no trace in the other arms."""
    forum = {"forum": {"members": "all", "forum": {}}}
    found = run(make(forum), SEEDS)
    wide = run(make({**forum, "entries": {"members": "all", "attraction": {"entries": 12}}}), SEEDS)
    rows = found.world.rows
    assert wide.world.rows == rows + 4  # half of 7.2
    for name in ("capacity", "productivity", "utilisation", "member"):
        narrow, full = getattr(found.world.state, name)[:2], getattr(wide.world.state, name)[:2, :, :rows]
        assert np.array_equal(narrow, full)
