"""A scenario in plausible worlds: what moves, what does not, and what the shipped worlds are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustersim import instruments, scenario
from clustersim.analysis.worlds.posterior import balanced_order, log_likelihood, normalised, systematic
from clustersim.engines.bases import Bases
from clustersim.execution.budget import with_budget
from clustersim.execution.simulation import simulate_batch
from clustersim.scenario.model import Scenario, Time
from clustersim.spec.parameters import MODEL_PARAMETERS
from clustersim.studies.make_worlds import fitted_settings, read_targets, settings_of, simulated
from clustersim.worlds import ENSEMBLE_SIZE, ensemble, in_worlds
from clustersim.worlds.priors import pert, quantiles, uncertain_numbers
from small_worlds import make

ROOT = Path(__file__).parents[2]
PLACES = sorted((ROOT / "scenarios").glob("*.yaml"))


def doses(found: Scenario) -> list[object]:
    return [
        getattr(use.values, name)
        for policy in found.policies
        for use in policy.instruments
        for name, parameter in instruments.parameters(use.instrument).items()
        if parameter.role == "dose" or parameter.kind != "number"
    ]


@pytest.mark.parametrize("file", PLACES, ids=lambda file: file.stem)
def test_doses_never_move_and_the_author_s_numbers_hold(file: Path) -> None:
    whole = with_budget(scenario.load(file))
    first, other = in_worlds(whole, [3, 400])
    assert doses(first) == doses(other) == doses(whole)
    assert first.parameters != other.parameters
    for name in whole.written:
        assert getattr(first.parameters, name) == getattr(whole.parameters, name)


def test_what_an_instrument_achieves_differs_between_worlds_and_not_between_arms() -> None:
    forum = {"instrument": "forum", "interval": 2}
    arms = {"a": {"forum": {}}, "b": {"first": forum}, "c": {"forum": {"learning": 0.02}}}
    found = in_worlds(make(arms), range(4))
    learning = [[policy.instruments[0].values.learning for policy in one.policies[1:]] for one in found]
    assert all(a == b and c == 0.02 for a, b, c in learning)
    assert len({a for a, *_ in learning}) == 4


def test_a_preset_s_own_value_is_the_most_likely_one() -> None:
    arms = {"chain_leader": {}}
    values = [
        use.values.duration_factor
        for one in in_worlds(make(arms), range(ENSEMBLE_SIZE))
        for use in one.policies[1].instruments
        if use.instrument == "services"
    ]
    assert np.mean(values) == pytest.approx((0.4 + 4 * 0.6 + 1.0) / 6, abs=0.01)


def test_a_world_is_simulated_alone_as_beside_others() -> None:
    """The certificate simulates the last one once more on its own; it raises where the two differ."""
    small = make({"arm": {"forum": {}, "matchmaking": {}}}, months=(6, 12), firms=20)
    simulate_batch(Bases.paired(in_worlds(small, [1, 2, 3]), [1, 2, 3]))


def test_the_shipped_worlds_hold_every_uncertain_number_within_its_range() -> None:
    found = ensemble()
    assert found.values.keys() == uncertain_numbers().keys()
    for name, parameter in uncertain_numbers().items():
        low, high = parameter.plausible or (0.0, 0.0)
        assert len(found.values[name]) == ENSEMBLE_SIZE
        assert found.values[name].min() >= low - 1e-6
        assert found.values[name].max() <= high + 1e-6 * max(1.0, high)
    assert {"pairing_margin", "median_capacity"} & found.values.keys() == set()  # choices


@pytest.mark.parametrize("size", [64, 128, 256])
def test_a_beginning_of_the_worlds_is_much_like_the_whole(size: int) -> None:
    """Of independent draws the means of 102 numbers would lie up to three standard errors from those of the whole."""
    columns = [column for column in ensemble().values.values() if column.std() > 0]
    away = [(one[:size].mean() - one.mean()) / one.std() * np.sqrt(size) for one in columns]
    assert np.sqrt(np.mean(np.square(away))) < 1.0


def test_pert_has_the_mean_of_its_definition() -> None:
    unit = (np.arange(20_000) + 0.5) / 20_000
    assert pert(1.0, 2.0, 6.0, unit).mean() == pytest.approx((1 + 4 * 2 + 6) / 6, abs=1e-3)
    assert pert(0.0, 0.004, 0.1, unit).min() >= 0.0
    assert pert(2.0, 2.0, 2.0, unit[:3]).tolist() == [2.0] * 3
    assert set(quantiles(MODEL_PARAMETERS["slots_maximum"], unit)) <= {4.0, 5.0, 6.0, 7.0, 8.0}


def test_weights_follow_the_distance_to_what_is_published() -> None:
    """Errors 3 and 4 and a variance of 11 of the seeds make 36: a world 6 away counts exp(-1/2) of one there."""
    targets, _ = read_targets(ROOT / "scenarios" / "ensemble" / "worlds.yaml")
    one = [targets[0].__class__("t", "f", 0, value=10.0, error=3.0, discrepancy=4.0, is_fit=True)]
    weights = normalised(log_likelihood(np.array([[10.0], [16.0], [np.nan]]), np.array([11.0]), one))
    assert weights.tolist() == pytest.approx([1 / (1 + np.exp(-0.5)), np.exp(-0.5) / (1 + np.exp(-0.5)), 0.0])


def test_a_resample_holds_each_world_as_often_as_it_counts() -> None:
    generator = np.random.Generator(np.random.Philox(1))
    chosen = systematic(np.array([0.5, 0.0, 0.25, 0.25]), 8, generator)
    assert np.bincount(chosen, minlength=4).tolist() == [4, 0, 2, 2]
    assert sorted(balanced_order(generator.random((64, 3)))) == list(range(64))


def test_every_target_is_an_entry_of_its_setting() -> None:
    targets, draws = read_targets(ROOT / "scenarios" / "ensemble" / "worlds.yaml")
    assert draws >= 4096
    assert {target.is_fit for target in targets} == {True, False}
    assert sorted(place for one in settings_of(targets) for place in one.places) == list(range(len(targets)))
    assert {one.scenario.name for one in fitted_settings(targets)} < {one.scenario.name for one in settings_of(targets)}
    assert set(ensemble().targets) == {target.name for target in targets}


def test_blocks_are_read_and_not_simulated_again(tmp_path: Path) -> None:
    targets, _ = read_targets(ROOT / "scenarios" / "ensemble" / "worlds.yaml")
    generator = np.random.Generator(np.random.Philox(4))
    unit = generator.random((2, len(uncertain_numbers())))
    setting = next(one for one in settings_of(targets) if one.scenario.name == "lockdown_inputs")
    short = replace(setting, scenario=replace(setting.scenario, time=Time(0, 12)))
    found = simulated(unit, [short], len(targets), 7, tmp_path)
    there = np.isfinite(found).all(axis=0)
    assert np.flatnonzero(there).tolist() == list(setting.places)
    [block] = tmp_path.iterdir()
    block.write_bytes((2.0 * found[:, there]).tobytes())
    np.testing.assert_array_equal(simulated(unit, [short], len(targets), 7, tmp_path)[:, there], 2.0 * found[:, there])
