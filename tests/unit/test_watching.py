"""Watched runs are the runs that `run` stores, and what is laid beside a report does not depend on how they are cut."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from clustersim import scenario
from clustersim.engines.bases import Bases
from clustersim.engines.watching import watch
from clustersim.execution import observed
from clustersim.execution.observed import Verdict, compare_observed
from clustersim.execution.simulation import simulate
from clustersim.observables import OBSERVABLES
from clustersim.scenario.model import Observation, Scenario
from clustersim.spec.state import CHANNELS
from clustersim.spec.watched import BEFORE, Watched
from small_worlds import EVERYTHING, make

COLUMNS = {name for one in OBSERVABLES.values() for name in one.columns}
SEEDS = range(3)
OBSERVED: list[dict[str, Any]] = [
    {"fact": "zhuzhou.pairs", "observable": "pairs_made", "arm": "all", "months": [1, 12]},
    {"fact": "zhuzhou.order_flow", "observable": "order_value", "arm": "all", "months": [1, 12], "channel": "tie"},
    {"fact": "xinqiao.tax_h1_2021", "observable": "tax_change", "arm": "all", "months": [1, 6]},
    {"fact": "cai_szeidl_2018", "value": [-1e6, 1e6], "observable": "treated_sales", "arm": "part", "months": [10, 12]}
    | {"label": "groups"},
    {"fact": "cai_szeidl_2018", "value": [1e5, 1e6], "observable": "treated_sales", "arm": "part", "months": [10, 12]}
    | {"label": "groups"},
    {"fact": "barrot_sauvagnat_2016", "value": -5, "observable": "event_sales", "arm": "all", "months": [3, 6]}
    | {"firms": "customers"},
    {"fact": "songjiang.growth", "not_comparable": {"en": "No."}},
    {"fact": "barrot_sauvagnat_2016", "value": 0, "observable": "patents_per_project", "arm": "part", "months": [1, 2]},
]


def watched(scenario: Scenario, seeds: Sequence[int], columns: Collection[str]) -> Watched:
    return watch(Bases.crossed([scenario], seeds), columns)


@pytest.fixture(name="small", scope="module")
def _small() -> Scenario:
    arms = {"all": EVERYTHING, "part": {"members": "all", "groups": {"who": {"share": 0.5}}}}
    loss = {"event": "capacity", "month": 3, "months": 3, "loss": 0.5, "share": 0.3}
    return make(arms, events=[loss], months=(24, 14), sections={"observed": OBSERVED})


@pytest.fixture(name="seen", scope="module")
def _seen(small: Scenario) -> Watched:
    return watched(small, SEEDS, COLUMNS)


def test_watched_runs_are_those_that_are_stored(small: Scenario, seen: Watched) -> None:
    block = simulate(small, SEEDS)
    assert seen.arms == block.arms
    for name, column in block.series.items():
        np.testing.assert_array_equal(seen.series[name], column, err_msg=name)
    after = {name: column[:, :, BEFORE:] for name, column in seen.firms.items()}
    np.testing.assert_allclose(after["output"].sum(axis=2), block.firms["output"], rtol=1e-12)
    tax = small.parameters.tax_rate * block.firms["value_added"]
    np.testing.assert_allclose(after["tax"].sum(axis=2), tax, rtol=1e-9, atol=1e-9)
    organised = (after["organisation"] & after["active"]).sum(axis=3)
    np.testing.assert_array_equal(organised, block.series["organisations"])
    np.testing.assert_array_equal(after["active"].sum(axis=3), block.series["enterprises"])


def test_pairing_events_are_those_that_are_stored(small: Scenario, seen: Watched) -> None:
    stored, pairs = simulate(small, SEEDS).pairs, seen.pairs
    stored = {name: column[stored["month"] >= 1] for name, column in stored.items()}
    words = np.array(["ended", *CHANNELS], dtype=object)
    assert len(pairs["arm"]) == len(stored["arm"]) > 100
    assert [seen.arms[arm] for arm in pairs["arm"]] == stored["arm"].tolist()
    assert words[pairs["code"]].tolist() == stored["event"].tolist()
    for name in ("seed", "month", "buyer", "slot", "supplier"):
        assert pairs[name].tolist() == stored[name].tolist()


def test_a_pair_that_ends_knows_when_it_was_made(seen: Watched) -> None:
    pairs = seen.pairs
    alive: dict[tuple[int, ...], int] = {}
    for arm, seed, month, buyer, slot, code, since in zip(
        *(pairs[name] for name in ("arm", "seed", "month", "buyer", "slot", "code", "since")), strict=True
    ):
        place = (arm, seed, buyer, slot)
        if code:
            alive[place] = month
            assert since == month
        else:
            assert since == alive.pop(place, 0)


def test_partners_are_counted_once_from_both_sides(seen: Watched) -> None:
    suppliers, clients = (seen.firms[name].sum(axis=3) for name in ("suppliers", "clients"))
    np.testing.assert_array_equal(suppliers, clients)
    assert (suppliers[:, :, BEFORE:] <= seen.series["paired_slots"]).all()


def test_the_year_before_is_the_end_of_the_burn_in(small: Scenario, seen: Watched) -> None:
    assert (seen.firms["output"][0, :, :BEFORE].sum(axis=2) > 0.0).all()
    assert (seen.firms["output"][0, :, :BEFORE] == seen.firms["output"][2, :, :BEFORE]).all()
    young = watched(replace(small, time=replace(small.time, burn_in=5)), range(1), {"output"})
    known = np.isfinite(young.firms["output"][0, 0, :BEFORE].sum(axis=1))
    assert known.tolist() == [False] * (BEFORE - 5) + [True] * 5


@pytest.mark.parametrize("burn_in", [0, 5])
def test_what_a_short_burn_in_does_not_hold_is_not_compared(small: Scenario, burn_in: int) -> None:
    entries = [
        {"fact": "xinqiao.tax_h1_2021", "value": 5, "observable": "output_change", "arm": "all", "months": [1, 12]},
        {"fact": "xinqiao.firms", "value": 0, "observable": "firms_entered", "arm": "no_alliance", "months": [1, 12]},
        {"fact": "xinqiao.firms", "value": 0, "observable": "ties_made", "arm": "no_alliance", "months": [1, 12]},
    ]
    document = {**small.document, "observed": entries, "time": {"burn_in": burn_in, "horizon": 14}}
    change, entered, ties = compare_observed(scenario.loads(json.dumps(document)), 5)
    assert (change.size, change.verdict) == (0, Verdict.NOT_COMPARABLE)
    assert (entered.mean, entered.verdict) == (0.0, Verdict.INSIDE)
    assert ties.mean == 0.0


def test_a_label_of_two_arms_reaches_in_each_whom_it_says(small: Scenario) -> None:
    parts = {
        name: {"members": "all", "groups": {"who": {"site": site}}} for name, site in (("e", "East"), ("w", "West"))
    }
    found = watched(scenario.loads(json.dumps({**small.document, "policies": parts, "observed": []})), SEEDS, ())
    east, west = (found.reached[arm, "groups"][:, :60] for arm in (1, 2))
    assert (east ^ west).all()


def test_only_members_of_the_first_month_are_reached(small: Scenario) -> None:
    policies = {"organised": {"groups": {}}, "all": {"members": "all", "groups": {}}}
    found = watched(scenario.loads(json.dumps({**small.document, "policies": policies, "observed": []})), SEEDS, ())
    assert found.reached[1, "groups"][:, :60].mean() == pytest.approx(0.5, abs=0.02)
    assert found.reached[2, "groups"][:, :60].all()


def test_firms_are_hit_by_shocks_alone(small: Scenario) -> None:
    contract = {"event": "contract", "month": 1, "months": 3, "share_of_capacity": 0.5, "shock": False}
    events: Any = [contract, *small.document["events"]]  # type: ignore[misc]
    found = watched(scenario.loads(json.dumps({**small.document, "events": events})), SEEDS, ())
    plain = watched(small, SEEDS, ())
    assert (found.hit == plain.hit).all()
    assert 0.0 < found.hit.mean() < 0.5


def test_a_report_of_pairs_that_the_model_never_makes_is_outside(small: Scenario) -> None:
    entry = {"fact": "zhuzhou.order_flow", "observable": "order_value", "arm": "part", "months": [1, 12]}
    document = {**small.document, "observed": [entry | {"channel": "tie"}]}
    (found,) = compare_observed(scenario.loads(json.dumps(document)), 2)
    assert (found.size, found.verdict, found.is_too_small) == (0, Verdict.OUTSIDE, False)


def test_firms_that_are_hit_and_their_customers_are_apart(seen: Watched) -> None:
    share = seen.hit[:, :60].mean()
    assert 0.15 < share < 0.45
    assert not (seen.hit & seen.customers).any()
    assert 0.02 < seen.customers[:, :, :60].mean() < 0.4


def test_findings_do_not_depend_on_the_block(small: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    together = compare_observed(small, 5)
    done = []
    monkeypatch.setattr(observed, "WATCHED_BYTES", 1)
    apart = compare_observed(small, 5, lambda found: done.append((found.done, found.wanted)))
    assert done == [(seed, 5) for seed in range(5)]
    assert [repr(one) for one in apart] == [repr(one) for one in together]


def test_verdicts(small: Scenario) -> None:
    found = compare_observed(small, 5)
    verdicts = [one.verdict for one in found]
    assert verdicts[3:5] == [Verdict.INSIDE, Verdict.OUTSIDE]
    assert verdicts[6] == Verdict.NOT_COMPARABLE
    assert found[6].size == 0
    assert (found[7].verdict, found[7].size) == (Verdict.NOT_COMPARABLE, 0)  # no project was begun
    assert [one.is_too_small for one in found[6:]] == [False, True]
    assert (found[1].each_pair, found[0].each_pair) == (True, False)
    assert found[1].size > found[0].size == 5
    few = compare_observed(small, 4)
    assert {one.verdict for one in few[3:5]} == {Verdict.NOT_COMPARABLE}
    assert few[3].is_too_small


@pytest.mark.parametrize(
    ("value", "mean", "low", "high", "verdict"),
    [
        (5.0, 0.0, 5.0, 9.0, Verdict.INSIDE),
        (4.9, 7.0, 5.0, 9.0, Verdict.OUTSIDE),
        ((1.0, 2.0), 1.5, 0.0, 9.0, Verdict.INSIDE),
        ((1.0, 2.0), 2.1, 0.0, 9.0, Verdict.OUTSIDE),
        (5.0, np.nan, np.nan, np.nan, Verdict.OUTSIDE),
        (None, 1.0, 0.0, 2.0, Verdict.NOT_COMPARABLE),
    ],
)
def test_a_number_lies_in_the_sample_and_an_interval_contains_its_mean(
    value: Any, mean: float, low: float, high: float, verdict: Verdict
) -> None:
    assert observed._verdict(Observation("a fact", value), mean, low, high) == verdict


def test_a_reason_goes_before_any_number() -> None:
    entry = Observation("a fact", 1.0, not_comparable={"en": "Put in.", "zh": "设定。"})
    assert observed._verdict(entry, 1.0, 0.0, 2.0) == Verdict.NOT_COMPARABLE


def test_what_is_summed_of_a_seed_does_not_depend_on_the_others(small: Scenario) -> None:
    together, alone = watched(small, [0, 1, 2], []), watched(small, [1], [])
    for name in ("output", "value_added", "local_orders", "productivity"):
        for arm in range(len(together.arms)):
            assert together.total(name, arm, 1, 14)[1] == alone.total(name, arm, 1, 14)[0], (name, arm)
