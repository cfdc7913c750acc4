"""Runs of the batch engine, watched: what observables are computed from. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from clustersim.arrays import Array
from clustersim.engines import batch
from clustersim.engines.arms import with_events
from clustersim.engines.bases import Bases
from clustersim.mechanisms import schedule
from clustersim.mechanisms.environment import concerned
from clustersim.mechanisms.measurement import Recorder
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import Levers
from clustersim.spec.month import Log
from clustersim.spec.policy import EVENTS_OF_FIRMS, Event, Policy
from clustersim.spec.state import PAIRED
from clustersim.spec.watched import BEFORE, Watched
from clustersim.spec.world import World

FLOWS = ("output", "other_sales", "tax")  # columns of what happened in a month; the others are states


def watch(bases: Bases, columns: Collection[str]) -> Watched:
    """The runs of a block, all arms.

    Args:
        columns: the firm columns to keep.
    """
    scenario, start = bases.scenario, batch.world_of(bases)
    before = _burn_in(start, columns)
    arms = batch.stacked_policies(bases)
    world = batch.branched(start, len(arms))
    world.levers, world.log = [Levers() for _ in arms], Log(world.bases)
    reached = {
        (number, use.label): world.view(number).eligible(use) & _joins(world, number, arm.policy)
        for number, arm in enumerate(arms)
        for use in arm.policy.instruments
    }
    hit, customers = _hit(world, scenario), np.zeros(world.state.active.shape, dtype=bool)
    recorder = Recorder(world, np.array([arm.twin for arm in arms]), scenario.time.horizon)
    watcher = _Watcher(columns)
    policies, meets = [arm.policy for arm in arms], with_events(scenario, arms)
    first_event = min((event.month for event in _shocks_of_firms(scenario)), default=0)
    for month in range(1, scenario.time.horizon + 1):
        if month == first_event:
            customers = _customers(world, hit)
        schedule.month(world, policies, scenario.events, meets)
        recorder.record(world)
        watcher.look(world, recorder)
    return Watched(
        arms=tuple(arm.name for arm in arms),
        twin=recorder.twin,
        firms=_joined(before.columns, watcher.columns, len(arms)),
        series=recorder.series,
        pairs=_pairs(world),
        chain=world.state.chain,
        site=world.state.site,
        anchor=world.population.anchor,
        capacity=world.population.capacity_reference,
        reached=reached,
        hit=hit,
        customers=customers,
        incumbents=world.population.incumbents,
    )


class _Watcher:
    """Firm columns, month by month."""

    def __init__(self, names: Collection[str]):
        self.columns: dict[str, list[Array]] = {name: [] for name in names}
        self._value_added: Array = np.zeros(())  # up to the month before

    def look(self, world: World, recorder: Recorder) -> None:
        """The month that is ending."""
        for name in self.columns.keys() & _COLUMNS.keys():
            self.columns[name].append(_COLUMNS[name](world))
        if "tax" in self.columns:
            made = recorder.value_added - self._value_added
            self._value_added = recorder.value_added.copy()
            self.columns["tax"].append(made * np.asarray(world.parameters.tax_rate))


def _partners(world: World, of_suppliers: bool) -> Array:
    """Number of distinct partners of each firm, (arms, bases, rows), as supplier or as buyer."""
    firms = world.bases * world.rows
    arm, slot = np.nonzero(world.state.channel >= PAIRED)
    buyer = world.population.slot_owner[slot]
    supplier = buyer // world.rows * world.rows + world.state.supplier[arm, slot]
    pair = np.unique((arm.astype(np.int64) * firms + buyer) * firms + supplier)
    counted = pair // firms // firms * firms + pair % firms if of_suppliers else pair // firms
    return np.bincount(counted, minlength=world.arms * firms).reshape(world.state.active.shape).astype(np.int16)


def _other_sales(world: World) -> Array:
    """Output less what contract events take of it, their orders being served like all others, (arms, bases, rows)."""
    flows, contract = world.flows, np.asarray(world.environment.contract)
    ordered = flows.outside_demand + flows.local_orders
    served = flows.output / np.where(ordered > 0.0, ordered, 1.0)
    sales: Array = flows.output - contract * served
    return sales


_COLUMNS: dict[str, Callable[[World], Array]] = {
    "output": lambda world: world.flows.output.copy(),
    "other_sales": _other_sales,
    "group": lambda world: world.state.group.copy(),
    "suppliers": lambda world: _partners(world, of_suppliers=False),
    "clients": lambda world: _partners(world, of_suppliers=True),
    "active": lambda world: world.state.active.copy(),
    "organisation": lambda world: world.state.organisation.copy(),
    "tie": lambda world: world.state.tie_label.copy(),
}


def _burn_in(world: World, columns: Collection[str]) -> _Watcher:
    """The burn-in, its last year watched. Before its first month nothing was sold that is known, and firms are as they
    were at its end."""
    watcher = _Watcher(columns)
    recorder = Recorder(world, np.zeros(1, dtype=np.int64), BEFORE)
    for _ in range(world.burn_in):
        schedule.month(world)
        if world.month > world.burn_in - BEFORE:
            recorder.record(world)
            watcher.look(world, recorder)
    batch.set_known_links(world)
    for name, column in watcher.columns.items():
        unknown = np.full(world.state.active.shape, np.nan) if name in FLOWS else _COLUMNS[name](world)
        column[:0] = [unknown] * (BEFORE - len(column))
    return watcher


def _joins(world: World, arm: int, policy: Policy) -> Array:
    """Firms that are members from the policy's first month on, (bases, rows)."""
    if policy.everyone:
        return world.state.active[arm]
    organised: Array = world.state.active[arm] & world.state.organisation[arm]
    return organised


def _shocks_of_firms(scenario: Scenario) -> list[Event]:
    return [event for event in scenario.events if event.shock and event.kind in EVENTS_OF_FIRMS]


def _joined(before: dict[str, list[Array]], after: dict[str, list[Array]], arms: int) -> dict[str, Array]:
    """(arms, bases, months, rows) of each column; all arms share the burn-in."""
    columns = {}
    for name, months in after.items():
        shape = months[0].shape
        column = np.empty((arms, shape[1], BEFORE + len(months), shape[2]), dtype=months[0].dtype)
        for number, month in enumerate([*before[name], *months]):
            column[:, :, number] = month
        columns[name] = column
        months.clear()
    return columns


def _hit(world: World, scenario: Scenario) -> Array:
    """Firms that a shock concerns, (bases, rows)."""
    hit = np.zeros(world.state.active.shape[1:], dtype=bool)
    for event in _shocks_of_firms(scenario):
        hit |= concerned(world, event)[0]
    return hit


def _customers(world: World, hit: Array) -> Array:
    """Firms that are not hit and buy from one that is, (arms, bases, rows)."""
    arm, slot = np.nonzero(world.state.channel >= PAIRED)
    base, row = world.base_of_slot[slot], world.row_of_slot[slot]
    buys = hit[base, world.state.supplier[arm, slot]]
    customers = np.zeros(world.state.active.shape, dtype=bool)
    customers[arm[buys], base[buys], row[buys]] = True
    return customers & ~hit


def _pairs(world: World) -> dict[str, Array]:
    """The pairing events in their order; see `Watched.pairs`."""
    assert world.log is not None
    names = ("month", "arm", "slot", "supplier", "code")
    empty = np.zeros(0, dtype=np.int64)
    log = {name: np.concatenate([empty, *(part[name] for part in world.log.pairs)]) for name in names}
    slot = log["slot"]
    base = world.base_of_slot[slot]
    month = log["month"] - world.burn_in
    return {
        "arm": log["arm"],
        "seed": base,
        "month": month,
        "buyer": world.row_of_slot[slot],
        "slot": world.population.slot_number[slot],
        "supplier": np.where(log["supplier"] >= 0, log["supplier"] - base * world.rows, -1),
        "code": log["code"],
        "volume": world.population.slot_volume[slot],
        "since": _since(log["arm"] * world.population.slots + slot, month, log["code"]),
    }


def _since(place: Array, month: Array, code: Array) -> Array:
    """Month in which each event's pair was made; 0 for those that end and were made before month 1."""
    order = np.argsort(place, kind="stable")
    before = np.roll(order, 1)
    same = place[before] == place[order]
    if len(same):
        same[0] = False
    since = np.empty(len(order), dtype=np.int64)
    since[order] = np.where(same, month[before], 0)
    return np.where(code > 0, month, since)
