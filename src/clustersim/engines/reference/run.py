"""All arms of a scenario on some seeds, one model each, and the block that they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from clustersim.arrays import Array
from clustersim.engines.arms import arms_of
from clustersim.engines.bases import Bases
from clustersim.engines.groups import Labels, group_table, label_columns
from clustersim.engines.reference.model import ClusterModel
from clustersim.engines.reference.portrait import portrait
from clustersim.engines.reference.records import PairEvent, Spell
from clustersim.measures import LAST_MONTHS
from clustersim.spec.month import OUTCOMES, WAITING
from clustersim.spec.results import Block
from clustersim.spec.state import CHANNELS, PAIRED, SERVICES

type Models = list[list[ClusterModel]]  # by arm and base


def simulate(bases: Bases, recorded: int) -> Block:
    """Every arm and base from its first month to its last, each by itself.

    Args:
        recorded: pairing events and waiting spells are kept of so many of the first bases.
    """
    models = started(bases)
    for model in (model for of_arm in models for model in of_arm):
        while model.running:
            model.step()
    return block_of(models, bases, recorded)


def started(bases: Bases) -> Models:
    """A model for each arm and base, at the start of its burn-in."""
    by_base = [
        [ClusterModel(point, arm.policy, seed, shocks=arm.shocks) for arm in arms_of(point)]
        for point, seed in bases.each()
    ]
    return [list(of_arm) for of_arm in zip(*by_base, strict=True)]


def block_of(models: Models, bases: Bases, recorded: int) -> Block:
    """Everything that is stored of finished models."""
    scenario, arms = bases.scenario, arms_of(bases.scenario)
    names = [arm.name for arm in arms]
    twins = [models[arm.twin] for arm in arms]
    firms = _stacked(models, twins, _firm_columns)
    states = [[portrait(model) for model in of_arm] for of_arm in models]
    labels = Labels(
        **{
            name: np.array([[getattr(state, name)[0] for state in of_arm] for of_arm in states])
            for name in ("tier", "site", "chain", "joined", "member")
        }
    )
    size_class = np.concatenate([model.population.size_class for model in models[0]])
    kept = [(name, model) for name, of_arm in zip(names, models, strict=True) for model in of_arm[:recorded]]
    return Block(
        arms=tuple(names),
        seeds=bases.seed_of_each(),
        points=bases.point_of_base,
        series=_stacked(models, twins, _series),
        groups=group_table(firms, np.array([arm.twin for arm in arms]), scenario, size_class, labels),
        firms=firms | label_columns(labels, size_class, models[0][0].population.incumbents),
        pairs=_pairs(kept),
        spells=_spells(kept),
    )


def _stacked(
    models: Models, twins: Models, columns_of: Callable[[ClusterModel, ClusterModel], dict[str, Array]]
) -> dict[str, Array]:
    """Columns (arms, seeds, ...) of all models, each beside its twin."""
    found = [
        [columns_of(model, twin) for model, twin in zip(of_arm, its_twins, strict=True)]
        for of_arm, its_twins in zip(models, twins, strict=True)
    ]
    return {name: np.array([[columns[name] for columns in of_arm] for of_arm in found]) for name in found[0][0]}


def _series(model: ClusterModel, twin: ClusterModel) -> dict[str, Array]:
    """Measure -> (months,)."""
    months = list(zip(model.records.paired, twin.records.paired, strict=True))
    beside = {
        "additional": [len(paired - before) for paired, before in months],
        "deadweight": [len(paired & before) for paired, before in months],
        "twin_only": [len(before - paired) for paired, before in months],
    }
    return {name: np.array(values, dtype=float) for name, values in (model.records.series | beside).items()}


def _firm_columns(model: ClusterModel, twin: ClusterModel) -> dict[str, Array]:
    """Sums over the horizon by firm, (rows,); slots and paired_slots over the last twelve months."""
    rows, paired, before = model.population.rows, model.records.paired, twin.records.paired
    by_slot = {
        "slots": np.array([model.records.slots[row] for row in range(rows)]),
        "paired_slots": _by_row(paired[-LAST_MONTHS:], rows),
        "paired_months": _by_row(paired, rows),
        "additional": _by_row((mine - its for mine, its in zip(paired, before, strict=True)), rows),
        "deadweight": _by_row((mine & its for mine, its in zip(paired, before, strict=True)), rows),
        "twin_only": _by_row((its - mine for mine, its in zip(paired, before, strict=True)), rows),
    }
    by_firm = {
        name: np.array([getattr(model.records, name)[row] for row in range(rows)]) for name in ("output", "value_added")
    }
    return by_firm | by_slot


def _by_row(months: Iterable[frozenset[tuple[int, int]]], rows: int) -> Array:
    """How many slot-months each firm has."""
    found = [row for slots in months for row, _ in slots]
    return np.bincount(np.array(found, dtype=np.int64), minlength=rows)


def _pairs(kept: Sequence[tuple[str, ClusterModel]]) -> dict[str, Array]:
    """Pairing events; `ended` closes a pair. Month 0 has the pairs that live when the horizon begins."""
    events: list[tuple[str, int, PairEvent]] = [
        (arm, model.seed, event)
        for arm, model in kept
        for event in [*_living_at_start(model), *(event for event in model.pair_events if event.month >= 1)]
    ]
    kinds = ("ended", *CHANNELS)
    return {
        "arm": np.array([arm for arm, _, _ in events], dtype=object),
        "seed": np.array([seed for _, seed, _ in events], dtype=np.int64),
        **{
            name: np.array([getattr(event, name) for *_, event in events], dtype=np.int64)
            for name in ("month", "buyer", "slot", "supplier")
        },
        "event": np.array([kinds[event.channel] for *_, event in events], dtype=object),
    }


def _living_at_start(model: ClusterModel) -> list[PairEvent]:
    """What the burn-in and the roster left of the pairs that they made, as of month 0, by buyer and slot."""
    latest = {(event.buyer, event.slot): event for event in model.pair_events if event.month <= 0}
    living = [event for event in latest.values() if event.channel >= PAIRED]
    return [replace(event, month=0) for event in sorted(living, key=lambda event: (event.buyer, event.slot))]


def _spells(kept: Sequence[tuple[str, ClusterModel]]) -> dict[str, Array]:
    """Waiting spells that ended in the horizon, and those that its end cuts off."""
    spells = [
        (arm, model.seed, spell)
        for arm, model in kept
        for spell in [*(spell for spell in model.spells if spell.ended >= 1), *_still_waiting(model)]
    ]
    resources = [*SERVICES, "goods"]
    return {
        "arm": np.array([arm for arm, _, _ in spells], dtype=object),
        "seed": np.array([seed for _, seed, _ in spells], dtype=np.int64),
        "firm": np.array([spell.firm for *_, spell in spells], dtype=np.int64),
        "resource": np.array(
            [resources[-1 if spell.service is None else spell.service] for *_, spell in spells], dtype=object
        ),
        "slot": np.array([spell.slot for *_, spell in spells], dtype=np.int64),
        "opened": np.array([spell.opened for *_, spell in spells], dtype=np.int64),
        "ended": np.array([spell.ended for *_, spell in spells], dtype=np.int64),
        "outcome": np.array([OUTCOMES[spell.outcome] for *_, spell in spells], dtype=object),
        "surveyed": np.array([spell.surveyed for *_, spell in spells], dtype=np.int64),
        "introduced": np.array([spell.introduced for *_, spell in spells], dtype=np.int64),
    }


def _still_waiting(model: ClusterModel) -> list[Spell]:
    services = [need for firm in model.firms for need in firm.service_needs if need.is_open]
    goods = [slot for slot in model.slots if slot.is_open]
    return [model.spell(need, WAITING) for need in services] + [model.spell(slot, WAITING) for slot in goods]
