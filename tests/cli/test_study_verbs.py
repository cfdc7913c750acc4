"""`clustersim sweep`, `sensitivity`, `map`, `calibrate`, `attribute` and `check` of a study, as a user calls them."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from clustersim.messages import LANGUAGES
from command import call, files_in, process
from towns import SMALL

pytestmark = pytest.mark.usefixtures("unrendered")

OBSERVED = """\
observed:
  - {fact: xinqiao.firms, observable: paired_share, arm: cluster_committee, months: [1, 12], value: 20}
"""
HEAD = "schema: 1\nstudy: {verb}\nname: test\nscenario: small.yaml\nseeds: 2\n"
BODIES = {
    "sweep": "parameters: {parameters.friction: }\ndesign: {size: 3}\n",
    "sensitivity": "parameters: {parameters.friction: }\ndesign: {method: morris, size: 4}\n",
    "map": "parameters: {parameters.friction: , parameters.rivalry: }\ndesign: {steps: 2}\n",
    "calibrate": "parameters: {parameters.friction: }\ndesign: {size: 10}\ncheck_seeds: 2\ndraws: 3\n"
    "targets: [{observed: 0, error: 5}]\n",
}
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def study_in(folder: Path, verb: str, body: str | None = None, scenario: str = SMALL + OBSERVED) -> Path:
    (folder / "small.yaml").write_text(scenario, encoding="utf-8")
    file = folder / f"{verb}.yaml"
    file.write_text(HEAD.format(verb=verb) + (BODIES[verb] if body is None else body), encoding="utf-8")
    return file


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verb", [*BODIES, "attribute"])
def test_every_verb_explains_itself(verb: str, language: str) -> None:
    shown = process(verb, "--help", CLUSTERSIM_LANG=language).stdout.decode()
    for option in (
        "--out",
        "--jobs",
        "--dask",
        "--lang",
        *(["--plan", "--shard"] if verb in BODIES else ["--together"]),
    ):
        assert option in shown
    assert bool(CHINESE.search(shown)) == (language == "zh")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verb", BODIES)
def test_a_plan_and_a_check_write_nothing(tmp_path: Path, verb: str, language: str) -> None:
    file = study_in(tmp_path, verb)
    before = files_in(tmp_path)
    planned = call(verb, file, "--plan", "--lang", language)
    checked = call("check", file, "--lang", language)
    assert (planned.exit_code, checked.exit_code) == (0, 0)
    assert planned.stdout == checked.stdout
    assert {"en": "Scenario `small`, 12 months", "zh": "情景 `small`，12 个月"}[language] in planned.stdout
    assert bool(CHINESE.search(planned.stdout)) == (language == "zh")
    assert f"clustersim {verb}" in planned.stdout
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("verb", BODIES)
def test_a_verb_carries_its_study_out_and_a_second_call_reads_it(
    tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = study_in(tmp_path, verb)
    first = call(verb, file, "--out", tmp_path / "out")
    assert first.exit_code == 0
    assert "\x1b" not in first.stdout + first.stderr
    assert "\r" not in first.stderr
    assert re.search(r"^\d+ of \d+ blocks", first.stderr, re.MULTILINE)
    assert "nan" not in first.stdout
    assert all(line.startswith(("- ", "  ")) for line in first.stdout.splitlines()[:-2] if line)
    (report,) = (tmp_path / "out").glob("*/*/report.md")
    folder = report.parent
    assert str(folder) in first.stdout.replace("\n", "")
    shown = " ".join(first.stdout.split())
    told = [line[2:] for line in report.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
    assert told[0] in shown
    kept = {path: path.read_bytes() for path in folder.rglob("*.parquet") if path.is_file()}

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("clustersim.execution.work.simulate_batch", refuse)
    monkeypatch.setattr("clustersim.execution.work.compare_observed", refuse)
    again = call(verb, file, "--out", tmp_path / "out")
    assert again.exit_code == 0
    assert again.stdout == first.stdout
    assert "already stored" in again.stderr
    assert {path: path.read_bytes() for path in kept} == kept


def test_what_is_printed_is_in_the_language_that_was_asked_for(tmp_path: Path) -> None:
    file = study_in(tmp_path, "sweep")
    shown = call("sweep", file, "--out", tmp_path / "out", "--lang", "zh")
    assert all(CHINESE.search(line) for line in shown.stdout.splitlines() if line.startswith("- "))
    assert CHINESE.search(shown.stderr)
    (report,) = (tmp_path / "out").glob("*/*/report.md")
    assert "主要发现" in report.read_text(encoding="utf-8")


def test_results_are_read_in_one_line(tmp_path: Path) -> None:
    call("sweep", study_in(tmp_path, "sweep"), "--out", tmp_path / "out")
    (file,) = (tmp_path / "out").glob("*/*/results.parquet")
    assert len(pd.read_parquet(file)) == 3 * 2 * 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("verb", "old", "new", "said"),
    [
        ("sweep", "friction", "frictoin", "parameters.friction"),
        ("sweep", "{parameters.friction: }", "{parameters.friction: [0, 2]}", "0.95"),
        ("sensitivity", "size: 4", "size: 3", "4"),
        ("calibrate", "size: 10", "size: 9", "10"),
        ("map", "parameters.rivalry: ", "", "1"),
        ("sweep", "seeds: 2", "seeds: 2\nchanges: {parameters.rivalry: 9}", "parameters.rivalry"),
    ],
)
def test_a_wrong_study_is_reported_and_nothing_is_written(
    tmp_path: Path, verb: str, old: str, new: str, said: str, language: str
) -> None:
    file = study_in(tmp_path, verb)
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    before = files_in(tmp_path)
    for words in ((verb, file, "--out", tmp_path / "out"), (verb, file, "--plan"), ("check", file)):
        result = call(*words, "--lang", language)
        assert result.exit_code == 2
        assert re.search(rf"{verb}\.yaml:\d+:\d+: ", result.stderr)
        assert said in result.stderr
        assert bool(CHINESE.search(result.stderr)) == (language == "zh")
        assert not re.search(r"\b(out of bounds|allowed|refused)\b", result.stderr) or language == "en"
        assert result.stdout == ""
    assert files_in(tmp_path) == before


def test_a_study_goes_with_its_own_verb(tmp_path: Path) -> None:
    file = study_in(tmp_path, "sensitivity")
    result = call("sweep", file)
    assert result.exit_code == 2
    assert "clustersim sensitivity" in result.stderr
    assert "sensitivity.yaml:2:1: study" in result.stderr


def test_a_scenario_is_no_study_and_a_study_no_scenario(tmp_path: Path) -> None:
    file = study_in(tmp_path, "sweep")
    assert "the key `study` is missing" in call("sweep", tmp_path / "small.yaml").stderr
    assert call("run", file).exit_code == 2
    assert call("sweep", tmp_path / "nowhere.yaml").exit_code == 2
    assert "file not found" in call("sweep", tmp_path / "nowhere.yaml").stderr


@pytest.mark.parametrize(("option", "value"), [("--shard", "3/2"), ("--shard", "a"), ("--jobs", "0"), ("--seeds", "3")])
def test_a_wrong_option_is_reported(tmp_path: Path, option: str, value: str) -> None:
    result = call("sweep", study_in(tmp_path, "sweep"), option, value)
    assert result.exit_code == 2
    assert not (tmp_path / "results").exists()


# --- attribute -------------------------------------------------------------------------------------------------------

TWO = SMALL.replace(
    "  cluster_committee: {}\n",
    "  one: {matchmaking: {interval: 1}, forum: {}}\n  two: {organisation_building: {}, groups: {}, forum: {}}\n",
)


def test_each_arm_is_attributed(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(TWO, encoding="utf-8")
    result = call("attribute", tmp_path / "small.yaml", "--seeds", 2, "--out", tmp_path / "out")
    assert result.exit_code == 0
    found = sorted(path.parent.parent.name for path in (tmp_path / "out").glob("*/*/attribution_*/*/shapley.csv"))
    assert found == ["attribution_one", "attribution_two"]
    shown = " ".join(result.stdout.split())
    assert "The effect of the one on output" in shown
    assert "The effect of the two on output" in shown
    assert "Organisation building is the gate" in shown
    assert "\x1b" not in result.stdout
    again = call("attribute", tmp_path / "small.yaml", "--seeds", 2, "--out", tmp_path / "out")
    assert again.stdout == result.stdout


def test_labels_may_count_as_one(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(TWO, encoding="utf-8")
    words = ("attribute", tmp_path / "small.yaml", "--seeds", 2, "--out", tmp_path / "out")
    result = call(*words, "--arm", "one", "--together", "matchmaking, forum", "--lang", "zh")
    assert result.exit_code == 0
    assert "matchmaking + forum" in result.stdout
    assert CHINESE.search(result.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--arm", "oen"), "oen is not a policy of the scenario; nearest: one"),
        (("--arm", "one", "--together", "forum,grups"), "grups is not an instrument of the arm"),
        (("--arm", "one", "--together", "forum,forum"), "forum is not an instrument of the arm, or is given twice"),
        (("--together", "groups,forum"), "groups is not an instrument of the arm"),  # of the first one it is none
    ],
)
def test_a_wrong_attribution_is_reported(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "small.yaml").write_text(TWO, encoding="utf-8")
    before = files_in(tmp_path)
    result = call("attribute", tmp_path / "small.yaml", *words, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in result.stderr
    assert files_in(tmp_path) == before


def test_an_arm_with_too_many_instruments_is_reported_before_another_is_simulated(tmp_path: Path) -> None:
    forums = ", ".join(f"forum{number}: {{instrument: forum}}" for number in range(11))
    text = TWO.replace("  two:", f"  many: {{{forums}}}\n  two:")
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    result = call("attribute", tmp_path / "small.yaml", "--seeds", 2, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "the arm many has 11 instruments" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scenario_without_a_policy_has_nothing_to_attribute(tmp_path: Path, language: str) -> None:
    (tmp_path / "small.yaml").write_text(SMALL.replace("cluster_committee", "no_alliance"), encoding="utf-8")
    result = call("attribute", tmp_path / "small.yaml", "--out", tmp_path / "out", "--lang", language)
    assert result.exit_code == 2
    assert {"en": "no policy to compare", "zh": "没有可与无联盟比较的政策方案"}[language] in result.stderr
    assert not (tmp_path / "out").exists()


# --- the assumption range --------------------------------------------------------------------------------------------


def test_points_of_the_assumption_range_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    words = ("run", tmp_path / "small.yaml", "--out", tmp_path / "out")
    without = call(*words, "--assumptions", 0)
    assert without.exit_code == 0
    assert not list((tmp_path / "out").glob("*/*/assumptions*"))
    assert "separate from the sampling interval" not in " ".join(without.stdout.split())
    with_it = call(*words, "--assumptions", 8)
    assert "separate from the sampling interval" in " ".join(with_it.stdout.split())
    assert "8 points" in " ".join(with_it.stdout.split())
    assert call(*words, "--assumptions", -1).exit_code == 2
