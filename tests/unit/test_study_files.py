"""What is wrong with a study file is told all at once, each with its place, what was given and what is allowed."""

from __future__ import annotations

import copy
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clustersim import scenario as scenarios
from clustersim.errors import InputError, Problem
from clustersim.reports.study_report import question
from clustersim.scenario.reading import load_plain, parse
from clustersim.scenario.resolve import key_paths
from clustersim.studies import study_file
from clustersim.studies.points import job_of, points_of, rows_of
from clustersim.studies.study import Study, Verb
from spoken import told_in

SCENARIO = """\
schema: 1
name: small
time: {burn_in: 6, horizon: 12}
population:
  firms: 24
  sites: {East: 0.5, West: 0.5}
  chains: {steel: {tiers: 2, share: 1.0}}
policies:
  cluster_committee: {}
  chain_leader: {}
events: [{event: capacity, month: 3, months: 6, loss: 0.5, share: 1, shock: false}]
observed:
  - {fact: xinqiao.firms, observable: paired_share, arm: cluster_committee, months: [1, 12], value: [10, 20]}
  - {fact: xinqiao.firms, not_comparable: {en: nothing of the model, zh: 无对应}}
  - {fact: xinqiao.firms, observable: pairs_made, arm: no_alliance, months: [1, 12], value: 30}
  - {fact: xinqiao.firms, observable: pairs_made, arm: no_alliance, months: [20, 24], value: 30}
seeds: 3
"""
SWEEP = """\
schema: 1
study: sweep
name: test
scenario: small.yaml
parameters:
  parameters.friction: [0.05, 0.2]
design: {size: 16}
seeds: 2
"""
FRICTION = "parameters.friction: [0.05, 0.2]"
SENSITIVITY = SWEEP.replace("study: sweep", "study: sensitivity")
CALIBRATE = SWEEP.replace("study: sweep", "study: calibrate") + "targets: [{observed: 0}]\n"
TWO = f"{FRICTION}\n  parameters.rivalry: [0, 1]"
MAP = SWEEP.replace("study: sweep", "study: map").replace("{size: 16}", "{steps: 3}").replace(FRICTION, TWO)
BASES = {"sweep": SWEEP, "sensitivity": SENSITIVITY, "map": MAP, "calibrate": CALIBRATE}
INTRODUCTIONS = "matchmaking.introductions"


def folder_with(tmp_path: Path, scenario: str = SCENARIO) -> Path:
    (tmp_path / "small.yaml").write_text(scenario, encoding="utf-8")
    return tmp_path


def load(folder: Path, text: str, verb: Verb | None = None) -> Study:
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return study_file.load(file, verb)


def problems(folder: Path, text: str, verb: Verb | None = None) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        load(folder, text, verb)
    assert caught.value.exit_code == 2
    return caught.value.problems


def changed(base: str, old: str, new: str) -> str:
    assert base.count(old) == 1, old
    return base.replace(old, new)


@pytest.mark.parametrize("verb", BASES)
def test_the_good_studies_are_read(tmp_path: Path, verb: str) -> None:
    study = load(folder_with(tmp_path), BASES[verb])
    assert (study.verb, study.name, study.seeds) == (verb, "test", 2)
    job, rows = job_of(study)
    assert len(rows) == len(points_of(study)) == rows_of(study.verb, study.design, len(study.factors))
    assert max(rows) == len(job.points) - 1
    assert question(study)
    assert told_in("zh", question, study)


# Which study; what replaces what in it; where the problem stands; and what its sentence must hold.
CASES: dict[str, tuple[str, str, str, str, str]] = {
    "unknown key": ("sweep", "seeds: 2", "sedes: 2", "8:1: sedes", "nearest: seeds. Allowed: arms, changes, design"),
    "unknown key of the design": ("sweep", "size: 16", "sise: 16", "7:10: design.sise", "nearest: size"),
    "key of another verb": ("map", "steps: 3", "size: 3", "8:10: design.size", "Allowed: steps."),
    "duplicate key": ("sweep", "seeds: 2", "seeds: 2\nname: x", "9:1: name", "is repeated; first given in line 3"),
    "duplicate parameter": (
        "sweep",
        FRICTION,
        f"{FRICTION}\n  {FRICTION}",
        "7:3: parameters.parameters.friction",
        "first given in line 6",
    ),
    "no verb": ("sweep", "study: sweep\n", "", "1:1", "kind of study. Allowed: sweep, sensitivity, map"),
    "unknown verb": ("sweep", "study: sweep", "study: sweeep", "2:1: study", 'kind of study "sweeep"; nearest: sweep'),
    "a list for the verb": ("sweep", "study: sweep", "study: [map]", "2:1: study", "nearest: map"),
    "unknown schema": ("sweep", "schema: 1", "schema: 2", "1:1: schema", "Allowed: 1"),
    "a name that is a device": ("sweep", "name: test", "name: con", "3:1: name", "reserved for a device"),
    "unknown language": ("sweep", "seeds: 2", "title: {de: x}", "8:9: title.de", "Allowed: en, zh"),
    "no seeds": ("sweep", "seeds: 2", "seeds: 0", "8:1: seeds", "0 is out of bounds; allowed: 1 to"),
    "a fraction of a seed": ("sweep", "seeds: 2", "seeds: 2.0", "8:1: seeds", "whole number, given 2.0"),
    # the scenario
    "no scenario": ("sweep", "scenario: small.yaml\n", "", "1:1", "the key scenario is missing"),
    "no such scenario": ("sweep", "small.yaml", "smal.yaml", "4:1: scenario", "file not found"),
    "a folder": ("sweep", "small.yaml", ".", "4:1: scenario", "cannot be read"),
    "a study for a scenario": ("sweep", "small.yaml", "study.yaml", "4:1: scenario", "is a study"),
    # changes
    "unknown change": (
        "sweep",
        "seeds: 2",
        "changes:\n  population.frims: 3",
        "9:3: population.frims",
        "nearest: firms",
    ),
    "change out of bounds": (
        "sweep",
        "seeds: 2",
        "changes: {seeds: 3, parameters.friction: 7}",
        "8:21: parameters.friction",
        "7 is out of bounds; allowed: 0 to 0.95",
    ),
    "change of an unknown arm": (
        "sweep",
        "seeds: 2",
        "changes: {policies.comittee.groups.size: 3}",
        "8:11: policies.comittee.groups.size",
        "nearest: cluster_committee",
    ),
    "budget that is too small": (
        "sweep",
        "seeds: 2",
        "changes: {budget: 1}",
        "8:11: budget: policies.cluster_committee",
        "more than the 1.0 that the budget allows",
    ),
    "changes that are no mapping": ("sweep", "seeds: 2", "changes: [a]", "8:1: changes", "expected a mapping"),
    # parameters
    "no parameters": ("sweep", f"parameters:\n  {FRICTION}\n", "", "1:1", "the key parameters is missing"),
    "empty parameters": ("sweep", f"parameters:\n  {FRICTION}", "parameters: {}", "5:1: parameters", "at least one"),
    "another word": (
        "sweep",
        f"parameters:\n  {FRICTION}",
        "parameters: asumptions",
        "5:1: parameters",
        "nearest: assumptions",
    ),
    "unknown parameter": (
        "sweep",
        "s.friction",
        "s.frictoin",
        "6:3: parameters.parameters.frictoin",
        '"parameters.frictoin" is not a number of this scenario; nearest: parameters.friction.',
    ),
    "unknown arm of a parameter": (
        "sweep",
        "parameters.friction",
        f"policies.cluster_comittee.{INTRODUCTIONS}",
        "6:3",
        f"nearest: policies.cluster_committee.{INTRODUCTIONS}",
    ),
    "unknown label": (
        "sweep",
        "parameters.friction",
        "policies.chain_leader.matchmakin.introductions",
        "6:3",
        f"nearest: policies.chain_leader.{INTRODUCTIONS}",
    ),
    "unknown number of any arm": (
        "sweep",
        "parameters.friction",
        "policies.*.matchmaking.introduction",
        "6:3",
        f"nearest: policies.*.{INTRODUCTIONS}",
    ),
    "a star in the wrong place": ("sweep", "parameters.friction", "parameters.*", "6:3", "nearest: parameters."),
    "two stars": ("sweep", "parameters.friction", "policies.*.*.introductions", "6:3", f"policies.*.{INTRODUCTIONS}"),
    "unknown key of the scenario": (
        "sweep",
        FRICTION,
        "population.frims: [20, 30]",
        "6:3: parameters.population.frims = 20",
        "nearest: firms",
    ),
    "seeds as a parameter": ("sweep", FRICTION, "seeds: [1, 3]", "6:3: parameters.seeds", "not part of what is simul"),
    "observations as a parameter": ("sweep", FRICTION, "observed.0.value: [1, 3]", "6:3", "not part of what is simul"),
    "the dummy's name": ("sensitivity", FRICTION, "dummy: [0, 1]", "6:3: parameters.dummy", "not part of what is"),
    "an empty path": ("sweep", FRICTION, "'': [1, 3]", "6:3", "policies, population, time, events, budget"),
    "one number": ("sweep", "[0.05, 0.2]", "3", "6:3: parameters.parameters.friction", "`[low, high]`"),
    "three ends": ("sweep", "[0.05, 0.2]", "[0.1, 0.2, 0.3]", "6:3", "expected two values"),
    "one end": ("sweep", "[0.05, 0.2]", "{low: 0.1}", "6:3: parameters.parameters.friction", "give `low` and `high`"),
    "ends the wrong way round": ("sweep", "[0.05, 0.2]", "[0.2, 0.05]", "6:3", "low end 0.2 must lie below the high"),
    "ends that are the same": ("sweep", "[0.05, 0.2]", "[0.2, 0.2]", "6:3", "must lie below the high end 0.2"),
    "no finite number": ("sweep", "[0.05, 0.2]", "[.nan, 0.2]", "6:25", "NaN is not a finite number"),
    "above the hard bounds": (
        "sweep",
        "0.05, 0.2",
        "0.05, 2",
        "6:3: parameters.parameters.friction = 2.0",
        "allowed: 0 to 0.95",
    ),
    "a range and values": ("sweep", "[0.05, 0.2]", "{low: 0, high: 1, values: [1]}", "6:3", "not both"),
    "no values": (
        "sweep",
        "[0.05, 0.2]",
        "{values: []}",
        "6:25: parameters.parameters.friction.values",
        "at least one",
    ),
    "a value twice": ("sweep", "[0.05, 0.2]", "{values: [0.1, 0.1]}", "6:25", "0.1 is given twice"),
    "a word for a number": ("sweep", "[0.05, 0.2]", "{values: [0.1, high]}", "6:3", 'expected a number, given "high"'),
    "a fraction for a whole number": (
        "sweep",
        FRICTION,
        "parameters.service_duration: {low: 2.5, high: 7}",
        "6:33: parameters.parameters.service_duration.low",
        "expected a whole number, given 2.5",
    ),
    "a fraction of a firm": ("sweep", FRICTION, "population.firms: [20.5, 30]", "6:3", "whole number, given 20.5"),
    "no range in the registry": ("sweep", FRICTION, "population.firms:", "6:3", "as in `[low, high]`, or `values:"),
    "words without values": (
        "sweep",
        FRICTION,
        "policies.chain_leader.matchmaking.also: [0, 1]",
        "6:3",
        "give `values` from: none, region",
    ),
    "an unknown word": (
        "sweep",
        FRICTION,
        "policies.chain_leader.matchmaking.also: {values: [none, regio]}",
        '6:3: parameters.policies.chain_leader.matchmaking.also = "regio"',
        "nearest: region",
    ),
    "an arm that is also meant by a star": (
        "sweep",
        FRICTION,
        f"policies.*.{INTRODUCTIONS}: [1, 5]\n  policies.chain_leader.{INTRODUCTIONS}: [1, 5]",
        "7:3",
        f"already varied by policies.*.{INTRODUCTIONS}",
    ),
    "shares that do not add up": (
        "sweep",
        FRICTION,
        "population.sites.East: [0.1, 0.6]",
        "6:3: parameters.population.sites.East = 0.1: population.sites",
        "the shares add up to 0.6",
    ),
    "other arms at a point": (
        "sweep",
        FRICTION,
        "policies: {values: [{cluster_committee: {}}]}",
        "6:3",
        "the same ones at every point",
    ),
    "equal money at some points": ("sweep", FRICTION, "budget: {values: [own, both]}", "6:3", "`budget: both` below"),
    "steps without a grid": (
        "sweep",
        "[0.05, 0.2]",
        "{low: 0, high: 0.2, steps: 4}",
        "6:44: parameters.parameters.friction.steps",
        "`steps` requires `method: grid`",
    ),
    "steps of values": ("map", "[0.05, 0.2]", "{values: [0.1, 0.2], steps: 4}", "6:45", "Remove `steps`"),
    "a first value of a sweep": ("sweep", "[0.05, 0.2]", "{first: 0.1}", "6:25", "`first` is for `study: calibrate`"),
    "a held value of a map": ("map", "[0.05, 0.2]", "{hold: true}", "6:25", "`hold` is for `study: calibrate`"),
    # designs
    "unknown method": ("sweep", "size: 16", "method: sobel", "7:10: design.method", "nearest: sobol"),
    "a method of another verb": ("sweep", "size: 16", "method: pawn", "7:10", "Allowed: grid, lhs, sobol"),
    "no power of two": ("sweep", "size: 16", "method: sobol, size: 17", "7:25: design.size", "nearest: 16 or 32"),
    "no power of two in the fit": ("calibrate", "size: 16", "method: sobol, size: 20", "7:25", "nearest: 16 or 32"),
    "a grid with a size": (
        "sweep",
        "size: 16",
        "method: grid, size: 16",
        "7:24: design.size",
        "has `steps`, not `size`",
    ),
    "a hypercube with steps": ("sweep", "size: 16", "steps: 3", "7:10: design.steps", "the method here is lhs"),
    "one step": ("map", "steps: 3", "steps: 1", "8:10: design.steps", "1 is out of bounds; allowed: 2 to"),
    "a small Sobol' design": ("sensitivity", "size: 16", "method: sobol, size: 2", "7:25: design.size", "at least 4"),
    "few trajectories": ("sensitivity", "size: 16", "method: morris, size: 3", "7:26: design.size", "at least 4"),
    "few points of PAWN": ("sensitivity", "size: 16", "method: pawn, size: 39", "7:24: design.size", "at least 40"),
    "few points of a fit": ("calibrate", "size: 16", "size: 9", "7:10: design.size", "9 points are too few for 1"),
    "a grid beyond bounds": (
        "sweep",
        f"{FRICTION}\ndesign: {{size: 16}}",
        f"{TWO}\ndesign: {{method: grid, steps: 2000}}",
        "8:1: design",
        "the design has 4,000,000 points; at most 1,000,000",
    ),
    "one parameter of a map": ("map", TWO, FRICTION, "5:1: parameters", "two parameters; given 1"),
    "three parameters of a map": ("map", TWO, f"{TWO}\n  parameters.search:", "5:1: parameters", "given 3"),
    "all assumptions on a map": ("map", f"parameters:\n  {TWO}", "parameters: assumptions", "5:1", "two parameters"),
    # arms and outcomes
    "unknown arm": ("sweep", "seeds: 2", "arms: [chain_leaders]", "8:8: arms.0", "nearest: chain_leader. Known: chain"),
    "no alliance as an arm": ("sweep", "seeds: 2", "arms: [no_alliance]", "8:8: arms.0", "not a policy of this"),
    "equal money without a budget": (
        "sweep",
        "seeds: 2",
        "arms: ['chain_leader (equal money)']",
        "8:8",
        "Known: chain_",
    ),
    "an arm twice": ("sweep", "seeds: 2", "arms: [chain_leader, chain_leader]", "8:1: arms", "given twice"),
    "no arms": ("sweep", "seeds: 2", "arms: []", "8:1: arms", "at least one"),
    "unknown outcome": (
        "sweep",
        "seeds: 2",
        "outcomes: [outptu]",
        "8:12: outcomes.0",
        "nearest: output. Allowed: output",
    ),
    "an outcome of firms": ("sweep", "seeds: 2", "outcomes: [output_gini]", "8:12", "cannot be an outcome here"),
    "a shock that is not there": ("sweep", "seeds: 2", "outcomes: [output_lost]", "8:12", "cannot be an outcome here"),
    "an outcome that no alliance has not": ("sweep", "seeds: 2", "outcomes: [members_with_pair]", "8:12", "cannot be"),
    # targets
    "no targets": ("calibrate", "targets: [{observed: 0}]", "", "1:1", "the key targets is missing"),
    "empty targets": ("calibrate", "[{observed: 0}]", "[]", "9:1: targets", "at least one"),
    "a target beyond the entries": ("calibrate", "observed: 0", "observed: 4", "9:12", "has 4 entries, counted from 0"),
    "a target below the entries": ("calibrate", "observed: 0", "observed: -1", "9:12", "-1 is out of bounds"),
    "a target of nothing": ("calibrate", "observed: 0", "observed: 1", "9:12", "has no observable"),
    "a target beyond the horizon": ("calibrate", "observed: 0", "observed: 3", "9:12", "is after the last month"),
    "a target without an error": ("calibrate", "observed: 0", "observed: 2", "9:11: targets.0", "either an `error`"),
    "a target with both": (
        "calibrate",
        "observed: 0",
        "observed: 0, error: 1, tolerance: 1",
        "9:11",
        "either an `error`",
    ),
    "a target twice": (
        "calibrate",
        "[{observed: 0}]",
        "[{observed: 0}, {observed: 0}]",
        "9:27",
        "is already target 0",
    ),
    "a target's name twice": (
        "calibrate",
        "[{observed: 0}]",
        "[{observed: 0, name: a}, {observed: 2, error: 1, name: a}]",
        "9:59: targets.1.name",
        "a is already target 0",
    ),
    "an error of nothing": ("calibrate", "observed: 0", "observed: 2, error: 0", "9:25", "0"),
    "values in a fit": ("calibrate", "[0.05, 0.2]", "{values: [0.1, 0.2]}", "6:3", "give `first`"),
    "a first value outside": (
        "calibrate",
        "[0.05, 0.2]",
        "{low: 0.05, high: 0.2, first: 0.5}",
        "6:47: parameters.parameters.friction.first",
        "starting value 0.5 is outside the range 0.05 to 0.2",
    ),
    "the scenario's value outside": (
        "calibrate",
        "[0.05, 0.2]",
        "[0.01, 0.02]",
        "6:3",
        "starting value 0.05 is outside",
    ),
    "all held": ("calibrate", "[0.05, 0.2]", "{hold: true}", "5:1: parameters", "nothing left to fit"),
    "no policy to compare": (
        "sweep",
        "seeds: 2",
        "changes: {policies: {no_alliance: {}}}",
        "4:1: scenario",
        "not a policy",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_error_is_reported_with_its_place(tmp_path: Path, case: str) -> None:
    base, old, new, place, said = CASES[case]
    folder = folder_with(tmp_path)
    found = problems(folder, changed(BASES[base], old, new))
    told = "\n".join(problem.sentence() for problem in found)
    assert said in told
    assert f"study.yaml:{place}" in told
    assert {problem.file for problem in found} == {str(folder / "study.yaml")}
    in_chinese = "\n".join(told_in("zh", problem.sentence) for problem in found)
    assert all(re.search("[\u4e00-\u9fff]", line) for line in in_chinese.splitlines())
    assert not re.search(r"\b(is|the|and|allowed|nearest)\b", re.sub(r"`[^`]*`|\S*:\d+:\d+: \S+", "", in_chinese))
    assert sorted(path.name for path in folder.iterdir()) == ["small.yaml", "study.yaml"]


def test_all_that_is_wrong_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = changed(SWEEP, "s.friction: [0.05, 0.2]", "s.frictoin:\n  parameters.rivalry: [2, 3]\n  population.firms:")
    text = changed(text, "size: 16", "size: 17, method: sobol")
    found = problems(folder_with(tmp_path), text + "arms: [x]\noutcomes: [y]\n")
    assert [problem.line for problem in found] == [6, 7, 7, 8, 9, 11, 12]


def test_everything_wrong_with_the_keys_is_reported_at_once(tmp_path: Path) -> None:
    text = changed(SWEEP, "seeds: 2", "sedes: 2").replace("size: 16", "size: many").replace("name: test", "name: 3")
    assert [problem.path for problem in problems(folder_with(tmp_path), text)] == ["name", "design.size", "sedes"]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("verb", BASES)
def test_a_study_is_for_its_own_verb(tmp_path: Path, base: str, verb: Verb) -> None:
    folder = folder_with(tmp_path)
    if verb == base:
        assert load(folder, BASES[base], verb).verb == verb
    else:
        (found,) = problems(folder, BASES[base], verb)
        assert (found.line, found.path) == (2, "study")
        assert f"clustersim {base}" in found.sentence()
        assert f"`study: {verb}`" in told_in("zh", found.sentence)


def test_what_is_wrong_in_the_scenario_is_reported_with_its_own_place(tmp_path: Path) -> None:
    wrong = changed(SCENARIO, "firms: 24", "firms: 1").replace("seeds: 3", "sedes: 3")
    found = problems(folder_with(tmp_path, wrong), SWEEP)
    assert {Path(problem.file or "").name for problem in found} == {"small.yaml"}
    assert [(problem.line, problem.path) for problem in found] == [(5, "population.firms"), (17, "sedes")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("- a\n", "mapping"),
        ("study: [", "not YAML"),
        ("study: sweep\n\tname: x", "not YAML"),
        ("study: *there", "not YAML"),
        ("*: 1", "not YAML"),
        ("study", "mapping"),
    ],
)
def test_text_that_is_no_study_is_reported(tmp_path: Path, text: str, said: str) -> None:
    (found,) = problems(folder_with(tmp_path), text)
    assert said in found.sentence()
    assert (found.file or "").endswith("study.yaml")


def test_text_in_another_encoding_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_bytes("study: sweep\nname: 新桥".encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        study_file.load(file)


# --- what is read ----------------------------------------------------------------------------------------------------


def test_a_range_may_be_left_to_the_registry(tmp_path: Path) -> None:
    (factor,) = load(folder_with(tmp_path), changed(SWEEP, "[0.05, 0.2]", "")).factors
    assert factor.ends() == (0.0, 0.1)


@pytest.mark.parametrize(
    ("line", "whole", "values"),
    [
        ("population.firms: [20, 30]", True, (20, 30)),
        ("policies.cluster_committee.matchmaking.start: [1, 6]", True, (1, 6)),  # no arm of the file spells it out
        ("time.horizon: [12, 24]", True, (12, 24)),
        ("events.0.share: [0, 1]", False, (0.0, 1.0)),  # it is 1 in the file, and takes fractions
        ("budget: [300, 900]", False, (300.0, 900.0)),
        ("parameters.service_duration: [2, 6]", True, (2, 6)),
        ("parameters.friction: [0, 0.5]", False, (0.0, 0.5)),
    ],
)
def test_a_number_is_whole_where_the_scenario_takes_no_fractions(
    tmp_path: Path, line: str, whole: bool, values: tuple[float, float]
) -> None:
    (factor,) = load(folder_with(tmp_path), changed(SWEEP, FRICTION, line)).factors
    assert factor.whole == whole
    assert factor.ends() == values
    assert [type(one) for one in factor.ends()] == [int if whole else float] * 2


def test_arms_are_all_at_their_own_cost_unless_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    both = SWEEP + "changes: {budget: both}\n"
    assert load(folder, both).arms == ("cluster_committee", "chain_leader")
    named = load(folder, both + "arms: ['chain_leader (equal money)', chain_leader]\n")
    assert named.arms == ("chain_leader (equal money)", "chain_leader")
    assert [policy.name for policy in job_of(named)[0].point(0).policies] == [
        "no_alliance",
        "chain_leader",
        "chain_leader (equal money)",
    ]


def test_the_arms_of_a_fit_are_those_of_its_targets(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    assert load(folder, CALIBRATE).arms == ("cluster_committee",)
    assert load(folder, changed(CALIBRATE, "observed: 0", "observed: 2, error: 3")).arms == ()
    assert load(folder, CALIBRATE + "arms: [chain_leader]\n").arms == ("chain_leader",)


def test_an_interval_gives_value_and_error_of_a_target(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    (aim,) = load(folder, CALIBRATE).aims
    assert aim.value == 15.0
    assert aim.error == pytest.approx(10 / 3.919928)
    (other,) = load(folder, changed(CALIBRATE, "observed: 0", "observed: 0, value: 12, tolerance: 3")).aims
    assert (other.value, other.error, other.tolerance) == (12.0, None, 3.0)


def test_changes_come_before_everything(tmp_path: Path) -> None:
    study = load(folder_with(tmp_path), SWEEP + "changes: {policies.chain_leader: null, population.firms: 30}\n")
    assert study.scenario.population.firms == 30


def test_steps_of_a_map_may_differ_and_values_are_columns(tmp_path: Path) -> None:
    text = changed(
        MAP, "parameters.rivalry: [0, 1]", "policies.chain_leader.matchmaking.also: {values: [none, region]}"
    )
    study = load(folder_with(tmp_path), changed(text, "[0.05, 0.2]", "{low: 0.05, high: 0.2, steps: 4}"))
    assert study.design.steps == (4, 2)
    assert len(points_of(study)) == 8


def test_values_that_are_refused_only_together_are_reported_before_anything_is_made(tmp_path: Path) -> None:
    """Each is allowed at its ends; the instrument would end before it starts at some points."""
    from clustersim.api import StudyExperiment

    lines = "policies.chain_leader.matchmaking.start: [1, 9]\n  policies.chain_leader.matchmaking.end: [4, 12]"
    study = load(folder_with(tmp_path), changed(SWEEP, FRICTION, lines))
    with pytest.raises(InputError) as caught:
        StudyExperiment(study).run(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    first, *reasons = caught.value.problems
    assert re.search(r"point \d+ of the design .*matchmaking\.start = \d", first.sentence())
    assert reasons
    assert "设计中的第" in told_in("zh", first.sentence)


@pytest.mark.parametrize("name", ["meetings_trial", "xinqiao_map", "xinqiao_screening"])
def test_the_studies_that_ship_are_read(name: str) -> None:
    root = Path(__file__).parents[2] / "scenarios" / "studies"
    study = study_file.load(root / f"{name}.yaml")
    assert study.name == name
    assert set(study.title) == {"en", "zh"}


def test_reading_a_study_takes_little_longer_than_its_scenario() -> None:
    root = Path(__file__).parents[2] / "scenarios"

    def seconds(read: Any, path: Path) -> float:
        found = []
        for _ in range(3):
            begin = time.perf_counter()
            read(path)
            found.append(time.perf_counter() - begin)
        return min(found)

    plain = seconds(scenarios.load, root / "xinqiao.yaml")
    assert seconds(study_file.load, root / "studies" / "xinqiao_map.yaml") < 10 * plain + 0.2


# --- junk ------------------------------------------------------------------------------------------------------------

FULL = {
    "sweep": SWEEP + "title: {en: Test}\nchanges: {budget: both}\narms: [chain_leader]\noutcomes: [output]\n",
    "sensitivity": SENSITIVITY.replace("size: 16", "method: morris, size: 4"),
    "map": MAP.replace("[0.05, 0.2]", "{low: 0.05, high: 0.2, steps: 4}"),
    "calibrate": CALIBRATE + "digits: 3\ncheck_seeds: 5\ndraws: 9\n",
}
GOOD: dict[str, dict[str, Any]] = {verb: load_plain(text) for verb, text in FULL.items()}
PATHS = [(verb, path) for verb, data in GOOD.items() for path in key_paths(data)]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        ["all", "assumptions", "grid", "sobol", "policies.*.groups.size", "chain_leader", "own", "small.yaml"]
    ),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=2),
    st.dictionaries(
        st.sampled_from(
            ["low", "high", "values", "first", "population.firms", "policies.*.groups.size", "budget", "x", ""]
        ),
        st.one_of(st.none(), st.integers(-2, 40), st.just([]), st.just([1, 2])),
        max_size=2,
    ),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spoilt=st.lists(st.tuples(st.sampled_from(PATHS), JUNK), min_size=1, max_size=3))
def test_junk_is_read_or_refused(spoilt: list[tuple[tuple[str, tuple[Any, ...]], Any]]) -> None:
    verb = spoilt[0][0][0]
    data = copy.deepcopy(GOOD[verb])
    for (_, path), junk in spoilt:
        place: Any = data
        for key in path[:-1]:
            place = place[key] if isinstance(place, dict) and key in place else None
        if isinstance(place, dict):
            place[path[-1]] = junk
    try:
        document = parse(json.dumps(data, ensure_ascii=False), "study.yaml", Path())
        study = study_file.resolve(document, scenarios.loads(SCENARIO))
        if rows_of(study.verb, study.design, len(study.factors)) < 200:
            job_of(study)[0].point(0)
    except InputError as error:
        assert error.describe()
        assert told_in("zh", error.describe)
    else:
        assert question(study)
