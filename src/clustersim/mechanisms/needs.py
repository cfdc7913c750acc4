"""Step 2. Service needs open with their hazard and lapse after their patience."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import find, pick
from clustersim.spec.draws import chance
from clustersim.spec.state import IDLE, SERVICES, WANTED
from clustersim.spec.world import World


def step(world: World) -> None:
    """Both rules read the state before the step, so a need that lapses cannot open again in the same month."""
    parameters, state = world.parameters, world.state
    lapsed = find((state.service_due == world.month) & (state.service_state == WANTED))
    called = np.flatnonzero(chance(world.service_words("needs.opening"), _by_slot(parameters.service_opening)))
    arm, where = find(state.service_state.reshape(world.arms, -1)[:, called] == IDLE)
    slot = called[where]
    firm, service = slot // len(SERVICES), slot % len(SERVICES)
    open_now = state.active.reshape(world.arms, -1)[arm, firm]
    _open(world, arm[open_now], firm[open_now], service[open_now])
    arm, base, row, service = lapsed
    world.lapse(arm, base * world.rows + row, service)


def _by_slot(column: object) -> object:
    """A parameter's column (bases, 1) against (bases, rows, services)."""
    return column[..., None] if isinstance(column, np.ndarray) else column


def _open(world: World, arm: np.ndarray, firm: np.ndarray, service: np.ndarray) -> None:
    state, base = world.state, firm // world.rows
    place = (arm, base, firm - base * world.rows, service)
    state.service_state[place] = WANTED
    state.service_since[place] = world.month
    state.service_due[place] = world.month + pick(world.parameters.service_patience, base)
