"""What is wrong with a scenario is told all at once, each with its place, what was given and what is allowed."""

from pathlib import Path

import pytest

from clustersim import scenario
from clustersim.errors import InputError, Problem
from clustersim.scenario.names import LONGEST_NAME
from spoken import told_in

GOOD = """\
schema: 1
name: test
time: {burn_in: 120, horizon: 24}
population:
  firms: 40
  sites: {East: 0.6, West: 0.4}
  chains:
    equipment: {tiers: 3, share: 0.7}
    parts: {tiers: 2, share: 0.3}
  institutions: {university: 1}
policies:
  no_alliance: {}
  cluster_committee: {}
  mine: {groups: {size: 8}}
parameters: {friction: 0.08}
seeds: 10
"""


def problems(text: str, folder: Path = Path()) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        scenario.loads(text, "test.yaml", folder)
    return caught.value.problems


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_the_good_scenario_has_no_problems() -> None:
    found = scenario.loads(GOOD)
    assert [policy.name for policy in found.policies] == ["no_alliance", "cluster_committee", "mine"]
    assert scenario.warnings(found) == []


# What replaces what in the good scenario; where the problem stands; and what its sentence must hold.
CASES = {
    "unknown key": ("seeds: 10", "seed: 10", "16:1: seed", 'unknown key "seed"; nearest: seeds.'),
    "unknown parameter": (
        "{friction: 0.08}",
        "{frictoin: 0.08}",
        "15:14: parameters.frictoin",
        "nearest: friction. Allowed: friction, ",
    ),
    "duplicate key": (
        "seeds: 10",
        "seeds: 10\nname: again",
        "17:1: name",
        "the key name is repeated; first given in line 2.",
    ),
    "duplicate key in one line": (
        "{friction: 0.08}",
        "{friction: 0.08, friction: 0.01}",
        "15:30: parameters.friction",
        "first given in line 15",
    ),
    "text for a number": (
        "friction: 0.08",
        "friction: '0.08'",
        "15:14: parameters.friction",
        'expected a number, given "0.08"',
    ),
    "flag for a number": ("seeds: 10", "seeds: true", "16:1: seeds", "expected a whole number, given true"),
    "fraction for a whole number": ("firms: 40", "firms: 40.0", "5:3: population.firms", "whole number, given 40.0"),
    "nothing for a number": ("seeds: 10", "seeds:", "16:1: seeds", "expected a whole number, given null"),
    "number for a flag": (
        "size: 8",
        "size: 8}, matchmaking: {meeting: 1",
        "14:43: policies.mine.matchmaking.meeting",
        "expected true or false, given 1",
    ),
    "number for a mapping": ("{size: 8}", "8", "14:10: policies.mine.groups", "expected a mapping of keys to values"),
    "number for an arm": ("{groups: {size: 8}}", "3", "14:3: policies.mine", "expected a mapping of keys to values"),
    "date for a name": ("name: test", "name: 2024-01-01", "2:1: name", 'expected text, given "2024-01-01"'),
    "key that is no text": ("friction: 0.08", "1: 0.08", "15:14: parameters", "the key 1 is not text"),
    "above the hard bounds": (
        "friction: 0.08",
        "friction: 0.96",
        "15:14: parameters.friction",
        "0.96 is out of bounds; allowed: 0 to 0.95",
    ),
    "below the hard bounds": (
        "size: 8",
        "size: 1",
        "14:19: policies.mine.groups.size",
        "1 is out of bounds; allowed: 2 to 10000",
    ),
    "below a bound with no upper one": (
        "size: 8",
        "staff: -1",
        "14:19: policies.mine.groups.staff",
        "-1 is out of bounds; allowed: 0 or more",
    ),
    "infinity": (
        "friction: 0.08",
        "elasticity: .inf",
        "15:14: parameters.elasticity",
        "Infinity is not a finite number",
    ),
    "not a number": (
        "friction: 0.08",
        "elasticity: .nan",
        "15:14: parameters.elasticity",
        "NaN is not a finite number",
    ),
    "shares of sites": ("West: 0.4", "West: 0.5", "6:3: population.sites", "add up to 1.1; they must add up to 1"),
    "shares of chains": ("share: 0.3", "share: 0.2", "7:3: population.chains", "the shares add up to 0.9"),
    "no share": (", share: 0.3", "", "9:5: population.chains.parts", "the key share is missing"),
    "sites without shares": (
        "{East: 0.6, West: 0.4}",
        "[East, West]",
        "6:3: population.sites",
        "a list of sites is enough only with a roster",
    ),
    "no tiers": ("tiers: 2, ", "", "9:5: population.chains.parts", "the key tiers is missing"),
    "no policies": (
        "  no_alliance: {}\n  cluster_committee: {}\n  mine: {groups: {size: 8}}\n",
        "",
        "11:1: policies",
        "",
    ),
    "unknown preset by name": (
        "cluster_committee: {}",
        "cluster_comittee: {}",
        "13:3: policies.cluster_comittee",
        "nearest: cluster_committee. Known presets: chain_leader, cluster_committee, hybrid, no_alliance",
    ),
    "unknown preset by word": (
        "{groups: {size: 8}}",
        "{preset: chain_leaders}",
        "14:10: policies.mine.preset",
        "nearest: chain_leader",
    ),
    "preset of a preset": (
        "cluster_committee: {}",
        "cluster_committee: {preset: chain_leader}",
        "13:23: policies.cluster_committee.preset",
        "the arm cluster_committee is that preset itself",
    ),
    "unknown instrument by label": (
        "groups:",
        "group:",
        "14:10: policies.mine.group",
        "nearest: groups. Known: attraction,",
    ),
    "unknown instrument by word": (
        "{size: 8}",
        "{size: 8}, visits: {instrument: group}",
        "14:38: policies.mine.visits.instrument",
        "nearest: groups",
    ),
    "another instrument under an instrument's name": (
        "{size: 8}",
        "{instrument: forum}",
        "14:19: policies.mine.groups.instrument",
        "the label groups stands for the instrument groups",
    ),
    "another instrument under a preset's label": (
        "cluster_committee: {}",
        "cluster_committee: {annual_meeting: {instrument: forum}}",
        "13:40: policies.cluster_committee.annual_meeting.instrument",
        "the label annual_meeting stands for the instrument matchmaking",
    ),
    "parameter of another instrument": (
        "size: 8",
        "projects: 8",
        "14:19: policies.mine.groups.projects",
        'unknown key "projects"',
    ),
    "without a label that is not there": (
        "cluster_committee: {}",
        "cluster_committee: {without: [fusion_project]}",
        "13:33: policies.cluster_committee.without.0",
        "nearest: fusion_projects",
    ),
    "without a label that is given": (
        "cluster_committee: {}",
        "cluster_committee: {without: [groups], groups: {size: 9}}",
        "13:33: policies.cluster_committee.without.0",
        "the label groups is removed by `without` but also given",
    ),
    "reserved word as a label": (
        "{groups: {size: 8}}",
        "{instrument: groups, size: 8}",
        "14:10: policies.mine.instrument",
        "instrument is a reserved word",
    ),
    "budget of an arm": (
        "{size: 8}",
        "{size: 8}, budget: 100",
        "14:29: policies.mine.budget",
        "budget is a reserved word",
    ),
    "reserved word as an arm": ("  mine:", "  without:", "14:3: policies.without", "without is a reserved word"),
    "reserved ending of an arm": (
        "  mine:",
        "  mine (no shock):",
        "14:3: policies.mine (no shock)",
        "is a reserved word",
    ),
    "members": (
        "{size: 8}",
        "{size: 8}, members: al",
        "14:29: policies.mine.members",
        "nearest: all. Allowed: all, organised",
    ),
    "instruments with no alliance": (
        "no_alliance: {}",
        "no_alliance: {groups: {}}",
        "12:3: policies.no_alliance",
        "must stay empty: `no_alliance: {}`",
    ),
    "arms alike but for case": (
        "  mine:",
        "  Cluster_Committee:",
        "14:3: policies.Cluster_Committee",
        "differ only in capital",
    ),
    "arm with a slash": ("  mine:", "  a/b:", "14:3: policies.a/b", 'the name "a/b" holds a character'),
    "arm with a full stop": ("  mine:", "  v1.2:", "14:3: policies.v1.2", 'the name "v1.2" holds a character'),
    "arm named as a device": ("  mine:", "  NUL:", "14:3: policies.NUL", 'the name "NUL" is reserved for a device'),
    "arm without a name": ("  mine:", "  '':", "14:3: policies.", 'the name "" is empty'),
    "arm with a space": ("  mine:", "  ' mine':", "14:3: policies. mine", "begins or ends with a space"),
    "long name": ("name: test", f"name: {'x' * (LONGEST_NAME + 1)}", "2:1: name", "too long; allowed: 60"),
    "label with a full stop": (
        "{size: 8}",
        "{size: 8}, a.b: {instrument: forum}",
        "14:29: policies.mine.a.b",
        'the name "a.b" holds a character',
    ),
    "unknown site in who": (
        "size: 8",
        "who: {site: Eas}",
        "14:25: policies.mine.groups.who.site",
        '"Eas" is not a site of this scenario; nearest: East. Known: East, West',
    ),
    "unknown chain in who": (
        "size: 8",
        "who: {chain: [parts, equipments]}",
        "14:25: policies.mine.groups.who.chain",
        "nearest: equipment",
    ),
    "tier that no chain has": ("size: 8", "who: {tier: 3}", "14:25: policies.mine.groups.who.tier", "allowed: 0 to 2"),
    "tier that the chain has not": (
        "size: 8",
        "who: {chain: parts, tier: [1, 2]}",
        "14:39: policies.mine.groups.who.tier",
        "unknown tier 2; allowed: 0 to 1",
    ),
    "size class": (
        "size: 8",
        "who: {size_class: tiny}",
        "14:25: policies.mine.groups.who.size_class",
        "Allowed: large, medium,",
    ),
    "repeated owner": (
        "size: 8",
        "who: {owner: [state, state]}",
        "14:25: policies.mine.groups.who.owner",
        "state is given twice",
    ),
    "end before the start": (
        "size: 8",
        "start: 9, end: 6",
        "14:29: policies.mine.groups.end",
        "the last month 6 lies before the first month 9",
    ),
    "word of a choice": (
        "size: 8",
        "scope: sites",
        "14:19: policies.mine.groups.scope",
        "nearest: site. Allowed: chain, region",
    ),
    "words of a list": (
        "groups: {size: 8}",
        "matchmaking: {resources: [goods, goods]}",
        "14:24: policies.mine.matchmaking.resources",
        "goods is given twice",
    ),
    "no words in a list": (
        "groups: {size: 8}",
        "matchmaking: {resources: []}",
        "14:24: policies.mine.matchmaking.resources",
        "this is empty",
    ),
    "site of an instrument": (
        "groups: {size: 8}",
        "attraction: {site: Wst}",
        "14:23: policies.mine.attraction.site",
        "nearest: West",
    ),
    "chain of an instrument": (
        "groups: {size: 8}",
        "attraction: {chain: prts}",
        "14:23: policies.mine.attraction.chain",
        '"prts" is not a chain of this scenario; nearest: parts',
    ),
    "home site of a chain": (
        "share: 0.3}",
        "share: 0.3, site: North}",
        "9:35: population.chains.parts.site",
        "Known: East, West",
    ),
    "both firms and roster": (
        "firms: 40",
        "firms: 40\n  roster: firms.csv",
        "4:1: population",
        "both `firms` and `roster`",
    ),
    "neither firms nor roster": ("  firms: 40\n", "", "4:1: population", "neither `firms` nor `roster`"),
    "links without a roster": (
        "firms: 40",
        "firms: 40\n  links: l.csv",
        "6:3: population.links",
        "no `roster` is given",
    ),
    "one firm": ("firms: 40", "firms: 1", "5:3: population.firms", "1 is out of bounds; allowed: 2 to 10000000"),
    "more tiers than firms": (
        "firms: 40",
        "firms: 3",
        "9:13: population.chains.parts.tiers",
        "2 tiers, but the chain's share of the firms is at most 1",
    ),
    "a single good": (
        "equipment: {tiers: 3, share: 0.7}\n    parts: {tiers: 2, share: 0.3}",
        "parts: {tiers: 1, share: 1}",
        "7:3: population.chains",
        "a single good",
    ),
    "institution": (
        "university: 1",
        "college: 1",
        "10:18: population.institutions.college",
        "Allowed: bank, department,",
    ),
    "no seeds": ("seeds: 10", "seeds: 0", "16:1: seeds", "0 is out of bounds; allowed: 1 to 10000000"),
    "too many seeds": ("seeds: 10", "seeds: 10000001", "16:1: seeds", "allowed: 1 to 10000000"),
    "horizon": ("horizon: 24", "horizon: 0", "3:22: time.horizon", "0 is out of bounds; allowed: 12 to 2400"),
    "short horizon": ("horizon: 24", "horizon: 11", "3:22: time.horizon", "allowed: 12 to 2400"),
    "version": ("schema: 1", "schema: 2", "1:1: schema", "2 is not an allowed value; nearest: 1"),
    "huge version": ("schema: 1", f"schema: {2**63}", "1:1: schema", "9223372036854775808 is not allowed here"),
    "huge number": ("seeds: 10", f"seeds: {10**30}", "16:1: seeds", "allowed: 1 to 10000000"),
    "budget word": (
        "seeds: 10",
        "seeds: 10\nbudget: equall",
        "17:1: budget",
        "nearest: equal. Allowed: both, equal, own",
    ),
    "budget": ("seeds: 10", "seeds: 10\nbudget: 0", "17:1: budget", "0 is out of bounds; allowed: more than 0"),
    "precision": (
        "seeds: 10",
        "seeds: 10\nprecision: {pairing: 0}",
        "17:13: precision.pairing",
        "allowed: more than 0",
    ),
    "unknown source": (
        "seeds: 10",
        "seeds: 10\nsources: {population.firms: xinqiao.firm}",
        "17:11: sources.population.firms",
        'unknown source "xinqiao.firm"; nearest: xinqiao.firms.',
    ),
    "sources that a replaced section left behind": (
        "seeds: 10",
        "seeds: 10\nsources: {a: assumption, b: assumption, c: assumption, d: assumption}",
        "17:11: sources.a",
        "4 entries of `sources` name numbers that are not in this file; the first is nearest to",
    ),
    "source of a path that is not there": (
        "seeds: 10",
        "seeds: 10\nsources: {parameters.elasticity: assumption}",
        "17:11: sources.parameters.elasticity",
        '"parameters.elasticity" is not a key path of this file',
    ),
    "kind of event": (
        "seeds: 10",
        "seeds: 10\nevents: [{event: suply, month: 3}]",
        "17:11: events.0.event",
        "nearest: supply. Known: capacity,",
    ),
    "no kind of event": ("seeds: 10", "seeds: 10\nevents: [{month: 3}]", "17:10: events.0", "the key event is missing"),
    "no event": ("seeds: 10", "seeds: 10\nevents: [flood]", "17:10: events.0", 'given "flood"'),
    "key of another event": (
        "seeds: 10",
        "seeds: 10\nevents:\n  - {event: finance, month: 3, gain: 0.1, months: 3}",
        "18:43: events.0.months",
        'unknown key "months"; nearest: month.',
    ),
    "loss of more than all capacity": (
        "seeds: 10",
        "seeds: 10\nevents: [{event: capacity, month: 3, months: 6, loss: 1.1}]",
        "17:49: events.0.loss",
        "1.1 is out of bounds; allowed: 0 to 1",
    ),
    "share that is drawn, without the share": (
        "seeds: 10",
        "seeds: 10\nevents: [{event: capacity, month: 3, months: 6, loss: 1, drawn: flood}]",
        "17:58: events.0.drawn",
        "give `share` too",
    ),
    "priority of pairs, which was removed": (
        "{friction: 0.08}",
        "{pair_priority: 0.3}",
        "15:14: parameters.pair_priority",
        "`pair_priority` was removed",
    ),
    "price of a meeting, which was removed": (
        "{friction: 0.08}",
        "{price_meeting: 2}",
        "15:14: parameters.price_meeting",
        "Use `price_attendance`",
    ),
    "price of a group's meeting, which was removed": (
        "{friction: 0.08}",
        "{price_group_meeting: 0.2}",
        "15:14: parameters.price_group_meeting",
        "Use `price_attendance`",
    ),
    "availability": (
        "seeds: 10",
        "seeds: 10\nevents: [{event: supply, month: 3, months: 6, availability: 1.1}]",
        "17:47: events.0.availability",
        "allowed: 0 to 1",
    ),
    "firms of an event without a roster": (
        "seeds: 10",
        "seeds: 10\nevents: [{event: capacity, month: 3, months: 6, loss: 0.5, firms: [a]}]",
        "17:60: events.0.firms",
        "firms can be named only if there is a roster",
    ),
    "firms and a filter": (
        "seeds: 10",
        "seeds: 10\nevents: [{event: finance, month: 3, gain: 0.5, firms: [a], site: East}]",
        "17:48: events.0.firms",
        "give either `firms` or `site`",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_problem_has_its_place_and_says_what_is_allowed(name: str) -> None:
    old, new, place, words = CASES[name]
    sentences = [problem.sentence() for problem in problems(changed(old, new))]
    found = [sentence for sentence in sentences if sentence.startswith(f"test.yaml:{place}: ")]
    assert any(words in sentence for sentence in found), sentences


@pytest.mark.parametrize("name", CASES)
def test_a_problem_can_be_reported_in_chinese(name: str) -> None:
    old, new, _, _ = CASES[name]
    told = [told_in("zh", problem.sentence) for problem in problems(changed(old, new))]
    assert told
    assert all(any("\u4e00" <= character <= "\u9fff" for character in one) for one in told)


@pytest.mark.parametrize(
    ("text", "key", "line", "column"),
    [
        ("", "scenario.empty", None, None),
        ("# nothing\n", "scenario.empty", None, None),
        ("- 1\n", "scenario.not_mapping", 1, None),
        ("name: [1\n", "scenario.syntax", 2, 1),
        ("name: a: b\n", "scenario.syntax", 1, 8),
        ("time:\n\t- 1\n", "scenario.syntax", 2, 1),
        ("a: 1\n---\nb: 1\n", "scenario.syntax", 2, 1),
        ("a: !python/name:os.system x\n", "scenario.syntax", 1, 4),
        ("a: &a {b: *a}\n", "scenario.syntax", None, None),
        ('a: "\\ud800"\n', "scenario.syntax", 1, 4),
        ('"\\ud800": 1\n', "scenario.syntax", 1, 1),
        ("a: \x01\n", "scenario.syntax", None, None),
        ("a: 2024-13-01\n", "scenario.syntax", None, None),
        ("a: " + "9" * 5000, "scenario.syntax", None, None),
        ("[" * 5000, "scenario.syntax", None, None),
    ],
)
def test_text_that_is_no_scenario_has_one_problem(text: str, key: str, line: int | None, column: int | None) -> None:
    (problem,) = problems(text)
    assert (problem.key, problem.file, problem.line, problem.column) == (key, "test.yaml", line, column)
    assert told_in("zh", problem.sentence) != problem.sentence()


def test_a_missing_file_an_odd_encoding_and_a_folder_are_reported(tmp_path: Path) -> None:
    missing, odd = tmp_path / "missing.yaml", tmp_path / "odd.yaml"
    odd.write_bytes("schema: 1\ntitle: {zh: 新桥}\n".encode("gb18030"))
    for path, key, line in (
        (missing, "scenario.file_not_found", None),
        (odd, "scenario.not_utf8", 2),
        (tmp_path, "scenario.file_unreadable", None),
    ):
        with pytest.raises(InputError) as caught:
            scenario.load(path)
        (problem,) = caught.value.problems
        assert (problem.key, problem.file, problem.line) == (key, str(path), line)
        assert told_in("zh", problem.sentence)


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = (
        changed("West: 0.4", "West: 0.5")
        .replace("friction: 0.08", "frictoin: 0.08")
        .replace("seeds: 10", "seeds: 0\nseeds: 1\nsources: {population.firms: nowhere}\nevents: [{event: flood}]")
        .replace("groups: {size: 8}", "groups: {size: '8', who: {site: North}}, visits: {}")
        .replace("no_alliance: {}", "no_alliance: {forum: {}}")
        .replace("horizon: 24", "horizon: 6")
    )
    found = problems(text)
    assert [problem.key for problem in found] == [
        "scenario.bounds.between",
        "scenario.shares",
        "scenario.no_alliance_not_empty",
        "scenario.expected.integer",
        "scenario.unknown.instrument",
        "scenario.unknown.key",
        "scenario.bounds.between",
        "scenario.duplicate_key",
        "scenario.unknown.source",
        "scenario.unknown.event",
    ]
    lines = [problem.line for problem in found if problem.line is not None]
    assert lines == sorted(lines)
    assert len(lines) == len(found)


def test_who_is_checked_although_sites_are_wrong_elsewhere() -> None:
    text = changed("West: 0.4", "West: 0.5").replace("size: 8", "who: {site: North}")
    assert [problem.key for problem in problems(text)] == ["scenario.shares", "scenario.unknown.site"]


def test_problems_of_the_roster_stand_beside_those_of_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("id,chain\na,equipment\na,nothing\n", encoding="utf-8")
    text = changed("firms: 40", "roster: firms.csv").replace("seeds: 10", "seeds: 0")
    found = problems(text, tmp_path)
    assert {problem.file for problem in found} == {"test.yaml", str(tmp_path / "firms.csv")}
    assert "scenario.bounds.between" in {problem.key for problem in found}


def test_an_event_can_name_only_firms_of_the_roster(tmp_path: Path) -> None:
    (tmp_path / "firms.csv").write_text("id,chain\na1,equipment\nb1,parts\n", encoding="utf-8")
    event = "\nevents: [{event: capacity, month: 1, months: 2, loss: 0.5, firms: [b1, a2]}]"
    (problem,) = problems(changed("firms: 40", "roster: firms.csv") + event, tmp_path)
    assert problem.key == "scenario.unknown.firm"
    assert problem.fields["nearest"] == "a1"
