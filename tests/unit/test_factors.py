"""What a study varies: ranges, whole numbers, words, one number in several arms, and what stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clustersim import scenario as scenarios
from clustersim.execution.factors import Factor, matching, places, registered, uncertain
from clustersim.execution.job import Job, distinct
from clustersim.messages import text
from clustersim.reports.factor_words import meaning, short_names
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import MODEL_PARAMETERS
from clustersim.studies.assumption_study import STATUSES
from clustersim.studies.designs import grid_values, latin_hypercube, sobol_sequence, values_at
from small_worlds import make

ROOT = Path(__file__).parents[2]
THIRDS = np.array([0.0, 0.32, 0.34, 0.65, 0.67, 0.999, 1.0])


def with_sources(sources: dict[str, str], parameters: dict[str, Any] | None = None, **arms: Any) -> Scenario:
    """A scenario whose author says what numbers rest on."""
    return make(arms or None, parameters, sections={"sources": sources}, firms=20)


def factor_of(scenario: Scenario, name: str, span: tuple[float, float] | None = None) -> Factor:
    return registered(name, matching(places(scenario), name), span)


# --- values ----------------------------------------------------------------------------------------------------------


def test_a_range_is_cut_in_proportion() -> None:
    values = Factor("f", ("f",), low=0.1, high=0.5).at(np.array([0.0, 0.25, 1.0]))
    assert values == pytest.approx([0.1, 0.2, 0.5])
    assert all(type(value) is float for value in values)


def test_whole_numbers_get_equal_parts() -> None:
    values = Factor("f", ("f",), low=2, high=4, whole=True).at(THIRDS)
    assert values == [2, 2, 3, 3, 4, 4, 4]
    assert all(type(value) is int for value in values)
    many = Factor("f", ("f",), low=1, high=8, whole=True).at((np.arange(800) + 0.5) / 800)
    assert np.unique(many, return_counts=True)[1].tolist() == [100] * 8


def test_levels_get_equal_parts_and_keep_their_kind() -> None:
    factor = Factor("f", ("f",), levels=("none", "region", 3))
    assert factor.at(THIRDS) == ["none", "none", "region", "region", 3, 3, 3]
    assert factor.ends() == ("none", "region", 3)


def test_ends_are_what_a_range_reaches() -> None:
    assert Factor("f", ("f",), low=0.1, high=0.5).ends() == (0.1, 0.5)
    assert Factor("f", ("f",), low=2, high=7, whole=True).ends() == (2, 7)


def test_a_grid_has_every_value_of_a_whole_number_once() -> None:
    axes = (Factor("a", ("a",), low=1, high=3, whole=True), Factor("b", ("b",), levels=("x", "y")))
    points = grid_values(axes, (9, 2))
    assert points == [(1, "x"), (1, "y"), (2, "x"), (2, "y"), (3, "x"), (3, "y")]


def test_a_grid_reaches_both_ends() -> None:
    assert grid_values([Factor("a", ("a",), low=0.0, high=1.0)], (5,)) == [(0.0,), (0.25,), (0.5,), (0.75,), (1.0,)]


def test_designs_are_the_same_at_every_call() -> None:
    assert np.array_equal(latin_hypercube(10, 3), latin_hypercube(10, 3))
    assert np.array_equal(sobol_sequence(16, 3), sobol_sequence(16, 3))
    assert np.array_equal(sobol_sequence(32, 3)[:16], sobol_sequence(16, 3))


def test_a_latin_hypercube_has_each_part_once() -> None:
    assert np.array_equal(np.sort((latin_hypercube(20, 4) * 20).astype(int), axis=0).T, [np.arange(20)] * 4)


def test_points_are_kept_once_and_rows_lead_to_them() -> None:
    assert distinct([(1, "a"), (2, "a"), (1, "a")]) == (((1, "a"), (2, "a")), [0, 1, 0])


def test_values_of_points_are_tuples_of_the_factors() -> None:
    factors = [Factor("a", ("a",), high=10.0), Factor("b", ("b",), low=1, high=2, whole=True)]
    assert values_at(factors, np.array([[0.5, 0.0], [1.0, 1.0]])) == [(5.0, 1), (10.0, 2)]


# --- the registry ----------------------------------------------------------------------------------------------------


def test_a_registered_number_has_its_plausible_range_and_the_scenarios_value() -> None:
    factor = factor_of(make(parameters={"friction": 0.12}), "parameters.friction")
    assert (factor.low, factor.high) == MODEL_PARAMETERS["friction"].plausible
    assert (factor.default, factor.whole, factor.together) == (0.12, False, True)
    assert factor_of(make(), "parameters.service_duration").whole


def test_a_span_of_its_own_takes_the_place_of_the_registrys() -> None:
    assert factor_of(make(), "parameters.friction", (0.1, 0.2)).ends() == (0.1, 0.2)


def test_a_word_has_no_range() -> None:
    scenario = make({"arm": {"matchmaking": {}}})
    with pytest.raises(ValueError, match="no range"):
        factor_of(scenario, "policies.arm.matchmaking.also")


def test_months_and_counts_of_an_instrument_need_worlds_of_their_own() -> None:
    scenario = make({"arm": {"matchmaking": {}}})
    assert not factor_of(scenario, "policies.arm.matchmaking.interval").together
    assert factor_of(scenario, "policies.arm.matchmaking.introductions").together
    assert factor_of(scenario, "parameters.service_duration").together


def test_a_star_stands_for_every_arm_with_the_label() -> None:
    arms = {"a": {"matchmaking": {}}, "b": {"matchmaking": {"introductions": 3}}, "c": {"forum": {}}}
    scenario = make(arms)
    factor = factor_of(scenario, "policies.*.matchmaking.introductions")
    assert factor.paths == ("policies.a.matchmaking.introductions", "policies.b.matchmaking.introductions")
    assert factor.default is None  # they differ
    changed = scenarios.with_changes(scenario, dict.fromkeys(factor.paths, 7.5))
    assert [places(changed)[path].value for path in factor.paths] == [7.5, 7.5]


@pytest.mark.parametrize(
    "name", ["policies.*.matchmaking", "policies.*", "*", "policies.*.x.y", "parameters.*", "a.*.b"]
)
def test_a_star_elsewhere_stands_for_nothing(name: str) -> None:
    assert matching(places(make({"a": {"matchmaking": {}}})), name) == ()


# --- what is uncertain -----------------------------------------------------------------------------------------------


def names(scenario: Scenario) -> set[str]:
    return {factor.name for factor in uncertain(scenario, STATUSES)}


def test_evidence_own_numbers_and_choices_are_never_varied() -> None:
    scenario = with_sources(
        {"parameters.friction": "own survey of 2023", "parameters.rivalry": "xinqiao.firms"},
        {"friction": 0.12, "rivalry": 0.4, "search": 0.2},
        no_alliance={},
        arm={"matchmaking": {}},
    )
    varied = names(scenario)
    assert not {"parameters.friction", "parameters.rivalry"} & varied
    assert "parameters.search" in varied
    known = places(scenario)
    for factor in uncertain(scenario, STATUSES):
        for path in factor.paths:
            assert known[path].source.split(":")[0] in STATUSES, path
            assert known[path].parameter.is_numeric
    left = {path for path in known if not any(path in factor.paths for factor in uncertain(scenario, STATUSES))}
    assert left
    for path in left:
        place = known[path]
        certain = place.source.split(":")[0] not in STATUSES
        off = path.startswith("policies.") and (place.value == 0 or place.parameter.role == "dose")
        assert certain or off or not place.parameter.is_numeric or place.parameter.plausible is None, path


def test_only_the_asked_statuses_are_varied() -> None:
    scenario = make({"arm": {"matchmaking": {}}})
    assert {factor.name for factor in uncertain(scenario, ["assumption"])} < names(scenario)
    assert uncertain(scenario, []) == []


def test_a_part_that_a_policy_does_not_have_is_left_out() -> None:
    path = "policies.{}.matchmaking.switch"
    scenario = make({"off": {"matchmaking": {"switch": 0.0}}, "on": {"matchmaking": {"switch": 0.2}}})
    assert path.format("on") in names(scenario)
    assert not any("off.matchmaking.switch" in name for name in names(scenario))
    zero = make({"arm": {"matchmaking": {}}}, {"rivalry": 0.0})
    assert "parameters.rivalry" in names(zero)  # of the model 0 is a value like others


def test_one_number_with_one_value_in_several_arms_is_one_factor() -> None:
    scenario = make({"a": {"matchmaking": {}}, "b": {"matchmaking": {}}, "c": {"matchmaking": {"switch": 0.3}}})
    by_path = {path: factor for factor in uncertain(scenario, STATUSES) for path in factor.paths}
    word = by_path["policies.a.matchmaking.conversion_word"]
    assert word.name == "policies.*.matchmaking.conversion_word"
    assert len(word.paths) == 3
    shared, own = (by_path[f"policies.{arm}.matchmaking.switch"] for arm in "ac")
    assert (shared.name, shared.paths) == (
        "policies.a.matchmaking.switch",
        ("policies.a.matchmaking.switch", "policies.b.matchmaking.switch"),
    )
    assert own.paths == ("policies.c.matchmaking.switch",)


def test_one_label_of_different_instruments_is_not_one_factor() -> None:
    scenario = make(
        {
            "a": {"meetings": {"instrument": "forum", "interval": 3}},
            "b": {"meetings": {"instrument": "groups", "interval": 3}},
        }
    )
    paths = [factor.paths for factor in uncertain(scenario, STATUSES) if factor.paths[0].endswith("meetings.interval")]
    assert all(len(one) == 1 for one in paths)


def test_every_number_is_moved_by_one_factor_at_most() -> None:
    scenario = scenarios.load(ROOT / "scenarios" / "xinqiao.yaml")
    paths = [path for factor in uncertain(scenario, STATUSES) for path in factor.paths]
    assert len(paths) == len(set(paths))
    found = [factor.name for factor in uncertain(scenario, STATUSES)]
    assert len(found) == len(set(found))


# --- words -----------------------------------------------------------------------------------------------------------


def test_short_names_distinguish_factors() -> None:
    factors = [
        Factor(name, (name,))
        for name in (
            "parameters.rivalry",
            "policies.a.groups.learning",
            "policies.b.groups.learning",
            "policies.*.forum.learning",
            "population.firms",
        )
    ]
    short = short_names(factors)
    assert short["parameters.rivalry"] == "rivalry"
    assert len(set(short.values())) == len(factors)
    assert short["policies.*.forum.learning"] == "forum.learning"
    assert short["population.firms"] == "population.firms"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_meaning_is_that_of_the_arms_instrument(language: str) -> None:
    scenario = make({"a": {"meetings": {"instrument": "groups"}}, "b": {"forum": {}}})
    for path, key in (
        ("parameters.friction", "parameter.friction"),
        ("policies.a.meetings.interval", "parameter.groups.interval"),
        ("policies.b.forum.interval", "parameter.forum.interval"),
    ):
        assert meaning(Factor(path, (path,)), scenario) == text(key)
    assert meaning(Factor("population.firms", ("population.firms",)), scenario) == ""


def test_observations_are_of_all_seeds_at_once_however_small_a_block_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clustersim.execution.job.BLOCK_ROWS", 300)
    model = make({"arm": {"members": "all", "groups": {}}}, firms=60)
    jobs = {
        kind: Job(model, kind, (), ((), ()), ("arm",), ("output",), 20, entries=(0,))
        for kind in ("outcomes", "observed")
    }
    assert {task.seeds for task in jobs["observed"].tasks} == {range(20)}
    assert len({task.seeds for task in jobs["outcomes"].tasks}) > 1
