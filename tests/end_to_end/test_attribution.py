"""What the instruments of an arm contribute adds up to the effect of the run, seed by seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import clustersim
from clustersim.analysis.attribution.shapley import weights
from clustersim.api import Run
from clustersim.api.attributions import Attribution
from clustersim.errors import CertificateError, InputError
from clustersim.messages import LANGUAGES
from clustersim.studies.attribution_study import OUTCOMES, attribution_job
from spoken import told_in
from towns import scenario_in, wide_town

pytestmark = pytest.mark.usefixtures("unrendered")

POLICIES = """\
  committee:
    members: organised
    organisation_building: {staff: 0.3}
    matchmaking: {interval: 1, introductions: 8, support: 0.6}
    groups: {interval: 1, size: 6, scope: site}
    forum: {interval: 3}
    services: {places_added: 3}
  plain: {matchmaking: {interval: 2, introductions: 4}}
  many: {preset: hybrid}
"""
SCENARIO = wide_town(30, POLICIES, seeds=4, people="  institutions: {university: 1, department: 1}\n")
SEEDS = 4
PLAYERS = ("matchmaking", "groups", "forum", "services")


@pytest.fixture(scope="module", name="both")
def _both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Attribution]:
    """The run, and the attribution of its first arm in a folder below it."""
    folder = tmp_path_factory.mktemp("attribution")
    experiment = clustersim.load(scenario_in(folder, SCENARIO))
    attribution = experiment.attribute("committee", seeds=SEEDS, out=folder / "out")
    return experiment.run(seeds=SEEDS, out=folder / "out", assumptions=0), attribution


def test_it_stands_below_the_run_whose_effect_it_shares_out(both: tuple[Run, Attribution]) -> None:
    run, attribution = both
    assert run.folder.path in attribution.folder.path.parents
    written = {path.name for path in attribution.folder.path.iterdir()}
    assert {"shapley.csv", "totals.csv", "interactions.csv", "winners.csv", "pairs.csv", "report.md"} <= written


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_parts_add_up_to_the_effect_of_the_run(both: tuple[Run, Attribution], outcome: str) -> None:
    run, attribution = both
    effect = run.effects().set_index(["arm", "measure"]).loc[("committee", outcome)]
    totals = attribution.findings.totals.set_index(["measure", "total"]).loc[outcome]
    for column, name in (("mean", "effect"), ("low", "low"), ("high", "high")):
        assert totals.loc["all", column] == pytest.approx(effect[name], abs=1e-9)
    shapley = attribution.shapley[attribution.shapley["measure"] == outcome].set_index("instrument")
    assert tuple(shapley.index) == PLAYERS
    assert shapley["shapley"].sum() + totals.loc["gate", "mean"] == pytest.approx(effect["effect"], abs=1e-9)
    assert totals.loc["residual", "mean"] < 1e-9


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_they_add_up_in_every_seed(both: tuple[Run, Attribution], outcome: str) -> None:
    run, attribution = both
    found = attribution.findings.coalitions(outcome)
    assert found.shape == (2 ** len(PLAYERS), SEEDS)
    series = run.table("series")
    column = {"output": "output", "value_added": "value_added"}.get(outcome)
    if column is not None:
        level = series.assign(arm=series["arm"].astype(str)).groupby(["arm", "seed"])[column].sum().unstack("seed")
        expected = 100 * (level.loc["committee"] / level.loc["no_alliance"] - 1)
        np.testing.assert_allclose(found[-1], expected, atol=1e-9)
    by_seed = weights(len(PLAYERS)) @ found
    np.testing.assert_allclose(by_seed.sum(axis=0) + found[0], found[-1], atol=1e-9)
    assert np.ptp(found[-1]) > 0


def test_a_set_of_instruments_is_the_arm_without_the_others(both: tuple[Run, Attribution], tmp_path: Path) -> None:
    """One of the sets run as a policy of its own."""
    _, attribution = both
    kept = "    forum: {interval: 3}\n"
    content = SCENARIO
    for line in SCENARIO.splitlines(keepends=True):
        if line.strip().split(":")[0] in ("matchmaking", "groups", "services") and line.startswith("    "):
            content = content.replace(line, "")
    assert kept in content
    alone = clustersim.load(scenario_in(tmp_path, content)).run(seeds=SEEDS, out=tmp_path / "out", assumptions=0)
    effect = alone.effects().set_index(["arm", "measure"])["effect"]
    mask = 1 << PLAYERS.index("forum")
    for outcome in OUTCOMES:
        assert attribution.findings.coalitions(outcome)[mask].mean() == pytest.approx(
            effect["committee", outcome], abs=1e-9
        )


def test_organisation_building_is_the_gate(both: tuple[Run, Attribution]) -> None:
    _, attribution = both
    assert "organisation_building" not in set(attribution.shapley["instrument"])
    arms = {policy.name: policy for policy in attribution.findings.job.point(0).policies}
    assert len(arms) == 1 + 2 ** len(PLAYERS)
    for name, policy in arms.items():
        labels = [use.label for use in policy.instruments]
        assert ("organisation_building" in labels) == (name != "no_alliance")
    gate = attribution.findings.totals.set_index(["measure", "total"]).loc[("output", "gate"), "mean"]
    told = next(sentence for sentence in attribution.summary() if "is the gate" in sentence)
    assert f"{abs(gate):.2f}%" in told


def test_left_out_and_alone_stand_beside_the_share(both: tuple[Run, Attribution]) -> None:
    _, attribution = both
    found = attribution.findings.coalitions("output")
    rows = attribution.shapley[attribution.shapley["measure"] == "output"].set_index("instrument")
    for number, label in enumerate(PLAYERS):
        assert rows.loc[label, "alone"] == pytest.approx((found[1 << number] - found[0]).mean())
        assert rows.loc[label, "left_out"] == pytest.approx((found[-1] - found[~(1 << number)]).mean())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_reported_in_both_languages(both: tuple[Run, Attribution], language: str) -> None:
    _, attribution = both
    attribution.write()
    report = (attribution.folder.path / "report.md").read_text(encoding="utf-8")
    said = attribution.summary()
    for sentence in said:
        assert sentence in report
    assert all(label in said[0] for label in PLAYERS)
    assert "nan" not in "\n".join(said)


def test_some_may_count_as_one(both: tuple[Run, Attribution], tmp_path: Path) -> None:
    run, attribution = both
    experiment = clustersim.load(run.folder.path.parents[1].parent / "small.yaml")
    out = run.folder.path.parents[1]
    joined = experiment.attribute("committee", seeds=SEEDS, together=[["forum", "groups"]], out=out)
    assert joined.folder.path != attribution.folder.path
    rows = joined.shapley[joined.shapley["measure"] == "output"].set_index("instrument")
    assert list(rows.index) == ["matchmaking", "forum + groups", "services"]
    whole = joined.findings.totals.set_index(["measure", "total"])["mean"]
    before = attribution.findings.totals.set_index(["measure", "total"])["mean"]
    for name in ("all", "gate"):
        assert whole["output", name] == before["output", name]
    both_on = (1 << PLAYERS.index("forum")) | (1 << PLAYERS.index("groups"))
    np.testing.assert_array_equal(
        joined.findings.coalitions("output")[0b010], attribution.findings.coalitions("output")[both_on]
    )


def test_an_arm_without_the_gate_has_none(tmp_path: Path) -> None:
    experiment = clustersim.load(scenario_in(tmp_path, SCENARIO))
    found = experiment.attribute("plain", seeds=2, out=tmp_path / "out")
    assert found.findings.totals.set_index(["measure", "total"]).loc[("output", "gate"), "mean"] == 0.0
    assert not any("gate" in sentence for sentence in found.summary())
    assert found.shapley["instrument"].unique().tolist() == ["matchmaking"]


def test_seeds_may_be_one(tmp_path: Path) -> None:
    found = clustersim.load(scenario_in(tmp_path, SCENARIO)).attribute("plain", seeds=1, out=tmp_path / "out")
    assert found.summary()
    assert told_in("zh", found.summary)


def test_a_number_that_was_changed_on_the_disk_is_refused(both: tuple[Run, Attribution], tmp_path: Path) -> None:
    """The set of all instruments is the arm itself, to the last bit."""
    experiment = clustersim.load(scenario_in(tmp_path, SCENARIO))
    found = experiment.attribute("plain", seeds=2, out=tmp_path / "out")
    table = found.folder.read()
    row = table.index[(table["arm"].astype(str) == "plain#1") & (table["seed"] == 1)][0]
    table.loc[row, "output"] = np.nextafter(table.loc[row, "output"], np.inf)
    (block,) = found.folder.blocks_done()
    found.folder.write_block(block, table)
    with pytest.raises(CertificateError) as caught:
        experiment.attribute("plain", seeds=2, out=tmp_path / "out")
    (problem,) = caught.value.problems
    assert (problem.fields["arm"], problem.fields["seed"], problem.fields["column"]) == ("plain", 1, "output")
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("arm", "together", "said"),
    [
        ("comittee", (), "comittee is not a policy of the scenario; nearest: committee. Allowed: committee, plain"),
        ("no_alliance", (), "no_alliance is not a policy"),
        ("committee", (("forum", "grups"),), "grups is not an instrument of the arm, or is given twice. Allowed: m"),
        ("committee", (("forum", "groups"), ("forum", "services")), "forum is not an instrument of the arm, or is giv"),
        ("committee", (("organisation_building", "forum"),), "organisation_building is not an instrument"),
    ],
)
def test_a_wrong_arm_or_label_is_refused(
    tmp_path: Path, arm: str, together: tuple[tuple[str, ...], ...], said: str
) -> None:
    experiment = clustersim.load(scenario_in(tmp_path, SCENARIO))
    with pytest.raises(InputError) as caught:
        experiment.attribute(arm, together=together, out=tmp_path / "out")
    assert said in caught.value.describe()
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_too_many_instruments_are_refused_with_a_way_out(tmp_path: Path) -> None:
    forums = "\n".join(f"    forum{number}: {{instrument: forum, interval: 3}}" for number in range(11))
    content = SCENARIO.replace("  many: {preset: hybrid}", f"  many:\n{forums}")
    scenario = clustersim.scenario.load(scenario_in(tmp_path, content))
    with pytest.raises(InputError) as caught:
        attribution_job(scenario, "many", 4)
    assert "11 instruments" in caught.value.describe()
    assert "--together" in told_in("zh", caught.value.describe)
    job = attribution_job(scenario, "many", 4, (("forum0", "forum1"),))
    assert len(job.players) == 10


def test_shares_and_pairs_are_written(both: tuple[Run, Attribution]) -> None:
    _, attribution = both
    shapley = pd.read_csv(attribution.folder.path / "shapley.csv")
    assert shapley["measure"].unique().tolist() == list(OUTCOMES)
    pairs = pd.read_csv(attribution.folder.path / "pairs.csv").set_index("measure")["level"]
    assert pairs["net_additional"] == pytest.approx(pairs["additional"] - pairs["twin_only"])
    winners = pd.read_csv(attribution.folder.path / "winners.csv")
    whole = winners.iloc[0]
    assert whole["net"] == pytest.approx(whole["gain"] - whole["lose"])
