"""What is written down of the logged bases as it happens: pairs, waiting spells, and what rounds do with needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim.arrays import Array, positions, split
from clustersim.spec.month import INTRODUCED, SURVEYED
from clustersim.spec.state import OPEN, SERVICES

if TYPE_CHECKING:
    from clustersim.spec.world import World


def log_pairs(world: World, place: Array, supplier: Array, code: int) -> None:
    """supplier: run firm, or -1."""
    if world.log is not None:
        arm, slot = split(place, world.slots)
        kept = positions(world.base_of_slot[slot] < world.log.bases)
        own = np.where(supplier >= 0, split(supplier, world.firms)[1], -1)
        world.log.pairs.append(_columns(kept, month=world.month, arm=arm, slot=slot, supplier=own, code=code))


def log_living(world: World) -> None:
    """The pairs of the logged bases as they are now."""
    assert world.log is not None
    arm, slot = np.nonzero((world.state.channel > OPEN) & (world.base_of_slot < world.log.bases))
    supplier = world.base_of_slot[slot] * world.rows + world.state.supplier[arm, slot]
    columns = {"arm": arm, "slot": slot, "supplier": supplier, "code": world.state.channel[arm, slot]}
    world.log.living.append(_columns(np.arange(len(slot)), month=world.month, **columns))


def log_round(world: World, event: int, arm: int, firm: Array, service: Array, slot: Array) -> None:
    """A round has found (`SURVEYED`) or introduced (`INTRODUCED`) needs that wait, for some the first time.

    Args:
        firm: base firms of logged bases, (n,). service, slot: as in `need_in_log`.
    """
    assert world.log is not None
    if world.log.rounds is None:
        last = world.log.bases * world.rows
        needs = last * len(SERVICES) + int(world.population.slot_begin[last])
        world.log.rounds = np.zeros((2, world.arms, needs), dtype=np.int16)
    months, need = world.log.rounds[event, arm], need_in_log(world, firm, service, slot)
    months[need[months[need] == 0]] = world.month - world.burn_in


def need_in_log(world: World, firm: Array, service: Any, slot: Any) -> Array:
    """Where needs stand in `Log.rounds`. slot: packed, -1 for a need of a service."""
    assert world.log is not None
    behind_services = world.log.bases * world.rows * len(SERVICES)
    return np.where(np.asarray(slot) >= 0, behind_services + slot, firm * len(SERVICES) + service)


def log_spells(world: World, owner: Array, resource: Any, since: Array, outcome: int, slot: Any = -1) -> None:
    """owner: run firm. slot: packed, of goods. The need begins anew: what rounds did with it is forgotten."""
    if world.log is None:
        return
    arm, firm = split(owner, world.firms)
    kept = positions(firm // world.rows < world.log.bases)
    if len(kept) == 0:
        return
    spells = _columns(kept, month=world.month, arm=arm, firm=firm, slot=slot, resource=resource)
    spells |= _columns(kept, since=since, outcome=outcome)
    world.log.spells.append(spells | rounds_of(world, spells))
    if world.log.rounds is not None:
        world.log.rounds[:, spells["arm"], need_in_log(world, spells["firm"], spells["resource"], spells["slot"])] = 0


def rounds_of(world: World, spells: dict[str, Array]) -> dict[str, Array]:
    """Columns `surveyed` and `introduced` of spells that have arm, firm, resource and slot."""
    assert world.log is not None
    arm, firm, service, slot = (spells[name] for name in ("arm", "firm", "resource", "slot"))
    months = np.zeros((2, len(firm)), dtype=np.int64)
    if world.log.rounds is not None:
        months[:] = world.log.rounds[:, arm, need_in_log(world, firm, service, slot)]
    return {"surveyed": months[SURVEYED], "introduced": months[INTRODUCED]}


def _columns(kept: Array, **columns: Any) -> dict[str, Array]:
    """kept: places in the columns, (n,); a number stands in all of them."""
    return {
        name: column[kept].astype(np.int64) if isinstance(column, np.ndarray) else np.full(len(kept), column)
        for name, column in columns.items()
    }
