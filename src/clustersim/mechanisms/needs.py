"""Step 2. Service needs open with their hazard and lapse after their patience."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import positions
from clustersim.spec.draws import chance
from clustersim.spec.state import IDLE, SERVICES, WANTED
from clustersim.spec.world import World


def step(world: World) -> None:
    """Both rules read the state before the step, so a need that lapses cannot open again in the same month."""
    flat = world.flat
    due = positions(flat.service_due == world.month)
    lapsed = due[flat.service_state[due] == WANTED]
    words = world.service_words("needs.opening")
    called = positions(chance(words, _by_need(world.parameters.service_opening)))
    need = world.in_every_arm(called, world.firms * len(SERVICES))
    need = need[flat.service_state[need] == IDLE]
    need = need[flat.active[need // len(SERVICES)]]
    flat.service_state[need] = WANTED
    flat.service_since[need] = world.month
    patience = world.by_firm(world.parameters.service_patience, need // len(SERVICES))
    flat.service_due[need] = world.month + patience
    world.lapse(lapsed)


def _by_need(column: object) -> object:
    """A parameter's column (bases, 1) against (bases, rows, services)."""
    return column[..., None] if isinstance(column, np.ndarray) else column
