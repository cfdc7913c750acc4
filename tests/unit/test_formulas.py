"""Every formula of the model against numbers worked out by hand."""

import math

import numpy as np
import pytest

import simulation
from clustersim.mechanisms import aid, endings, entry, environment, learning, production, search
from clustersim.spec import formulas
from clustersim.spec.quota import occasional_quota, yearly_quota


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (formulas.trust_after(0.3, 2, 0.1), 0.433),  # 0.3 -> 0.37 -> 0.433
        (formulas.trust_after(0.5, 0, 0.04), 0.5),
        (formulas.trust_after(0.0, 1, 1.0), 1.0),
        (endings.ending_probability(0.05, 0.5, 0.7, 0.4, 0.1, 0.9), 0.018 + 0.1 * (1.0 - 921 / 1024)),
        (endings.ending_probability(0.05, 1.0, 0.7, 0.0, 0.1, 1.0), 0.05),
        (search.conversion_probability(0.2, 0.5, 0.4), 0.24),
        (environment.autoregressive(0.5, 0.9, 0.2, -1.0), 0.25),
        (environment.stationary_variance(0.6, 0.8), 1.0),
        (environment.noise_factor(0.3, 0.2), math.exp(0.2)),
        (production.order_share(70.0, 100.0), 0.7),
        (production.order_share(200.0, 100.0), 1.25),  # at most
        (formulas.needed_input(True, 0.05), 1.0),
        (formulas.needed_input(False, 0.05), 0.95),  # friction is delay
        (formulas.missing(0.95, 0.5), 0.45),
        (formulas.missing(0.95, 1.0), 0.0),
        (production.paired_input(0.6, 0.5, 0.8), 0.76),  # 0.6 + 0.5 * 0.4 * 0.8
        (production.paired_input(0.6, 1.0, 0.8), 0.6),  # a specific good cannot be topped up
        (production.use_of_stock(0.5, 0.24), 0.24),
        (production.use_of_stock(0.1, 0.24), 0.1),
        (production.refill(0.26, 0.0, 0.0, 0.5, 1.0), 0.1),
        (production.refill(0.45, 0.0, 0.0, 0.5, 1.0), 0.05),  # up to the largest stock
        (production.refill(0.26, 0.01, 0.01, 0.5, 1.0), 0.0),  # not while stock is used
        (production.refill(0.0, 0.0, 0.0498, 0.5, 1.0), 0.1),  # 1024 * 0.0498 = 50.995
        (production.refill(0.0, 0.0, 0.0508, 0.5, 1.0), 0.0),  # 52.02: a shortage, although nothing is left to use
        (production.refill(0.26, 0.0, 0.0, 0.5, 0.6), 0.06),  # as far as it can be bought
        (production.refill(0.5, 0.0, 0.0, 0.3, 1.0), 0.0),
        (production.input_rate(0.9, 0.5, 0.3), 0.78),  # 0.7 * 0.9 + 0.3 * 0.5
        (production.input_rate(0.0, 0.0, 0.3), 0.05),
        (production.input_rate(1.0 + 1e-15, 1.0 + 1e-15, 0.3), 1.0),
        (production.output_factor(0.25, 0.5, 0.9), 0.45),  # half of nine tenths
        (production.output(0.9, 100.0, 80.0), 72.0),  # inputs cost output where capacity has slack
        (production.output(0.9, 100.0, 120.0), 90.0),
        (production.crowd(1.44, 1.0, 0.5), 1 / 1.2),
        (production.crowd(3.0, 1.5, 0.0), 1.0),
        (production.burden(2.0, 0.003), 0.006),
        (production.burden(1000.0, 0.003), 0.5),
        (production.reputation_after(1.0, 0.4, 0.25), 0.85),
        (production.attractiveness(1.1, 3.0, 1.44, 0.5), 1.331 * 1.2),
        (production.outside_demand(100.0, 1.2, 1.5, 1.0, 30.0), 50.0),  # 100 * 1.2 / 1.5 - 30
        (production.outside_demand(100.0, 1.2, 1.5, 0.5, 30.0), 10.0),  # 80 * 0.5 - 30
        (production.outside_demand(100.0, 1.2, 1.5, 1.0, 79.0), 1.6),  # at least 2% of 80
        (production.delivered_share(50.0, 100.0, 100.0), 0.25),
        (production.delivered_share(250.0, 100.0, 100.0), 1.0),
        (production.delivered_share(0.0, 0.0, 100.0), 1.0),  # nothing ordered
        (production.capacity_after(100.0, 0.87, 0.77, 0.04), 100.0 * math.exp(0.004)),
        (production.productivity_after(2.0, 1.0, 0.5), math.sqrt(2.0)),
        (production.working_share(0.1, 0.5), 0.45),
        (production.potential_output(200.0, 0.25), 150.0),
        (production.service_level(1.2, 0.8), 1.5),
        (production.smoothed_after(60.0, 120.0), 70.0),
        (production.rivals(30.0, 20.0, 1.0), 1.5),
        (production.rivals(45.0, 20.0, 0.5), 1.5),
        (production.rivals(0.0, 0.0, 1.0), 1.0),  # nobody sells it
        (environment.chain_level(0.1, 0.02, 10), math.exp(0.3)),
        (learning.closeness(0.5, 3.0, 1.0), math.e),
        (learning.percentile_rank(9), 6.0),
        (learning.percentile_rank(1), 0.0),
        (formulas.engagement_months(6, 0.7), 4.0),  # 4.2
        (formulas.engagement_months(5, 0.5), 3.0),  # half up
        (formulas.engagement_months(6, 0.01), 1.0),
        (aid.is_short(1 / 1024), 1.0),
        (aid.is_short(0.9 / 1024), 0.0),
        (learning.learning_gain(0.2, math.e, 1.0, 1.0, 0.1), 0.02),  # a fifth of a tenth of 1
        (learning.learning_gain(0.2, math.e, math.exp(0.06), 1.0, 0.1), 0.008),  # 0.06 of 0.1 is learned already
        (learning.learning_gain(0.2, math.e, math.exp(0.11), 1.0, 0.1), 0.0),  # no more to learn from this source
        (learning.learning_gain(0.01, 0.5, 1.0, 1.0, 0.1), 0.0),
        (learning.learning_gain(0.2, 0.9, 0.9, 0.5, 1.0), 0.0),  # who is at its source
        (learning.learning_gain(3.0, math.e, 1.0, 1.0, 1.0), 1.0),  # never past the source
        (formulas.places_open(100, 1.15, 0), 115.0),  # 114.99999999999999 before it is floored
        (formulas.places_open(3, 0.5, 1), 2.0),
        (learning.common_trust_after(0.2, 0.1, 0.05), 0.266),  # (0.2 + 0.1 * 0.8) * 0.95
        (entry.scarcity(6, 2), 2.0),
        (entry.scarcity(6, 0), 6.0),
    ],
)
def test_formula(found: float, expected: float) -> None:
    assert float(found) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_room_is_floored_to_the_grain_of_volumes() -> None:
    # 200.0001 * 0.75 - 0.75 * 100 = 75.000075; times 1024 = 76800.08
    assert float(formulas.room(np.float64(200.0001), 0.25, 100.0, 0.25)) == 75.0
    assert float(formulas.room(np.float64(10.0), 0.0, 20.5, 0.5)) == -0.25
    assert float(formulas.room(np.float64(10.0), 0.0, 20.5, 1.0)) == 10.0  # all outside demand may be displaced


def test_poisson_numbers_invert_the_cumulated_probabilities() -> None:
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


def test_the_percentile_is_that_of_the_members_of_each_label() -> None:
    start = simulation.burned_in([simulation.make(months=(1, 12), firms=20)], [5])
    state = start.state.arm(0)
    state.site[:] = np.arange(20) % 2
    state.productivity[:] = np.arange(1.0, 21.0)
    assert learning.members_percentile(start, 0, "site").tolist() == [0.0, 0.0]  # nobody is a member
    state.member[0, [0, 2, 4, 6, 8, 1]] = True  # A at site 0: 1, 3, 5, 7, 9: rank floor(0.75 * 4) = 3; at site 1: 2
    assert learning.members_percentile(start, 0, "site").tolist() == [7.0, 2.0]
    assert learning.members_percentile(start, 0, "region").tolist() == [5.0]  # 1 2 3 5 7 9: floor(0.75 * 5) = 3
