"""Names do not matter: a cluster whose firms, sites or chains are numbered otherwise, and whose random numbers move
with them, lives the same history.

Firms keep their order within a good, and anchors among themselves, because ids break ties and order the lists from
which own search picks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from clustersim.engines import batch
from clustersim.engines.bases import Bases
from clustersim.scenario.model import Institution, Roster, Scenario
from clustersim.spec.draws import Draws
from clustersim.spec.state import DETAIL_STRIDE, OPEN, SERVICES, Population
from clustersim.spec.world import World
from small_worlds import EVERYTHING, make, run

type Array = np.ndarray[Any, Any]

SEED = 3
CHAINS = {"a": {"tiers": 2, "share": 0.5}, "b": {"tiers": 3, "share": 0.3}, "c": {"tiers": 1, "share": 0.2}}
SITES = {"East": 0.4, "North": 0.3, "West": 0.3}
INSTITUTIONS = (
    Institution("school", "vocational_school", "East", {"technology": 2, "talent": 3}),
    Institution("college", "university", "West", {"technology": 2, "talent": 2}),
    Institution("office", "department", "North", {"permit": 4}),
    Institution("bank", "bank", "East", {"finance": 4}),
)
OUTAGE = {"event": "supply", "month": 4, "months": 4, "availability": 0.2, "chain": "b", "shock": False}
# Institutions serve several labels of a project round, or of a round in the scope chain, in the order of the labels.
WITHIN_LABELS = {label: entry for label, entry in EVERYTHING.items() if label != "fusion_projects"}


@dataclass(frozen=True)
class Names:
    """New numbers: entry k is the old number of the new k."""

    firms: Array
    sites: Array
    chains: Array


@dataclass(frozen=True)
class Town:
    """A cluster of listed firms, as it is numbered at first."""

    scenario: Scenario
    population: Population

    def renamed(self, names: Names) -> Scenario:
        plan, people = self.scenario.population, self.population
        rows, new_site, new_chain = names.firms, np.argsort(names.sites), np.argsort(names.chains)
        roster = Roster(
            ids=tuple(str(row) for row in rows),
            names=tuple(str(row) for row in rows),
            chain=new_chain[people.chain[0, rows]],
            tier=people.tier[0, rows],
            site=new_site[people.site[0, rows]],
            capacity=people.capacity_reference[0, rows],
            productivity=people.productivity_reference[0, rows],
            outside_share=(people.weight / people.capacity_reference / people.productivity_reference)[0, rows],
            owner=people.owner_kind[0, rows],
            anchor=people.anchor[0, rows].astype(np.int8),
            organisation=people.organisation[0, rows].astype(np.int8),
            places=np.full((plan.firms, len(SERVICES)), -1),
            links=np.zeros((0, 2), dtype=np.int64),
        )
        sites = tuple(plan.sites[old] for old in names.sites)
        chains = tuple(plan.chains[old] for old in names.chains)
        events = tuple(replace(event, chains=tuple(new_chain[list(event.chains)])) for event in self.scenario.events)
        plan = replace(plan, roster=roster, sites=sites, chains=chains, institutions=INSTITUTIONS)
        return replace(self.scenario, population=plan, events=events)

    def goods(self, names: Names) -> Array:
        """New number of each old good."""
        plan = self.scenario.population
        tiers = np.array([chain.tiers for chain in plan.chains])
        begin = np.concatenate([[0], np.cumsum(tiers[names.chains])])[np.argsort(names.chains)]
        return begin[self.population.good_chain] + self.population.good_tier


class RenamedDraws(Draws):
    """The numbers of firm k go to the firm that is called k now, those of chains likewise."""

    def __init__(self, seeds: Sequence[int], incumbents: int, reserve: int, town: Town, names: Names):
        super().__init__(seeds, incumbents, reserve)
        self._old = np.concatenate([names.firms, np.arange(incumbents, incumbents + reserve)])
        self._town, self._names = town, names

    def words(self, stream: str, month: int, per_firm: int = 1, entrants: bool = True) -> Array:
        words = super().words(stream, month, per_firm, entrants).reshape(len(self.seeds), -1, per_firm)
        if stream == "population.other_good":
            words = self._for_other_goods(words)
        return words[:, self._old].reshape(len(self.seeds), -1)

    def details(self, stream: str, month: int, seed_index: Array, ids: Array) -> Array:
        if stream == "environment.chain_demand":
            return super().details(stream, month, seed_index, self._names.chains[ids])
        if stream.endswith(".quota"):
            return super().details(stream, month, seed_index, self._labels(stream.removesuffix(".quota"))[ids])
        row, number = ids // DETAIL_STRIDE, ids % DETAIL_STRIDE
        return super().details(stream, month, seed_index, self._old[row] * DETAIL_STRIDE + number)

    def _labels(self, label: str) -> Array:
        """Old number of each new label that the instrument counts its quotas by."""
        uses = {use.label: use for use in self._town.scenario.policies[1].instruments}
        scope = "region" if uses[label].instrument == "services" else uses[label].values.scope
        return {"site": self._names.sites, "chain": self._names.chains, "region": np.zeros(1, dtype=np.int64)}[scope]

    def _for_other_goods(self, words: Array) -> Array:
        """Numbers that pick the good which has the number of the old one now; of incumbents."""
        goods = self._town.goods(self._names)
        own = self._town.population.good[0, : self.incumbents, None]
        drawn = (words[0, : self.incumbents].astype(np.int64) * (len(goods) - 1)) >> 32
        wanted = goods[drawn + (drawn >= own)]
        place = wanted - (wanted > goods[own])
        renamed = words.copy()
        renamed[0, : self.incumbents] = -((-place << 32) // (len(goods) - 1))
        return renamed


def town(policy: dict[str, Any]) -> Town:
    scenario = make(
        {"arm": policy},
        {"service_opening": 0.15, "cross_chain": 0.5},
        [OUTAGE],
        months=(24, 18),
        firms=80,
        sites=SITES,
        chains=CHAINS,
        institutions=[{"name": one.name, "kind": one.kind} for one in INSTITUTIONS],
    )
    return Town(scenario, batch.world_of(Bases.crossed([scenario], [SEED])).population)


def simulate(one: Town, names: Names, monkeypatch: pytest.MonkeyPatch) -> World:
    def renamed(seeds: Sequence[int], incumbents: int, reserve: int, _: int) -> RenamedDraws:
        return RenamedDraws(seeds, incumbents, reserve, one, names)

    monkeypatch.setattr(batch, "Draws", renamed)
    return run(one.renamed(names), [SEED]).world


def same_names(one: Town) -> Names:
    plan = one.scenario.population
    return Names(np.arange(plan.firms), np.arange(len(plan.sites)), np.arange(len(plan.chains)))


def shuffled_firms(people: Population, firms: int) -> Array:
    """Firms in another order, the same within each good and among anchors."""
    rng = np.random.Generator(np.random.Philox(1))
    good, anchor = people.good[0, :firms], people.anchor[0, :firms]
    while True:
        new_goods = rng.permutation(good)
        order = np.empty(firms, dtype=np.int64)
        for one in np.unique(good):
            order[new_goods == one] = np.flatnonzero(good == one)
        anchors = order[anchor[order]]
        if (np.diff(anchors) > 0).all():
            return order


def assert_same_history(old: World, new: World, names: Names) -> None:
    reserve = np.arange(len(names.firms), old.rows)
    order = np.concatenate([names.firms, reserve])
    now = np.argsort(order)
    begin = old.population.slot_begin
    slots = np.concatenate([np.arange(begin[row], begin[row + 1]) for row in order])
    supplier = old.state.supplier[:, slots]
    assert np.array_equal(new.state.supplier, np.where(supplier >= 0, now[supplier], -1))
    for name in ("channel", "since", "short_months"):
        assert np.array_equal(getattr(new.state, name), getattr(old.state, name)[:, slots]), name
    for name in ("member", "active", "service_state", "service_due", "service_provider"):
        assert np.array_equal(getattr(new.state, name), getattr(old.state, name)[:, :, order]), name
    for name in ("capacity", "productivity", "reputation", "utilisation", "delivery", "contracted", "input_rate"):
        mine, theirs = getattr(new.state, name), getattr(old.state, name)[:, :, order]
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, err_msg=name)
    partner = old.state.tie_partner[:, :, order]
    with_firm = (partner >= 0) & (partner < old.rows)
    assert np.array_equal(new.state.tie_partner, np.where(with_firm, now[partner * with_firm], partner))
    np.testing.assert_allclose(new.state.stock, old.state.stock[:, slots], rtol=1e-9, atol=1e-12)


def is_lively(world: World) -> bool:
    """Pairs by all channels: there is something to agree on."""
    return set(range(OPEN + 1, 5)) <= set(np.unique(world.state.channel[1]))


def test_firms_may_be_called_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    one = town(EVERYTHING)
    same = same_names(one)
    names = replace(same, firms=shuffled_firms(one.population, len(same.firms)))
    assert (names.firms != same.firms).mean() > 0.5
    old, new = simulate(one, same, monkeypatch), simulate(one, names, monkeypatch)
    assert is_lively(old)
    assert_same_history(old, new, names)


@pytest.mark.parametrize("kind", ["sites", "chains"])
def test_sites_and_chains_may_be_called_otherwise(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = {**WITHIN_LABELS, "matchmaking": {**WITHIN_LABELS["matchmaking"], "scope": "site"}}
    if kind == "chains":  # which goods an entrant needs goes by their numbers
        policy = {label: entry for label, entry in policy.items() if label != "attraction"}
    one = town(policy)
    same = same_names(one)
    names = replace(same, **{kind: np.array([2, 0, 1])})
    old, new = simulate(one, same, monkeypatch), simulate(one, names, monkeypatch)
    assert is_lively(old)
    assert_same_history(old, new, names)


def test_numbers_that_do_not_move_along_report_another_history(monkeypatch: pytest.MonkeyPatch) -> None:
    one = town(EVERYTHING)
    same = same_names(one)
    names = replace(same, firms=shuffled_firms(one.population, len(same.firms)))
    old = simulate(one, same, monkeypatch)
    monkeypatch.setattr(batch, "Draws", Draws)
    new = run(one.renamed(names), [SEED]).world
    with pytest.raises(AssertionError):
        assert_same_history(old, new, names)
