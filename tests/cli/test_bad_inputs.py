"""Whatever is wrong with what a user gives: exit code 2, a sentence with its place, no traceback, nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clustersim.messages import catalogue
from command import call, files_in, process
from towns import SMALL, scenario_in

# What replaces what in the small scenario, and what must be said.
SCENARIOS = {
    "unknown key": ("seeds: 3", "sedes: 3", 'sedes: unknown key "sedes"; nearest: seeds'),
    "unknown parameter": ("seeds: 3", "parameters: {frictoin: 0.1}", "nearest: friction"),
    "duplicate key": ("seeds: 3", "seeds: 3\nname: again", "name"),
    "wrong type": ("seeds: 3", "seeds: many", "seeds"),
    "out of range": ("seeds: 3", "parameters: {friction: 1.5}", "parameters.friction"),
    "shares that do not add up": ("{East: 1.0}", "{East: 0.6, West: 0.3}", "0.9"),
    "unknown policy": ("cluster_committee: {}", "cluster_comittee: {}", "nearest: cluster_committee"),
    "unknown instrument": ("committee: {}", "committee: {matchmakin: {}}", "matchmaking"),
    "unknown budget": ("seeds: 3", "budget: boths", "nearest: both"),
    "no such roster": ("firms: 10", "roster: firms.csv", "firms.csv"),
    "no YAML": ("{East: 1.0}", "{East: 1.0", "small.yaml"),
    "unknown event": ("seeds: 3", "events: [{event: suply, month: 1}]", "nearest: supply"),
}
ROSTERS = {
    "no chain": ("id\nF1\nF2\n", "chain"),
    "a gap": ("id,chain\nF1,steel\nF2,\n", "chain"),
    "the same firm twice": ("id,chain\nF1,steel\nF1,steel\n", "F1"),
    "an unknown chain": ("id,chain\nF1,steel\nF2,stel\n", "steel"),
    "not a number": ("id,chain,capacity\nF1,steel,big\nF2,steel,3\n", "big"),
}
COMMANDS = {
    "no such file": (("run", "nowhere.yaml"), "file not found"),
    "a folder": (("check", "."), "cannot be read"),
    "no seeds": (("run", "small.yaml", "--seeds", "0"), "a whole number from 1 to 10,000,000"),
    "unknown option": (("run", "small.yaml", "--sed", "3"), "nearest: --seeds"),
    "an option without its value": (("run", "small.yaml", "--seeds"), "--seeds needs a value"),
    "unknown command": (("rnu", "small.yaml"), "nearest: run"),
    "unknown catalogue": (
        ("list", "policy"),
        "invalid value for CATALOGUE; allowed: scenarios, studies, policies",
    ),
    "no scenario": (("run",), "SCENARIO is missing"),
    "seeds and precision": (("run", "small.yaml", "--seeds", "3", "--precision"), "not both"),
    "a new scenario from nothing": (("new", "mine", "--from", "nothing"), "available: "),
    "a name that is a device": (("new", "con"), "reserved for a device"),
    "a file that is there": (("new", "small"), "already exists and is not overwritten"),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("verb", ["run", "check"])
@pytest.mark.parametrize("case", SCENARIOS)
def test_a_wrong_scenario_is_reported(tmp_path: Path, case: str, verb: str) -> None:
    old, new, said = SCENARIOS[case]
    assert SMALL.count(old) == 1
    told(tmp_path, (verb, scenario_in(tmp_path, SMALL.replace(old, new))), said, place=r"small\.yaml|firms\.csv")


@pytest.mark.parametrize("case", ROSTERS)
def test_a_wrong_roster_is_reported(tmp_path: Path, case: str) -> None:
    content, said = ROSTERS[case]
    (tmp_path / "firms.csv").write_text(content, encoding="utf-8")
    told(tmp_path, ("run", scenario_in(tmp_path, SMALL.replace("firms: 10", "roster: firms.csv"))), said, "firms.csv")


@pytest.mark.parametrize("case", COMMANDS)
def test_a_wrong_command_is_reported(tmp_path: Path, case: str) -> None:
    scenario_in(tmp_path)
    words, said = COMMANDS[case]
    told(tmp_path, words, said)


def told(folder: Path, words: tuple[object, ...], said: str, place: str = "") -> None:
    before = files_in(folder)
    result = call(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert re.search(place, result.stderr)
    assert result.stdout == ""
    assert files_in(folder) == before


def test_all_that_is_wrong_is_reported_at_once_in_chinese(tmp_path: Path) -> None:
    text = SMALL.replace("seeds: 3", "sedes: 3").replace("firms: 10", "firms: 1").replace("tiers: 2", "tiers: two")
    result = call("check", scenario_in(tmp_path, text), "--lang", "zh")
    assert result.exit_code == 2
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert all(re.search("[\u4e00-\u9fff]", line) for line in lines)


def test_a_wrong_option_is_reported_in_the_language_that_was_asked_for() -> None:
    assert "没有选项 --sed" in call("run", "small.yaml", "--sed", "3", "--lang", "zh").stderr


def test_a_process_ends_with_the_same_code_and_no_traceback(tmp_path: Path) -> None:
    result = process("run", tmp_path / "nowhere.yaml", CLUSTERSIM_LANG="zh")
    assert result.returncode == 2
    assert catalogue()["scenario.file_not_found"]["zh"] in result.stderr.decode()
    assert b"Traceback" not in result.stderr
