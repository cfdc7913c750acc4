"""Own search and the contacts of groups against a loop over applications."""

import random

import numpy as np
import pytest
from naive_worlds import matchmaking, one_arm

BUSY = {"search": 0.8, "conversion": 0.9, "ending": 0.3, "displacement": 0.6}


@pytest.mark.parametrize("seed", range(4))
def test_own_search_of_goods(seed: int) -> None:
    """Providers judge by number and skip what does not fit; members trust each other."""
    found = one_arm(seed, {"forum": {"interval": 1, "trust_rate": 0.5, "scope": "site"}}, BUSY)
    found.horizon(5)
    assert found.happened["pairs_made"] > 50
    assert found.world.state.trust_site[1].max() > 0.5


@pytest.mark.parametrize("seed", range(10, 13))
def test_own_search_reaches_entrants(seed: int) -> None:
    found = one_arm(seed, {"attraction": {"entries": 60}}, {**BUSY, "capacity_spread": 0.5})
    found.horizon(6)
    bought = found.world.state.supplier[1] >= found.world.population.incumbents
    assert found.happened["entries"] > 20
    assert (found.world.state.channel[1][bought] == 1).sum() > 3


@pytest.mark.parametrize("seed", range(20, 23))
def test_own_search_of_services(seed: int) -> None:
    """Few places, many needs: most applications are refused."""
    changes = {"service_opening": 0.6, "service_search": 0.9, "service_duration": 2, "places_share": 0.1}
    found = one_arm(seed, {"services": {"places_factor": 0.5, "duration_factor": 0.4}}, changes)
    found.horizon(5)
    assert found.happened["needs_served"] > 20
    assert found.happened["needs_lapsed"] > 5


@pytest.mark.parametrize("referral", [0.0, 0.5, 1.0])
def test_contacts_in_groups(referral: float) -> None:
    groups = {"size": 6, "interval": 1, "duration": 60, "contact": 0.9, "referral": referral, "conversion": 0.8}
    entries = {"attraction": {"entries": 24}}
    found = one_arm(int(30 + 10 * referral), {"groups": {**groups, "scope": "region"}, **entries}, {"search": 0.05})
    found.horizon(6)
    assert (found.world.state.channel[1] == 3).sum() > 10


@pytest.mark.parametrize("size", [2, 3, 5, 8, 40])
def test_groups_are_cut_and_a_last_group_under_half_joins_the_one_before(size: int) -> None:
    groups = {"groups": {"size": size, "scope": random.Random(size).choice(["site", "chain"]), "duration": 60}}
    arm = {"members": "organised", "organisation_building": {"hazard_small": 0.3}, **groups}
    found = one_arm(40 + size, arm)
    found.horizon(13)  # those who joined meanwhile form groups of their own after a year
    group = found.world.state.group[1]
    counts = np.bincount(group[0][group[0] >= 0])
    assert counts.max() < 1.5 * size + 1
    assert found.world.state.trust_group[1].max() > 0.0


def test_own_search_after_a_round_of_the_same_month_is_next_month() -> None:
    """Rounds read the state that search left, search the state after endings."""
    chance = random.Random(50)
    found = one_arm(50, {"rounds": matchmaking(chance, resources=["goods"], introductions=40)}, BUSY)
    found.horizon(4)
    assert {1, 2} <= set(found.world.state.channel[1].tolist())
