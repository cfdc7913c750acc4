"""`check --evidence`: what was reported beside the model, and what is wrong with the section `observed`."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustersim.reports.observed_facts import _report
from clustersim.scenario import facts
from command import call
from towns import SMALL, scenario_in

OBSERVED = """\
observed:
  - fact: xinqiao.survey_matches
    observable: firms_matched
    arm: cluster_committee
    channel: introduction
    months: [1, 12]
    note: {en: A year of surveys., zh: 一年的摸底。}
  - fact: xinqiao.tax_h1_2021
    value: 48.3
    observable: tax_change
    arm: cluster_committee
    months: [1, 6]
    not_comparable: {en: After a lockdown., zh: 停工之后。}
  - fact: songjiang.growth
    not_comparable: {en: No counterpart., zh: 没有对应量。}
"""


def evidence(folder: Path, text: str, *words: object) -> str:
    result = call("check", "--evidence", scenario_in(folder, SMALL + text), *words)
    assert result.exit_code == 0
    return result.stdout


def test_each_fact_is_compared_with_the_model(tmp_path: Path) -> None:
    shown = evidence(tmp_path, OBSERVED, "--seeds", 6)
    rows = [line.split() for line in shown.splitlines() if line.strip().startswith(("xinqiao.", "songjiang."))]
    assert rows[0][:2] == ["xinqiao.survey_matches", "6"]
    assert rows[1][:2] == ["xinqiao.tax_h1_2021", "48.3"]
    assert rows[1][-2:] == rows[2][-2:] == ["not", "comparable"]
    assert (
        "Firms matched (firms), Cluster committee, months 1 to 12, introduction; 6 seeds. A year of surveys." in shown
    )
    assert "not comparable 2." in shown
    assert "no control groups" in shown


def test_it_is_reported_in_chinese_too(tmp_path: Path) -> None:
    shown = evidence(tmp_path, OBSERVED, "--lang", "zh", "--seeds", 2)
    assert "不可比" in shown
    assert "一年的摸底。" in shown
    assert "{" not in shown


def test_a_scenario_without_reports_is_reported_how_to_add_them(tmp_path: Path) -> None:
    result = call("check", "--evidence", scenario_in(tmp_path))
    assert result.exit_code == 2
    assert "add a list `observed`" in result.stderr


def test_months_that_are_not_simulated_are_a_warning(tmp_path: Path) -> None:
    entry = "{fact: xinqiao.firms, observable: tax_level, arm: no_alliance, months: [1, 13]}"
    text = f"observed:\n  - {entry}\n"
    shown = call("check", scenario_in(tmp_path, SMALL + text)).stdout
    assert "observed.0.months: month 13 is after the last month, 12" in shown
    assert "the months are not simulated" in evidence(tmp_path, text, "--seeds", 2)


def test_every_fact_and_finding_can_be_reported() -> None:
    for fact in [*facts.evidence(), *facts.literature()]:
        assert _report(fact.id)


def test_seeds_go_with_evidence(tmp_path: Path) -> None:
    result = call("check", "--seeds", 3, scenario_in(tmp_path))
    assert result.exit_code == 2
    assert "--seeds requires --evidence" in result.stderr


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("{fact: xinqiao.survey_matchs, not_comparable: {en: x}}", "nearest: xinqiao.survey_matches"),
        ("{fact: songjiang.growth}", "the fact is not compared with anything"),
        (
            "{fact: songjiang.growth, observable: tax_level, arm: cluster_committee, months: [1, 2]}",
            "not contain a single number",
        ),
        ("{fact: xinqiao.firms, observable: tax_levl, arm: cluster_committee}", "nearest: tax_level"),
        ("{fact: xinqiao.firms, observable: tax_level, months: [1, 2]}", "the key arm is missing"),
        ("{fact: xinqiao.firms, observable: tax_level, arm: cluster_committee}", "the key months is missing"),
        ("{fact: xinqiao.firms, observable: tax_level, arm: comittee, months: [1, 2]}", "nearest: cluster_committee"),
        ("{fact: xinqiao.firms, observable: tax_level, arm: no_alliance, months: [2, 1]}", "lies before the first"),
        ("{fact: xinqiao.firms, observable: tax_level, arm: no_alliance, months: [2]}", "expected two values"),
        ("{fact: xinqiao.firms, value: [3, 2], not_comparable: {en: x}}", "the lower end comes first"),
        ("{fact: xinqiao.firms, value: [3], not_comparable: {en: x}}", "expected two values"),
        ("{fact: xinqiao.firms, observable: tax_level, arm: no_alliance, months: [1, 2], site: Eats}", "nearest: East"),
        (
            "{fact: xinqiao.firms, observable: tax_level, arm: no_alliance, months: [1, 2], channel: tie}",
            "does not support channel",
        ),
        (
            "{fact: xinqiao.firms, observable: ties_made, arm: cluster_committee, months: [1, 2], label: x}",
            "unknown label",
        ),
        (
            "{fact: xinqiao.firms, observable: treated_sales, arm: cluster_committee, months: [1, 2]}",
            "label is missing",
        ),
        ("{fact: xinqiao.firms, observable: event_gap, arm: no_alliance, months: [1, 2]}", "finance event is a shock"),
        ("{fact: xinqiao.firms, observble: event_gap}", "nearest: observable"),
        (
            "{fact: xinqiao.firms, observable: pairs_made, arm: no_alliance, months: [1, 2], channel: roster}",
            "Allowed: contact, introduction, search, tie",
        ),
    ],
)
def test_what_is_wrong_is_reported_with_its_place(tmp_path: Path, entry: str, said: str) -> None:
    result = call("check", scenario_in(tmp_path, f"{SMALL}observed:\n  - {entry}\n"))
    assert result.exit_code == 2
    assert "small.yaml:13:" in result.stderr
    assert "observed.0" in result.stderr
    assert said in result.stderr
