"""From a finished world and its recorder to the labelled arrays of a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array
from clustersim.mechanisms.measurement import Recorder
from clustersim.scenario.model import Scenario
from clustersim.spec.month import OUTCOMES, WAITING
from clustersim.spec.results import Block, GroupTable
from clustersim.spec.state import CHANNELS, OPEN, SERVICES, SIZE_CLASSES, WANTED
from clustersim.spec.world import World


def collect(world: World, recorder: Recorder, scenario: Scenario, arms: Sequence[str], seeds: Sequence[int]) -> Block:
    """Everything that is stored of a block of runs."""
    points = world.bases // len(seeds)
    firms = firm_columns(world, recorder)
    return Block(
        arms=tuple(arms),
        seeds=np.tile(np.array(seeds, dtype=np.int64), points),
        points=np.repeat(np.arange(points), len(seeds)),
        series=recorder.series,
        groups=_groups(world, recorder, scenario, firms),
        firms=firms,
        pairs=_pairs(world, arms, seeds),
        spells=_spells(world, arms, seeds),
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


def _groups(world: World, recorder: Recorder, scenario: Scenario, firms: dict[str, Array]) -> GroupTable:
    state = world.state
    labels = Labels(state.tier, state.site, state.chain, state.joined, state.member)
    return group_table(firms, recorder.twin, scenario, world.population.size_class, labels)


@dataclass(frozen=True, eq=False)
class Labels:
    """By what firms are grouped at the end of a run, (arms, bases, rows) each."""

    tier: Array
    site: Array
    chain: Array
    joined: Array
    member: Array


def group_table(
    firms: dict[str, Array], twin: Array, scenario: Scenario, size_class: Array, labels: Labels
) -> GroupTable:
    """Sums by fixed groups of firms. Membership is that of the arm, for its twin too.

    Args:
        firms: columns (arms, bases, rows). twin: of each arm. size_class: (bases, rows).
    """
    tiers = max(chain.tiers for chain in scenario.population.chains)
    dimensions: list[tuple[str, list[str], Array]] = [
        ("total", ["all"], np.zeros_like(labels.site)),
        ("size_class", list(SIZE_CLASSES), np.broadcast_to(size_class, labels.site.shape)),
        ("tier", [str(tier) for tier in range(tiers)], labels.tier),
        ("site", [site.name for site in scenario.population.sites], labels.site),
        ("chain", [chain.name for chain in scenario.population.chains], labels.chain),
        ("member_at_start", ["no", "yes"], labels.joined.astype(np.int64)),
        ("member_ever", ["no", "yes"], labels.member.astype(np.int64)),
    ]
    names = [(dimension, group) for dimension, groups, _ in dimensions for group in groups]
    values = {name: _sums(column, dimensions) for name, column in firms.items()}
    twins = {name: _sums(column[twin], dimensions) for name, column in firms.items()}
    return GroupTable(tuple(name for name, _ in names), tuple(name for _, name in names), values, twins)


def _sums(column: Array, dimensions: list[tuple[str, list[str], Array]]) -> Array:
    """(arms, bases, groups of all dimensions)."""
    arms, bases, _ = column.shape
    run = np.arange(arms * bases).reshape(arms, bases, 1)
    parts = []
    for _, groups, label in dimensions:
        key = (run * len(groups) + label).reshape(-1)
        total = np.bincount(key, column.reshape(-1), minlength=arms * bases * len(groups))
        parts.append(total.reshape(arms, bases, len(groups)))
    return np.concatenate(parts, axis=2)


def _pairs(world: World, arms: Sequence[str], seeds: Sequence[int]) -> dict[str, Array]:
    """Pairing events: who buys, from whom, in which month, through which channel; `ended` closes a pair."""
    log = _joined([] if world.log is None else world.log.pairs, ("month", "arm", "slot", "supplier", "code"))
    base, supplier = world.base_of_slot[log["slot"]], log["supplier"]
    return {
        "arm": np.array(arms, dtype=object)[log["arm"]],
        "seed": np.array(seeds, dtype=np.int64)[world.seed_of_base[base]],
        "month": log["month"] - world.burn_in,
        "buyer": world.row_of_slot[log["slot"]],
        "slot": world.population.slot_number[log["slot"]],
        "supplier": np.where(supplier >= 0, supplier - base * world.rows, -1),
        "event": np.array(["ended", *CHANNELS], dtype=object)[log["code"]],
    }


def _spells(world: World, arms: Sequence[str], seeds: Sequence[int]) -> dict[str, Array]:
    """Waiting spells: whose need of what opened and ended when, and how; `waiting` ones are cut off by the horizon."""
    parts = [] if world.log is None else [*world.log.spells, *_still_waiting(world, world.log.bases)]
    log = _joined(parts, ("month", "arm", "firm", "resource", "since", "outcome"))
    return {
        "arm": np.array(arms, dtype=object)[log["arm"]],
        "seed": np.array(seeds, dtype=np.int64)[world.seed_of_base[log["firm"] // world.rows]],
        "firm": log["firm"] % world.rows,
        "resource": np.array([*SERVICES, "goods"], dtype=object)[log["resource"]],
        "opened": log["since"] - world.burn_in,
        "ended": log["month"] - world.burn_in,
        "outcome": np.array(OUTCOMES, dtype=object)[log["outcome"]],
    }


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
            "since": state.service_since[arm, base, row, service],
        },
        {
            "arm": slot_arm,
            "firm": world.population.slot_owner[slot],
            "resource": np.full(len(slot), -1),
            "since": state.since[slot_arm, slot],
        },
    ]
    return [part | {name: np.broadcast_to(value, part["arm"].shape) for name, value in end.items()} for part in parts]


def _joined(parts: Sequence[dict[str, Array]], names: Sequence[str]) -> dict[str, Array]:
    """Columns of several pieces as one, whole numbers."""
    empty = np.zeros(0, dtype=np.int64)
    return {name: np.concatenate([empty, *(part[name] for part in parts)]).astype(np.int64) for name in names}
