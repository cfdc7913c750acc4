"""From a scenario to stored runs: resumed is undisturbed, more seeds add to the first, money is as asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest

from clustersim.analysis.estimates import estimate
from clustersim.errors import CertificateError, InputError
from clustersim.execution import simulation, size
from clustersim.execution.budget import EQUAL_MONEY, planned, with_budget
from clustersim.execution.progress import Progress
from clustersim.execution.simulation import simulate
from clustersim.measures import MEASURES
from clustersim.scenario.model import Precision, Scenario
from clustersim.spec.results import RECORDED_SEEDS
from clustersim.storage.folder import RunFolder
from clustersim.studies import store_run
from clustersim.studies.store_run import folder_of, store
from small_worlds import brokering, make

TABLES = ("series", "groups", "firms", "pairs", "spells")


def small(**changes: Any) -> Scenario:
    return replace(make(brokering(), months=(6, 12), firms=30), **changes)


@pytest.fixture(autouse=True)
def _blocks_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few seeds make several blocks."""
    monkeypatch.setitem(size.BLOCK_ROWS, "batch", 4 * 2 * 30)


def tables(folder: RunFolder) -> dict[str, pd.DataFrame]:
    return {name: folder.read(name) for name in TABLES}


def assert_same(ours: dict[str, pd.DataFrame], theirs: dict[str, pd.DataFrame]) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(ours[name], theirs[name], check_exact=True, obj=name)


def interrupted(after: int) -> Any:
    """A reporter that dies when so many seeds are done."""

    def report(progress: Progress) -> None:
        if progress.done >= after:
            raise KeyboardInterrupt

    return report


@pytest.fixture(name="undisturbed", scope="module")
def _undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(size.BLOCK_ROWS, "batch", 4 * 2 * 30)
        folder, seeds = store(small(), tmp_path_factory.mktemp("undisturbed"), seeds=10)
    assert (seeds, folder.blocks_done()) == (10, [(0, 3), (4, 7), (8, 9)])
    return tables(folder)


def test_every_seed_and_arm_is_stored(undisturbed: dict[str, pd.DataFrame]) -> None:
    series = undisturbed["series"]
    assert len(series) == 10 * 2 * 12
    assert set(series["seed"]) == set(range(10))
    assert set(series["arm"]) == {"no_alliance", "brokering"}
    assert set(undisturbed["pairs"]["seed"]) == set(range(RECORDED_SEEDS))
    assert not series.drop(columns=["arm"]).isna().any().any()


def test_a_killed_run_is_resumed_as_if_nothing_had_been(undisturbed: dict[str, pd.DataFrame], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        store(small(), tmp_path, 10, interrupted(after=4))
    seen: list[Progress] = []
    folder, _ = store(small(), tmp_path, 10, seen.append)
    assert [progress.done for progress in seen] == [4, 8, 10]
    assert_same(tables(folder), undisturbed)


def test_a_run_killed_while_it_writes_leaves_no_half_block(
    undisturbed: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(folder: Path, seeds: range, given: Any) -> None:
        (folder / ".torn").mkdir(parents=True, exist_ok=True)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("clustersim.storage.blocks.write", torn)
        store(small(), tmp_path, 10)
    folder, _ = store(small(), tmp_path, 10)
    assert_same(tables(folder), undisturbed)


def test_more_seeds_keep_the_first_ones(
    undisturbed: dict[str, pd.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = store(small(), tmp_path, 4)
    files = {path: path.read_bytes() for path in first.path.rglob("*.parquet")}
    folder, _ = store(small(seeds=17), tmp_path, 10)  # how many seeds a scenario wants is not part of what it is
    assert folder.path == first.path
    assert {path: path.read_bytes() for path in files} == files
    assert_same(tables(folder), undisturbed)
    monkeypatch.setattr("clustersim.execution.work.simulate", None)
    store(small(), tmp_path, 10)  # nothing is left to do


def test_another_number_makes_another_run(tmp_path: Path) -> None:
    one, other = small(), make(brokering(), {"friction": 0.1}, months=(6, 12), firms=30)
    assert folder_of(one, tmp_path).path != folder_of(other, tmp_path).path


# --- precision ------------------------------------------------------------------------------------------------------


def widest(folder: RunFolder, scenario: Scenario, seeds: int) -> float:
    """Largest half-width of a headline interval over the wanted one."""
    series, groups = (folder.read(name, seeds=range(seeds)) for name in ("series", "groups"))
    effects = estimate(series, groups, parameters=scenario.parameters).effects
    effects = effects[effects["headline"]]
    assert set(effects["measure"]) == {name for name, measure in MEASURES.items() if measure.headline}
    assert scenario.precision is not None
    wanted = effects["effect_unit"].map({"points": scenario.precision.pairing}).fillna(scenario.precision.output)
    return float(((effects["high"] - effects["low"]) / 2 / wanted).max())


def test_seeds_are_added_until_the_intervals_are_narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_run, "FIRST_SEEDS", 5)
    scenario = small(precision=Precision(pairing=4.0, output=2.0, cap=400))
    folder, seeds = store(scenario, tmp_path)
    assert 5 < seeds < 400
    assert widest(folder, scenario, 5) > 1.0 >= widest(folder, scenario, seeds)
    assert folder.missing(range(seeds), 4) == []


def test_the_cap_ends_the_search_for_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_run, "FIRST_SEEDS", 5)
    scenario = small(precision=Precision(pairing=0.01, output=0.01, cap=9))
    folder, seeds = store(scenario, tmp_path)
    assert seeds == 9
    assert widest(folder, scenario, seeds) > 1.0


def test_few_seeds_do_where_little_precision_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_run, "FIRST_SEEDS", 3)
    assert store(small(precision=Precision(pairing=100.0, output=100.0, cap=400)), tmp_path)[1] == 3
    assert store(small(precision=Precision(pairing=0.01, output=0.01, cap=400)), tmp_path, seeds=4)[1] == 4


# --- size -----------------------------------------------------------------------------------------------------------


def test_what_the_machine_cannot_hold_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clustersim.execution.work.simulate", None)
    huge = replace(small(), population=replace(small().population, firms=10**9))
    with pytest.raises(InputError) as caught:
        store(huge, tmp_path, 1)
    assert caught.value.problems[0].path == "population.firms"
    assert list(tmp_path.iterdir()) == []


def test_blocks_shrink_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = small()
    need = size.refuse_impossible(scenario, 1).memory
    assert size.refuse_impossible(scenario, 4).block == 4
    little = psutil.virtual_memory()._replace(available=int(2.5 * need / size.SHARE_OF_MEMORY))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: little)
    found = size.refuse_impossible(scenario, 4)
    assert found.block == 2
    assert found.memory <= size.SHARE_OF_MEMORY * little.available


# --- money ----------------------------------------------------------------------------------------------------------


def arms_with(budget: str | float) -> Scenario:
    arms = {"cluster_committee": {}, "chain_leader": {"matchmaking": {"introductions": 12}}}
    return replace(make(arms, months=(6, 24)), budget=budget)


def costs(scenario: Scenario) -> dict[str, float]:
    return {policy.name: planned(scenario, policy).at(1.0) for policy in scenario.policies}


def test_own_budgets_stay() -> None:
    assert with_budget(arms_with("own")) == arms_with("own")
    assert len(set(costs(arms_with("own")).values())) == 3


def test_equal_budgets_meet_at_their_mean() -> None:
    own, equal = costs(arms_with("own")), costs(with_budget(arms_with("equal")))
    mean = (own["cluster_committee"] + own["chain_leader"]) / 2
    assert equal == {"no_alliance": 0.0, **dict.fromkeys(("cluster_committee", "chain_leader"), pytest.approx(mean))}


def test_a_sum_a_year_is_what_every_arm_is_planned_to_cost() -> None:
    found = costs(with_budget(arms_with(500.0)))
    assert found == {"no_alliance": 0.0, "cluster_committee": pytest.approx(1000), "chain_leader": pytest.approx(1000)}


def test_both_stand_side_by_side() -> None:
    own, both = costs(arms_with("own")), costs(with_budget(arms_with("both")))
    equal = costs(with_budget(arms_with("equal")))
    scaled = {name + EQUAL_MONEY: pytest.approx(cost) for name, cost in equal.items() if cost}
    assert both == own | scaled


def test_only_what_can_be_scaled_is_scaled() -> None:
    own, scaled = arms_with("own").policies[2], with_budget(arms_with("equal")).policies[2]
    changed = set[str]()
    for before, after in zip(own.instruments, scaled.instruments, strict=True):
        changed |= {name for name in before.values if getattr(before.values, name) != getattr(after.values, name)}
        assert (before.label, before.start, before.who) == (after.label, after.start, after.who)
    assert changed == {"introductions", "ties", "places_added", "entries"}


def test_a_sum_below_staff_and_meetings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        store(arms_with(10.0), tmp_path, 1)
    assert [problem.key for problem in caught.value.problems] == ["budget.too_small"]
    assert list(tmp_path.iterdir()) == []


def test_an_arm_that_cannot_be_scaled_is_refused() -> None:
    scenario = make({**brokering(), "courses": {"forum": {}}})
    with pytest.raises(InputError) as caught:
        with_budget(replace(scenario, budget="equal"))
    assert [problem.key for problem in caught.value.problems] == ["budget.nothing_to_scale"]


def test_money_is_spent_as_planned_in_the_run(tmp_path: Path) -> None:
    """Supported pairs are random, all else is not: realised cost over many seeds is at most the plan."""
    policies = {"cluster_committee": {"members": "all"}, "chain_leader": {"members": "all"}}
    scenario = replace(make(policies, months=(6, 24)), budget=600.0)
    folder, _ = store(scenario, tmp_path, 8)
    series = folder.read("series").groupby(["arm", "seed"], observed=True)[["staff_months", "money"]].sum()
    spent = series["staff_months"] * scenario.parameters.price_staff_month + series["money"]
    mean = spent.groupby("arm", observed=True).mean()
    assert mean["no_alliance"] == 0
    assert all(300 < mean[arm] <= 1200 for arm in policies)


def test_two_project_rounds_of_one_policy_are_the_same_in_any_block() -> None:
    """Which of them begins an engagement first depends on the seed; how they are numbered must not."""
    arm = {"fusion_projects": {"who": {"share": 0.1}}, "more": {"instrument": "fusion_projects"}}
    scenario = make({"arm": {"members": "all", **arm}}, months=(12, 12), firms=20)
    block = simulate(scenario, [0, 1, 2])  # certified: no CertificateError
    assert block.series["patents"].sum() > 0


def test_what_is_no_number_is_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = simulation.collect

    def spoilt(*arguments: Any) -> Any:
        block = original(*arguments)
        block.series["output"][1, 2, 4] = np.nan
        return block

    monkeypatch.setattr(simulation, "collect", spoilt)
    with pytest.raises(CertificateError) as caught:
        store(small(), tmp_path, seeds=3)
    assert caught.value.problems[0].fields == {"arm": "brokering", "seed": 2, "month": 5, "column": "output"}
    assert list(tmp_path.rglob("*.parquet")) == []
