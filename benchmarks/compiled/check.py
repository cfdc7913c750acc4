"""Whether the compiled month does what the batch engine does, month by month: every pair, place and quantity.

    uv run python -m benchmarks.compiled.check [--quick]

Both start at month 0 of the same seeds and go through burn-in and horizon. Whole numbers, codes and labels are to be
equal, and with them every pairing event: who, whom, month, channel; so are trust, stock and volumes that follow from
them. Other quantities may differ by 1e-9 of the largest of the two: exp and log are other functions here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from clustersim.arrays import Array
from clustersim.scenario.model import Scenario
from clustersim.spec.policy import Policy
from clustersim.spec.state import CHANNELS, OPEN
from clustersim.spec.world import World

from .runs import Runs, from_world, month
from .scenes import POLICIES, VARIANTS, batch_month, branch_of, chain_of, policy_of, start_of, variants_of

TOLERANCE = 1e-9
SIZES = ((28, 20), (500, 4), (5_000, 1))  # firms, seeds
QUICK = ((28, 4), (120, 2))
VARIED = (200, 5)
BURN_IN, HORIZON = 24, 36

_FIRM_EXACT = ("organisation", "member", "joined", "group", "tie_partner", "chain", "site", "good", "contracted")
_FIRM_CLOSE = (
    "input_rate",
    "reputation",
    "delivery",
    "utilisation",
    "smoothed_demand",
    "capacity",
    "productivity",
)
_FLOWS = ("local_orders", "full_output", "output", "potential", "outside_demand")
_SLOT_EXACT = ("channel", "since", "first_trust", "short_months", "good")


@dataclass
class Findings:
    """What was compared: months, pairing events by channel, numbers; and the largest difference by quantity."""

    months: int = 0
    made: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CHANNELS, 0))
    ended: int = 0
    services: int = 0
    members: int = 0
    differences: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def compare(model: Scenario, seeds: int, policy: Policy | None, late: bool = False) -> Findings:
    """Both engines side by side.

    Args:
        late: copy the world at the end of its burn-in, not at month 0.
    """
    found = Findings()
    world = start_of(model, range(seeds))
    if late:
        for _ in range(model.time.burn_in):
            batch_month(world, None)
    runs = from_world(world, policy, model.time.horizon)
    for _ in range(world.month, model.time.burn_in + model.time.horizon):
        if world.month == model.time.burn_in:
            world = branch_of(world)
        before = np.array(world.state.channel), np.array(world.state.supplier)
        batch_month(world, policy if world.month >= model.time.burn_in else None)
        month(runs)
        _count(found, world, before)
        for name, ours, theirs, exact in _columns(world, runs):
            _look(found, f"month {world.month}: {name}", name, ours, theirs, exact)
        if found.wrong:
            break
    return found


def _count(found: Findings, world: World, before: tuple[Array, Array]) -> None:
    state = world.state
    new = (state.channel > OPEN) & ((state.since == world.month) | (state.supplier != before[1]))
    found.months += 1
    for code, name in enumerate(CHANNELS, start=1):
        found.made[name] += int((new & (state.channel == code)).sum())
    found.ended += int(world.ledger.pairs_ended.sum())
    found.services += int(world.ledger.needs_served.sum() + world.ledger.projects.sum())
    found.members = int(state.member.sum())


def _columns(world: World, runs: Runs) -> Iterator[tuple[str, Array, Array, bool]]:
    """Name, compiled, batch, whether they are to be equal."""
    state, flows, memory = world.state, world.flows, runs.memory
    firm, slot, need = memory.firm, memory.slot, memory.need
    owner = np.asarray(world.population.slot_owner)
    for name in _FIRM_EXACT:
        yield name, firm[name], getattr(state, name), True
    paired = slot["supplier"] >= 0
    yield "supplier", np.where(paired, slot["supplier"] - owner // world.rows * world.rows, -1), state.supplier, True
    for name in _SLOT_EXACT:
        yield name, slot[name], getattr(state, "slot_good" if name == "good" else name), True
    for name in ("state", "due", "since", "project"):
        yield f"service_{name}", need[name], getattr(state, f"service_{name}"), True
    base = np.arange(len(need)) // (world.rows * need.size // len(firm))
    provider = np.where(need["provider"] >= 0, need["provider"] - base * world.population.providers, -1)
    yield "service_provider", provider, state.service_provider, True
    yield "places", memory.place["open"], state.places, True
    yield "used", memory.place["used"], state.used, True
    for name in _FIRM_CLOSE:
        yield name, firm[name], getattr(state, name), False
    yield "stock", slot["stock"], state.stock, False
    yield from _trust(world, runs)
    yield "noise", firm["noise"], world.environment.noise, False
    yield "demand", firm["demand"], world.environment.demand, False
    yield "orders", slot["order"], flows.orders, False
    yield "inputs", slot["inputs"], flows.inputs, False
    for name in _FLOWS:
        yield name, firm[name], getattr(flows, name), False
    for name in memory.ledger.dtype.names:
        yield f"ledger.{name}", memory.ledger[name], getattr(world.ledger, name), name not in ("money", "staff_months")


def _trust(world: World, runs: Runs) -> Iterator[tuple[str, Array, Array, bool]]:
    """Of groups that exist; sites and chains have none without forums."""
    exists = np.arange(world.rows) < runs.memory.base["groups"][:, None]
    ours = runs.memory.group["trust"].reshape(exists.shape)
    yield "trust_group", ours[exists], world.state.trust_group[0][exists], False
    for name in ("trust_site", "trust_chain"):
        yield name, np.zeros(getattr(world.state, name).size), getattr(world.state, name), True


def _look(found: Findings, where: str, name: str, ours: Array, theirs: Array, exact: bool) -> None:
    ours, theirs = np.asarray(ours).reshape(-1), np.asarray(theirs).reshape(-1)
    if exact:
        wrong = np.flatnonzero(ours != theirs)
    else:
        size = np.maximum(np.maximum(np.abs(ours), np.abs(theirs)), 1e-300)
        difference = np.abs(ours - theirs) / size
        difference[np.abs(ours - theirs) < 1e-15] = 0.0  # about zero
        found.differences[name] = max(found.differences.get(name, 0.0), float(difference.max(initial=0.0)))
        wrong = np.flatnonzero(~(difference <= TOLERANCE))
    if len(wrong):
        one = wrong[0]
        found.wrong.append(f"{where}: {len(wrong)} differ, the first at {one}: {ours[one]!r}, not {theirs[one]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes only")
    sizes = QUICK if parser.parse_args().quick else SIZES
    cases = [(chain_of(firms, BURN_IN, HORIZON), seeds, name) for firms, seeds in sizes for name in POLICIES]
    cases += [(variants_of(VARIED[0], BURN_IN, HORIZON), VARIED[1], name) for name in VARIANTS]
    failed = False
    for model, seeds, name in cases:
        for late in (False, True):
            found = compare(model, seeds, policy_of(model, name), late)
            failed |= bool(found.wrong)
            where = f"{model.population.firms} firms x {seeds} seeds, {name}"
            _tell(f"{where}{', copied at the branch' if late else ''}", found)
    sys.exit(failed)


def _tell(title: str, found: Findings) -> None:
    worst = max(found.differences, key=lambda name: found.differences[name])
    made = ", ".join(f"{number:,} by {name}" for name, number in found.made.items() if number)
    print(f"{title}: {'DIFFERS' if found.wrong else 'agrees'} in {found.months} months")
    print(f"  pairs made {made}; ended {found.ended:,}; engagements {found.services:,}; members {found.members:,}")
    print(f"  largest relative difference {found.differences[worst]:.1e} ({worst})")
    for line in found.wrong:
        print(f"  {line}")


if __name__ == "__main__":
    main()
