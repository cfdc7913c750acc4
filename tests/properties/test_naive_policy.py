"""Ties, entry, aid and membership against loops."""

import json
import random

import pytest
from naive_worlds import SCOPES, Comparison, document, one_arm

from clustersim import scenario

TIES = {"instrument": "formal_pairing", "ties": 60, "ending_factor": 0.3}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("mentees", [1, 3])
def test_ties_between_firms(scope: str, mentees: int) -> None:
    ties = {**TIES, "kind": "firms", "scope": scope, "mentees": mentees, "end": 5}
    found = one_arm(200 + len(scope) + mentees, {"pairing": ties}, {"search": 0.05, "cross_chain": 0.2})
    found.horizon(5)
    assert (found.world.state.tie_partner[1] >= 0).sum() > 5
    assert (found.world.state.channel[1] == 4).sum() > 0
    found.horizon(2)
    assert (found.world.state.tie_partner[1] == -1).all()  # the policy has ended


@pytest.mark.parametrize("owners", ["any", "different"])
@pytest.mark.parametrize("scope", SCOPES)
def test_ties_between_owner_kinds(scope: str, owners: str) -> None:
    ties = {**TIES, "kind": "firms", "scope": scope, "mentees": 2, "owners": owners}
    found = one_arm(250 + len(scope), {"pairing": ties}, {"state_owned": 0.4, "foreign_owned": 0.2})
    found.horizon(5)
    partner, owner = found.world.state.tie_partner[1], found.world.population.owner_kind
    base, small = (partner >= 0).nonzero()
    same = owner[base, small] == owner[base, partner[base, small]]
    assert len(same) > 5
    assert same.any() == (owners == "any")


@pytest.mark.parametrize("scope", SCOPES)
def test_ties_with_institutions(scope: str) -> None:
    found = one_arm(210 + len(scope), {"schools": {**TIES, "kind": "research", "scope": scope, "mentees": 2}})
    found.horizon(5)
    assert (found.world.state.tie_partner[1] >= found.world.rows).sum() > 2


def test_both_kinds_of_ties_in_one_policy() -> None:
    arm = {"pairing": {**TIES, "kind": "firms"}, "schools": {**TIES, "kind": "research", "end": 4}}
    found = one_arm(220, arm)
    found.horizon(4)
    partner, rows = found.world.state.tie_partner[1], found.world.rows
    assert (partner >= rows).sum() > 2
    assert ((partner >= 0) & (partner < rows)).sum() > 2
    found.horizon(2)
    partner = found.world.state.tie_partner[1]
    assert (partner < rows).all()  # those of the schools have ended, the others have not
    assert (partner >= 0).sum() > 2
    assert found.happened["money"] > 10.0


@pytest.mark.parametrize("scope", ["chain", "region"])
def test_entry_where_goods_are_scarcest(scope: str) -> None:
    found = one_arm(230 + len(scope), {"attraction": {"scope": scope, "entries": 40}}, {"entrant_size": 0.3})
    found.horizon(6)
    assert found.happened["entries"] >= 40
    entered = found.world.state.good[1][:, found.world.population.incumbents :]
    assert len(set(entered[entered >= 0].tolist())) > 1


@pytest.mark.parametrize("scope", ["chain", "region"])
def test_entry_into_one_chain(scope: str) -> None:
    found = one_arm(236 + len(scope), {"attraction": {"scope": scope, "chain": "two", "entries": 40}})
    found.horizon(6)
    assert found.happened["entries"] == 20 * found.world.bases
    state, incumbents = found.world.state, found.world.population.incumbents
    entered = state.chain[1][:, incumbents:][state.active[1][:, incumbents:]]
    assert set(entered.tolist()) == {1}


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("delay", [0, 2])
def test_mutual_aid(scope: str, delay: int) -> None:
    chance = random.Random(240 + len(scope) + delay)
    arm = {"members": "all", "help": {"instrument": "mutual_aid", "scope": scope, "delay": delay, "share": 0.7}}
    arm["more_help"] = {"instrument": "mutual_aid", "scope": "region", "delay": 1, "who": {"share": 0.5}}
    text = document(chance, {"arm": arm}, shocks=False)
    text["events"] = [
        {"event": "capacity", "month": 2, "months": 3, "loss": 0.6, "share": 0.4},
        {"event": "capacity", "month": 3, "months": 1, "loss": 0.3, "share": 0.6},
        {"event": "supply", "month": 1, "months": 4, "availability": 0.2},
    ]
    found = Comparison([scenario.loads(json.dumps(text))], [1, 2], first_arm=1)
    found.burn_in(8, compared=0)
    found.horizon(3)
    assert sum(one.received.sum() for one in found.world.flows.aid) > 0.0
    found.horizon(3)


@pytest.mark.parametrize("order", ["lead_firm_first", "all_at_once"])
def test_members_join_from_the_month_after_they_found_an_organisation(order: str) -> None:
    building = {"order": order, "hazard_small": 0.4, "hazard_medium": 0.4, "hazard_large": 0.6, "phase_months": 2}
    arm = {"members": "organised", "organisation_building": building, "forum": {"start": 3, "interval": 1}}
    found = one_arm(260 + len(order), arm, {"organisation_share": 0.3})
    found.horizon(6)
    state = found.world.state
    assert state.joined[1].sum() < state.member[1].sum()
