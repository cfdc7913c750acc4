"""A fit of a small town to targets that were simulated from known parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clustersim
from clustersim.api import StudyResult, load_study
from clustersim.errors import InputError
from clustersim.execution.observed import compare_observed
from clustersim.messages import LANGUAGES
from clustersim.studies import study_file
from spoken import told_in
from towns import TWO_CHAINS, town

POLICIES = """\
  brokering: {matchmaking: {interval: 1, introductions: 40, support: 0.5, word: 0}}
  beside: {forum: {}}
"""
OBSERVED = """\
observed:
  - {fact: xinqiao.firms, observable: paired_share, arm: no_alliance, months: [7, 12], value: 30}
  - {fact: xinqiao.firms, observable: paired_share, arm: brokering, months: [7, 12], value: 30}
  - {fact: xinqiao.firms, observable: patents_per_project, arm: no_alliance, months: [1, 12], value: 1}
"""
SCENARIO = town(40, POLICIES, chains=TWO_CHAINS, more=OBSERVED)
SEARCH, SUPPORT, PRICE = "parameters.search", "policies.brokering.matchmaking.support", "parameters.price_tie"
TRUE = {SEARCH: 0.2, SUPPORT: 0.7}
STUDY = """\
schema: 1
study: calibrate
name: test
title: {{en: A test, zh: 测试}}
scenario: small.yaml
parameters:
  {search}: {{low: 0.05, high: 0.4, first: 0.1}}
  {support}: {{low: 0.1, high: 0.9}}
  {price}: {{low: 0.5, high: 2.0}}
design: {{size: {size}}}
seeds: 12
check_seeds: 20
draws: 12
digits: 3
outcomes: [output, pairing_rate]
targets:
{targets}
"""


def study_of(folder: Path, *targets: str, size: int = 64) -> Path:
    (folder / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    file = folder / "fit.yaml"
    lines = "\n".join(f"  - {{{target}}}" for target in targets)
    names = {"search": SEARCH, "support": SUPPORT, "price": PRICE}
    file.write_text(STUDY.format(**names, size=size, targets=lines), encoding="utf-8")
    return file


@pytest.fixture(scope="module", name="fitted")
def _fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyResult, list[float]]:
    """The fit to what the model gives at the true parameters; and these targets."""
    folder = tmp_path_factory.mktemp("fit")
    study_of(folder, "observed: 0, error: 1")
    truth = clustersim.load(folder / "small.yaml", TRUE).scenario
    values = [finding.mean for finding in compare_observed(truth, 12)][:2]
    wanted = [f"observed: {number}, value: {value:.4f}, error: 2.0" for number, value in enumerate(values)]
    result = load_study(study_of(folder, *wanted)).run(folder / "out")
    return folder, result, values


def test_the_true_parameters_lie_in_the_posterior(fitted: tuple[Path, StudyResult, list[float]]) -> None:
    _, result, _ = fitted
    table = result.tables()["posterior.csv"].set_index("parameter")
    for name, true in TRUE.items():
        low, high = table.loc[name, ["5%", "95%"]]
        assert low <= true <= high, name
        assert table.loc[name, "identified"], name
        assert table.loc[name, "share"] < 0.75


def test_a_parameter_that_does_nothing_is_not_identified(fitted: tuple[Path, StudyResult, list[float]]) -> None:
    _, result, _ = fitted
    row = result.tables()["posterior.csv"].set_index("parameter").loc[PRICE]
    assert not row["identified"]
    assert row["share"] == pytest.approx(1.0, abs=0.1)
    said = next(sentence for sentence in result.summary() if "say little about" in sentence)
    assert "`price_tie`" in said
    assert "`search`" not in said


def test_the_fit_leaves_what_does_nothing(fitted: tuple[Path, StudyResult, list[float]]) -> None:
    """The surface bends with chance, so it moves a little."""
    _, result, _ = fitted
    fit = result.tables()["fit.csv"].set_index("parameter")
    assert abs(fit.loc[PRICE, "moved"]) < 0.1


def test_the_fit_gives_the_targets(fitted: tuple[Path, StudyResult, list[float]]) -> None:
    _, result, values = fitted
    tables = result.tables()
    fit = tables["fit.csv"].set_index("parameter")
    assert abs(fit.loc[SEARCH, "fit"] - TRUE[SEARCH]) < abs(fit.loc[SEARCH, "first"] - TRUE[SEARCH])
    targets = tables["targets.csv"]
    np.testing.assert_allclose(targets["value"], values, atol=1e-3)
    assert targets["met"].all()
    missed = [(targets[name] - targets["value"]).abs() for name in ("at_first", "at_fit")]
    assert (missed[1] < missed[0]).all()
    assert missed[1].max() < 4.0  # the seeds of the check are others than those of the truth


def test_what_the_first_values_give_is_simulated(fitted: tuple[Path, StudyResult, list[float]]) -> None:
    folder, result, _ = fitted
    changes = {SEARCH: 0.1, SUPPORT: 0.5, PRICE: 1.0}
    found = compare_observed(clustersim.load(folder / "small.yaml", changes).scenario, 20)
    expected = [finding.mean for finding in found[:2]]
    np.testing.assert_allclose(result.tables()["targets.csv"]["at_first"], expected, rtol=1e-12)


def test_the_points_are_those_that_were_simulated(fitted: tuple[Path, StudyResult, list[float]]) -> None:
    folder, result, _ = fitted
    points = pd.read_parquet(result.folder.path / "points.parquet")
    assert len(points) == 64
    row = points.iloc[7]
    changes = {name: float(row[name]) for name in (SEARCH, SUPPORT, PRICE)}
    found = compare_observed(clustersim.load(folder / "small.yaml", changes).scenario, 12)
    assert [row["paired_share.0"], row["paired_share.1"]] == pytest.approx([one.mean for one in found[:2]], rel=1e-12)


def test_effects_over_the_posterior_are_of_the_arms_of_the_targets(
    fitted: tuple[Path, StudyResult, list[float]],
) -> None:
    _, result, _ = fitted
    effects = result.tables()["effects.csv"]
    assert effects["arm"].unique().tolist() == ["brokering"]
    assert effects["measure"].tolist() == ["output", "pairing_rate"]
    assert (effects["low"] <= effects["mid"]).all()
    assert (effects["mid"] <= effects["high"]).all()
    assert len(result.tables()["draws.csv"]) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fit_is_reported(fitted: tuple[Path, StudyResult, list[float]], language: str) -> None:
    folder, result, _ = fitted
    again = load_study(folder / "fit.yaml").run(folder / "out")
    report = (again.folder.path / "report.md").read_text(encoding="utf-8")
    for sentence in result.summary():
        assert sentence in report
    assert "nan" not in report
    assert {"en": "All targets can be met together", "zh": "全部目标可以同时达到"}[language] in report


def test_a_target_out_of_reach_is_reported(tmp_path: Path) -> None:
    file = study_of(tmp_path, "observed: 0, value: 95, error: 1.0", "observed: 1, value: 40, error: 5.0", size=30)
    result = load_study(file).run(tmp_path / "out")
    targets = result.tables()["targets.csv"].set_index("target")
    assert targets["met"].tolist() == [False, True]
    assert targets.loc["paired_share.0", "nearest"] < 60
    said = result.summary()
    assert "`paired_share.0`" in said[0]
    assert "`paired_share.1`" not in said[0]
    assert "effects.csv" not in result.tables()  # nothing is left to draw from
    assert any("no posterior" in sentence for sentence in said)
    assert told_in("zh", result.summary)
    assert not result.tables()["posterior.csv"]["identified"].any()


def test_a_whole_number_is_fitted_whole(tmp_path: Path) -> None:
    """What is between two whole numbers on the surface is simulated at one of them."""
    file = study_of(tmp_path, "observed: 1, value: 45, error: 2.0", size=30)
    content = file.read_text(encoding="utf-8").replace(
        f"  {PRICE}: {{low: 0.5, high: 2.0}}", "  parameters.service_duration: {low: 6, high: 12}"
    )
    file.write_text(content, encoding="utf-8")
    result = load_study(file).run(tmp_path / "out")
    fit = result.tables()["fit.csv"].set_index("parameter")
    assert float(fit.loc["parameters.service_duration", "fit"]).is_integer()
    assert len(result.tables()["effects.csv"]) == 2


def test_a_target_that_is_no_number_somewhere_is_refused(tmp_path: Path) -> None:
    """There are no patents a project where there is no project."""
    file = study_of(tmp_path, "observed: 2, error: 0.5", size=30)
    with pytest.raises(InputError) as caught:
        load_study(file).run(tmp_path / "out")
    (problem,) = caught.value.problems
    assert problem.fields["target"] == "patents_per_project.2"
    assert SEARCH in problem.sentence()
    assert "Remove the target" in problem.sentence()
    assert "请去掉该目标" in told_in("zh", problem.sentence)


def test_the_values_that_a_fit_begins_with_are_the_scenarios(tmp_path: Path) -> None:
    study = study_file.load(study_of(tmp_path, "observed: 0, error: 1"))
    assert study.first == {SEARCH: 0.1, SUPPORT: 0.5, PRICE: 1.0}
