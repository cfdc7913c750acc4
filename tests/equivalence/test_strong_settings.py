"""Both engines where one rule decides over and over: crowded searches, long queues, full providers, small budgets.

Random scenarios rarely get there. Each setting names what must happen in it, so that the rule is really at work.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest

from clustersim.agreement import compare
from small_worlds import make, run

SCOPES = ("site", "chain", "region")
SEEDS = (2**62,)
PLACES = {
    "sites": {"East": 0.5, "West": 0.3, "North": 0.2},
    "chains": {"one": {"tiers": 2, "share": 0.6}, "two": {"tiers": 2, "share": 0.4}},
    "institutions": {"vocational_school": 1, "university": 2, "department": 1, "bank": 1, "fund": 1},
}
BUSY = {"search": 0.8, "conversion": 0.9, "ending": 0.3, "displacement": 0.6, "large_share": 0.2}
FEW = {"search": 0.05, "displacement": 0.4, "service_opening": 0.3, "service_search": 0.1, "service_duration": 3}
QUEUES = {**FEW, "service_opening": 0.9, "service_patience": 4, "service_search": 0.0, "places_share": 0.15}
SERVICES = ["technology", "talent", "finance", "permit"]
ROUND = {
    "instrument": "matchmaking",
    "interval": 1,
    "introductions": 100,
    "survey_share": 0.8,
    "support": 0.7,
    "conversion_supported": 0.9,
}
TIES = {"instrument": "formal_pairing", "ties": 60, "ending_factor": 0.3, "mentees": 2}
GROUPS = {"size": 6, "interval": 1, "duration": 60, "contact": 0.9, "conversion": 0.8}
SHORTAGES = [
    {"event": "capacity", "month": 2, "months": 3, "loss": 0.6, "share": 0.4, "shock": False},
    {"event": "capacity", "month": 3, "months": 1, "loss": 0.3, "share": 0.6, "shock": False},
    {"event": "supply", "month": 1, "months": 4, "availability": 0.2, "shock": False},
]


@dataclass(frozen=True)
class Setting:
    """An arm, parameters, and how much must happen in the arm at least, by stored measure.

    Of local sales, which go on without any policy, that is how many more there are than without it.
    """

    arm: dict[str, Any]
    parameters: dict[str, Any]
    happens: dict[str, int]
    events: list[dict[str, Any]] = field(default_factory=list)
    months: tuple[int, int] = (8, 5)


def searches() -> dict[str, Setting]:
    crowded = {"service_opening": 0.6, "service_search": 0.9, "service_duration": 2, "places_share": 0.1}
    in_groups = {
        f"contacts in groups, referral {referral}": Setting(
            {
                "groups": {**GROUPS, "scope": "region", "referral": referral},
                "attraction": {"entries": 40, "additional": 1.0},
            },
            {"search": 0.05},
            {"channel_contact": 10, "entries": 5},
        )
        for referral in (0.0, 0.5, 1.0)
    }
    regrouped = {
        f"groups of {size} of firms that join over a year": Setting(
            {
                "members": "organised",
                "organisation_building": {"hazard_small": 0.3},
                "groups": {**GROUPS, "size": size, "scope": scope},
            },
            {},
            {"channel_contact": 5},
            months=(8, 13),
        )
        for size, scope in ((2, "site"), (5, "chain"), (40, "site"))
    }
    return {
        "crowded sellers, members who trust each other": Setting(
            {"forum": {"interval": 1, "trust_rate": 0.5, "scope": "site"}}, BUSY, {"pairs_made": 25}
        ),
        "entrants are found": Setting(
            {"attraction": {"entries": 80, "additional": 1.0}},
            {**BUSY, "capacity_spread": 0.5},
            {"entries": 10, "pairs_made": 25},
        ),
        "crowded providers": Setting(
            {"services": {"places_factor": 0.5, "duration_factor": 0.4}},
            crowded,
            {"needs_served": 10, "needs_lapsed": 3},
        ),
        **in_groups,
        **regrouped,
    }


def rounds() -> dict[str, Setting]:
    found = {}
    scores, orders = ("size", "room", "same_site"), ("random", "largest", "bottleneck")
    for (number, scope), (place, order) in itertools.product(enumerate(SCOPES), enumerate(orders)):
        score, key_first = scores[(number + place) % 3], (number + place) % 2 == 0
        words = {"scope": scope, "order": order, "score": score, "key_firms_first": key_first, "introductions": 70}
        found[f"{order} first by {score}, {scope}"] = Setting(
            {"rounds": {**ROUND, **words}}, FEW, {"introductions": 40, "needs_served": 5, "channel_introduction": 1}
        )
    for scope, score in (("site", "size"), ("site", "room"), ("region", "same_site"), ("chain", "size")):
        words = {"scope": scope, "score": score, "switch": 1.0, "resources": ["goods"], "introductions": 200}
        found[f"pairs replaced by {score}, {scope}"] = Setting(
            {"rounds": {**ROUND, **words}}, {**FEW, "trust_rate": 0.02}, {"pairs_ended": 20, "pairs_made": 20}
        )
    for scope in SCOPES:
        words = {"scope": scope, "resources": SERVICES, "introductions": 300, "support": 1.0, "word": 0.0}
        found[f"queues for few places, {scope}"] = Setting({"rounds": {**ROUND, **words}}, QUEUES, {"needs_served": 15})
        projects = {"scope": scope, "projects": 150, "success": 0.6, "patents": 2.0, "gain_factor": 2.5}
        found[f"projects from idle needs, few members, {scope}"] = Setting(
            {"members": "organised", "fusion_projects": projects},
            {**FEW, "service_opening": 0.0, "places_share": 0.3, "organisation_share": 0.4},
            {"projects": 5, "patents": 1},
        )
    for scope, switch in (("site", 0.7), ("chain", 0.0)):
        words = {"scope": scope, "also": "region", "introductions": 150, "switch": switch, "order": "bottleneck"}
        found[f"what is left goes to the region, {scope}, switch {switch}"] = Setting(
            {"rounds": {**ROUND, **words, "resources": ["goods", "finance"]}}, FEW, {"introductions": 30}
        )
    return found | few_introductions()


def few_introductions() -> dict[str, Setting]:
    nothing_left = {"scope": "site", "also": "region", "introductions": 9, "survey_share": 0.5, "resources": ["goods"]}
    by_staff = {"introductions": 4, "introductions_per_staff": 13, "scope": "site", "survey_share": 1.0}
    three = {name: {**ROUND, "resources": ["goods", "talent"]} for name in ("a", "b", "c")}
    return {
        "nothing is left for the region": Setting({"rounds": {**ROUND, **nothing_left}}, FEW, {"introductions": 14}),
        "a fraction of an introduction": Setting(
            {"rounds": {**ROUND, **by_staff}}, FEW, {"introductions": 30}, months=(8, 10)
        ),
        "rounds one after another": Setting(three, FEW, {"introductions": 80}),
    }


def ties() -> dict[str, Setting]:
    found = {}
    for scope, mentees in zip(SCOPES, (3, 1, 1), strict=True):
        pairing = {**TIES, "scope": scope, "mentees": mentees, "end": 4}
        found[f"{mentees} ties a large firm, {scope}, then none"] = Setting(
            {"pairing": pairing}, {"search": 0.05, "cross_chain": 0.2, "large_share": 0.2}, {"channel_tie": 5}
        )
    for scope, owners in zip(SCOPES, ("any", "different", "different"), strict=True):
        found[f"ties with {owners} owners, {scope}"] = Setting(
            {"pairing": {**TIES, "scope": scope, "owners": owners}},
            {"state_owned": 0.4, "foreign_owned": 0.2, "large_share": 0.2},
            {"channel_tie": 1},
        )
    for scope in SCOPES:
        schools = {**TIES, "kind": "research", "scope": scope}
        found[f"ties with institutions, {scope}"] = Setting({"schools": schools}, {}, {"money": 1})
    both = {"pairing": {**TIES, "scope": "region"}, "schools": {**TIES, "kind": "research", "end": 4}}
    return found | {"both kinds of ties": Setting(both, {}, {"money": 10, "channel_tie": 1})}


def entries_aid_and_members() -> dict[str, Setting]:
    found = {}
    for scope, chain in (("chain", ""), ("region", ""), ("region", "two")):
        found[f"entry, {scope} {chain}"] = Setting(
            {"attraction": {"scope": scope, "chain": chain, "entries": 100, "additional": 1.0}},
            {"entrant_size": 0.3},
            {"entries": 5 if chain else 12},
        )
    for scope, delay in zip(SCOPES, (0, 2, 0), strict=True):
        helps = {"instrument": "mutual_aid", "scope": scope, "delay": delay, "share": 0.7}
        more = {"instrument": "mutual_aid", "scope": "region", "delay": 1, "who": {"share": 0.5}}
        found[f"aid after {delay} months, {scope}"] = Setting(
            {"help": helps, "more_help": more}, {}, {"local_sales": 1}, SHORTAGES, (8, 6)
        )
    for order in ("lead_firm_first", "all_at_once"):
        building = {"order": order, "hazard_small": 0.4, "hazard_medium": 0.4, "hazard_large": 0.6, "phase_months": 2}
        found[f"members join, {order}"] = Setting(
            {"members": "organised", "organisation_building": building, "forum": {"start": 3, "interval": 1}},
            {"organisation_share": 0.3},
            {"members": 20},
            months=(8, 6),
        )
    return found


SETTINGS = searches() | rounds() | ties() | entries_aid_and_members()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_strong_setting(name: str) -> None:
    one = SETTINGS[name]
    arm = {"members": "all", **one.arm}
    scenario = make({"arm": arm}, one.parameters, one.events, one.months, firms=36, **PLACES)
    total = run(scenario, SEEDS).recorder.series
    happened = {measure: int(total[measure][1].sum()) for measure in one.happens}
    if "local_sales" in happened:
        happened["local_sales"] -= int(total["local_sales"][0].sum())
    assert all(happened[measure] >= least for measure, least in one.happens.items()), happened
    assert compare(scenario, SEEDS).difference is None
