"""The clock of a run: stretches inside stretches, and the table that is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from clustersim.analysis.profile import ACTIONS, AROUND, NUMBERS, REST, STAGES, Profile
from clustersim.execution.simulation import simulate
from clustersim.mechanisms import schedule
from clustersim.spec.draws import Draws
from clustersim.spec.timing import OFF, Clock, TimedDraws
from small_worlds import EVERYTHING, make

STEPS = [name for name, _ in schedule.steps((), (), None)]


def hands(times: Sequence[float]) -> Callable[[], float]:
    """A clock's hands that stand at the given times, one look after the other."""
    return iter(times).__next__


def test_a_stretch_inside_another_one_is_no_part_of_it() -> None:
    clock = Clock(hands([0.0, 1.0, 3.0, 7.0, 15.0, 31.0]))
    with clock.timed("outer"), clock.timed("inner"):
        pass
    assert clock.seconds() == {(): 1.0 + 16.0, ("outer",): 2.0 + 8.0, ("outer", "inner"): 4.0}


def test_stretches_of_one_name_are_added_up_and_an_error_ends_them() -> None:
    clock = Clock(hands([0.0, 1.0, 3.0, 4.0, 8.0, 9.0]))
    with clock.timed("step"):
        pass
    with pytest.raises(KeyError), clock.timed("step"):
        raise KeyError
    assert clock.seconds() == {(): 1.0 + 1.0 + 1.0, ("step",): 2.0 + 4.0}


def test_a_clock_that_stands_still_counts_nothing() -> None:
    with OFF.timed("step"):
        OFF.count(runs=3)
    assert OFF.seconds() == {}
    assert OFF.counted == {}
    assert OFF.timed("one") is OFF.timed("other")  # nothing is made where nothing is measured


def test_timed_draws_are_the_same_numbers() -> None:
    plain, clock = Draws([3, 0], 5, reserve=18), Clock()
    timed = TimedDraws(plain, clock)
    seed, ids = np.array([0, 1, 1]), np.array([4, 0, 2])
    for month in (1, 2, 200):
        assert np.array_equal(timed.words("needs", month, 4), plain.words("needs", month, 4))
        assert np.array_equal(timed.details("needs", month, seed, ids), plain.details("needs", month, seed, ids))
    assert set(clock.seconds()) == {(), (NUMBERS,)}


def test_every_step_and_action_of_a_month_has_its_place() -> None:
    places = list(Profile.of(Clock()).seconds)
    for stage in STAGES:
        assert [step for of, step in places if of == stage and step in STEPS] == STEPS
    assert {"policy_levers", *(f"policy_{action.__name__.lower()}" for action in schedule._CARRY_OUT)} == set(ACTIONS)


def test_a_measured_block_is_the_same_block_and_its_time_is_all_reported() -> None:
    scenario, clock = make({"everything": EVERYTHING}), Clock()
    measured, plain = simulate(scenario, [0, 1, 7], clock=clock), simulate(scenario, [0, 1, 7])
    for name in ("series", "firms", "pairs", "spells"):
        ours, theirs = getattr(measured, name), getattr(plain, name)
        assert ours.keys() == theirs.keys()
        assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
    known = list(Profile.of(Clock()).seconds)
    found = Profile.of(clock)
    assert list(found.seconds) == known  # nothing was measured that is told nowhere
    assert found.simulated == 3
    firms, time = scenario.population.firms, scenario.time
    assert found.firm_months == {"burn_in": 3 * firms * time.burn_in, "horizon": 3 * 2 * firms * time.horizon}
    spent = {place for place, seconds in found.seconds.items() if seconds > 0}
    assert spent >= {(stage, step) for stage in STAGES for step in (*STEPS, NUMBERS, REST)}
    assert spent >= {("horizon", step) for step in (*ACTIONS, "records")}
    assert spent >= {(AROUND, step) for step in ("population", "certificate", "collecting")}


def test_the_table_adds_up() -> None:
    clock = Clock()
    simulate(make(), [0], clock=clock)
    profile = Profile.of(clock)
    table = profile.table()
    assert table["share"].sum() == pytest.approx(100.0)
    assert table["seconds"].sum() == pytest.approx(profile.total)
    months = table[table["stage"].isin(STAGES)]
    firm_months = months["stage"].map(profile.firm_months)
    assert (months["nanoseconds"] * firm_months / 1e9).to_numpy() == pytest.approx(months["seconds"].to_numpy())
    assert table.loc[table["stage"] == AROUND, "nanoseconds"].isna().all()


def test_without_months_nothing_is_divided_by_them() -> None:
    table = Profile.of(Clock()).table()
    assert table["nanoseconds"].isna().all()
