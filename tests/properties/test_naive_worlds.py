"""Whole months of random scenarios, step by step, against the naive model."""

import json
import random
from pathlib import Path

import pytest
from naive_worlds import Comparison, composition, document, two_points, with_roster

from clustersim import scenario


def two_policies(chance: random.Random) -> dict[str, object]:
    return {"first": composition(chance), "second": composition(chance)}


def check_random_scenario(seed: int, folder: Path) -> None:
    """Two arms and no alliance, two points, two seeds."""
    chance = random.Random(seed)
    found = Comparison(two_points(chance, document(chance, two_policies(chance)), folder), [seed, 2**62 + seed])
    found.burn_in(8)
    found.horizon(5)
    assert found.happened["pairs_made"] > 20


def check_random_roster(seed: int, folder: Path) -> None:
    chance = random.Random(seed)
    text = with_roster(chance, document(chance, two_policies(chance)), folder)
    found = Comparison([scenario.loads(json.dumps(text), folder=folder)], [seed, seed + 1])
    found.burn_in(8)
    found.horizon(6)
    people = found.world.population
    assert (people.slot_good == people.good.reshape(-1)[people.slot_owner]).any()  # a known pair within one good


@pytest.mark.parametrize("seed", range(6))
def test_every_step_of_a_random_scenario(seed: int, tmp_path: Path) -> None:
    check_random_scenario(seed, tmp_path)


@pytest.mark.parametrize("seed", range(300, 303))
def test_every_step_of_a_random_roster(seed: int, tmp_path: Path) -> None:
    check_random_roster(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1200, 50))
def test_every_step_of_many_random_scenarios(first: int, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "slow" not in request.config.getoption("markexpr"):
        pytest.skip("takes minutes: run with -m slow")
    for seed in range(first, first + 50):
        check_random_scenario(seed, tmp_path)
        check_random_roster(seed, tmp_path)
