"""Brokered rounds against a loop over introductions: every class, score and scope, switching, services, projects."""

import random
from typing import Any

import pytest
from naive_worlds import SCOPES, matchmaking, one_arm

CASES = [
    (scope, order, score)
    for number, scope in enumerate(SCOPES)
    for place, order in enumerate(("random", "largest", "bottleneck"))
    for score in [("size", "room", "same_site")[(number + place) % 3]]
]
FEW = {"search": 0.05, "displacement": 0.4, "service_opening": 0.3, "service_search": 0.1, "service_duration": 3}


def round_of(seed: int, **words: Any) -> dict[str, Any]:
    usual = {"interval": 1, "support": 0.7, "conversion_supported": 0.9, "introductions": 12, "switch": 0.0}
    return matchmaking(random.Random(seed), **{**usual, **words})


@pytest.mark.parametrize(("scope", "order", "score"), CASES)
@pytest.mark.parametrize("key_firms_first", [False, True])
def test_classes_scores_and_scopes(scope: str, order: str, score: str, key_firms_first: bool) -> None:
    seed = 100 + 2 * CASES.index((scope, order, score)) + key_firms_first
    words = {"scope": scope, "order": order, "score": score, "key_firms_first": key_firms_first}
    everything = {"resources": ["goods", "technology", "talent", "finance", "permit"], "also": "none"}
    found = one_arm(seed, {"rounds": round_of(seed, **words, **everything, introductions=8)}, FEW)
    found.horizon(4)
    assert found.happened["introductions"] > 20
    assert found.happened["needs_served"] > 0
    assert (found.world.state.channel[1] == 2).sum() > 2


SWITCHING = [("site", "size"), ("site", "room"), ("region", "same_site"), ("chain", "size")]


@pytest.mark.parametrize(("scope", "score"), SWITCHING)
def test_switching_frees_the_room_of_the_former_supplier(scope: str, score: str) -> None:
    words = {"scope": scope, "score": score, "switch": 1.0, "resources": ["goods"], "also": "none", "introductions": 40}
    found = one_arm(130 + len(scope + score), {"rounds": round_of(1, **words)}, {**FEW, "trust_rate": 0.02})
    found.horizon(5)
    assert found.happened["pairs_ended"] > 40
    assert found.happened["pairs_made"] > 40


@pytest.mark.parametrize("scope", SCOPES)
def test_institutions_are_shared_by_the_scopes(scope: str) -> None:
    """Long queues for few places: the order of turns decides."""
    few = {**FEW, "service_opening": 0.9, "service_patience": 4, "service_search": 0.0, "places_share": 0.15}
    words = {"scope": scope, "resources": ["technology", "talent", "finance", "permit"], "introductions": 60}
    found = one_arm(140 + len(scope), {"rounds": round_of(2, **words, conversion_supported=1.0, support=1.0)}, few)
    found.horizon(5)
    state = found.world.state
    assert found.happened["needs_served"] > 20
    assert ((state.used[1] == state.places[1]) & (state.places[1] > 0)).sum() > 3


@pytest.mark.parametrize("scope", SCOPES)
def test_project_rounds_list_idle_needs(scope: str) -> None:
    """Places of all institutions and anchors, though few firms are members."""
    projects = {
        "fusion_projects": {"scope": scope, "projects": 150, "success": 0.6, "patents": 2.0, "gain_factor": 2.5}
    }
    changes = {**FEW, "service_opening": 0.0, "places_share": 0.3, "organisation_share": 0.4}
    found = one_arm(150 + len(scope), {"members": "organised", **projects}, changes)
    found.horizon(6)
    assert (found.world.state.service_project[1] > 0).sum() > 3
    assert found.happened["patents"] > 0
    assert found.happened["projects"] > 3


@pytest.mark.parametrize("scope", ["site", "chain"])
@pytest.mark.parametrize("switch", [0.0, 0.7])
def test_a_follow_up_round_spends_what_is_left_over_the_region(scope: str, switch: float) -> None:
    words = {"scope": scope, "also": "region", "introductions": 25, "switch": switch, "order": "bottleneck"}
    found = one_arm(160 + len(scope), {"rounds": round_of(3, **words, resources=["goods", "finance"])}, FEW)
    found.horizon(4)
    state, people = found.world.state, found.world.population
    label = state.site[1] if scope == "site" else state.chain[1]
    base, owner = found.world.base_of_slot, found.world.row_of_slot
    introduced = state.channel[1] == 2
    across = label[base, owner] != label[base, state.supplier[1]]
    assert (introduced & across).sum() > 0
    assert people.slots > 0


def test_a_follow_up_round_with_nothing_left_finds_nobody() -> None:
    """It surveys by numbers of its own, but there is nothing to survey for."""
    words = {"scope": "site", "also": "region", "introductions": 1, "survey_share": 0.5, "order": "random"}
    found = one_arm(165, {"rounds": round_of(5, **words, resources=["goods"])}, FEW)
    found.horizon(3)
    sites = found.world.population.sites
    assert found.happened["introductions"] == 3 * sites * found.world.bases  # all that there are, in each first round
    assert found.world.log is not None
    assert found.world.log.rounds is not None
    surveyed, introduced = (found.world.log.rounds > 0).sum(axis=(1, 2))
    assert surveyed > introduced


def test_a_budget_may_be_a_fraction_and_may_hang_on_staff() -> None:
    words = {"introductions": 0.4, "introductions_per_staff": 1.5, "staff": 1.0, "scope": "site", "also": "none"}
    listed = {"resources": ["goods", "finance", "permit"], "survey_share": 1.0}
    found = one_arm(170, {"rounds": round_of(4, **words, **listed)}, FEW)  # 1.9 a round and label
    found.horizon(10)
    labels = found.world.population.sites * found.world.bases
    assert 0.6 * 19 * labels < found.happened["introductions"] <= 19 * labels


def test_rounds_run_one_after_another() -> None:
    arm = {name: round_of(number, resources=["goods", "talent"]) for number, name in enumerate(("a", "b", "c"))}
    found = one_arm(180, arm, FEW)
    found.horizon(4)
    assert found.happened["introductions"] > 50
