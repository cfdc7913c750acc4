"""The twin certificate: one seed of a block, simulated once more with every arm on its own from month 0.

Its arms must equal the branched ones to the end. It also shows that a run does not depend on what else stands in its
block. In every block, whether a seed of it is simulated again or not, arms must be bit for bit the same until their
policy starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clustersim.arrays import Array
from clustersim.engines import batch
from clustersim.engines.arms import Arm
from clustersim.engines.bases import Bases
from clustersim.errors import CertificateError, Problem
from clustersim.mechanisms.measurement import Recorder
from clustersim.scenario.model import Scenario
from clustersim.spec.results import Block
from clustersim.spec.state import COLUMNS
from clustersim.spec.world import World


def certify(bases: Bases, which: int, world: World, recorder: Recorder) -> None:
    """Check one base of a finished block.

    Args:
        which: place of the base to be checked.
        world, recorder: the block at its end.

    Raises:
        CertificateError: with the arm, month, column and values of the first difference.
    """
    one = bases.base(which)
    scenario, seed, arms = one.scenario, one.seeds[0], batch.stacked_policies(one)
    reserve = world.rows - world.population.incumbents
    alone = batch.branched(batch.world_of(one, reserve), len(arms))
    batch.burn_in(alone)
    names = [arm.name for arm in arms]
    for name, column in alone.state.columns().items():
        _compare(column, np.broadcast_to(column[:1], column.shape), names, _place(seed, 0, name))
    again = batch.run_policies(alone, scenario, arms)
    for month in range(scenario.time.horizon):
        for measure, column in recorder.series.items():
            ours, theirs = again.series[measure][:, :1, month], column[:, which : which + 1, month]
            _compare(ours, theirs, names, _place(seed, month + 1, measure))
    for name, ours, theirs in _final_columns(alone, world, which):
        _compare(ours, theirs, names, _place(seed, scenario.time.horizon, name))


def refuse_early_effects(scenario: Scenario, arms: Sequence[Arm], seeds: Sequence[int], recorder: Recorder) -> None:
    """In all seeds of a block, month for month, an arm is its twin until its policy starts.

    Args:
        seeds: of each base of the block.

    Raises:
        CertificateError: with the arm, month, column and values of the first difference.
    """
    names = [arm.name for arm in arms]
    twins = [arm.twin for arm in arms]
    starts = np.array([scenario.time.horizon + 1 if arm.policy.start is None else arm.policy.start for arm in arms])
    for month in range(1, scenario.time.horizon + 1):
        before = (month < starts)[:, None]
        if not before[1:].any():
            return
        for measure, column in recorder.series.items():
            ours, twin = column[:, :, month - 1], column[twins, :, month - 1]
            expected = np.where(before, twin, ours)
            different = np.flatnonzero((ours != expected).any(axis=0))
            _compare(ours, expected, names, _place(seeds[different[0] if len(different) else 0], month, measure))


def refuse_not_finite(block: Block) -> Block:
    """The block, if all its series are finite.

    Raises:
        CertificateError: with the first arm, seed, month and measure that is no number.
    """
    for measure, column in block.series.items():
        for arm, base, month in np.argwhere(~np.isfinite(column))[:1]:
            fields = {
                "arm": block.arms[arm],
                "seed": int(block.seeds[base]),
                "month": int(month) + 1,
                "column": measure,
            }
            raise CertificateError(Problem("certificate.not_finite", fields))
    return block


def _place(seed: int, month: int, column: str) -> dict[str, Any]:
    return {"seed": seed, "month": month, "column": column}


def _final_columns(alone: World, world: World, which: int) -> list[tuple[str, Array, Array]]:
    begin = world.population.slot_begin
    slots = slice(begin[which * world.rows], begin[(which + 1) * world.rows])
    found = []
    for name, column in COLUMNS.items():
        ours, theirs = getattr(alone.state, name), getattr(world.state, name)
        found.append((name, ours, theirs[:, slots] if column.axis == "slot" else theirs[:, which : which + 1]))
    return found


def _compare(ours: Array, theirs: Array, arms: Sequence[str], place: dict[str, Any]) -> None:
    """Both have the arms as their first axis."""
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    different = np.argwhere(~same)
    if len(different):
        at = tuple(int(index) for index in different[0])
        fields = place | {
            "arm": arms[at[0]],
            "where": at[1:],
            "alone": repr(ours[at]),
            "branched": repr(theirs[at]),
        }
        raise CertificateError(Problem("certificate.differs", fields))
