"""Sweeps, sensitivity studies and maps on the real engine, from their file to what they say."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clustersim
from clustersim.analysis.sensitivity import DUMMY
from clustersim.analysis.study_outcomes import percentiles
from clustersim.api import StudyResult, load_study
from clustersim.errors import InputError
from clustersim.messages import LANGUAGES, catalogue
from spoken import told_in
from towns import wide_town

pytestmark = pytest.mark.usefixtures("unrendered")

SCENARIO = wide_town(24)
STUDY = "schema: 1\nstudy: {}\nname: test\ntitle: {{en: A test, zh: 测试}}\nscenario: small.yaml\nseeds: 3\n"
INTRODUCTIONS = "policies.*.matchmaking.introductions"


def folder_with(folder: Path, scenario: str = SCENARIO) -> Path:
    (folder / "small.yaml").write_text(scenario, encoding="utf-8")
    return folder


def carried_out(folder: Path, verb: str, text: str) -> StudyResult:
    file = folder / f"{verb}.yaml"
    file.write_text(STUDY.format(verb) + text, encoding="utf-8")
    return load_study(file).run(folder / "out")


# --- sweep -----------------------------------------------------------------------------------------------------------

SWEEP = f"""\
parameters:
  parameters.friction: [0.05, 0.2]
  {INTRODUCTIONS}: [1, 5]
design: {{size: 6}}
outcomes: [output, public_cost, turnover]
"""


@pytest.fixture(scope="module", name="sweep")
def _sweep(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyResult]:
    folder = folder_with(tmp_path_factory.mktemp("sweep"))
    return folder, carried_out(folder, "sweep", SWEEP)


def test_a_line_of_pandas_reads_every_run(sweep: tuple[Path, StudyResult]) -> None:
    _, result = sweep
    table = pd.read_parquet(result.folder.path / "results.parquet")
    assert list(table) == [
        *("point", "parameters.friction", INTRODUCTIONS, "seed", "arm"),
        *("output", "public_cost", "turnover", "effect_output", "effect_public_cost", "effect_turnover"),
    ]
    assert len(table) == 6 * 3 * 3
    assert table.groupby("point", sort=True)["seed"].unique().map(sorted).tolist() == [[0, 1, 2]] * 6
    assert table["arm"].astype(str).unique().tolist() == ["no_alliance", "cluster_committee", "chain_leader"]
    assert table["parameters.friction"].between(0.05, 0.2).all()
    none = table[table["arm"] == "no_alliance"]
    assert (none[["effect_output", "effect_public_cost", "effect_turnover"]] == 0).all(axis=None)
    twin = none.set_index(["point", "seed"])
    by_run = table.set_index(["point", "seed"])
    relative = 100 * (by_run["output"] / twin["output"].reindex(by_run.index) - 1)
    np.testing.assert_allclose(by_run["effect_output"], relative, atol=1e-9)
    added = by_run["public_cost"] - twin["public_cost"].reindex(by_run.index)
    np.testing.assert_allclose(by_run["effect_public_cost"], added, atol=1e-9)


def test_the_effects_of_a_point_are_those_of_a_run_of_the_changed_scenario(sweep: tuple[Path, StudyResult]) -> None:
    folder, result = sweep
    found = pd.read_csv(result.folder.path / "effects.csv")
    assert len(found) == 6 * 2 * 3
    design = found.groupby("point").first()
    for point in (0, 5):
        values = design.loc[point, ["parameters.friction", INTRODUCTIONS]]
        changes = {"parameters.friction": float(values.iloc[0])}
        for arm in ("cluster_committee", "chain_leader"):
            changes[INTRODUCTIONS.replace("*", arm)] = float(values.iloc[1])
        run = clustersim.load(folder / "small.yaml", changes).run(seeds=3, out=folder / "runs", assumptions=0)
        ours = found[found["point"] == point].set_index(["arm", "measure"])
        theirs = pd.read_csv(run.folder.path / "effects.csv").set_index(["arm", "measure"]).loc[ours.index]
        columns = [name for name in theirs if name in ours]
        assert len(columns) >= 17
        pd.testing.assert_frame_equal(ours[columns], theirs[columns])


def test_what_is_said_of_a_sweep_is_in_its_tables(sweep: tuple[Path, StudyResult]) -> None:
    _, result = sweep
    said = result.summary()
    assert len(said) == 2 * 3 + 1
    table = result.tables()["results.parquet"]
    of_arm = table[table["arm"] == "chain_leader"]
    low, mid, high = percentiles(of_arm.groupby("point")["effect_output"].mean().to_numpy())
    assert f"chain leader on output lies between +{low:.1f}% and +{high:.1f}%" in said[1]
    assert f"(median +{mid:.1f}%)" in said[1]
    assert "better side" in said[1]
    assert "above zero" in said[4]  # of turnover no side is better
    assert "better" not in said[4]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_says_what_was_asked(sweep: tuple[Path, StudyResult], language: str) -> None:
    folder, result = sweep
    again = load_study(folder / "sweep.yaml").run(folder / "out")
    report = (result.folder.path / "report.md").read_text(encoding="utf-8")
    assert again.folder.path == result.folder.path
    title = {"en": "# A test", "zh": "# 测试"}[language]
    assert report.startswith(title)
    assert f"`{INTRODUCTIONS}`" in report
    assert catalogue()["parameter.matchmaking.introductions"][language] in report
    for sentence in result.summary():
        assert sentence in report


def test_a_grid_holds_words_and_whole_numbers(tmp_path: Path) -> None:
    text = """\
parameters:
  policies.cluster_committee.matchmaking.also: {values: [none, region]}
  parameters.service_duration: {low: 6, high: 7, steps: 5}
design: {method: grid}
outcomes: [output]
arms: [cluster_committee]
"""
    result = carried_out(folder_with(tmp_path), "sweep", text)
    table = pd.read_parquet(result.folder.path / "results.parquet")
    points = table[["policies.cluster_committee.matchmaking.also", "parameters.service_duration"]].drop_duplicates()
    assert points.to_numpy().tolist() == [["none", 6], ["none", 7], ["region", 6], ["region", 7]]


def test_an_effect_that_is_no_number_is_refused_with_its_place(tmp_path: Path) -> None:
    """Nobody pairs where nobody searches, so there is no share of pairs that end."""
    text = (
        "parameters: {parameters.search: {values: [0.2, 0.0]}}\ndesign: {method: grid}\noutcomes: [output, turnover]\n"
    )
    folder = folder_with(tmp_path, SCENARIO.replace("burn_in: 6", "burn_in: 0"))
    with pytest.raises(InputError) as caught:
        carried_out(folder, "sweep", text)
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 2
    assert problem.fields["outcome"] == "turnover"
    assert (problem.fields["point"], problem.fields["seed"]) == (1, 0)
    assert problem.fields["arm"] in ("cluster_committee", "chain_leader")
    assert "parameters.search = 0" in problem.sentence()
    assert "parameters.search = 0" in told_in("zh", problem.sentence)
    result = carried_out(folder, "sweep", text.replace(", turnover", ""))  # as the message advises
    assert result.is_whole


# --- sensitivity -----------------------------------------------------------------------------------------------------

PRICE, SUPPORT = "parameters.price_project", "policies.chain_leader.matchmaking.support"
SENSITIVITY = f"""\
changes: {{policies.chain_leader.matchmaking.word: 0}}
parameters:
  {PRICE}:
  {SUPPORT}: [0, 1]
  parameters.friction: [0.0, 0.4]
arms: [chain_leader, cluster_committee]
outcomes: [pairing_rate, output, public_cost]
"""
DESIGNS = {"sobol": 16, "morris": 8, "pawn": 120}


@pytest.fixture(scope="module", name="sensitivity", params=DESIGNS)
def _sensitivity(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = folder_with(tmp_path_factory.mktemp("sensitivity"), SCENARIO.replace("firms: 24", "firms: 40"))
    text = f"design: {{method: {request.param}, size: {DESIGNS[request.param]}}}\n{SENSITIVITY}"
    return carried_out(folder, "sensitivity", text)


def test_what_cannot_matter_does_not_and_what_matters_does(sensitivity: StudyResult) -> None:
    table = sensitivity.tables()["indices.csv"]
    method = sensitivity.tables()["quality.csv"]["method"].iloc[0]
    main = {"sobol": "total", "morris": "mu_star", "pawn": "median"}[method]
    rows = table[table["of"] == "effect"].set_index(["arm", "outcome", "factor"]).sort_index()
    for arm in ("chain_leader", "cluster_committee"):
        for outcome in ("output", "pairing_rate"):
            price, dummy = rows.loc[arm, outcome, PRICE], rows.loc[arm, outcome, DUMMY]
            assert price["below_dummy"]
            if method != "pawn":  # which cuts other points into other slices
                assert price[main] == dummy[main] == 0.0
        # The other arm's instrument is not this arm's.
        if arm == "cluster_committee" and method != "pawn":
            assert rows.loc[arm, "output", SUPPORT][main] == 0.0
    cost = rows.loc["chain_leader", "public_cost"]  # it has no joint projects to pay for
    assert cost.loc[PRICE, "below_dummy"]
    assert not cost.loc[SUPPORT, "below_dummy"]
    assert not rows.loc["chain_leader", "pairing_rate", SUPPORT]["below_dummy"]
    assert (
        rows.loc["chain_leader", "pairing_rate", SUPPORT][main] > rows.loc["chain_leader", "pairing_rate", PRICE][main]
    )


def test_the_same_points_are_simulated_once(sensitivity: StudyResult) -> None:
    points = sensitivity.tables()["results.parquet"]["point"].nunique()
    rows = {"sobol": 16 * 6, "morris": 8 * 5, "pawn": 120}[sensitivity.study.design.method]
    # A row that moves the dummy alone is its neighbour again, and trajectories meet in the corners of their grid.
    assert points <= rows - {"sobol": 16, "morris": 8, "pawn": 0}[sensitivity.study.design.method]


def test_a_tornado_needs_points_that_are_drawn_independently(sensitivity: StudyResult) -> None:
    """Sixteen base points of Sobol' are 32 such points, and rows of trajectories are none."""
    drawn = {path.stem for path in (sensitivity.folder.path / "figures").glob("*.png")}
    assert ("tornado_output_chain_leader" in drawn) == (sensitivity.study.design.method == "pawn")
    assert "sensitivity_output_chain_leader" in drawn


def test_a_tornado_of_a_study_is_that_of_its_points(sensitivity: StudyResult) -> None:
    found = sensitivity.findings.tornado("chain_leader", "pairing_rate")
    if sensitivity.study.design.method != "pawn":
        assert found.empty
        return
    assert found["parameter"].iloc[0] == SUPPORT
    runs = sensitivity.tables()["results.parquet"]
    wide = runs.pivot_table(index="point", columns="arm", values="pairing_rate", observed=True)
    effect = wide["chain_leader"] - wide["no_alliance"]
    supported = runs.groupby("point")[SUPPORT].first()
    highest = effect[supported >= np.percentile(supported, 80)]
    assert found["high"].iloc[0] == pytest.approx(highest.mean())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_name_what_leads(sensitivity: StudyResult, language: str) -> None:
    said = "\n".join(sensitivity.summary())
    assert "`matchmaking.support`" in said
    assert "`price_project`" not in said
    assert "nan" not in said
    report = (sensitivity.folder.path / "report.md").read_text(encoding="utf-8")
    assert "nan" not in report
    assert f"`{PRICE}`" in report


def test_where_nothing_leads_no_order_is_promised(tmp_path: Path) -> None:
    text = f"parameters: {{{PRICE}: }}\ndesign: {{method: morris, size: 4}}\noutcomes: [output]\n"
    result = carried_out(folder_with(tmp_path), "sensitivity", text)
    said = result.summary()
    assert said[1].startswith("None of the 1 parameters")
    assert not any("more points are not needed" in sentence for sentence in said)


# --- map -------------------------------------------------------------------------------------------------------------

MAP = """\
parameters:
  policies.chain_leader.matchmaking.introductions: {values: [0, 40]}
  parameters.cross_chain: {low: 0.0, high: 0.6, steps: 3}
outcomes: [pairing_rate]
"""


@pytest.fixture(scope="module", name="map_")
def _map(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StudyResult]:
    folder = folder_with(tmp_path_factory.mktemp("map"))
    return folder, carried_out(folder, "map", MAP)


def test_the_cells_of_a_map_are_single_runs(map_: tuple[Path, StudyResult]) -> None:
    folder, result = map_
    cells = pd.read_csv(result.folder.path / "map.csv")
    first, second = "policies.chain_leader.matchmaking.introductions", "parameters.cross_chain"
    assert cells[[first, second]].to_numpy().tolist() == [[x, y] for x in (0, 40) for y in (0.0, 0.3, 0.6)]
    assert cells[["column", "row"]].to_numpy().tolist() == [[x, y] for x in (0, 1) for y in (0, 1, 2)]
    for number in (1, 5):
        cell = cells.loc[number]
        changes = {first: int(cell[first]), second: float(cell[second])}
        run = clustersim.load(folder / "small.yaml", changes).run(seeds=3, out=folder / "runs", assumptions=0)
        effects = run.effects().set_index(["measure", "arm"]).loc["pairing_rate", "effect"]
        for arm in ("cluster_committee", "chain_leader"):
            assert cell[f"effect_{arm}"] == pytest.approx(effects[arm], abs=1e-9)
        ordered = {**effects.to_dict(), "no_alliance": 0.0}
        names = sorted(ordered, key=lambda arm: -ordered[arm])
        assert [cell["winner"], cell["second"]] == names[:2]
        assert cell["lead"] == pytest.approx(ordered[names[0]] - ordered[names[1]], abs=1e-9)


def test_flips_are_between_neighbours_with_other_winners(map_: tuple[Path, StudyResult]) -> None:
    _, result = map_
    winner = result.tables()["map.csv"]["winner"].to_numpy().reshape(2, 3)
    expected = {
        (x, y, to_x, to_y)
        for x in range(2)
        for y in range(3)
        for to_x, to_y in ((x + 1, y), (x, y + 1))
        if to_x < 2 and to_y < 3 and winner[x, y] != winner[to_x, to_y]
    }
    flips = result.tables()["flips.csv"]
    assert {(row.x, row.y, row.to_x, row.to_y) for row in flips.itertuples()} == expected
    assert expected  # many introductions of one arm alone
    shares = result.tables()["shares.csv"].set_index("arm")["share"]
    assert shares.to_dict() == {arm: float((winner == arm).mean()) for arm in shares.index}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_map_is_reported(map_: tuple[Path, StudyResult], language: str) -> None:
    _, result = map_
    said = result.summary()
    assert "6" in said[0]
    assert said[0].startswith(("Pairing rate over", "配对率随"))
    assert (result.folder.path / "figures").is_dir()


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_second_call_simulates_nothing_and_says_the_same(
    sweep: tuple[Path, StudyResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, result = sweep

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("clustersim.execution.work.simulate_batch", refuse)
    again = load_study(folder / "sweep.yaml").run(folder / "out")
    assert again.summary() == result.summary()


def test_another_seed_or_outcome_is_another_study(sweep: tuple[Path, StudyResult], tmp_path: Path) -> None:
    folder, result = sweep
    shutil.copy(folder / "small.yaml", tmp_path)
    other = carried_out(tmp_path, "sweep", SWEEP.replace("size: 6", "size: 2"))
    assert other.folder.run_id != result.folder.run_id
