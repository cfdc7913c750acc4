"""What reported facts are laid beside, on runs small enough to count by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clustersim.observables import FILTERS, OBSERVABLES
from clustersim.spec.draws import label_code
from clustersim.spec.state import CONTACT, INTRODUCTION
from clustersim.spec.watched import BEFORE, Asked, Watched

type Array = np.ndarray[Any, Any]

MONTHS = 4  # after the burn-in
ROWS = 4
# arm, seed, month, buyer, slot, supplier, code, volume, since: two pairs in seed 0, one of which ends; one in seed 1.
EVENTS = [
    (1, 0, 1, 0, 0, 1, INTRODUCTION, 2.0, 1),
    (1, 0, 2, 3, 1, 1, CONTACT, 5.0, 2),
    (1, 1, 3, 2, 0, 0, INTRODUCTION, 3.0, 3),
    (1, 0, 4, 0, 0, -1, 0, 2.0, 1),
    (0, 1, 4, 2, 0, 0, INTRODUCTION, 9.0, 4),
]
EVENT_COLUMNS = ("arm", "seed", "month", "buyer", "slot", "supplier", "code", "volume", "since")


def watched(**changes: Any) -> Watched:
    """Two arms, two seeds, four firms of which the last has entered in month 2 of the policy arm."""
    shape = (2, 2, BEFORE + MONTHS, ROWS)
    output = np.ones(shape)
    output[:, :, BEFORE:] = 2.0
    active = np.ones(shape, dtype=bool)
    active[..., 3] = False
    active[1, :, BEFORE + 1 :, 3] = True
    organisation = np.zeros(shape, dtype=bool)
    organisation[..., 0] = True
    organisation[1, :, BEFORE + 2 :, 1] = True
    tie = np.zeros(shape, dtype=np.int32)
    tie[1, 0, BEFORE + 1 :, 2] = label_code("mentors")
    tie[1, 1, BEFORE:, 2] = label_code("schools")
    world = Watched(
        arms=("no_alliance", "policy"),
        twin=np.array([0, 0]),
        firms={
            "output": output,
            "tax": 0.1 * output,
            "active": active,
            "organisation": organisation,
            "tie": tie,
            "suppliers": np.ones(shape, dtype=np.int16),
            "clients": np.ones(shape, dtype=np.int16),
        },
        series={
            name: np.full((2, 2, MONTHS), value)
            for name, value in (
                ("introductions", 5.0),
                ("projects", 2.0),
                ("patents", 3.0),
                ("output", 3.0),
                ("full_output", 4.0),
                ("paired_slots", 6.0),
                ("slots", 24.0),
                ("pairs_ended", 0.5),
            )
        },
        pairs={name: np.array(column) for name, column in zip(EVENT_COLUMNS, zip(*EVENTS, strict=True), strict=True)},
        chain=np.broadcast_to([0, 0, 1, 1], (2, 2, ROWS)),
        site=np.broadcast_to([0, 1, 0, 1], (2, 2, ROWS)),
        anchor=np.broadcast_to([True, False, False, False], (2, ROWS)),
        capacity=np.broadcast_to([1.0, 2.0, 4.0, 8.0], (2, ROWS)),
        reached={(1, "trial"): np.broadcast_to([True, True, False, False], (2, ROWS))},
        hit=np.broadcast_to([True, False, False, False], (2, ROWS)),
        customers=np.broadcast_to([False, True, False, False], (2, 2, ROWS)),
        incumbents=3,
    )
    return replace(world, **changes)


def found(name: str, world: Watched | None = None, first: int = 1, last: int = MONTHS, **filters: Any) -> list[float]:
    asked = Asked(arm=1, without_shock=0, first=first, last=last, filters=filters)
    sample: list[float] = OBSERVABLES[name].function(world or watched(), asked).tolist()
    return sample


def nearly(*values: float) -> Any:
    return pytest.approx(list(values), nan_ok=True)


def test_pairs_are_counted_by_month_channel_and_buyer() -> None:
    assert found("pairs_made") == [2.0, 1.0]
    assert found("pairs_made", first=2) == [1.0, 1.0]
    assert found("pairs_made", channel=INTRODUCTION) == [1.0, 1.0]
    assert found("pairs_made", chain=1) == [1.0, 1.0]
    assert found("pairs_made", site=0, chain=0) == [1.0, 0.0]
    assert found("pairs_made", buyers="anchors") == [1.0, 0.0]


def test_a_firm_in_two_pairs_is_matched_once() -> None:
    assert found("firms_matched") == [3.0, 2.0]  # 0 and 3 buy from 1; 2 buys from 0


def test_the_value_of_a_pair_is_a_year_of_orders_for_each_pair() -> None:
    assert found("order_value") == [24.0, 60.0, 36.0]
    assert found("order_value", channel=CONTACT) == [60.0]


def test_a_pair_is_kept_that_did_not_end_within_a_year() -> None:
    assert found("pairs_kept") == [50.0, 100.0]
    late = watched()
    late.pairs["month"][3] = 1 + 12
    assert found("pairs_kept", late) == [100.0, 100.0]


def test_a_place_that_is_paired_again_is_another_pair() -> None:
    events = [*EVENTS, (1, 0, 4, 0, 0, 2, INTRODUCTION, 2.0, 4)]
    pairs = {name: np.array(column) for name, column in zip(EVENT_COLUMNS, zip(*events, strict=True), strict=True)}
    assert found("pairs_kept", watched(pairs=pairs), channel=INTRODUCTION) == [50.0, 100.0]


def test_pairs_per_introduction() -> None:
    assert found("pairs_per_introduction") == nearly(100 / 20, 100 / 20)


def test_organisations_are_those_of_firms_that_exist() -> None:
    assert found("organisations_founded") == [1.0, 1.0]
    assert found("organisations_founded", first=1, last=2) == [0.0, 0.0]
    assert found("organisations_founded", chain=1) == [0.0, 0.0]
    assert found("organisations_growth") == [100.0, 100.0]
    assert found("organisations_growth", chain=1) == nearly(np.nan, np.nan)
    assert found("organised_share") == [50.0, 50.0]
    assert found("organised_share", last=1) == nearly(100 / 3, 100 / 3)


def test_ties_are_counted_when_they_are_made() -> None:
    assert found("ties_made") == [1.0, 1.0]
    assert found("ties_made", label="mentors") == [1.0, 0.0]
    assert found("ties_made", first=2) == [1.0, 0.0]


def test_entrants_are_counted_where_they_settle() -> None:
    assert found("firms_entered") == [1.0, 1.0]
    assert found("firms_entered", site=0) == [0.0, 0.0]
    assert found("firms_entered", first=3) == [0.0, 0.0]


def test_projects_and_patents() -> None:
    assert found("projects_begun", last=3) == [6.0, 6.0]
    assert found("patents", last=3) == [9.0, 9.0]
    assert found("patents_per_project") == [1.5, 1.5]


def test_levels_and_changes_on_the_year() -> None:
    assert found("output_level", last=2) == [16.0, 16.0]
    assert found("output_level", last=2, chain=0) == [8.0, 8.0]
    assert found("output_change") == [100.0, 100.0]
    assert found("tax_level", last=1) == nearly(0.8, 0.8)
    assert found("tax_change") == nearly(100.0, 100.0)


def test_the_largest_payer_is_that_of_the_months_themselves() -> None:
    world = watched()
    world.firms["tax"][1, 0, BEFORE:, 2] = 5.0
    world.firms["tax"][1, 0, :BEFORE, 2] = 4.0
    world.firms["tax"][1, 0, :BEFORE, 0] = 100.0  # was the largest
    assert found("largest_tax_change", world)[0] == pytest.approx(25.0)


def test_a_trial_compares_treated_with_control_less_the_same_in_the_twin() -> None:
    world = watched()
    world.firms["output"][:, :, BEFORE:, 0] *= 3.0  # in both arms: no effect
    world.firms["output"][1, :, BEFORE:, 1] *= np.e  # a treated firm
    assert found("treated_sales", world, label="trial") == nearly(50.0, 50.0)
    world.firms["output"][1, :, BEFORE:, 2] *= np.e  # and the control
    assert found("treated_sales", world, label="trial") == nearly(-50.0, -50.0)


def test_what_one_trial_sees_holds_the_luck_of_its_firms() -> None:
    world = watched()
    world.firms["output"][:, :, BEFORE:, 0] *= np.e
    assert found("treated_sales", world, label="trial") == nearly(0.0, 0.0)
    assert found("treated_sales_unadjusted", world, label="trial") == nearly(50.0, 50.0)


def test_links_of_treated_firms_are_percent_of_their_own_in_the_twin() -> None:
    world = watched()
    world.firms["suppliers"][:, :, -1, :2] = 4
    world.firms["suppliers"][1, :, -1, :2] = 5
    world.firms["clients"][1, :, -1, 2] = 3
    assert found("treated_suppliers", world, label="trial") == nearly(25.0, 25.0)
    assert found("treated_clients", world, label="trial") == nearly(-200.0, -200.0)


def test_an_effect_is_kept_against_that_of_a_year_before() -> None:
    shape = (2, 2, BEFORE + 24, ROWS)
    world = watched()
    output = np.ones(shape)
    output[1, :, BEFORE : BEFORE + 12, :2] = np.exp(0.1)
    output[1, :, BEFORE + 12 :, :2] = np.exp(0.07)
    world.firms["output"] = output
    assert found("treated_sales_kept", world, first=22, last=24, label="trial") == nearly(70.0, 70.0)


def test_an_event_is_read_against_the_same_arm_without_it() -> None:
    world = watched()
    world.firms["output"][1, :, BEFORE:, 0] /= np.e
    world.firms["output"][1, :, BEFORE:, 1] /= np.exp(0.5)
    assert found("event_sales", world, firms="hit") == nearly(-100.0, -100.0)
    assert found("event_sales", world, firms="customers") == nearly(-50.0, -50.0)
    assert found("event_sales", world, firms="others") == nearly(0.0, 0.0)
    assert found("event_gap", world) == nearly(-100.0, -100.0)


def test_a_firm_that_sells_nothing_does_not_count_under_an_event() -> None:
    world = watched()
    world.firms["output"][1, 0, BEFORE:, 0] = 0.0
    assert found("event_sales", world, firms="hit") == nearly(np.nan, 0.0)


def test_sales_lost_are_read_against_purchases_lost() -> None:
    world = watched()
    world.series["output"], world.series["bought_outside"] = np.full((2, 2, MONTHS), 10.0), np.full((2, 2, MONTHS), 5.0)
    world.series["output"][1], world.series["bought_outside"][1] = 9.0, 4.0
    asked = Asked(arm=1, without_shock=0, first=1, last=2, filters={})
    value = {
        name: OBSERVABLES[name].function(world, asked)
        for name in ("event_output", "event_purchases", "event_sales_per_purchase")
    }
    assert value["event_output"] == pytest.approx(100.0 * np.log(0.9))
    assert value["event_purchases"] == pytest.approx(100.0 * np.log(0.8))
    assert value["event_sales_per_purchase"] == pytest.approx(50.0)


def test_an_effect_is_read_against_that_of_the_third_year() -> None:
    output = np.ones((2, 1, BEFORE + 48, ROWS))
    output[1, :, BEFORE + 24 : BEFORE + 36] = 1.1
    output[1, :, BEFORE + 36 :] = 1.15
    world = replace(watched(), firms={"output": output})
    asked = Asked(arm=1, without_shock=-1, first=37, last=48, filters={})
    assert OBSERVABLES["incumbents_output_later"].function(world, asked) == pytest.approx(150.0)


def test_patterns_of_the_baseline() -> None:
    assert found("utilisation") == [75.0, 75.0]
    assert found("paired_share") == [25.0, 25.0]
    assert found("links_lost") == [100.0, 100.0]  # half a pair a month of six


def test_partners_by_size_have_their_elasticity() -> None:
    size = np.exp(np.arange(20.0) / 10)
    columns = {"suppliers": 100.0 * size**0.4, "clients": np.zeros(20)}
    shape = (2, 2, BEFORE + MONTHS, 20)
    world = watched(
        firms={name: np.broadcast_to(column, shape) for name, column in columns.items()},
        capacity=np.broadcast_to(size, (2, 20)),
        incumbents=20,
    )
    assert found("links_by_size", world) == pytest.approx([0.4, 0.4], abs=0.005)


def test_the_spread_of_changes_is_that_between_the_quartiles() -> None:
    output = np.ones((2, 2, BEFORE + MONTHS, 5))
    output[:, :, BEFORE:] = np.exp([0.0, 0.1, 0.2, 0.4, 2.0])
    world = watched(firms={"output": output}, incumbents=5)
    assert found("sales_change_spread", world) == nearly(30.0, 30.0)


def test_what_an_observable_needs_it_also_takes() -> None:
    for one in OBSERVABLES.values():
        assert set(one.needs) <= set(one.takes) <= set(FILTERS)
