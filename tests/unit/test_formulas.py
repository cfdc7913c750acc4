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
from clustersim.instruments import groups
from clustersim.mechanisms import aid, endings, entry, environment, learning, production, search
from clustersim.population.needs import number_of_slots, slot_volume
from clustersim.spec import formulas
from clustersim.spec.view import by_label, occasional_quota, yearly_quota

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


def test_normal_input_rate() -> None:
    assert formulas.normal_input_rate(0.15) == near(0.895)  # 1 - 0.7 * 0.15


def test_room() -> None:
    # 200 / 0.895 * 0.75 - 0.75 * 100 = 92.5978; times 1024 = 94820.1
    assert float(formulas.room(np.float64(200.0), 0.895, 0.25, 100.0, 0.25)) == 94820 / 1024
    assert float(formulas.room(np.float64(10.0), 1.0, 0.0, 20.5, 0.5)) == -0.25
    assert float(formulas.room(np.float64(10.0), 1.0, 0.0, 20.5, 1.0)) == 10.0  # all outside demand may be displaced


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


def test_order() -> None:
    assert production.order(10.0, 0.7) == near(7.0)
    assert production.order(10.0, 2.0) == near(12.5)  # at most 1.25 V


def test_paired_input() -> None:
    assert production.paired_input(0.6, 0.5, 0.8) == near(0.76)  # 0.6 + 0.5 * 0.4 * 0.8
    assert production.paired_input(0.6, 1.0, 0.8) == near(0.6)  # a specific good cannot be topped up
    assert production.paired_input(0.6, 0.0, 1.0) == near(1.0)  # a generic one in full


def test_use_of_stock() -> None:
    assert production.use_of_stock(0.5, 0.76) == near(0.24)  # what is short
    assert production.use_of_stock(0.1, 0.76) == near(0.1)  # what there is
    assert production.use_of_stock(0.5, 1.1) == 0.0  # nothing is short


def test_next_stock() -> None:
    assert production.next_stock(0.5, 0.24, 0.5) == near(0.26)
    assert production.next_stock(0.26, 0.0, 0.5) == near(0.36)  # 0.1 more in a month without use
    assert production.next_stock(0.45, 0.0, 0.5) == near(0.5)  # up to the full one
    assert production.next_stock(0.7, 0.0, 0.5) == near(0.7)  # what there is more stays


def test_input_rate() -> None:
    assert production.input_rate(0.9, 0.5, 0.3) == near(0.78)  # 0.7 * 0.9 + 0.3 * 0.5
    assert production.input_rate(0.0, 0.0, 0.3) == near(0.05)  # at least


def test_burden() -> None:
    assert production.burden(2.0, 0.003) == near(0.006)
    assert production.burden(1000.0, 0.003) == near(0.5)  # at most


def test_working_share() -> None:
    assert production.working_share(0.1, 0.5) == near(0.45)  # 0.9 * 0.5


def test_potential_output() -> None:
    assert production.potential_output(200.0, 0.9, 0.5, 0.25) == near(67.5)  # 200 * 0.9 * 0.5 * 0.75


def test_service_level() -> None:
    assert production.service_level(1.2, 0.8, 0.5, 0.6) == near(0.8)  # 1.2 * 0.8 * 0.5 / 0.6


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
    assert production.outside_demand(100.0, 1.2, 1.5, 30.0) == near(50.0)  # 100 * 1.2 / 1.5 - 30
    assert production.outside_demand(100.0, 1.2, 1.5, 79.0) == near(1.6)  # at least 2% of 80


def test_delivered_share() -> None:
    assert production.delivered_share(50.0, 100.0, 100.0, 0.25) == near(0.3125)  # 0.25 * 0.5 + 0.75 * 0.25
    assert production.delivered_share(150.0, 100.0, 100.0, 0.25) == near(0.8125)  # 0.25 + 0.75 * 0.75
    assert production.delivered_share(250.0, 100.0, 100.0, 0.25) == 1.0
    assert production.delivered_share(0.0, 0.0, 100.0, 0.25) == 1.0  # nothing ordered


def test_smoothed_after() -> None:
    assert production.smoothed_after(60.0, 120.0) == near(70.0)  # 60 + 60 / 6


def test_capacity_after() -> None:
    assert production.capacity_after(100.0, 0.87, 0.77, 0.04) == near(100.40080106773419)  # 100 exp(0.04 * 0.1)


def test_productivity_after() -> None:
    assert production.productivity_after(2.0, 1.0, 0.5) == near(1.4142135623730951)  # 2 * (1 / 2)^0.5
    assert production.productivity_after(1.3, 1.3, 0.5) == near(1.3)


def test_shortage() -> None:
    assert aid.shortage(10.0, 0.6, True, 0.15, 1.0) == near(4.0)
    assert aid.shortage(10.0, 1.2, True, 0.15, 1.0) == 0.0
    assert aid.shortage(10.0, 0.425, False, 0.15, 0.5) == near(4.25)  # 10 * (0.85 - 0.425)
    assert aid.shortage(10.0, 0.85, False, 0.15, 1.0) == 0.0  # friction alone is no shortage


# --- learning and common trust --------------------------------------------------------------------------------------


def test_learning_gain() -> None:
    assert learning.learning_gain(0.01, math.e, 1.0) == near(0.01)  # 0.01 * ln e
    assert learning.learning_gain(0.01, 0.5, 1.0) == 0.0  # nothing from a worse one
    assert learning.learning_gain(3.0, math.e, 1.0) == near(1.0)  # never past the source


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


def test_groups_of() -> None:
    found = [float(groups.groups_of(firms, 10)) for firms in (0, 1, 4, 5, 14, 15, 24)]
    assert found == [0, 1, 1, 1, 1, 2, 2]  # 1.4 is 1, 1.5 is 2; a few firms are one group


@pytest.mark.parametrize(("number", "expected"), [(14.0, 14), (1.0, 1), (0.5, 0), (30.0, 30)])
def test_a_years_quotas_add_up(number: float, expected: int) -> None:
    months = [int(yearly_quota(number, age)) for age in range(12)]
    assert sum(months) == expected
    assert max(months) - min(months) <= 1


def test_a_yearly_quota_of_one_falls_on_the_twelfth_month() -> None:
    assert [int(yearly_quota(1.0, age)) for age in range(24)] == ([0] * 11 + [1]) * 2
    assert [int(yearly_quota(0.5, age)) for age in range(24)] == [0] * 23 + [1]


def test_quotas_by_occasion_carry_the_rest_over() -> None:
    assert [int(occasional_quota(2.5, occasion)) for occasion in range(5)] == [2, 3, 2, 3, 2]
    assert [int(occasional_quota(10.0, occasion)) for occasion in range(3)] == [10, 10, 10]


def test_a_quota_holds_for_each_label_of_each_base() -> None:
    assert by_label(3.0, 2, 3).tolist() == [[3, 3, 3], [3, 3, 3]]
    assert by_label(np.array([[1.0], [2.0]]), 2, 2).tolist() == [[1, 1], [2, 2]]
