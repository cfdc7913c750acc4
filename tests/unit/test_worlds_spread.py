"""What an effect is over plausible worlds: against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from clustersim.analysis.worlds.noise import shrunk
from clustersim.analysis.worlds.quantiles import effective_size, weighted_quantiles
from clustersim.analysis.worlds.ranking import chances_to_be_best, expected_shortfall
from clustersim.analysis.worlds.simulation import simulation_error
from clustersim.analysis.worlds.spread import spread
from clustersim.analysis.worlds.verdicts import Verdict, likelihood, verdict
from clustersim.analysis.worlds.weights import WorldWeights
from clustersim.worlds import ENSEMBLE_SIZE

EQUAL = np.ones(100)
STEPS = np.arange(100.0)[:, None]  # an effect a world, one history each


def rng(key: int = 3) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key))


# --- quantiles and weights ------------------------------------------------------------------------------------------


def test_quantiles_of_equal_weights_are_those_of_hazen() -> None:
    """Of 0 .. 99 each value stands at (i + .5) / 100, so the median is 49.5 and the 5% is 4.5."""
    found = weighted_quantiles(STEPS[:, 0], EQUAL, (0.5, 0.05, 0.95))
    assert found.tolist() == pytest.approx([49.5, 4.5, 94.5])


def test_a_world_without_weight_is_not_there() -> None:
    weights = np.where(STEPS[:, 0] < 50, 1.0, 0.0)
    assert weighted_quantiles(STEPS[:, 0], weights, (0.5, 1.0)).tolist() == pytest.approx([24.5, 49.0])
    assert effective_size(weights) == 50.0


def test_a_double_weight_is_a_world_twice() -> None:
    values = np.array([1.0, 2.0, 5.0])
    once = weighted_quantiles(values, np.array([1.0, 2.0, 1.0]), (0.5,))
    assert once.tolist() == weighted_quantiles(np.array([1.0, 2.0, 2.0, 5.0]), np.ones(4), (0.5,)).tolist() == [2.0]


def test_seeds_are_histories_of_the_worlds_that_they_name() -> None:
    seeds = np.array([0, 1, ENSEMBLE_SIZE, ENSEMBLE_SIZE + 1])
    cube, _ = WorldWeights.equal(2).by_world(np.array([1.0, 2.0, 3.0, 4.0]), seeds)
    assert cube.tolist() == [[1.0, 3.0], [2.0, 4.0]]
    cube, weights = WorldWeights(np.array([1.0, 0.0, 2.0])).by_world(np.array([1.0, 2.0, np.nan]), np.arange(3))
    assert (cube.tolist(), weights.tolist()) == ([[1.0]], [1.0])  # one does not count, one is no number


# --- spread ---------------------------------------------------------------------------------------------------------


def test_chances_are_shares_of_the_worlds_beyond_and_within_the_margin() -> None:
    found = spread(STEPS - 10.0, np.asarray(5.0), EQUAL)  # -10 .. 89: 5 below -5, 11 from -5 to 5
    assert (found.below, found.within, found.above) == pytest.approx((0.05, 0.11, 0.84))
    assert (found.central, found.low, found.high) == pytest.approx((39.5, -5.5, 84.5))


def test_noise_of_seeds_does_not_widen_the_range() -> None:
    """Effects of worlds spread by 1, histories by 3: with 2 seeds a mean spreads by (1 + 4.5)^.5 = 2.3."""
    random = rng()
    worlds = random.normal(0.0, 1.0, (4000, 1))
    seen = worlds + random.normal(0.0, 3.0, (4000, 2))
    found = spread(seen, np.asarray(0.0), np.ones(4000))
    assert seen.mean(axis=1).std() == pytest.approx(2.35, abs=0.06)
    assert found.noise == pytest.approx(4.5 / 5.5, abs=0.02)
    assert (found.low, found.high) == pytest.approx((-1.645, 1.645), abs=0.2)
    assert (found.luck_low, found.luck_high) == pytest.approx((-1.645 * 10**0.5, 1.645 * 10**0.5), abs=0.25)


def test_worlds_that_run_once_take_the_noise_from_those_that_run_twice() -> None:
    random = rng()
    seen = random.normal(0.0, 1.0, (4000, 1)) + random.normal(0.0, 3.0, (4000, 2))
    seen[3000:, 1] = np.nan
    kept = shrunk(seen, np.ones(4000))[0]
    assert kept.std() == pytest.approx(1.0, abs=0.15)  # for the most part (1 + 9)^.5 before


def test_noise_alone_leaves_a_range_that_few_worlds_cannot_rule_out() -> None:
    seen = rng().normal(2.0, 1.0, (64, 2))
    found = spread(seen, np.asarray(0.0), np.ones(64))
    assert found.noise > 0.8
    assert found.high - found.low > 0.5 * 3.29 * (2 / 64) ** 0.25 / 2**0.5


def test_the_simulation_error_is_that_of_a_median() -> None:
    """Of 400 normal numbers 1.2533 / 20."""
    error = simulation_error(rng().normal(0.0, 1.0, (400, 1)), np.ones(400))
    assert error == pytest.approx(1.2533 / 20, rel=0.2)


# --- verdicts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "within", "below", "said"),
    [
        (1.0, 0.0, 0.0, Verdict.NEARLY_CERTAIN_HIGHER),
        (0.951, 0.049, 0.0, Verdict.NEARLY_CERTAIN_HIGHER),
        (0.949, 0.051, 0.0, Verdict.VERY_LIKELY_HIGHER),
        (0.89, 0.11, 0.0, Verdict.LIKELY_HIGHER),
        (0.66, 0.0, 0.34, Verdict.OPEN),  # within its error of the threshold: the weaker word
        (0.67, 0.0, 0.33, Verdict.LIKELY_HIGHER),
        (0.0, 0.0, 1.0, Verdict.NEARLY_CERTAIN_LOWER),
        (0.05, 0.04, 0.91, Verdict.VERY_LIKELY_LOWER),
        (0.33, 0.0, 0.67, Verdict.LIKELY_LOWER),
        (0.05, 0.91, 0.04, Verdict.NO_PRACTICAL_DIFFERENCE),
        (0.2, 0.6, 0.2, Verdict.OPEN),
    ],
)
def test_the_word_follows_from_the_chances(above: float, within: float, below: float, said: Verdict) -> None:
    assert verdict(above, within, below, worlds=1e6) == said


def test_few_worlds_are_worded_the_weaker_way() -> None:
    assert likelihood(0.96, 1e6) == "nearly_certain"
    assert likelihood(0.96, 256) == "very_likely"  # .96 less its error of .012
    assert likelihood(0.96, 16) == "likely"  # with one more on either side .91, and an error of .07
    assert likelihood(1.0, 2) == "likely"
    assert likelihood(0.93, 256, error=0.04) == "likely"  # the bootstrap knows of more than the number of worlds
    assert verdict(1.0, 0.0, 0.0, worlds=1) == Verdict.ONE_WORLD


# --- ranking --------- ---------------------------------------------------------------------------------------------


def test_ties_share_the_chance_to_be_best() -> None:
    outcomes = np.array([[1.0, 2.0, 0.0, 5.0], [1.0, 1.0, 0.0, 5.0], [0.0, 3.0, 0.0, 5.0]])
    assert chances_to_be_best(outcomes, np.ones(4)).tolist() == pytest.approx(
        [(1 / 2 + 1 / 3 + 1 / 3) / 4, (1 / 2 + 1 / 3 + 1 / 3) / 4, (1 + 1 / 3 + 1 / 3) / 4]
    )


def test_the_shortfall_is_what_a_wrong_choice_costs_on_average() -> None:
    outcomes = np.array([[1.0, 4.0], [2.0, 0.0]])
    assert expected_shortfall(outcomes, np.ones(2)).tolist() == [0.5, 2.0]
    assert expected_shortfall(outcomes, np.array([3.0, 1.0])).tolist() == [0.75, 1.0]
