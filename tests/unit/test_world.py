"""The views of a world, and what it keeps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustersim.engines import batch
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import Values
from clustersim.spec.world import World
from small_worlds import burned_in, make


@pytest.fixture(name="world", scope="module")
def _world() -> World:
    """Two points of two seeds, in three arms."""
    scenario = make(months=(3, 12), firms=20)
    return batch.branched(burned_in([with_friction(scenario, 0.1), with_friction(scenario, 0.05)], [3, 4]), 3)


def with_friction(scenario: Scenario, friction: float) -> Scenario:
    return replace(scenario, parameters=Values({**scenario.parameters.as_dict(), "friction": friction}))


def test_flat_columns_and_those_of_an_arm_are_the_state(world: World) -> None:
    for name, column in world.state.columns().items():
        assert np.shares_memory(column, getattr(world.flat, name)), name
        assert np.shares_memory(column[1], getattr(world.arm(1), name)), name
    world.flat.capacity[world.firms] = 12.5
    assert world.state.capacity[1, 0, 0] == world.arm(1).capacity[0, 0] == 12.5


def test_the_state_cannot_be_exchanged_under_its_views(world: World) -> None:
    with pytest.raises(AttributeError):
        world.state = world.state.branch(1)  # type: ignore[misc]


def test_a_parameter_is_found_at_the_base_of_a_place(world: World) -> None:
    friction = world.parameters.friction
    assert friction[:, 0].tolist() == [0.1, 0.1, 0.05, 0.05]
    firm = np.array([0, 2 * world.rows, world.firms + world.rows - 1, 3 * world.firms - 1])
    assert world.by_firm(friction, firm).tolist() == [0.1, 0.05, 0.1, 0.05]
    last = world.population.slot_begin[[world.rows, 3 * world.rows]] - 1  # of the first and the third base
    place = np.concatenate([last, 2 * world.slots + last])
    assert world.by_slot(friction, place).tolist() == [0.1, 0.05, 0.1, 0.05]
    assert world.by_slot(0.5, place) == world.by_firm(0.5, firm) == 0.5


def test_a_run_slot_knows_its_buyer_and_its_supplier(world: World) -> None:
    arm, slot = np.nonzero(world.state.channel > 0)
    place, base = arm * world.slots + slot, world.base_of_slot[slot]
    assert len(place) > 10
    assert world.buyer[place].tolist() == (arm * world.firms + world.population.slot_owner[slot]).tolist()
    row = world.state.supplier[arm, slot]
    assert world.supplier_of(place).tolist() == ((arm * world.bases + base) * world.rows + row).tolist()
    assert world.in_every_arm(slot[:2], world.slots).tolist() == [
        number * world.slots + one for number in range(3) for one in slot[:2]
    ]


def test_what_is_kept_is_made_anew_when_a_firm_enters(world: World) -> None:
    copy, made = batch.branched(world, 1), []

    def make_it() -> int:
        made.append(len(made))
        return made[-1]

    assert [copy.kept("a", make_it), copy.kept("a", make_it), copy.kept("b", make_it)] == [0, 0, 1]
    copy.entrants += 1
    assert [copy.kept("a", make_it), copy.kept("a", make_it)] == [2, 2]
