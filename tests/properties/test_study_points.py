"""Points of a study simulated together are, bit for bit, the points alone and the runs of the changed scenario."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim import scenario as scenarios
from clustersim.analysis.estimates import headline_values
from clustersim.engines.bases import Bases
from clustersim.execution import job as jobs
from clustersim.execution.budget import with_budget
from clustersim.execution.factors import Factor, places, registered
from clustersim.execution.job import Job
from clustersim.execution.outcome_table import outcome_table
from clustersim.execution.run_values import shock_values
from clustersim.execution.simulation import simulate, simulate_batch
from clustersim.execution.tables import series_table
from clustersim.execution.work import StudyWork
from clustersim.measures import read_from
from clustersim.scenario.model import Scenario
from clustersim.storage.folder import StudyFolder
from clustersim.studies.designs import latin_hypercube, values_at
from small_worlds import EVERYTHING, make

SEEDS = (0, 1)
WINDOW = tuple(measure.name for measure in read_from("window"))
SHOCK = tuple(measure.name for measure in read_from("shock"))
SHOCKS: list[dict[str, Any]] = [{"event": "supply", "month": 4, "months": 4, "availability": 0.1, "shock": True}]


def scenario_of(**changes: Any) -> Scenario:
    """Every instrument, entrants among them, in one arm; another arm beside it."""
    arms = {"all": EVERYTHING, "leader": {"preset": "chain_leader"}}
    return make(arms, {"service_opening": 0.1}, changes.pop("events", ()), months=(6, 12), firms=24, **changes)


def every_number(scenario: Scenario) -> list[Factor]:
    """A factor for each registered number that points of one world may differ in, but for support and word."""
    known = {path: place for path, place in places(scenario).items() if place.parameter.name not in ("support", "word")}
    found = [registered(path, [place]) for path, place in known.items() if _has_range(place.parameter)]
    return [factor for factor in found if factor.together]


def _has_range(parameter: Any) -> bool:
    return parameter.is_numeric and parameter.plausible is not None


def job_of(
    scenario: Scenario,
    factors: Sequence[Factor],
    points: Sequence[tuple[Any, ...]],
    outcomes: tuple[str, ...] = WINDOW,
    arms: tuple[str, ...] | None = None,
) -> Job:
    arms = arms or tuple(policy.name for policy in scenario.policies[1:])
    return Job(scenario, "outcomes", tuple(factors), tuple(points), arms, outcomes, len(SEEDS))


def made(job: Job, tmp_path: Path) -> pd.DataFrame:
    """All blocks of a job, in the order (point, seed, arm) of the arms."""
    work = StudyWork(StudyFolder(tmp_path, "points", "points"), job)
    table = pd.concat([work.made(block) for block in range(len(job.tasks))], ignore_index=True)
    return table.assign(arm=table["arm"].astype(str)).sort_values(["point", "arm", "seed"], ignore_index=True)


def alone(job: Job, number: int) -> pd.DataFrame:
    """One point in a block of its own."""
    point = job.point(number)
    block = simulate_batch(Bases.crossed([point], SEEDS), certified=False)
    table = outcome_table(block, [point], [number], job.outcomes)
    return table.assign(arm=table["arm"].astype(str)).sort_values(["point", "arm", "seed"], ignore_index=True)


def as_a_run(job: Job, number: int) -> pd.DataFrame:
    """The outcomes as a run of the changed scenario finds them, by (arm, seed)."""
    changes = {
        path: value for factor, value in zip(job.factors, job.points[number], strict=True) for path in factor.paths
    }
    changed = with_budget(scenarios.with_changes(job.scenario, changes))
    series = series_table(simulate(changed, list(SEEDS), certified=False))
    found = headline_values(series, parameters=changed.parameters)
    shocked = shock_values(series.drop(columns="point"))
    return found.join(shocked) if len(shocked) else found


def assert_runs(job: Job, table: pd.DataFrame, number: int) -> None:
    """The point's rows are the run's, measure by measure."""
    expected = as_a_run(job, number)
    rows = table[table["point"] == number].set_index(["arm", "seed"])
    for name in job.outcomes:
        ours, theirs = rows[name], expected.loc[rows.index, name]
        assert np.array_equal(ours.to_numpy(), theirs.to_numpy(), equal_nan=True), (number, name)


@pytest.fixture(scope="module", name="all_numbers")
def _all_numbers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, pd.DataFrame]:
    """Five points over all numbers of the scenario at once, simulated together."""
    scenario = scenario_of()
    factors = every_number(scenario)
    points = values_at(factors, latin_hypercube(5, len(factors)))
    job = job_of(scenario, factors, points)
    return job, made(job, tmp_path_factory.mktemp("points"))


def test_all_kinds_of_numbers_are_varied(all_numbers: tuple[Job, pd.DataFrame]) -> None:
    job, table = all_numbers
    names = [factor.name for factor in job.factors]
    assert len(names) > 120
    assert any(factor.whole for factor in job.factors)
    assert {"parameters.service_duration", "policies.all.attraction.entries"} <= set(names)
    instruments = {use.instrument for policy in job.scenario.policies for use in policy.instruments}
    assert len(instruments) == 9
    assert len(job.tasks) == 1
    assert table["entrants"].max() > 0
    assert table.groupby("arm")["output"].nunique().min() == 5 * len(SEEDS)


@pytest.mark.parametrize("number", range(5))
def test_a_point_among_others_is_the_point_alone(all_numbers: tuple[Job, pd.DataFrame], number: int) -> None:
    job, table = all_numbers
    ours = table[table["point"] == number].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, alone(job, number), check_exact=True)


@pytest.mark.parametrize("number", range(5))
def test_a_point_is_the_run_of_the_changed_scenario(all_numbers: tuple[Job, pd.DataFrame], number: int) -> None:
    job, table = all_numbers
    assert_runs(job, table, number)


@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_random_points_of_some_numbers(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Few numbers at a time: the others are not columns then. Low and high ends are among them."""
    scenario = scenario_of()
    factors = data.draw(st.lists(st.sampled_from(every_number(scenario)), min_size=1, max_size=6, unique_by=str))
    unit = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.0, 1.0))
    places_of = data.draw(st.lists(st.tuples(*[unit] * len(factors)), min_size=2, max_size=3, unique=True))
    job = job_of(scenario, factors, list(dict.fromkeys(values_at(factors, np.array(places_of)))))
    table = made(job, tmp_path_factory.mktemp("points"))
    last = len(job.points) - 1
    pd.testing.assert_frame_equal(
        table[table["point"] == last].reset_index(drop=True), alone(job, last), check_exact=True
    )
    assert_runs(job, table, last)


@pytest.mark.parametrize("blocks", [6, 3, 1])
def test_how_blocks_are_cut_changes_no_number(
    all_numbers: tuple[Job, pd.DataFrame], blocks: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, table = all_numbers
    again = dataclasses.replace(job, points=job.points[:3])
    # A seed of a point, all seeds of a point, or everything.
    rows = {6: 1, 3: len(SEEDS) * again.rows_of_a_seed, 1: 10**6}[blocks]
    monkeypatch.setattr(jobs, "BLOCK_ROWS", rows)
    assert len(again.tasks) == blocks
    kept = table[table["point"] < 3].reset_index(drop=True)
    pd.testing.assert_frame_equal(made(again, tmp_path), kept, check_exact=True)


def test_every_point_and_seed_stands_in_one_block() -> None:
    scenario = scenario_of()
    factors = [registered("parameters.friction", [places(scenario)["parameters.friction"]]), other_world()]
    points = [(0.1, 2), (0.2, 1), (0.1, 1), (0.3, 2)]
    job = job_of(scenario, factors, points)
    assert job.worlds == ((0, 3), (1, 2))
    met = [(point, seed) for task in job.tasks for point in task.points for seed in task.seeds]
    assert sorted(met) == [(point, seed) for point in range(4) for seed in SEEDS]
    assert [task.number for task in job.tasks] == list(range(len(job.tasks)))


def other_world() -> Factor:
    return Factor("policies.all.matchmaking.interval", ("policies.all.matchmaking.interval",), 1, 3, whole=True)


def test_points_that_need_worlds_of_their_own(tmp_path: Path) -> None:
    """Months of an instrument, words, the number of firms and the horizon are no columns."""
    scenario = scenario_of()
    factors = [
        other_world(),
        Factor("policies.all.matchmaking.also", ("policies.all.matchmaking.also",), levels=("none", "region")),
        Factor("policies.leader.matchmaking.start", ("policies.leader.matchmaking.start",), 1, 9, whole=True),
        Factor("population.firms", ("population.firms",), 20, 28, whole=True),
        Factor("time.horizon", ("time.horizon",), 12, 15, whole=True),
        registered("parameters.friction", [places(scenario)["parameters.friction"]]),
    ]
    points = [(2, "none", 3, 20, 15, 0.1), (1, "region", 8, 28, 12, 0.2), (2, "none", 3, 20, 15, 0.25)]
    job = job_of(scenario, factors, points)
    assert job.worlds == ((0, 2), (1,))
    table = made(job, tmp_path)
    for number in range(3):
        assert_runs(job, table, number)


def test_the_largest_point_decides_how_large_blocks_are() -> None:
    """Not the first one: blocks of a study over the number of firms would not fit into the memory that was counted."""
    scenario = scenario_of()
    firms = Factor("population.firms", ("population.firms",), 20, 2000, whole=True)
    forwards = job_of(scenario, [firms], [(20,), (2000,), (300,)])
    backwards = job_of(scenario, [firms], [(2000,), (20,), (300,)])
    assert forwards.rows_of_a_seed == backwards.rows_of_a_seed >= 3 * 2000


def test_equal_money_and_shocks_are_those_of_a_run(tmp_path: Path) -> None:
    scenario = scenario_of(events=SHOCKS)
    scenario = scenarios.with_changes(scenario, {"budget": "both"})
    known = places(scenario)
    factors = [
        registered(name, [known[name]])
        for name in ("parameters.price_attendance", "parameters.stock", "policies.all.matchmaking.introductions")
    ]
    arms = ("leader", "all (equal money)", "leader (equal money)")
    points = values_at(factors, np.array([[0.0, 0.2, 1.0], [1.0, 0.8, 0.3]]))
    job = job_of(scenario, factors, points, (*WINDOW, *SHOCK), arms)
    table = made(job, tmp_path)
    assert set(table["arm"]) == {"no_alliance", *arms}
    assert table["output_lost"].min() > 0
    for number in range(2):
        assert_runs(job, table, number)


def test_an_arm_alone_is_the_arm_among_others(tmp_path: Path) -> None:
    scenario = scenario_of()
    factor = registered("parameters.friction", [places(scenario)["parameters.friction"]])
    both = made(job_of(scenario, [factor], [(0.1,), (0.2,)]), tmp_path)
    one = made(job_of(scenario, [factor], [(0.1,), (0.2,)], arms=("leader",)), tmp_path)
    kept = both[both["arm"] != "all"].reset_index(drop=True)
    pd.testing.assert_frame_equal(one, kept, check_exact=True)


def test_a_job_is_the_same_after_it_was_written(all_numbers: tuple[Job, pd.DataFrame]) -> None:
    job, _ = all_numbers
    again = Job.from_recipe(job.scenario, job.recipe())
    assert again == job
    assert again.tasks == job.tasks
