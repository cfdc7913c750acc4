"""What the world without alliance must look like before a policy is read off it (docs/odd.md, 1.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from clustersim.spec.state import OPEN
from clustersim.spec.world import World
from small_worlds import make, months

type Array = np.ndarray[Any, Any]

SEEDS = range(10)
FIRMS = 400
YEARS = 20


class History:
    """What the tests look at, month by month: output (months, bases, rows), and pairs at some months' ends."""

    def __init__(self) -> None:
        chains = {name: {"tiers": 3, "share": share} for name, share in (("a", 0.4), ("b", 0.3), ("c", 0.3))}
        scenario = make(firms=FIRMS, sites={"A": 0.4, "B": 0.3, "C": 0.3}, chains=chains, months=(120, 12 * YEARS))
        output, full, paired = [], [], []
        self.links: dict[int, Array] = {}
        for month, world in enumerate(months([scenario], SEEDS), start=1):
            output.append(world.flows.output[0])
            full.append(world.flows.full_output[0].sum(axis=1))
            paired.append((world.state.channel[0] > OPEN).mean())
            if month in (12, 24):
                self.links[month] = _links(world)
        self.world = world
        self.output, self.full, self.paired = np.array(output), np.array(full), np.array(paired)

    def yearly(self) -> Array:
        """Output by year, (years, bases, rows)."""
        return self.output.reshape(YEARS, 12, *self.output.shape[1:]).sum(axis=1)


def _links(world: World) -> Array:
    """Distinct (buyer, supplier) as buyer * rows + supplier, buyers being base firms."""
    slot = np.flatnonzero(world.state.channel[0] > OPEN)
    return np.unique(world.population.slot_owner[slot] * world.rows + world.state.supplier[0, slot])


@pytest.fixture(name="history", scope="module")
def _history() -> History:
    return History()


def test_utilisation_is_near_three_quarters(history: History) -> None:
    utilisation = history.output.sum(axis=2) / history.full
    assert utilisation.mean() == pytest.approx(0.75, abs=0.02)
    by_year = utilisation.reshape(YEARS, -1).mean(axis=1)
    assert by_year == pytest.approx(0.75, abs=0.035)


def test_the_share_of_slots_paired_is_moderate_and_steady(history: History) -> None:
    by_year = history.paired.reshape(YEARS, 12).mean(axis=1)
    assert 0.15 < by_year.min() <= by_year.max() < 0.45
    assert abs(by_year[:5].mean() - by_year[-5:].mean()) < 0.03


def test_a_quarter_or_so_of_links_turns_over_in_a_year(history: History) -> None:
    before, after = history.links[12], history.links[24]
    assert 0.2 < 1.0 - np.isin(before, after).mean() < 0.4


def test_links_rise_with_size(history: History) -> None:
    """Elasticity of a firm's links, as buyer and as supplier, to its size: Poisson-like slope of means by size."""
    assert 0.3 < _elasticity(history) < 0.6


def _elasticity(history: History) -> float:
    people, rows = history.world.population, history.world.rows
    links = history.links[24]
    buyer, supplier = links // rows, links // rows // rows * rows + links % rows
    number = np.bincount(buyer, minlength=people.bases * rows) + np.bincount(supplier, minlength=people.bases * rows)
    size = np.log(people.capacity_reference.reshape(-1))
    tenth = np.argsort(np.argsort(size)) * 10 // len(size)
    means = [(size[tenth == part].mean(), np.log(number[tenth == part].mean())) for part in range(10)]
    return float(np.polyfit(*np.array(means).T, 1)[0])


def test_yearly_changes_of_sales_spread_as_published(history: History) -> None:
    change = np.diff(np.log(history.yearly()), axis=0)
    low, high = np.percentile(change, (25, 75))
    assert high - low == pytest.approx(0.25, abs=0.05)


def test_output_neither_grows_nor_fades_by_itself(history: History) -> None:
    total = history.yearly().sum(axis=2)
    assert abs((total[-1] / total[0]).mean() - 1.0) < 0.10
