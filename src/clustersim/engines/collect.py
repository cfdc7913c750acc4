"""From a finished world and its recorder to the labelled arrays of a block."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clustersim.arrays import Array
from clustersim.engines.bases import Bases
from clustersim.engines.groups import Labels, group_table, label_columns
from clustersim.mechanisms.measurement import Recorder
from clustersim.scenario.model import Scenario
from clustersim.spec import logbook
from clustersim.spec.month import OUTCOMES, WAITING
from clustersim.spec.results import Block, GroupTable
from clustersim.spec.state import CHANNELS, OPEN, SERVICES, WANTED
from clustersim.spec.world import World


def collect(world: World, recorder: Recorder, scenario: Scenario, arms: Sequence[str], bases: Bases) -> Block:
    """Everything that is stored of a block of runs."""
    firms = firm_columns(world, recorder)
    return Block(
        arms=tuple(arms),
        seeds=bases.seed_of_each(),
        points=bases.point_of_base,
        series=recorder.series,
        groups=_groups(world, recorder, scenario, firms),
        firms=firms | label_columns(_labels(world), world.population.size_class, world.population.incumbents),
        pairs=_pairs(world, arms, bases),
        spells=_spells(world, arms, bases),
    )


def firm_columns(world: World, recorder: Recorder) -> dict[str, Array]:
    """Sums over the horizon by firm, (arms, bases, rows); slots and paired_slots over the last twelve months."""
    by_slot = {
        "slots": recorder.existing_last,
        "paired_slots": recorder.paired_last,
        "paired_months": recorder.paired_months,
        "additional": recorder.paired_months - recorder.shared_months,
        "deadweight": recorder.shared_months,
        "twin_only": recorder.paired_months[recorder.twin] - recorder.shared_months,
    }
    begin = world.population.slot_begin[:-1]
    shape = world.state.capacity.shape
    return {
        "output": recorder.output,
        "value_added": recorder.value_added,
        **{
            name: np.add.reduceat(column.astype(np.int64), begin, axis=1).reshape(shape)
            for name, column in by_slot.items()
        },
    }


def _labels(world: World) -> Labels:
    state = world.state
    return Labels(state.tier, state.site, state.chain, state.joined, state.member)


def _groups(world: World, recorder: Recorder, scenario: Scenario, firms: dict[str, Array]) -> GroupTable:
    return group_table(firms, recorder.twin, scenario, world.population.size_class, _labels(world))


def _pairs(world: World, arms: Sequence[str], bases: Bases) -> dict[str, Array]:
    """Pairing events: who buys, from whom, in which month, through which channel; `ended` closes a pair.

    Month 0 has the pairs that live when the horizon begins.
    """
    names = ("month", "arm", "slot", "supplier", "code")
    parts = [] if world.log is None else [*world.log.living, *_of_horizon(world, world.log.pairs)]
    log = _joined(parts, names)
    base, supplier = world.base_of_slot[log["slot"]], log["supplier"]
    return {
        "arm": np.array(arms, dtype=object)[log["arm"]],
        "seed": bases.seed_of_each()[base],
        "month": log["month"] - world.burn_in,
        "buyer": world.row_of_slot[log["slot"]],
        "slot": world.population.slot_number[log["slot"]],
        "supplier": np.where(supplier >= 0, supplier - base * world.rows, -1),
        "event": np.array(["ended", *CHANNELS], dtype=object)[log["code"]],
    }


def _spells(world: World, arms: Sequence[str], bases: Bases) -> dict[str, Array]:
    """Waiting spells: whose need of what opened and ended when, and how; `waiting` ones are cut off by the horizon."""
    parts = []
    if world.log is not None:
        parts = [*_of_horizon(world, world.log.spells), *_still_waiting(world, world.log.bases)]
    names = ("month", "arm", "firm", "resource", "slot", "since", "outcome", "surveyed", "introduced")
    log = _joined(parts, names)
    slot = log["slot"]
    return {
        "arm": np.array(arms, dtype=object)[log["arm"]],
        "seed": bases.seed_of_each()[log["firm"] // world.rows],
        "firm": log["firm"] % world.rows,
        "resource": np.array([*SERVICES, "goods"], dtype=object)[log["resource"]],
        "slot": np.where(slot >= 0, world.population.slot_number[slot], -1),
        "opened": log["since"] - world.burn_in,
        "ended": log["month"] - world.burn_in,
        "outcome": np.array(OUTCOMES, dtype=object)[log["outcome"]],
        "surveyed": log["surveyed"],
        "introduced": log["introduced"],
    }


def _of_horizon(world: World, parts: Sequence[dict[str, Array]]) -> list[dict[str, Array]]:
    """Without what a log that was begun earlier holds of the burn-in."""
    return [part for part in parts if (part["month"][:1] > world.burn_in).all()]  # each is of one month


def _still_waiting(world: World, bases: int) -> list[dict[str, Array]]:
    state = world.state
    arm, base, row, service = np.nonzero(state.service_state[:, :bases] == WANTED)
    slot_arm, slot = np.nonzero((state.channel == OPEN) & (world.base_of_slot < bases))
    end = {"month": np.int64(world.month), "outcome": np.int64(WAITING)}
    parts = [
        {
            "arm": arm,
            "firm": base * world.rows + row,
            "resource": service,
            "slot": np.full(len(row), -1),
            "since": state.service_since[arm, base, row, service],
        },
        {
            "arm": slot_arm,
            "firm": world.population.slot_owner[slot],
            "resource": np.full(len(slot), -1),
            "slot": slot,
            "since": state.since[slot_arm, slot],
        },
    ]
    ends = [{name: np.broadcast_to(value, part["arm"].shape) for name, value in end.items()} for part in parts]
    return [part | its_end | logbook.rounds_of(world, part) for part, its_end in zip(parts, ends, strict=True)]


def _joined(parts: Sequence[dict[str, Array]], names: Sequence[str]) -> dict[str, Array]:
    """Columns of several pieces as one, whole numbers."""
    empty = np.zeros(0, dtype=np.int64)
    return {name: np.concatenate([empty, *(part[name] for part in parts)]).astype(np.int64) for name in names}
