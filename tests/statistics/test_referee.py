"""What the model must be able to find: no effect, a negative one, and a winner on either side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from clustersim.scenario.model import Scenario
from clustersim.spec.world import World
from small_worlds import MATCHMAKING, Finished, brokering, make, months, pairs, run

type Array = np.ndarray[Any, Any]

SEEDS = range(6)
LONG = (60, 36)
THREE_CHAINS = {
    "equipment": {"tiers": 3, "share": 0.4},
    "parts": {"tiers": 3, "share": 0.3},
    "clothing": {"tiers": 3, "share": 0.3},
}
CLUSTER: dict[str, Any] = {
    "firms": 150,
    "sites": {"A": 0.4, "B": 0.3, "C": 0.3},
    "chains": THREE_CHAINS,
    "institutions": {"vocational_school": 3, "university": 1, "department": 3, "bank": 2},
}
NULL = {"friction": 0.0, "reroute": 1.0, "noise_spread": 0.0, "anchor_learning": 0.0, "crowding": 0.0}


def interval(differences: Array) -> tuple[float, float]:
    """95% interval of the mean over seeds."""
    half = stats.t.ppf(0.975, len(differences) - 1) * differences.std(ddof=1) / np.sqrt(len(differences))
    return float(differences.mean() - half), float(differences.mean() + half)


def cluster(policies: dict[str, Any], parameters: dict[str, Any], **changes: Any) -> Finished:
    return run(make(policies, parameters, **{"months": LONG, **CLUSTER, **changes}), SEEDS)


# --- no effect -----------------------------------------------------------------------------------------------------


def test_without_friction_and_with_full_rerouting_pairs_bring_no_output() -> None:
    """With half of all slots more it is 0.4%: what a supplier sells locally beyond its own outside orders is new."""
    found = cluster(brokering(resources=["goods"], introductions=10), NULL)
    assert found.pairing_effect().mean() > 15.0
    assert abs(found.effect("output").mean()) < 0.1


@pytest.mark.parametrize("change", [{"reroute": 0.0}, {"friction": 0.15}])
def test_the_null_breaks_where_its_assumptions_do(change: dict[str, float]) -> None:
    found = cluster(brokering(resources=["goods"]), {**NULL, **change})
    assert found.effect("output").mean() > 1.0


def conserved(rivalry: float) -> float:
    """Largest relative gap, over months, arms and goods, between outside orders and their level."""
    parameters = {"rivalry": rivalry, "noise_spread": 0.0, "reroute": 0.0, "crowding": 0.0}
    gaps = []
    for world in months([make(brokering(), parameters, months=(24, 24))], SEEDS[:2]):
        people, demand = world.population, world.flows.outside_demand
        level = np.broadcast_to(world.environment.demand, demand.shape)
        floor = 0.02 * level * attraction(world)
        assert (demand > floor).all()
        market = np.arange(2 * world.bases).reshape(2, world.bases, 1) * people.goods + people.good
        ordered, offered = (np.bincount(market.reshape(-1), column.reshape(-1)) for column in (demand, level))
        gaps.append(np.abs(ordered / offered - 1.0).max())
    assert not np.array_equal(world.state.channel[0], world.state.channel[1])
    return float(max(gaps))


def attraction(world: World) -> Array:
    """z of each firm, with the capacity of the month it was computed in."""
    parameters, state = world.parameters, world.state
    grown = np.exp(parameters.capacity_adjustment * (state.utilisation - parameters.normal_utilisation))
    relative = state.capacity / grown / world.population.capacity_reference
    return state.reputation**parameters.elasticity * relative**parameters.capacity_pull


def test_full_rivalry_only_shifts_outside_orders() -> None:
    assert conserved(rivalry=1.0) < 1e-9
    assert conserved(rivalry=0.5) > 1e-3


def identical(policies: dict[str, Any], parameters: dict[str, Any]) -> bool:
    """Whether an arm is its twin in every pair and every firm's output, month for month."""
    for world in months([make(policies, parameters, months=(24, 18))], SEEDS[:2]):
        same = [np.array_equal(*column) for column in pairs(world).values()]
        same += [np.array_equal(*world.flows.output), np.array_equal(*world.state.service_state)]
        if not all(same):
            return False
    return True


def test_introductions_that_never_convert_change_nothing() -> None:
    never = {"conversion_information": 0.0, "conversion_supported": 0.0, "meeting": True}
    parameters = {"burden_day": 0.0, "service_opening": 0.1}
    assert identical(brokering(**never), parameters)
    assert not identical(brokering(**never), {**parameters, "burden_day": 0.003})
    assert not identical(brokering(**{**never, "conversion_supported": 0.1}), parameters)


# --- harm ----------------------------------------------------------------------------------------------------------


def test_meetings_without_use_cost_output() -> None:
    forum = {"interval": 1, "learning": 0.0, "trust_rate": 0.0}
    found = cluster({"meetings": {"members": "all", "forum": forum}}, {"burden_day": 0.02})
    assert interval(found.effect("output"))[1] < -1.0


def test_pairs_in_specific_goods_harm_where_suppliers_fail() -> None:
    """More pairs, less output: what a failing local supplier of a specific input does not deliver, nobody else does."""
    loss = {"event": "capacity", "month": 13, "months": 12, "loss": 0.6, "share": 0.3, "shock": False}
    brittle = {"friction": 0.0, "reroute": 1.0, "specificity": 0.95, "choke": 0.9, "stock": 0.0}
    found = cluster(brokering(resources=["goods"]), brittle, events=[loss])
    assert found.pairing_effect().min() > 20.0
    assert interval(found.effect("output"))[1] < 0.0


# --- neither policy wins by construction ---------------------------------------------------------------------------

BOTH: dict[str, Any] = {"cluster_committee": {}, "chain_leader": {}}


def lead_of_committee(found: Finished) -> tuple[float, float]:
    return interval(found.effect("output", 1) - found.effect("output", 2))


def test_the_committee_leads_where_needs_cross_chains() -> None:
    """Chains of one tier buy nothing from themselves, so brokering inside a chain finds nothing."""
    chains = {name: {"tiers": 1, "share": chain["share"]} for name, chain in THREE_CHAINS.items()}
    assert lead_of_committee(cluster(BOTH, {}, chains=chains))[0] > 2.0


def test_the_chain_leader_leads_where_chains_lie_across_sites() -> None:
    """And meetings teach nothing: with what groups teach the committee leads here too."""
    sites = dict.fromkeys("ABCDEFGHIJ", 0.1)
    assert lead_of_committee(cluster(BOTH, {"cross_chain": 0.0, "absorbed": 0.0}, sites=sites))[1] < 0.0


# --- nothing locks -------------------------------------------------------------------------------------------------

OUTAGES: list[dict[str, Any]] = [
    {"event": "supply", "month": 7, "months": 6, "availability": 0.0},
    {"event": "capacity", "month": 7, "months": 6, "loss": 0.9},
    {"event": "capacity", "month": 7, "months": 6, "loss": 0.9, "site": "A"},
]


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("specificity", [0.0, 0.95])
@pytest.mark.parametrize("choke", [0.0, 0.9])
def test_output_recovers_from_an_outage(outage: dict[str, Any], specificity: float, choke: float) -> None:
    scenario = _shaken(outage, specificity, choke)
    found = run(scenario, [1])
    output = found.recorder.series["output"]
    shocked, unshocked = output[:2], output[2:]
    assert [arm.shocks for arm in found.arms] == [True, True, False, False]
    assert (shocked[..., 6:12].sum(axis=2) < 0.9 * unshocked[..., 6:12].sum(axis=2)).all()  # it was felt
    assert (shocked[..., -12:].sum(axis=2) > 0.9 * unshocked[..., -12:].sum(axis=2)).all()
    if outage["event"] == "capacity":
        assert np.array_equal(output[:2, :, :6], output[2:, :, :6])


def _shaken(outage: dict[str, Any], specificity: float, choke: float) -> Scenario:
    """A densely paired cluster that is hit."""
    arm = {"members": "all", "matchmaking": {**MATCHMAKING, "introductions": 60}}
    parameters = {"specificity": specificity, "choke": choke, "stock": 0.0}
    changes = {**CLUSTER, "firms": 60, "months": (24, 96)}  # after total outages capacity needs years
    return make({"brokering": arm}, parameters, [{**outage, "shock": True}], **changes)
