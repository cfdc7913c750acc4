"""Rules of single instruments, and of putting them together, that no comparison of engines can see: both share them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clustersim import instruments
from clustersim.arrays import Array
from clustersim.engines.arms import reserve_rows
from clustersim.execution.budget import planned, scaled
from clustersim.mechanisms import schedule
from clustersim.spec.draws import label_code
from clustersim.spec.levers import Levers, combine
from clustersim.spec.state import LARGE, SEARCH
from clustersim.spec.view import View
from clustersim.spec.world import World
from small_worlds import MATCHMAKING, Finished, branch, burned_in, make, run


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
    return replace(view, month=view.month + 1)


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


def test_what_is_neutral_changes_nothing() -> None:
    own, column = np.array([0.25, 1.0]), np.array([[0.5], [0.25]])
    asked = Levers(founding=0.3, duration_factor=own, money=column, trust_chain=1.5)
    for requests in ([asked], [Levers(), asked, Levers()]):
        found = combine(requests)
        assert found.founding == 1.0 - (1.0 - 0.3)
        assert (found.duration_factor.tolist(), found.money.tolist()) == (own.tolist(), column.tolist())
        assert (found.trust_chain, found.trust_site, found.ending_factor) == (1.0, 0.0, 1.0)


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


@pytest.mark.parametrize(("scope", "raised"), [("site", (0.2, 0.0)), ("chain", (0.0, 0.2)), ("region", (0.2, 0.2))])
def test_a_forum_raises_the_trust_of_its_scope(scope: str, raised: tuple[float, float]) -> None:
    """By as much as firms attend."""
    _, levers = next(asked("forum", {"scope": scope, "trust_rate": 0.4, "attendance": 0.5, "interval": 1}))
    assert (levers.trust_site, levers.trust_chain) == raised


@pytest.mark.parametrize("label", ["forum", "groups"])
def test_attendance_scales_rates_days_and_price(label: str) -> None:
    full, half = (next(asked(label, {"interval": 1, "attendance": share}))[1] for share in (1.0, 0.5))
    for name in ("firm_days", "money"):
        assert np.asarray(getattr(half, name)) == pytest.approx(0.5 * np.asarray(getattr(full, name)))
    assert half.pulls[0].rate == pytest.approx(0.5 * full.pulls[0].rate)
    assert full.money.reshape(-1) == pytest.approx([60 * 0.02])
    if label == "groups":
        assert half.actions[1].rate == pytest.approx(0.5 * full.actions[1].rate)


def test_groups_that_regroup_form_at_each_meeting() -> None:
    found = [levers for _, levers in asked("groups", {"interval": 3, "regroup": True}, months=7)]
    forms = [[type(action).__name__ for action in levers.actions] for levers in found]
    assert forms == [["Formation", "Contacts"], [], [], ["Formation", "Contacts"], [], [], ["Formation", "Contacts"]]
    assert all(levers.actions[0].anew for levers in found if levers.actions)


def test_a_total_is_shared_out_like_a_dose() -> None:
    """14 projects a year of 60 firms are 14 / 60 of 100; in a named chain of 24 firms its own firms count."""

    def value(label: str, name: str, values: dict[str, Any]) -> float:
        return getattr(make({"arm": {label: values}}).policies[1].instruments[0].values, name)

    assert value("fusion_projects", "projects", {"projects": {"total": 14}}) == pytest.approx(100 * 14 / 60)
    assert value("attraction", "entries", {"chain": "parts", "entries": {"total": 6}}) == pytest.approx(25.0)
    rounds = {"introductions": {"total": 24}, "interval": 3}  # 24 a year are 6 a quarter
    assert value("matchmaking", "introductions", rounds) == pytest.approx(10.0)
    assert value("services", "staff", {"staff": {"total": 3}}) == pytest.approx(5.0)


def test_a_caseload_is_rounded_down() -> None:
    _, levers = next(asked("services", {"scope": "region", "caseload": 5, "staff": 1.5}))
    assert (levers.duration_factor < 1.0).any(axis=2).sum() == 4  # 5 * 1.5 * 60 / 100 = 4.5


@pytest.mark.parametrize(("scope", "follows"), [("site", True), ("chain", True), ("region", False)])
def test_a_second_round_follows_where_the_first_was_not_of_the_region(scope: str, follows: bool) -> None:
    _, levers = next(asked("matchmaking", {"scope": scope, "also": "region"}))
    assert levers.actions[0].follow_up is follows


def test_firms_settle_at_the_first_of_the_largest_sites() -> None:
    view, levers = next(asked("attraction", {"entries": 40}, firms=60))
    first, second = (view.population.site[0, : view.population.incumbents] == site for site in range(2))
    assert first.sum() == second.sum()  # the sites have equal shares
    assert levers.entries[0].site.tolist() == [0]


@pytest.mark.parametrize(
    ("entries", "months", "rows", "by_chain"), [(1.0, 18, 1, 2), (10.0, 12, 3, 4), (10.0, 18, 5, 5), (24.0, 12, 8, 8)]
)
def test_there_are_rows_for_all_who_may_enter(entries: float, months: int, rows: int, by_chain: int) -> None:
    """Half of those paid for may be additional: 10 per 100 of 60 firms and half are 3; of 36 and 24 firms 2 and 2."""
    scenario = make({"arm": {"attraction": {"entries": entries}}}, months=(0, months))
    assert reserve_rows([scenario]) == rows
    both = make({"arm": {"attraction": {"entries": entries, "scope": "chain"}}}, months=(0, months))
    assert reserve_rows([both]) == by_chain
    all_new = make({"arm": {"attraction": {"entries": 10.0, "additional": 1.0}}}, months=(0, 12))
    assert reserve_rows([all_new]) == 6


# --- settings of single instruments --------------------------------------------------------------------------------


def tied(world: World) -> tuple[Array, Array]:
    """Owner kinds of the small and the large side of each tie between firms of the policy arm."""
    partner, owner = world.state.tie_partner[1], world.population.owner_kind
    base, small = np.nonzero((partner >= 0) & (partner < world.rows))
    return owner[base, small], owner[base, partner[base, small]]


def pairing(parameters: dict[str, Any], **words: Any) -> Finished:
    ties = {"scope": "region", "ties": 100, "mentees": 2, "staff": 0, **words}
    return run(make({"arm": {"members": "all", "formal_pairing": ties}}, parameters), (0, 7))


def test_ties_join_different_owners_where_that_is_asked() -> None:
    several = {"state_owned": 0.4, "large_share": 0.2}
    small, large = tied(pairing(several, owners="different").world)
    assert len(small) > 10
    assert (small != large).all()
    small, large = tied(pairing(several, owners="any").world)
    assert (small == large).any()


def test_nobody_is_tied_where_all_have_the_same_owners() -> None:
    same = {"state_owned": 0.0, "foreign_owned": 0.0}
    assert len(tied(pairing(same, owners="any").world)[0]) > 10
    found = pairing(same, owners="different")
    assert len(tied(found.world)[0]) == 0
    assert (found.total("money") == 0).all()


def test_institutions_have_no_owner() -> None:
    both = [pairing({"state_owned": 0.4}, kind="research", owners=owners) for owners in ("any", "different")]
    assert (both[0].world.state.tie_partner[1] >= both[0].world.rows).any()
    for name, column in both[0].world.state.columns().items():
        assert np.array_equal(column, both[1].world.state.columns()[name]), name


@pytest.mark.parametrize("scope", ["chain", "region"])
def test_a_named_chain_has_the_only_quota_whatever_the_scope(scope: str) -> None:
    """75 per 100 of 24 firms are 18 a year, 1.5 a month; the phase says which months have two."""
    values = {"scope": scope, "chain": "parts", "entries": 75, "additional": 1.0, "staff": 2.0}
    found = [levers for _, levers in asked("attraction", values, months=4)]
    quotas = np.array([levers.entries[0].quota for levers in found])
    assert (quotas[..., 0] == 0).all()
    assert (quotas[::2, 0, 1] + quotas[1::2, 0, 1]).tolist() == [3, 3]
    assert (quotas == [levers.entries[0].paid for levers in found]).all()
    assert {levers.entries[0].scope for levers in found} == {"chain"}
    assert found[0].staff_months.item() == pytest.approx(2.0 * 24 / 100)


@pytest.mark.parametrize("scope", ["chain", "region"])
@pytest.mark.parametrize("chain", ["", "parts"])
def test_who_enters_is_planned_and_paid_for_once_in_a_named_chain(scope: str, chain: str) -> None:
    """25 per 100 of 24 firms are 6 a year, of 60 firms 15; a label may be ahead by less than one."""
    values = {"scope": scope, "chain": chain, "entries": 25, "additional": 1.0, "staff": 2.0}
    scenario = make({"arm": {"attraction": values}})
    firms, labels = (24, 1) if chain else (60, 2 if scope == "chain" else 1)
    plan = planned(scenario, scenario.policies[1])
    assert (plan.fixed, plan.scaled) == pytest.approx((0.02 * firms * 12 * 1.5, 0.25 * firms * 50.0))
    found = run(scenario, (0, 7))
    paid = found.total("entries_paid")[1]
    assert (np.abs(paid - 0.25 * firms) < labels).all()
    assert np.array_equal(found.total("entries")[1], paid)
    assert found.total("staff_months")[1] * 1.5 == pytest.approx(plan.fixed)
    assert np.array_equal(found.total("money")[1], 50.0 * paid)
    entered = found.world.state.chain[1][:, found.world.population.incumbents :]
    if chain:
        assert set(entered.reshape(-1).tolist()) == {1}


def test_entries_of_a_named_chain_are_scaled_by_a_budget() -> None:
    scenario = make({"arm": {"attraction": {"chain": "parts", "entries": {"total": 6}, "staff": {"total": 2}}}})
    policy = scaled(scenario, scenario.policies[1], total=36.0 + 12 * 50.0)
    assert policy.instruments[0].values.entries == pytest.approx(50.0)  # twice as many
    assert policy.instruments[0].values.chain == "parts"


def projects(parameters: dict[str, Any] | None = None, **words: Any) -> Finished:
    """Projects that take three months, in a town where nothing else is begun."""
    arm = {"members": "all", "fusion_projects": {"projects": 80, "success": 1.0, "staff": 0, **words}}
    quick = {"service_opening": 0.0, "service_duration": 3, "places_share": 0.4}
    return run(make({"arm": arm}, {**quick, **(parameters or {})}), (0, 7))


def test_projects_raise_productivity_by_their_factor() -> None:
    """Without ordinary engagements it is as good as another gain; without gain as good as no success."""

    def same(one: Finished, other: Finished) -> bool:
        return np.array_equal(one.world.state.productivity, other.world.state.productivity)

    usual = projects()
    assert not same(usual, projects(success=0.0))
    assert not same(usual, projects(gain_factor=3.0))
    assert same(projects({"technology_gain": 0.02}, gain_factor=3.0), projects({"technology_gain": 0.06}))
    assert same(projects(gain_factor=0.0), projects(success=0.0))


def test_the_factor_is_of_projects_only() -> None:
    words = {"months": (12, 12), "firms": 40}
    both = [
        make({"arm": {"members": "all", "fusion_projects": {"projects": 0, "gain_factor": factor}}}, **words)
        for factor in (1.0, 5.0)
    ]
    first, second = (run(one, (0, 7)).world.state.productivity for one in both)
    assert np.array_equal(first, second)


def test_projects_are_counted_as_they_are_begun() -> None:
    found = projects(patents=0.0)
    begun = found.recorder.series["projects"]
    assert (begun[0] == 0).all()
    assert (found.total("money")[1] == 6.0 * found.total("projects")[1]).all()
    assert (found.total("projects")[1] > 0).all()
    assert (begun[1] <= 2 * 2).all()  # 80 per 100 of 30 firms are 24 a year at each of two sites
    assert (found.total("introductions")[1] >= found.total("projects")[1]).all()


def test_engagements_of_other_rounds_are_no_projects() -> None:
    arm = {"members": "all", "matchmaking": {**MATCHMAKING, "resources": ["technology"]}}
    found = run(make({"arm": arm}, {"service_opening": 0.3, "service_search": 0.0}), (0, 7))
    assert (found.total("needs_served")[1] > 0).all()
    assert (found.total("projects") == 0).all()
