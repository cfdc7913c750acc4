"""Every formula of the model against numbers worked out by hand, one formula a test."""

import importlib
import inspect
import math
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import small_worlds
from clustersim import mechanisms
from clustersim.mechanisms import aid, endings, entry, environment, learning, production, search
from clustersim.population.needs import number_of_slots, slot_volume
from clustersim.spec import formulas
from clustersim.spec.quota import occasional_quota, per_label, yearly_quota

WALKED = [found.name for found in pkgutil.walk_packages(mechanisms.__path__, f"{mechanisms.__name__}.")]
MODULES = [formulas, *(importlib.import_module(name) for name in WALKED if not name.endswith(".schedule"))]


def near(expected: Any) -> Any:
    return pytest.approx(expected, rel=1e-12, abs=1e-15)


def formulas_of(module: ModuleType) -> Iterator[str]:
    """Public functions of a module that work on numbers alone."""
    for name, found in inspect.getmembers(module, inspect.isfunction):
        own = found.__module__ == module.__name__ and not name.startswith("_")
        if own and "world" not in inspect.signature(found).parameters:
            yield f"{module.__name__.split('.')[-1]}.{name}"


def test_every_formula_stands_here() -> None:
    named = sorted(name for module in MODULES for name in formulas_of(module))
    assert len(named) > 30
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in named if f"{name}(" not in text] == []


# --- the environment ------------------------------------------------------------------------------------------------


def test_autoregressive() -> None:
    assert environment.autoregressive(0.5, 0.9, 0.2, -1.0) == near(0.25)  # 0.45 - 0.2


def test_stationary_variance() -> None:
    assert environment.stationary_variance(0.6, 0.8) == near(1.0)  # 0.64 / (1 - 0.36)
    assert environment.stationary_variance(0.0, 0.3) == near(0.09)


def test_noise_factor() -> None:
    assert environment.noise_factor(0.3, 0.2) == near(1.2214027581601699)  # exp(0.3 - 0.1)


def test_chain_level() -> None:
    assert environment.chain_level(0.1, 0.02, 10) == near(1.3498588075760032)  # exp(0.1 + 0.2)
    assert environment.chain_level(0.0, 0.02, 0) == 1.0


# --- goods: volumes, room, search, endings --------------------------------------------------------------------------


def test_number_of_slots() -> None:
    found = number_of_slots(np.array([100.0, 400.0, 25.0, 1.0, 1e6]), 100.0, 2.0, 0.5, 8)
    assert found.tolist() == [2, 4, 1, 1, 8]  # 2 * 1; 2 * sqrt(4); 2 * sqrt(1/4); at least one; at most eight


def test_slot_volume() -> None:
    # 0.55 * 100 * 1.2 / 3 = 22 exactly; 0.5 * 10 * 1 / 3 = 1.6667, times 1024 = 1706.67, so 1707 grains
    assert slot_volume(0.55, np.array([100.0]), 1.2, 3).tolist() == [22.0]
    assert slot_volume(0.5, np.array([10.0]), 1.0, 3).tolist() == [1707 / 1024]
    assert slot_volume(0.5, np.array([1e-9]), 1.0, 3).tolist() == [1 / 1024]  # at least one grain


def test_needed_input() -> None:
    assert formulas.needed_input(True, 0.05) == 1.0
    assert formulas.needed_input(False, 0.05) == near(0.95)  # friction is delay


def test_missing() -> None:
    assert formulas.missing(0.95, 0.5) == near(0.45)
    assert formulas.missing(0.95, 1.0) == 0.0  # more than it counts on


def test_room() -> None:
    # 200.0001 * 0.75 - 0.75 * 100 = 75.000075; times 1024 = 76800.08
    assert float(formulas.room(np.float64(200.0001), 0.25, 100.0, 0.25)) == 75.0
    assert float(formulas.room(np.float64(10.0), 0.0, 20.5, 0.5)) == -0.25
    assert float(formulas.room(np.float64(10.0), 0.0, 20.5, 1.0)) == 10.0  # all outside demand may be displaced


def test_conversion_probability() -> None:
    assert search.conversion_probability(0.2, 0.5, 0.4) == near(0.24)  # 0.2 * 1.2


def test_trust_after() -> None:
    assert formulas.trust_after(0.3, 2, 0.1) == near(0.433)  # 0.3 -> 0.37 -> 0.433
    assert formulas.trust_after(0.5, 0, 0.04) == 0.5
    assert formulas.trust_after(0.0, 1, 1.0) == 1.0


def test_ending_probability() -> None:
    # 0.05 * 0.5 * (1 - 0.7 * 0.4) = 0.018; f = 0.9 is 921.6 grains, floored to 921: 0.1 * 103 / 1024
    assert endings.ending_probability(0.05, 0.5, 0.7, 0.4, 0.1, np.float64(0.9)) == near(0.018 + 10.3 / 1024)
    assert endings.ending_probability(0.05, 1.0, 0.7, 0.0, 0.1, np.float64(1.0)) == near(0.05)


# --- services -------------------------------------------------------------------------------------------------------


def test_engagement_months() -> None:
    assert formulas.engagement_months(6, 0.7) == 4.0  # 4.2
    assert formulas.engagement_months(5, 0.5) == 3.0  # half up
    assert formulas.engagement_months(6, 0.01) == 1.0  # at least one


def test_places_open() -> None:
    assert formulas.places_open(100, 1.15, 0) == 115.0  # 114.99999999999999 before it is floored
    assert formulas.places_open(3, 0.5, 1) == 2.0  # 2.5


def test_poisson() -> None:
    # mean 1: cumulated 0.3679, 0.7358, 0.9197, 0.9810
    words = (np.array([0.0, 0.367, 0.368, 0.735, 0.736, 0.919, 0.920]) * 2**32).astype(np.uint32)
    assert endings.poisson(words, np.ones(7)).tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert endings.poisson(words, np.zeros(7)).tolist() == [0] * 7


def test_poisson_numbers_have_their_mean_and_variance() -> None:
    words = np.linspace(0, 2**32 - 1, 100_001).astype(np.uint32)
    for mean in (0.3, 4.0, 50.0):
        found = endings.poisson(words, np.full(len(words), mean))
        assert found.mean() == pytest.approx(mean, rel=1e-3)
        assert found.var() == pytest.approx(mean, rel=1e-2)


# --- production -----------------------------------------------------------------------------------------------------


def test_order_share() -> None:
    assert production.order_share(70.0, 100.0) == near(0.7)
    assert production.order_share(200.0, 100.0) == near(1.25)  # at most


def test_paired_input() -> None:
    assert production.paired_input(0.6, 0.5, 0.8) == near(0.76)  # 0.6 + 0.5 * 0.4 * 0.8
    assert production.paired_input(0.6, 1.0, 0.8) == near(0.6)  # a specific good cannot be topped up
    assert production.paired_input(0.6, 0.0, 1.0) == near(1.0)  # a generic one in full


def test_use_of_stock() -> None:
    assert production.use_of_stock(0.5, 0.24) == near(0.24)  # what is short
    assert production.use_of_stock(0.1, 0.24) == near(0.1)  # what there is


def test_refill() -> None:
    assert production.refill(0.26, 0.0, 0.0, 0.5, 1.0) == near(0.1)
    assert production.refill(0.45, 0.0, 0.0, 0.5, 1.0) == near(0.05)  # up to the largest stock
    assert production.refill(0.26, 0.01, 0.01, 0.5, 1.0) == 0.0  # not while stock is used
    assert production.refill(0.0, 0.0, 0.0498, 0.5, 1.0) == near(0.1)  # 1024 * 0.0498 = 50.995
    assert production.refill(0.0, 0.0, 0.0508, 0.5, 1.0) == 0.0  # 52.02: a shortage, although nothing is left to use
    assert production.refill(0.26, 0.0, 0.0, 0.5, 0.6) == near(0.06)  # as far as it can be bought
    assert production.refill(0.5, 0.0, 0.0, 0.3, 1.0) == 0.0


def test_input_rate() -> None:
    assert production.input_rate(0.9, 0.5, 0.3) == near(0.78)  # 0.7 * 0.9 + 0.3 * 0.5
    assert production.input_rate(0.0, 0.0, 0.3) == near(0.05)  # at least
    assert production.input_rate(1.0 + 1e-15, 1.0 + 1e-15, 0.3) == 1.0  # at most, whatever the last bit says


def test_burden() -> None:
    assert production.burden(2.0, 0.003) == near(0.006)
    assert production.burden(1000.0, 0.003) == near(0.5)  # at most


def test_working_share() -> None:
    assert production.working_share(0.1, 0.5) == near(0.45)  # 0.9 * 0.5


def test_output_factor() -> None:
    assert production.output_factor(0.25, 0.5, 0.9) == near(0.45)  # half of nine tenths
    assert production.output_factor(1.0, 0.7, 1.0) == 1.0


def test_output() -> None:
    assert production.output(0.9, 100.0, 80.0) == near(72.0)  # inputs cost output where capacity has slack
    assert production.output(0.9, 100.0, 120.0) == near(90.0)


def test_crowd() -> None:
    assert production.crowd(1.44, 1.0, 0.5) == near(1 / 1.2)
    assert production.crowd(3.0, 1.5, 0.0) == 1.0


def test_potential_output() -> None:
    assert production.potential_output(200.0, 0.25) == near(150.0)


def test_service_level() -> None:
    assert production.service_level(1.2, 0.8) == near(1.5)


def test_reputation_after() -> None:
    assert production.reputation_after(1.0, 0.4, 0.25) == near(0.85)  # 1 - 0.25 * 0.6


def test_attractiveness() -> None:
    assert production.attractiveness(1.1, 3.0, 1.44, 0.5) == near(1.5972)  # 1.1^3 * sqrt(1.44) = 1.331 * 1.2


def test_rivals() -> None:
    assert production.rivals(30.0, 20.0, 1.0) == near(1.5)
    assert production.rivals(45.0, 20.0, 0.5) == near(1.5)  # sqrt(2.25)
    assert production.rivals(45.0, 20.0, 0.0) == 1.0
    assert production.rivals(0.0, 0.0, 1.0) == 1.0  # nobody sells it


def test_outside_demand() -> None:
    assert production.outside_demand(100.0, 1.2, 1.5, 1.0, 30.0) == near(50.0)  # 100 * 1.2 / 1.5 - 30
    assert production.outside_demand(100.0, 1.2, 1.5, 0.5, 30.0) == near(10.0)  # 80 * 0.5 - 30
    assert production.outside_demand(100.0, 1.2, 1.5, 1.0, 79.0) == near(1.6)  # at least 2% of 80


def test_delivered_share() -> None:
    assert production.delivered_share(50.0, 100.0, 100.0) == near(0.25)
    assert production.delivered_share(250.0, 100.0, 100.0) == 1.0
    assert production.delivered_share(0.0, 0.0, 100.0) == 1.0  # nothing ordered


def test_smoothed_after() -> None:
    assert production.smoothed_after(60.0, 120.0) == near(70.0)  # 60 + 60 / 6


def test_capacity_after() -> None:
    assert production.capacity_after(100.0, 0.87, 0.77, 0.04) == near(100.40080106773419)  # 100 exp(0.04 * 0.1)


def test_productivity_after() -> None:
    assert production.productivity_after(2.0, 1.0, 0.5) == near(1.4142135623730951)  # 2 * (1 / 2)^0.5
    assert production.productivity_after(1.3, 1.3, 0.5) == near(1.3)


def test_is_short() -> None:
    assert aid.is_short(1 / 1024)
    assert not aid.is_short(0.9 / 1024)


# --- learning and common trust --------------------------------------------------------------------------------------


def test_learning_gain() -> None:
    gain = learning.learning_gain
    assert gain(0.2, math.e, 1.0, 1.0, 0.1) == near(0.02)  # a fifth of a tenth of ln e
    assert gain(0.2, math.e, math.exp(0.06), 1.0, 0.1) == near(0.008)  # 0.06 of 0.1 is learned already
    assert gain(0.2, math.e, math.exp(0.11), 1.0, 0.1) == 0.0  # no more to learn from this source
    assert gain(0.01, 0.5, 1.0, 1.0, 0.1) == 0.0  # nothing from a worse one
    assert gain(0.2, 0.9, 0.9, 0.5, 1.0) == 0.0  # who is at its source
    assert learning.learning_gain(3.0, math.e, 1.0, 1.0, 1.0) == near(1.0)  # never past the source


def test_closeness() -> None:
    assert learning.closeness(0.5, 3.0, 1.0) == near(math.e)  # exp(0.5 * 2)
    assert learning.closeness(0.5, 1.0, 3.0) == near(1.0 / math.e)


def test_percentile_rank() -> None:
    assert learning.percentile_rank(9) == 6.0
    assert learning.percentile_rank(6) == 3.0  # 3.75
    assert learning.percentile_rank(1) == 0.0


def test_common_trust_after() -> None:
    assert learning.common_trust_after(0.2, 0.1, 0.05) == near(0.266)  # (0.2 + 0.1 * 0.8) * 0.95


def test_the_percentile_is_that_of_the_members_of_each_label() -> None:
    start = small_worlds.burned_in([small_worlds.make(months=(1, 12), firms=20)], [5])
    state = start.state.arm(0)
    state.site[:] = np.arange(20) % 2
    state.productivity[:] = np.arange(1.0, 21.0)
    assert learning.members_percentile(start, 0, "site").tolist() == [0.0, 0.0]  # nobody is a member
    state.member[0, [0, 2, 4, 6, 8, 1]] = True  # A at site 0: 1, 3, 5, 7, 9: rank floor(0.75 * 4) = 3; at site 1: 2
    assert learning.members_percentile(start, 0, "site").tolist() == [7.0, 2.0]
    assert learning.members_percentile(start, 0, "region").tolist() == [5.0]  # 1 2 3 5 7 9: floor(0.75 * 5) = 3


# --- what policies ask for ------------------------------------------------------------------------------------------


def test_scarcity() -> None:
    assert entry.scarcity(6, 2) == near(2.0)  # 6 / (1 + 2)
    assert entry.scarcity(6, 0) == near(6.0)


def test_per_label() -> None:
    assert per_label(14.0, 28.0) == near(3.92)  # 14 for each 100


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.99])
@pytest.mark.parametrize(("dose", "firms"), [(14.0, 100.0), (14.0, 28.0), (1.0, 8.4), (0.5, 300.0)])
def test_a_label_gets_its_share_in_the_long_run(dose: float, firms: float, phase: float) -> None:
    """Of 1,200 months a dose of n per 100 of F firms brings n F, never off by one or more."""
    months = [int(yearly_quota(dose, firms, age, phase)) for age in range(1200)]
    assert abs(sum(months) - dose * firms) < 1
    assert max(months) - min(months) <= 1


def test_the_phase_says_when_a_small_label_has_its_turn() -> None:
    """0.28 a year: with a phase of 0.9 the first comes in the fifth month, with none in the 43rd."""
    late, early = ([int(yearly_quota(1.0, 28.0, age, phase)) for age in range(48)] for phase in (0.0, 0.9))
    assert late.index(1) == 42  # 43 * 0.28 / 12 = 1.003
    assert early.index(1) == 4  # 0.9 + 5 * 0.28 / 12 = 1.017


def test_the_mean_over_phases_is_the_share() -> None:
    phases = (np.arange(1000) + 0.5) / 1000
    assert yearly_quota(1.0, 28.0, 7, phases).mean() == pytest.approx(0.28 / 12, abs=1e-3)
    assert occasional_quota(30.0, 28.0, 2, phases).mean() == pytest.approx(8.4, abs=1e-3)


def test_quotas_by_occasion_carry_the_rest_over() -> None:
    assert [int(occasional_quota(2.5, 100.0, occasion, 0.0)) for occasion in range(5)] == [2, 3, 2, 3, 2]
    assert [int(occasional_quota(10.0, 30.0, occasion, 0.5)) for occasion in range(3)] == [3, 3, 3]


def test_a_quota_is_that_of_each_label_of_each_base() -> None:
    firms, phase = np.array([[100.0, 50.0], [60.0, 90.0]]), np.array([[0.0, 0.5], [0.0, 0.0]])
    assert occasional_quota(3.0, firms, 0, phase).tolist() == [[3, 2], [1, 2]]
    assert occasional_quota(np.array([[1.0], [10.0]]), firms, 0, phase).tolist() == [[1, 1], [6, 9]]
