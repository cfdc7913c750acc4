"""The assumption range of a run: which points and seeds, what is told, and that it stays beside the interval."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clustersim
from clustersim.analysis.assumption_range import AssumptionRange
from clustersim.analysis.attribution.firm_winners import winners
from clustersim.analysis.intervals import mean_interval
from clustersim.analysis.rank_correlation import rank_correlations
from clustersim.api import Run
from clustersim.execution.factors import places
from clustersim.figures import of_pack, of_run
from clustersim.measures.waiting import served_within_year
from clustersim.messages import LANGUAGES, text
from clustersim.reports.assumption_report import left_out
from clustersim.storage.folder import StudyFolder
from clustersim.studies import run_findings
from clustersim.studies.assumption_study import FEWEST_POINTS, assumption_job, default_points
from clustersim.studies.run_findings import RunFindings
from towns import BARE, scenario_in, wide_town

pytestmark = pytest.mark.usefixtures("unrendered")

SCENARIO = wide_town(20, seeds=65, more="budget: both\n")
POINTS = 12


@pytest.fixture(scope="module", name="run")
def _run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("range")
    return clustersim.load(scenario_in(folder, SCENARIO)).run(out=folder / "out", assumptions=POINTS)


@pytest.fixture(scope="module", name="stored")
def _stored(run: Run) -> pd.DataFrame:
    """The blocks as they lie on the disk."""
    (manifest,) = run.folder.path.glob("assumptions/*/manifest.json")
    return StudyFolder.at(manifest.parent).read().assign(arm=lambda table: table["arm"].astype(str))


def means(stored: pd.DataFrame) -> pd.DataFrame:
    """Mean effect on output in percent of the twin, by (point, arm)."""
    wide = stored.pivot_table(index=["point", "seed"], columns="arm", values="output")
    relative = 100 * wide.div(wide["no_alliance"], axis=0) - 100
    return relative.drop(columns="no_alliance").groupby("point").mean()


def test_there_are_as_many_points_as_asked_with_the_first_seeds(run: Run, stored: pd.DataFrame) -> None:
    assert sorted(stored["point"].unique()) == list(range(POINTS))
    assert sorted(stored["seed"].unique()) == [0, 1] == list(range(math.ceil(65 / 64)))
    assert len(stored) == POINTS * 2 * 5  # no alliance, two arms, and these at equal money
    assert run.assumptions is not None
    assert set(run.assumptions.table["points"]) == {POINTS}
    assert set(run.assumptions.table["range_seeds"]) == {2}


def test_doses_are_not_varied_so_that_one_world_holds_all_points(run: Run) -> None:
    job = run.assumptions.job
    assert len(job.worlds) == 1
    values = pd.DataFrame(job.points, columns=[factor.name for factor in job.factors])
    assert "policies.*.attraction.additional" in values
    assert not [name for name in values if name.endswith((".introductions", ".interval", ".ties", ".staff", ".word"))]
    assert (values["parameters.friction"].nunique(), len(values)) == (POINTS, POINTS)


def test_what_is_reported_is_recomputed_from_the_blocks(run: Run, stored: pd.DataFrame) -> None:
    by_point = means(stored)
    table = run.assumptions.table.set_index(["arm", "measure"])
    for arm in by_point:
        row = table.loc[(arm, "output")]
        expected = np.percentile(by_point[arm], [5, 50, 95])
        np.testing.assert_allclose([row["range_low"], row["range_mid"], row["range_high"]], expected, atol=1e-9)
        assert row["share_positive"] == (by_point[arm] > 0).mean()
        rivals = [name for name in by_point if name.endswith("(equal money)") == arm.endswith("(equal money)")]
        best = (by_point[arm] == by_point[rivals].max(axis=1)) & (by_point[arm] > 0)
        assert row["share_best"] == best.mean()


def test_best_shares_of_arms_of_one_kind_add_up_to_one_where_some_arm_is_better(run: Run) -> None:
    table = run.assumptions.table
    output = table[table["measure"] == "output"].set_index("arm")["share_best"]
    assert output[["cluster_committee", "chain_leader"]].sum() <= 1.0
    assert output[["cluster_committee (equal money)", "chain_leader (equal money)"]].sum() <= 1.0


def test_what_moves_a_range_is_beyond_chance(run: Run) -> None:
    movers, table = run.assumptions.movers, run.assumptions.table
    assert movers["correlation"].abs().max() <= 1.0 + 1e-12
    for row in table.itertuples():
        own = movers[(movers["arm"] == row.arm) & (movers["measure"] == row.measure)]
        beyond = own[own["correlation"].abs() > own["threshold"]]
        named = [name for name in row.movers.split(", ") if name]
        assert len(named) == min(3, len(beyond))
        assert set(named) <= set(beyond["parameter"])


def test_only_what_is_uncertain_moves(run: Run) -> None:
    known = places(run.scenario)
    for factor in run.assumptions.job.factors:
        for path in factor.paths:
            assert known[path].source.split(":")[0] in ("assumption", "literature", "fitted")
    assert set(run.assumptions.table["parameters"]) == {len(run.assumptions.job.factors)}


def test_the_interval_is_that_of_the_seeds_alone(run: Run, stored: pd.DataFrame, tmp_path: Path) -> None:
    """With the range and without it the same effects; and they are Student's t over the seeds of the run."""
    without = clustersim.load(scenario_in(tmp_path, SCENARIO)).run(out=tmp_path / "out", assumptions=0)
    assert without.assumptions is None
    pd.testing.assert_frame_equal(run.effects(), without.effects(), check_exact=True)
    series = run.table("series")
    output = series.assign(arm=series["arm"].astype(str)).groupby(["arm", "seed"])["output"].sum().unstack("arm")
    found = mean_interval((100 * (output["chain_leader"] / output["no_alliance"] - 1)).to_numpy())
    row = run.effects().set_index(["arm", "measure"]).loc[("chain_leader", "output")]
    np.testing.assert_allclose([row["effect"], row["low"], row["high"]], [found.mean, found.low, found.high])
    assert row["seeds"] == 65
    assert not [name for name in run.effects() if name.startswith("range_") or name in ("points", "noise")]
    assert not (without.folder.path / "assumptions.csv").exists()
    report = (without.folder.path / "report.md").read_text(encoding="utf-8")
    assert "| 5% |" not in report


def test_the_tables_are_written(run: Run) -> None:
    written = pd.read_csv(run.folder.path / "assumptions.csv", keep_default_na=False, na_values=["nan"])
    assert written["arm"].tolist() == run.assumptions.table["arm"].tolist()
    np.testing.assert_allclose(written["range_low"], run.assumptions.table["range_low"])
    assert len(pd.read_csv(run.folder.path / "assumption_movers.csv")) == len(run.assumptions.movers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_both_side_by_side(run: Run, language: str, tmp_path: Path) -> None:
    run.write()
    report = (run.folder.path / "report.md").read_text(encoding="utf-8")
    for sentence in run.summary():
        assert sentence in report
    note = text("assumptions.note", points=POINTS, parameters=len(run.assumptions.job.factors), seeds="§")
    assert note.split("§")[0] in report
    assert not re.search(r"\bnan\b", report)
    first = {"en": "separate from the sampling interval", "zh": "不同于抽样区间"}[language]
    assert any(first in sentence for sentence in run.summary())
    assert sum(text("assumptions.moved_by_none") in line for line in run.summary()) <= 4


def test_more_seeds_make_a_range_no_narrower_and_leave_its_points(run: Run) -> None:
    scenario = run.scenario
    few, many = (assumption_job(scenario, POINTS, seeds) for seeds in (10, 640))
    assert few is not None
    assert many is not None
    assert few.points == many.points
    assert (few.seeds, many.seeds) == (1, 10)


def test_points_by_default_are_as_many_as_seeds_and_at_most_64(run: Run) -> None:
    assert default_points(run.scenario, 3) == 64  # a small town: they fill one block
    large = clustersim.scenario.with_changes(run.scenario, {"population.firms": 3000})
    assert default_points(large, 30) == 30
    assert default_points(large, 640) == 64


def test_no_point_no_arm_or_nothing_uncertain_is_no_range(run: Run) -> None:
    assert assumption_job(run.scenario, 0, 10) is None
    alone = dataclasses.replace(run.scenario, policies=run.scenario.policies[:1], budget="own")
    assert assumption_job(alone, 10, 10) is None


def known_in_full(folder: Path) -> Path:
    """A scenario each of whose numbers stands in the file and was measured by its author."""
    arm = {"forum": {}, "matchmaking": {}}
    written = {"policies": {"mine": arm}, "parameters": {}, "sources": {}}
    plain = clustersim.scenario.with_changes(
        clustersim.scenario.load(scenario_in(folder, SCENARIO)), written | {"budget": "own"}
    )
    document = {**plain.document, **written, "name": "known"}
    for path, place in places(plain).items():
        if place.parameter.is_numeric:
            *below, name = path.split(".")
            at = document["parameters"] if below == ["parameters"] else arm[below[-1]]
            at[name] = place.value
            written["sources"][path] = "own survey of 2023"
    file = folder / "known.yaml"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_scenario_that_is_known_in_full_has_no_range(tmp_path: Path) -> None:
    run = clustersim.load(known_in_full(tmp_path)).run(seeds=2, out=tmp_path / "out", assumptions=8)
    assert run.assumptions is None
    assert not list(run.folder.path.glob("assumptions*"))
    assert run.summary()


def test_a_scenario_without_a_policy_has_no_range(tmp_path: Path) -> None:
    run = clustersim.load(scenario_in(tmp_path, BARE)).run(seeds=2, out=tmp_path / "out", assumptions=8)
    assert run.assumptions is None
    assert not list(run.folder.path.glob("assumptions*"))


@pytest.mark.parametrize("points", [1, 2])
def test_very_few_points_are_reported_without_a_warning(tmp_path: Path, points: int) -> None:
    """Warnings are errors in tests. 5% and 95% of two points say little, but they were asked for."""
    run = clustersim.load(scenario_in(tmp_path, SCENARIO)).run(seeds=2, out=tmp_path / "out", assumptions=points)
    assert set(run.assumptions.table["points"]) == {points}
    assert run.summary()
    assert not re.search(r"\bnan\b", (run.folder.path / "report.md").read_text(encoding="utf-8"))


def test_points_at_which_equal_money_is_too_little_are_left_out_and_reported() -> None:
    """With 2.5 million yuan a year in Sijing, the staff of one arm alone cost more at some point."""
    changes = {"budget": 250}
    scenario = clustersim.load(Path(__file__).parents[2] / "scenarios" / "sijing.yaml", changes).scenario
    job = assumption_job(scenario, 64, 2)
    assert job is not None
    assert FEWEST_POINTS < len(job.points) < 64
    for point in range(len(job.points)):
        job.point(point)
    found = AssumptionRange(job, pd.DataFrame(), 64)
    assert left_out(found) == [
        f"{64 - len(job.points)} of 64 points were left out, because staff and meetings of one arm alone "
        "cost more than the equal budget there."
    ]


def test_movers_are_judged_arm_by_arm() -> None:
    """An arm that does nothing has no movers, and takes none from the others or gives them any."""
    generator = np.random.Generator(np.random.Philox(3))
    values = generator.random((64, 40))
    effects = np.stack([np.zeros(64), values[:, 7] + 0.1 * generator.random(64), generator.random(64)], axis=1)
    for order in ([0, 1, 2], [1, 2, 0]):
        found, thresholds = rank_correlations(values, effects[:, order])
        beyond = np.abs(found) > thresholds
        assert beyond[7, order.index(1)]
        assert not beyond[:, order.index(0)].any()
        assert beyond[:, order.index(2)].sum() == 0


def test_a_tornado_shows_what_an_arm_depends_on_and_not_what_others_do() -> None:
    scenario = clustersim.load(Path(__file__).parents[2] / "scenarios" / "xinqiao.yaml").scenario
    job = assumption_job(scenario, 64, 2)
    assert job is not None
    names = [factor.name for factor in job.factors]
    rivalry = np.array([values[names.index("parameters.rivalry")] for values in job.points])
    found = AssumptionRange(job, pd.DataFrame(), 64)
    luck = np.random.default_rng(4).normal(0, 0.3, (64, len(job.arms), 1))
    found.__dict__["_effects"] = dict.fromkeys(job.outcomes, 5 * rivalry[:, None, None] + luck)
    table = found.tornado("chain_leader", "output")
    assert table["parameter"].iloc[0] == "parameters.rivalry"
    assert table.loc[table["beyond_chance"], "parameter"].tolist() == ["parameters.rivalry"]
    told = {factor.name: factor for factor in job.factors if factor.name in set(table["parameter"])}
    assert all(factor.together for factor in told.values())
    own = ("parameters.", "policies.chain_leader.")
    assert all(any(path.startswith(own) for path in factor.paths) for factor in told.values())
    everything = found.tornado("chain_leader (equal money)", "output")
    assert len(everything) > len(table)  # equal money depends on what the other arms cost
    movers = found.movers.set_index(["arm", "measure", "parameter"])
    assert set(table["threshold"]) == {movers.loc[("chain_leader", "output", "parameters.rivalry"), "threshold"]}


def test_firms_read_in_parts_give_the_winners_of_the_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_findings, "FIRM_ROWS", 1000)  # ten seeds or fewer at a time
    found = RunFindings(run.scenario, run.folder, run.seeds).winners
    arms = list(run.effects()["arm"].unique())
    assert found["arm"].unique().tolist() == arms
    firms = run.table("firms")
    for arm in arms:
        total = winners(firms, arm).iloc[0]
        [row] = found[(found["arm"] == arm) & (found["dimension"] == "total")].to_dict("records")
        assert row["seeds"] == 65
        for name in ("firms", "gain", "lose", "net", "net_low", "net_high", "median_change", "concentration"):
            assert row[name] == pytest.approx(total[name])
    assert set(found["group"]) >= {"all", "small"}


def test_curves_of_waiting_end_at_what_is_served_within_a_year(run: Run) -> None:
    """The horizon is a year."""
    curves = run.findings.waiting_curves
    last = curves[curves["month"] == curves["month"].max()].set_index(["resource", "arm"])["level"]
    spells = run.table("spells")
    for resource in curves["resource"].unique():
        served = served_within_year(spells[(spells["resource"] == resource) & (spells["opened"] >= 1)])
        expected = served.groupby("arm").mean()
        assert last[resource].sort_index().tolist() == pytest.approx(expected.sort_index().tolist())


def test_a_briefing_has_the_figures_of_the_run_and_more(run: Run) -> None:
    pack = of_pack(run.findings)
    assert set(of_run(run.estimates, run.assumptions)) | {"waiting", "cost", "gains"} <= set(pack)
    assert not any(name.startswith("tornado") for name in pack)  # of twelve points
