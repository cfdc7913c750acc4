"""From YAML to a scenario: presets, overrides, events, rosters, changes, and the way back to words."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from clustersim import scenario
from clustersim.errors import InputError
from clustersim.scenario.facts import full_name, source_of
from clustersim.scenario.model import Scenario, Who
from clustersim.scenario.presets import preset
from clustersim.spec.parameters import MODEL_PARAMETERS, defaults
from spoken import told_in

TEXT = """\
schema: 1
name: test
title: {zh: 测试}
population:
  firms: 40
  sites: {East: 0.6, West: 0.4}
  chains:
    equipment: {tiers: 3, share: 0.7, site: West, trend: 0.001}
    parts: {tiers: 2, share: 0.3}
  institutions: {university: 1, department: 2}
policies:
  cluster_committee:
    without: [groups]
    matchmaking: {interval: 6}
    projects_of_parts:
      instrument: fusion_projects
      start: 7
      end: 18
      who: {chain: parts, size_class: [small, large], anchor: false, share: 0.5}
  my_arm: {preset: chain_leader, members: all}
  courses: {forum: }
parameters: {friction: 0.08}
"""


@pytest.fixture(name="found")
def _found() -> Scenario:
    return scenario.loads(TEXT)


def refused(text: str, changes: dict[str, object]) -> list[str]:
    with pytest.raises(InputError) as caught:
        scenario.with_changes(scenario.loads(text), changes)
    return [problem.key for problem in caught.value.problems]


def with_events(text: str) -> Scenario:
    return scenario.loads(f"{TEXT}events:\n{text}")


def test_what_is_not_said_has_its_default(found: Scenario) -> None:
    assert (found.time.burn_in, found.time.horizon, found.seeds, found.budget) == (120, 60, 100, "own")
    assert found.parameters == defaults().replace(friction=0.08)
    assert found.written == ("friction",)
    assert found.title == {"en": "测试", "zh": "测试"}
    assert (found.events, found.precision, found.population.roster, found.population.fixed) == ((), None, None, False)


def test_sites_chains_and_institutions_stand_in_their_order(found: Scenario) -> None:
    population = found.population
    assert [(site.name, site.share) for site in population.sites] == [("East", 0.6), ("West", 0.4)]
    assert [dataclasses.astuple(chain) for chain in population.chains] == [
        ("equipment", 3, 0.7, "West", 0.001),
        ("parts", 2, 0.3, None, None),
    ]
    assert [place.kind for place in population.institutions] == ["university", "department", "department"]
    assert len({place.name for place in population.institutions}) == 3


def test_listed_institutions_keep_their_site_and_places() -> None:
    institutions = (
        "[{name: School, kind: vocational_school, site: West, places: {talent: 4}}, {name: Bank, kind: bank}]"
    )
    found = scenario.loads(TEXT.replace("{university: 1, department: 2}", institutions)).population.institutions
    assert [dataclasses.astuple(place) for place in found] == [
        ("School", "vocational_school", "West", {"talent": 4}),
        ("Bank", "bank", None, None),
    ]


def test_no_alliance_is_added_first(found: Scenario) -> None:
    assert [policy.name for policy in found.policies] == ["no_alliance", "cluster_committee", "my_arm", "courses"]
    last = scenario.loads(TEXT.replace("  courses: {forum: }", "  no_alliance:"))
    assert [policy.name for policy in last.policies] == ["no_alliance", "cluster_committee", "my_arm"]
    assert last.policies[0].instruments == ()


def test_overrides_merge_by_label_into_the_preset(found: Scenario) -> None:
    uses = {use.label: use for use in found.policies[1].instruments}
    expected = [label for label in preset("cluster_committee") if label not in ("groups", "members")]
    assert list(uses) == [*expected, "projects_of_parts"]
    assert uses["matchmaking"].values.interval == 6
    assert uses["matchmaking"].values.introductions == preset("cluster_committee")["matchmaking"]["introductions"]
    assert uses["annual_meeting"].instrument == "matchmaking"


def test_an_arm_of_its_own_name_can_start_from_a_preset(found: Scenario) -> None:
    mine = found.policies[2]
    assert mine.everyone
    assert [use.label for use in mine.instruments] == [label for label in preset("chain_leader") if label != "members"]
    assert not found.policies[3].everyone


def test_who_and_when_become_indices_and_months(found: Scenario) -> None:
    use = found.policies[1].instruments[-1]
    assert (use.start, use.end) == (7, 18)
    assert use.who == Who(chains=(1,), size_classes=(0, 2), anchors=False, share=0.5)
    assert found.policies[3].instruments[0].who == Who()


def test_each_kind_of_event_has_its_size() -> None:
    found = with_events(
        """\
  - {event: demand, month: 1, months: 6, factor: 0.8, chain: parts}
  - {event: supply, month: 2, months: 6, availability: 0.5, chain: [parts, equipment], tier: 0}
  - {event: capacity, month: 3, months: 6, loss: 0.3, site: West, share: 0.4}
  - {event: contract, month: 4, months: 6, share_of_capacity: 0.2, site: East}
  - {event: finance, month: 5, gain: 0.1, share: 0.2, shock: true}
  - {event: search, month: 6, months: 3, factor: 2, site: [East, West]}
  - {event: demand, month: 7, months: 1, factor: 1.2}
  - {event: demand, month: 8, months: 1, factor: 1.1, label: fair, shock: false}
"""
    )
    assert [(event.kind, event.size, event.month, event.months, event.shock) for event in found.events] == [
        ("demand", 0.8, 1, 6, True),
        ("supply", 0.5, 2, 6, True),
        ("capacity", 0.3, 3, 6, True),
        ("contract", 0.2, 4, 6, False),
        ("finance", 0.1, 5, 1, True),
        ("search", 2.0, 6, 3, False),
        ("demand", 1.2, 7, 1, True),
        ("demand", 1.1, 8, 1, False),
    ]
    assert [event.label for event in found.events][-2:] == ["demand_2", "fair"]
    assert len({event.label for event in found.events}) == 8
    supply, capacity, search = found.events[1], found.events[2], found.events[5]
    assert (supply.chains, supply.tiers) == ((1, 0), (0,))
    assert (capacity.sites, capacity.share) == ((1,), 0.4)
    assert search.sites == (0, 1)


def test_a_roster_gives_the_number_of_firms_and_the_shares(tmp_path: Path) -> None:
    rows = ["id,chain,site", "a1,equipment,East", "a2,equipment,East", "a3,parts,East", "b1,parts,West"]
    (tmp_path / "firms.csv").write_text("\n".join(rows), encoding="utf-8")
    text = (
        TEXT.replace("firms: 40", "roster: firms.csv")
        .replace("{East: 0.6, West: 0.4}", "[East, West]")
        .replace(", share: 0.7", "")
        .replace(", share: 0.3", "")
    )
    (tmp_path / "roster.yaml").write_text(
        f"{text}events: [{{event: capacity, month: 2, months: 3, loss: 0.9, firms: [b1]}}]", encoding="utf-8"
    )
    found = scenario.load(tmp_path / "roster.yaml")
    assert found.population.firms == 4
    assert [site.share for site in found.population.sites] == [0.75, 0.25]
    assert [chain.share for chain in found.population.chains] == [0.5, 0.5]
    assert found.events[0].firms == (3,)
    moved = scenario.with_changes(found, {"parameters.friction": 0.2})
    assert moved.population.roster is found.population.roster
    assert "from the roster" in scenario.describe(found)


def test_changes_are_checked_and_leave_the_first_scenario_alone(found: Scenario) -> None:
    changed = scenario.with_changes(
        found,
        {
            "parameters.friction": np.float64(0.2),
            "population.firms": np.int64(60),
            "policies.cluster_committee.matchmaking.introductions": 7,
            "policies.cluster_committee.annual_meeting.introductions": 5.0,
            "policies.my_arm.members": "organised",
            "time.horizon": 36,
            "policies.plain": {"forum": {}},
        },
    )
    uses = {use.label: use.values for use in changed.policies[1].instruments}
    assert (changed.parameters.friction, changed.population.firms, changed.time.horizon) == (0.2, 60, 36)
    assert (uses["matchmaking"].introductions, uses["matchmaking"].interval) == (7.0, 6)
    assert uses["annual_meeting"].introductions == 5.0
    assert not changed.policies[2].everyone
    assert changed.policies[-1].name == "plain"
    assert found == scenario.loads(TEXT)
    assert scenario.loads(TEXT).document == found.document


def test_a_list_item_can_be_changed() -> None:
    found = with_events("  - {event: demand, month: 1, months: 6, factor: 0.8}\n")
    assert scenario.with_changes(found, {"events.0.factor": 0.5}).events[0].size == 0.5
    with pytest.raises(InputError):
        scenario.with_changes(found, {"events.1.factor": 0.5})


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ("parameters.frictoin", 0.1, "unknown.key"),
        ("parametres.friction", 0.1, "unknown.key"),
        ("parameters.friction", 2.0, "bounds.between"),
        ("parameters.friction", "0.1", "expected.number"),
        ("policies.cluster_comittee.matchmaking.interval", 2, "unknown.arm"),
        ("policies.cluster_committee.matchmakings.interval", 2, "unknown.label"),
        ("policies.cluster_committee.groups.size", 9, "unknown.label"),
        ("policies.no_alliance.forum.interval", 2, "unknown.label"),
        ("policies.no_alliance.forum", {}, "no_alliance_not_empty"),
        ("population.firms.more", 3, "leads_nowhere"),
        ("population.firms", 3, "more_tiers_than_firms"),
    ],
)
def test_a_wrong_change_is_refused(path: str, value: object, key: str) -> None:
    assert f"scenario.{key}" in refused(TEXT, {path: value})


def test_load_takes_changes(tmp_path: Path) -> None:
    path = tmp_path / "test.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    assert scenario.load(path, {"seeds": 7}).seeds == 7
    assert scenario.load(path) == scenario.loads(TEXT)


def test_warnings_are_about_implausible_values_and_what_never_happens(found: Scenario) -> None:
    assert scenario.warnings(found) == []
    changed = scenario.with_changes(
        found,
        {
            "parameters.friction": 0.5,
            "time.burn_in": 24,
            "policies.courses.forum.interval": 18,
            "policies.courses.forum.start": 61,
            "events": [{"event": "finance", "month": 99, "gain": 0.1}],
        },
    )
    told = scenario.warnings(changed)
    assert [(problem.path, problem.key.split(".")[1]) for problem in told] == [
        ("time.burn_in", "implausible"),
        ("events.0.month", "too_late"),
        ("policies.courses.forum.start", "too_late"),
        ("parameters.friction", "implausible"),
        ("policies.courses.forum.interval", "implausible"),
    ]
    assert told[3].sentence() == "parameters.friction: 0.5 lies outside the plausible range, 0 to 0.1."


@pytest.mark.parametrize("name", scenario.preset_names())
def test_presets_are_plausible_scenarios(name: str) -> None:
    start = TEXT.index("policies:")
    found = scenario.loads(f"{TEXT[:start]}policies: {{{name}: {{}}, copy: {{preset: {name}}}}}\n")
    assert scenario.warnings(found) == []
    assert found.policies[-1].instruments == found.policies[-2].instruments
    known = {f"{use.label}.{parameter}" for use in found.policies[-1].instruments for parameter in use.values}
    assert {path.removeprefix("policies.copy.") for path in found.sources if ".copy." in path} <= known


def test_the_source_of_a_preset_goes_with_its_number(found: Scenario) -> None:
    path = "policies.my_arm.formal_pairing.ties"
    assert found.sources[path] == "evidence: zhuzhou.pairs"
    assert path not in scenario.with_changes(found, {path: 20}).sources
    author = scenario.with_changes(found, {path: 20, "sources": {path: "wujin.chains"}})
    assert author.sources[path] == "evidence: wujin.chains"


def test_a_changed_number_loses_its_source(found: Scenario) -> None:
    sources = {"population.firms": "xinqiao.firms", "policies.my_arm.preset": "wujin.chains"}
    said = scenario.with_changes(found, {"sources": sources})
    assert set(sources) <= set(said.sources)
    assert "population.firms" not in scenario.with_changes(said, {"population.firms": 50}).sources
    assert "policies.my_arm.preset" not in scenario.with_changes(said, {"policies.my_arm": {"forum": {}}}).sources
    assert "population.firms" in scenario.with_changes(said, {"population.fixed": True}).sources


@pytest.mark.parametrize(
    ("name", "value", "author", "source"),
    [
        ("organisation_share", 0.5, None, "literature: party_organisations"),
        ("organisation_share", 0.6, None, "literature: party_organisations"),
        ("organisation_share", 0.9, None, "assumption"),
        ("organisation_share", 0.9, "zhuzhou.organisations", "evidence: zhuzhou.organisations"),
        ("organisation_share", 0.5, "assumption", "assumption"),
        ("search", 0.11, None, "fitted: baseline patterns"),
        ("search", 0.12, None, "assumption"),
        ("search", 0.12, "literature: japan_links", "literature: japan_links"),
        ("local", 0.7, None, "assumption"),
    ],
)
def test_a_number_rests_on_its_authors_word_then_on_what_the_registry_covers(
    name: str, value: float, author: str | None, source: str
) -> None:
    assert source_of(MODEL_PARAMETERS[name], value, author) == source


def test_sources_are_reported_in_full() -> None:
    assert full_name("cai_szeidl_2018") == "literature: cai_szeidl_2018"
    assert full_name("xinqiao.firms") == "evidence: xinqiao.firms"


def test_a_scenario_is_said_back_in_words(found: Scenario) -> None:
    text = scenario.describe(scenario.with_changes(found, {"sources": {"population.firms": "xinqiao.firms"}}))
    for words in (
        "测试 (test)",
        "Enterprises: 40 [evidence: xinqiao.firms], drawn anew for each seed.",
        "East 60%; West 40%",
        "departments: 2",
        "- no_alliance (No alliance); nobody is a member; no instrument",
        "- my_arm (my_arm); members: all firms",
        "months 7 to 18; only in the chain parts; only small; large firms; without anchor enterprises",
        "    forum (Forum): all at default",
        "- friction = 0.08 (default 0.05; share) [assumption]: Share of an input",
        "Seeds: 100.",
    ):
        assert words in text
    assert "fitted" in text.splitlines()[-1]
    assert "groups (" not in text


def test_events_a_budget_and_a_precision_are_said_back() -> None:
    found = with_events("  - {event: capacity, month: 3, months: 6, loss: 0.3, site: West, share: 0.4}\n")
    found = scenario.with_changes(found, {"budget": 500, "precision": {}})
    text = scenario.describe(found)
    assert "- capacity: loss of capacity, months 3 to 8, loss 0.3; West; each firm with probability 0.4" in text
    assert "Budget: each policy at 500 (10k yuan) a year." in text
    assert "half-width of 0.5 points of pairing and 0.25% of output, with at most 10000 seeds" in text
    chinese = told_in("zh", scenario.describe, found)
    assert "产能损失" in chinese
    assert len(chinese.splitlines()) == len(text.splitlines())


def test_evidence_and_literature_can_be_listed() -> None:
    facts = {fact.id: fact for fact in scenario.evidence()}
    assert facts["xinqiao.firms"].value == 28
    assert {fact.kind for fact in facts.values()} == {"structure", "mechanism", "outcome"}
    assert {entry.status for entry in scenario.literature()} == {"found", "recalled"}


def test_a_number_may_come_from_several_sources_or_from_the_author() -> None:
    text = (
        "schema: 1\nname: x\npopulation: {firms: 20, sites: {A: 1}, chains: {c: {tiers: 2, share: 1}}}\n"
        "policies: {no_alliance: {}}\nparameters: {friction: 0.1, reroute: 0.2}\n"
        'sources: {parameters.friction: "own 2024 survey, 31 firms", '
        'parameters.reroute: "assumption, xinqiao.firms"}'
    )
    found = scenario.loads(text)
    assert found.sources["parameters.friction"] == "own: 2024 survey, 31 firms"
    assert found.sources["parameters.reroute"] == "evidence: assumption, xinqiao.firms"
    told = scenario.describe(found)
    assert "[own data: 2024 survey, 31 firms]" in told
    assert "own data 1" in told
