"""The shipped scenarios: each fact of a place stands where the model expresses it, each number has a source."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clustersim import scenario
from clustersim.scenario.arms import ARM_WORDS
from clustersim.scenario.facts import Fact
from clustersim.scenario.model import NO_ALLIANCE, InstrumentUse, Scenario
from clustersim.scenario.presets import preset, preset_sources

SCENARIOS = Path(__file__).parents[2] / "scenarios"
COMMITTEE, LEADER, HYBRID = "cluster_committee", "chain_leader", "hybrid"
OWN_ARM = {  # what the place did
    "xinqiao": COMMITTEE,
    "songjiang": COMMITTEE,
    "sijing": COMMITTEE,
    "wujin": LEADER,
    "zhuzhou": LEADER,
}
ROSTER = "named_firms"
IN_HYBRID = {  # labels of the chain leader that the committee has too
    "matchmaking": "chain_matchmaking",
    "services": "chain_services",
    "mutual_aid": "chain_aid",
}
SAME_IN_BOTH = "organisation_building"
WITHOUT_AID = "committee_without_aid"
SECTIONS = ("time", "population", "policies", "parameters", "events")  # whose numbers need a source
ASSUMPTION = "assumption"
FACTS = {fact.id: fact for fact in scenario.evidence()}
WARNINGS = {
    "songjiang": [
        "parameters.median_capacity",
        *(f"policies.{arm}.permit_service.duration_factor" for arm in (COMMITTEE, HYBRID, WITHOUT_AID)),
    ],
    "zhuzhou": [f"policies.{arm}.research_pairing.mentees" for arm in (LEADER, HYBRID)],
}

type Path_ = tuple[str | int, ...]
place_by_place = pytest.mark.parametrize("place", OWN_ARM)


def load(name: str) -> Scenario:
    return scenario.load(SCENARIOS / f"{name}.yaml")


def sources(found: Scenario) -> dict[str, list[str]]:
    """Key path -> ids, as the author wrote them."""
    written: Any = found.document["sources"]
    return {path: source.split(", ") for path, source in written.items()}


def uses(found: Scenario, arm: str) -> dict[str, InstrumentUse]:
    (policy,) = [policy for policy in found.policies if policy.name == arm]
    return {use.label: use for use in policy.instruments}


def facts_of(place: str, kind: str) -> list[Fact]:
    return [fact for fact in FACTS.values() if fact.id.split(".")[0] == place and fact.kind == kind]


def leaves(data: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value of a document that holds no others."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else []
    if not below:
        yield path, data
    for key, value in below:
        yield from leaves(value, (*path, key))


def dotted(path: Path_) -> str:
    return ".".join(str(part) for part in path)


def nearest(path: Path_, known: dict[str, list[str]]) -> str | None:
    """The path of the source that a value has, its own or that of the closest entry above it."""
    candidates = (dotted(path[:length]) for length in range(len(path), 0, -1))
    return next((candidate for candidate in candidates if candidate in known), None)


def test_these_are_all_scenarios() -> None:
    assert {file.stem for file in SCENARIOS.glob("*.yaml")} == {*OWN_ARM, ROSTER}


@pytest.mark.parametrize("name", [*OWN_ARM, ROSTER])
def test_a_shipped_scenario_has_the_warnings_that_it_explains(name: str) -> None:
    warned = [problem.path for problem in scenario.warnings(load(name))]
    assert sorted(map(str, warned)) == sorted(WARNINGS.get(name, []))


@place_by_place
def test_the_four_arms_are_there(place: str) -> None:
    arms = [policy.name for policy in load(place).policies]
    assert arms[:4] == [NO_ALLIANCE, COMMITTEE, LEADER, HYBRID]
    assert arms[4:] == ([WITHOUT_AID] if place == "songjiang" else [])


@place_by_place
def test_every_mechanism_is_in_what_the_place_did(place: str) -> None:
    found, arm = load(place), OWN_ARM[place]
    above = {f"policies.{arm}.{label}" for label in uses(found, arm)} | {"events", "parameters"}
    cited = {
        name
        for path, names in sources(found).items()
        for name in names
        if any(f"{path}.".startswith(f"{one}.") for one in above)
    }
    assert not [fact.id for fact in facts_of(place, "mechanism") if fact.id not in cited]


@place_by_place
def test_every_outcome_is_compared_with_the_model(place: str) -> None:
    observed = {entry.fact for entry in load(place).observed}
    assert not [fact.id for fact in facts_of(place, "outcome") if fact.id not in observed]


@place_by_place
def test_only_facts_of_the_place_itself_are_cited(place: str) -> None:
    found = load(place)
    cited = {name for names in sources(found).values() for name in names} | {entry.fact for entry in found.observed}
    assert not [name for name in cited if name in FACTS and name.split(".")[0] != place]


@pytest.mark.parametrize("name", [*OWN_ARM, ROSTER])
def test_every_number_has_a_source_that_holds_a_number(name: str) -> None:
    """A fact without a number says what was done, not how much."""
    found = load(name)
    known = sources(found)
    unsourced = []
    for path, value in leaves({section: found.document.get(section, {}) for section in SECTIONS}):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            source = nearest(path, known)
            facts = [FACTS.get(one) for one in known[source]] if source else []
            if not any(fact is None or fact.value is not None for fact in facts):
                unsourced.append(dotted(path))
    assert not unsourced


@pytest.mark.parametrize("name", [*OWN_ARM, ROSTER])
def test_every_source_is_used(name: str) -> None:
    """What is called an assumption is one of some value; what cites a fact stands at a value, or at a whole entry."""
    found = load(name)
    known = sources(found)
    used = {nearest(path, known) for path, _ in leaves(found.document)}
    assert not [path for path, ids in known.items() if ids == [ASSUMPTION] and path not in used]


@place_by_place
def test_the_hybrid_does_what_the_place_did(place: str) -> None:
    found, arm = load(place), OWN_ARM[place]
    own, both = uses(found, arm), uses(found, HYBRID)
    names = IN_HYBRID if arm == LEADER else {}
    for label, use in own.items():
        name = names.get(label, label)
        assert both[name] == replace(use, label=name)


@place_by_place
def test_the_other_preset_stays_as_it_ships(place: str) -> None:
    policies: Any = load(place).document["policies"]
    (other,) = {COMMITTEE, LEADER} - {OWN_ARM[place]}
    assert set(policies[other]) <= set(ARM_WORDS)


def test_without_aid_is_all_but_aid() -> None:
    found = load("songjiang")
    assert uses(found, WITHOUT_AID) == {
        label: use for label, use in uses(found, COMMITTEE).items() if label != "mutual_aid"
    }


def test_the_hybrid_preset_holds_both_presets_and_nothing_else() -> None:
    committee, leader = preset(COMMITTEE), preset(LEADER)
    shared = {SAME_IN_BOTH, "members"}
    assert all(committee[name] == leader[name] for name in shared)
    renamed = {
        IN_HYBRID.get(label, label): {"instrument": label, **entry} if label in IN_HYBRID else entry
        for label, entry in leader.items()
        if label not in shared
    }
    assert not renamed.keys() & committee.keys()
    assert preset(HYBRID) == committee | renamed
    from_leader = {
        ".".join((IN_HYBRID.get(path.split(".")[0], path.split(".")[0]), path.split(".")[1])): source
        for path, source in preset_sources(LEADER).items()
    }
    assert preset_sources(HYBRID) == preset_sources(COMMITTEE) | from_leader


def test_the_roster_holds_enterprises_and_pairs_among_them() -> None:
    found = load(ROSTER)
    roster = found.population.roster
    assert roster is not None
    assert len(roster.ids) == len(set(roster.ids)) == 40
    with (SCENARIOS / "rosters" / "named_links.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["supplier"], row["buyer"]) for row in csv.DictReader(file)]
    assert [(roster.ids[supplier], roster.ids[buyer]) for supplier, buyer in roster.links] == pairs
    assert {one.name for one in found.population.institutions}.isdisjoint(roster.names)
