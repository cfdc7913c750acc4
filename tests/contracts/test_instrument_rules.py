"""Rules of single instruments, and of putting them together, that no comparison of engines can see: both share them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from clustersim import instruments
from clustersim.arrays import Array
from clustersim.engines.arms import reserve_rows
from clustersim.mechanisms import schedule
from clustersim.spec.draws import label_code
from clustersim.spec.levers import Levers, combine
from clustersim.spec.state import LARGE, SEARCH
from clustersim.spec.view import View
from clustersim.spec.world import World
from simulation import branch, burned_in, make


def asked(label: str, values: dict[str, Any], months: int = 1, **words: Any) -> Iterator[tuple[View, Levers]]:
    """What one instrument sees and asks for in each of some months, with everyone a member."""
    points = [make({"arm": {"members": "all", label: values}}, months=(12, months), **words)]
    world, arms = branch(burned_in(points, [0]), points)
    use = arms[1].policy.instruments[0]
    for _ in range(months):
        view = _next_view(world)
        yield view, instruments.module(use.instrument).levers(view, use)
        schedule.month(world, [arm.policy for arm in arms])


def _next_view(world: World) -> View:
    """As the policy step of the coming month would see it, had nothing else happened before."""
    view = world.view(1)
    view.state.member[:] |= view.state.active
    return View(view.month + 1, view.population, view.state, view.parameters, view.words)


def test_levers_of_several_instruments_combine() -> None:
    found = combine(
        [
            Levers(
                founding=0.2, ending_factor=0.5, duration_factor=0.4, places_factor=2.0, trust_site=0.7, firm_days=1.0
            ),
            Levers(
                founding=0.5, ending_factor=0.4, duration_factor=0.5, places_factor=1.5, trust_site=0.6, firm_days=2.0
            ),
        ]
    )
    assert (found.founding, found.ending_factor, found.duration_factor) == pytest.approx((0.6, 0.2, 0.2))
    assert (found.places_factor, found.trust_site, found.firm_days) == (3.0, 1.0, 3.0)


def test_the_phases_open_after_their_months_at_the_latest() -> None:
    """While nobody has joined: the linked firms after `phase_months`, all others after twice as many."""
    values = {"phase_months": 3, "phase_share": 1.0}
    use = make({"arm": {"organisation_building": values}}).policies[1].instruments[0]
    opened = {"linked": [], "others": []}
    for view, _ in asked("organisation_building", values, months=8, sites={"East": 1.0}):
        view.state.organisation[:] = view.state.member[:] = False
        leading = view.population.anchor | (view.population.size_class == LARGE)
        linked = _paired_with(view, leading) & ~leading
        assert linked.any()
        hazard = instruments.module("organisation_building").levers(view, use).founding
        assert (hazard[leading] > 0.0).all()
        opened["linked"].append(bool((hazard[linked] > 0.0).all()))
        opened["others"].append(bool((hazard[~leading & ~linked] > 0.0).any()))
    assert opened == {"linked": [False] * 3 + [True] * 5, "others": [False] * 6 + [True] * 2}


def _paired_with(view: View, firms: Array) -> Array:
    """Firms that buy from, or sell to, one of these."""
    found = np.zeros_like(firms)
    for slot in np.flatnonzero(view.state.channel >= SEARCH):
        buyer, seller = int(view.population.slot_owner[slot]), int(view.state.supplier[slot])
        found[0, buyer] |= firms[0, seller]
        found[0, seller] |= firms[0, buyer]
    return found


def test_a_tie_protects_pairs_whichever_side_sells() -> None:
    view, _ = next(asked("formal_pairing", {"ending_factor": 0.3}))
    use = make({"arm": {"formal_pairing": {"ending_factor": 0.3}}}).policies[1].instruments[0]
    state, people = view.state, view.population
    small, large, other = 5, 9, 12
    state.tie_partner[:], state.tie_label[:] = -1, 0
    state.tie_partner[0, small], state.tie_label[0, small] = large, label_code(use.label)
    state.channel[:], state.supplier[:] = 0, -1
    bought = {buyer: int(people.slot_begin[buyer]) for buyer in (small, large, other)}
    for buyer, seller in ((small, large), (large, small), (other, large)):
        state.channel[bought[buyer]], state.supplier[bought[buyer]] = SEARCH, seller
    factor = instruments.module("formal_pairing").levers(view, use).ending_factor
    assert {buyer: factor[slot] for buyer, slot in bought.items()} == {small: 0.3, large: 0.3, other: 1.0}
    assert (np.delete(factor, list(bought.values())) == 1.0).all()


@pytest.mark.parametrize(("scope", "raised"), [("site", (0.3, 0.0)), ("chain", (0.0, 0.3)), ("region", (0.3, 0.3))])
def test_a_forum_raises_the_trust_of_its_scope(scope: str, raised: tuple[float, float]) -> None:
    _, levers = next(asked("forum", {"scope": scope, "trust_rate": 0.3, "interval": 1}))
    assert (levers.trust_site, levers.trust_chain) == raised


def test_a_caseload_is_rounded_down() -> None:
    _, levers = next(asked("services", {"scope": "region", "caseload": 5, "staff": 1.5}))
    assert (levers.duration_factor < 1.0).any(axis=2).sum() == 7  # 7.5


@pytest.mark.parametrize(("scope", "follows"), [("site", True), ("chain", True), ("region", False)])
def test_a_second_round_follows_where_the_first_was_not_of_the_region(scope: str, follows: bool) -> None:
    _, levers = next(asked("matchmaking", {"scope": scope, "also": "region"}))
    assert levers.actions[0].follow_up is follows


def test_firms_settle_at_the_first_of_the_largest_sites() -> None:
    view, levers = next(asked("attraction", {"entries": 12}, firms=60))
    first, second = (view.population.site[0, : view.population.incumbents] == site for site in range(2))
    assert first.sum() == second.sum()  # the sites have equal shares
    assert levers.entries[0].site.tolist() == [0]


@pytest.mark.parametrize(("entries", "months", "rows"), [(1.0, 18, 2), (1.0, 12, 1), (0.5, 12, 1), (24.0, 12, 24)])
def test_there_are_rows_for_all_who_may_enter(entries: float, months: int, rows: int) -> None:
    scenario = make({"arm": {"attraction": {"entries": entries}}}, months=(0, months))
    assert reserve_rows([scenario]) == rows
    both = make({"arm": {"attraction": {"entries": entries, "scope": "chain"}}}, months=(0, months))
    assert reserve_rows([both]) == 2 * rows  # two chains
