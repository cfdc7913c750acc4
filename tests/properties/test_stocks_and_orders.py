"""Stocks last through a shortage and are laid in after it; what firms buy follows what they make; nothing locks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clustersim.spec.formulas import needed_input
from clustersim.spec.state import OPEN
from small_worlds import make, months, run

SEEDS = (0, 5)
OUTAGES = [
    {"event": "supply", "month": 4, "months": 5, "availability": 0.1, "shock": False},
    {"event": "supply", "month": 14, "months": 3, "availability": 0.4, "site": "West", "shock": False},
    {"event": "capacity", "month": 9, "months": 4, "loss": 1.0, "share": 0.5, "shock": False},
]


def test_no_stock_is_laid_in_during_a_shortage() -> None:
    """A stock rises only in a month in which at most 51 of 1024 parts are missing, by 0.1 at most; an empty one too."""
    scenario = make(events=OUTAGES, parameters={"stock": 0.5}, months=(24, 24))
    emptied, laid_in, before = 0, 0, None
    for world in months([scenario], SEEDS):
        stock, exists = world.state.stock, world.state.channel >= OPEN
        if before is not None:
            rose = exists & (stock > before)
            lacking = needed_input(world.state.channel > OPEN, 0.05) - world.flows.inputs
            assert (np.floor(1024 * lacking[rose]) <= 51).all()
            assert (stock[rose] - before[rose] <= 0.1 + 1e-12).all()
            emptied += int((exists & (stock == 0.0) & (lacking > 0.1)).sum())
            laid_in += int(rose.sum())
        assert ((stock >= 0.0) & (stock <= 0.5)).all()
        before = stock.copy()
    assert emptied > 20  # the case that the first version got wrong
    assert laid_in > 20


def test_stocks_hide_a_short_outage() -> None:
    outage = [{"event": "supply", "month": 2, "months": 1, "availability": 0.5, "shock": False}]
    lost = []
    for stock in (0.0, 1.0):
        with_it, without = (run(make(events=events, parameters={"stock": stock}), SEEDS) for events in (outage, []))
        lost.append(1.0 - with_it.total("output").sum() / without.total("output").sum())
    assert lost[0] > 0.005
    assert abs(lost[1]) < 0.2 * lost[0]


def test_making_and_ending_a_pair_leaves_the_stock() -> None:
    world = list(months([make(months=(24, 12))], SEEDS))[-1]
    paired = np.flatnonzero(world.flat.channel > OPEN)[:3]
    world.flat.stock[paired] = [0.0, 0.03, 0.07]
    supplier = world.supplier_of(paired)
    world.unpair(paired)
    world.pair(paired, supplier, 1, 0.0)
    assert world.flat.stock[paired].tolist() == [0.0, 0.03, 0.07]


def test_purchases_scale_with_output() -> None:
    """A firm that made twice as much orders twice as much, up to the limit, whatever its utilisation."""
    scenario = make(parameters={"demand_trend": 0.01}, months=(24, 36))
    before, capped = None, 0
    for world in months([scenario], SEEDS):
        people = world.population
        if before is not None:
            share = before / (people.capacity_reference * people.productivity_reference)
            expected = people.slot_volume * np.minimum(1.25, share).reshape(1, -1)[:, people.slot_owner]
            np.testing.assert_allclose(world.flows.orders, expected, rtol=1e-12)
            slots = np.where(share >= 1.25, world.slots_of_firm, 0.0).sum(axis=2)
            assert np.array_equal(slots, world.flows.capped_slots)
            capped += int(slots.sum())
        before = world.state.output.copy()
    assert capped > 0


def test_missing_inputs_cost_output_and_no_more() -> None:
    """y = h min(P, D + L) with h at most 1, and no share of an order is more than all of it."""
    scenario = make(events=OUTAGES, months=(24, 24))
    for world in months([scenario], SEEDS):
        flows = world.flows
        most = np.minimum(flows.full_output * (1.0 - world.environment.loss), flows.outside_demand + flows.local_orders)
        assert (flows.output <= most * (1 + 1e-12)).all()
        assert (world.state.input_rate <= 1.0).all()
        assert (flows.inputs <= 1.0 + 1e-12).all()


@pytest.mark.parametrize("elasticity", [0.5, 1.0])
def test_nothing_locks_where_all_is_lost(elasticity: float) -> None:
    """Half of a densely paired town loses all capacity, no missing delivery can be had elsewhere, and all inputs are
    needed: it comes back."""
    dense = {"search": 0.5, "conversion": 1.0, "specificity": 1.0, "choke": 1.0, "input_elasticity": elasticity}
    outage = [{"event": "capacity", "month": 1, "months": 3, "loss": 1.0, "share": 0.5, "shock": True}]
    found = run(make(parameters=dense, events=outage, months=(36, 72)), SEEDS)
    output: Any = found.recorder.series["output"]
    assert (output[0, :, :3].sum(axis=1) < 0.8 * output[1, :, :3].sum(axis=1)).all()
    assert (output[0, :, -12:].sum(axis=1) > 0.9 * output[1, :, -12:].sum(axis=1)).all()


def test_a_supply_that_fails_at_one_site_is_missing_there_alone() -> None:
    outage = [{"event": "supply", "month": 1, "months": 6, "availability": 0.0, "site": "West", "shock": False}]
    without = {"search": 0.0, "stock": 0.0}
    world = next(months([make(parameters=without, events=outage, months=(0, 12))], SEEDS))
    west = world.state.site[0].reshape(-1)[world.population.slot_owner] == 1
    assert (world.flows.inputs[0, west] == 0.0).all()
    assert (world.flows.inputs[0, ~west] == 0.95).all()


def test_an_event_and_an_instrument_that_are_drawn_alike_reach_the_same_firms() -> None:
    """A smaller share is a part of a larger one."""
    loan = {"event": "finance", "month": 1, "gain": 0.5, "share": 0.4, "drawn": "trial", "shock": False}
    groups = {"duration": 60, "who": {"drawn": "trial", "share": 0.6}}
    scenario = make({"arm": {"members": "all", "groups": groups}}, events=[loan], months=(0, 12))
    plain = make({"arm": {"members": "all", "groups": groups}}, months=(0, 12))
    with_loan, without = (next(months([one], SEEDS)) for one in (scenario, plain))
    lent = with_loan.state.capacity[1] > 1.3 * without.state.capacity[1]
    grouped = with_loan.state.group[1] >= 0
    assert 0.25 < lent.mean() < 0.55
    assert (grouped | ~lent).all()
    assert grouped.sum() > lent.sum()


def test_groups_that_regroup_meet_across_groups() -> None:
    def met(regroup: bool) -> int:
        """Pairs of firms that ever stood in one group, in one seed."""
        groups = {"size": 6, "duration": 60, "regroup": regroup, "attendance": 1.0}
        together = np.zeros((60, 60), dtype=bool)
        for world in months([make({"arm": {"members": "all", "groups": groups}}, months=(0, 12))], [0]):
            group = world.state.group[1, 0, :60]
            together |= group[:, None] == group[None]
            assert sorted(set(group.tolist())) == list(range(group.max() + 1))
            if regroup:
                trust = world.state.trust_group[1, 0, : group.max() + 1]
                assert trust == pytest.approx(0.1 * 0.95)  # of this month's meeting alone
        return int(together.sum())

    assert met(True) > 3 * met(False)
