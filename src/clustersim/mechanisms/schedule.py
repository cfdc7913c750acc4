"""The month as a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from clustersim import instruments
from clustersim.arrays import Array, sum_of_firms
from clustersim.mechanisms import (
    aid,
    brokerage,
    endings,
    entry,
    environment,
    learning,
    needs,
    organisation,
    production,
    search,
    service_search,
    ties,
)
from clustersim.spec.formulas import places_open
from clustersim.spec.levers import Contacts, Formation, Levers, Round, Ties, combine
from clustersim.spec.month import Ledger
from clustersim.spec.policy import Event, Policy
from clustersim.spec.world import World


def month(
    world: World,
    policies: Sequence[Policy] = (),
    events: Sequence[Event] = (),
    with_events: Array | None = None,
) -> None:
    """One month of all runs of a world.

    Args:
        policies: of each arm; none in the burn-in.
        events: scheduled events; with_events (arms, events) says which arms meet which.
    """
    world.month += 1
    world.ledger = Ledger.empty(world.arms, world.bases)
    for name, step in steps(policies, events, with_events):
        with world.clock.timed(name):
            step(world)


def steps(
    policies: Sequence[Policy], events: Sequence[Event], with_events: Array | None
) -> list[tuple[str, Callable[[World], None]]]:
    """The steps of a month by name, in order: data that can be printed and timed."""
    return [
        ("environment", lambda world: environment.step(world, events, with_events)),
        ("needs", needs.step),
        ("endings", endings.step),
        ("search", search.step),
        ("service_search", service_search.step),
        ("policy", lambda world: _policies(world, policies)),
        ("inputs", production.receive),
        ("aid", aid.step),
        ("production", production.produce),
        ("learning", learning.step),
    ]


def _policies(world: World, policies: Sequence[Policy]) -> None:
    for arm, policy in enumerate(policies):
        policy_step(world, arm, policy)


def policy_step(world: World, arm: int, policy: Policy) -> None:
    """All instruments read the state as it stands now; then what they ask for is carried out in the policy's order."""
    now = world.month - world.burn_in
    if policy.start is None or now < policy.start:
        return
    organisation.join(world, arm, policy.everyone)
    if now == policy.start:
        world.state.joined[arm] = world.state.member[arm]
    with world.clock.timed("levers"):
        levers = combine(_requests(world, arm, policy, now))
    world.levers[arm] = levers
    _open_places(world, arm)
    organisation.found(world, arm)
    ties.dissolve(world, arm)
    world.know_projects(arm)
    for action in levers.actions:
        with world.clock.timed(type(action).__name__.lower()):
            _CARRY_OUT[type(action)](world, arm, action)
    for request in levers.entries:
        entry.carry_out(world, arm, request)
    _book(world, arm, levers)


def _requests(world: World, arm: int, policy: Policy, now: int) -> list[Levers]:
    """What each instrument that is active in this month of the scenario asks for."""
    view = world.view(arm)
    return [
        instruments.module(use.instrument).levers(view, use)
        for use in policy.instruments
        if use.start <= now and (use.end is None or now <= use.end)
    ]


_CARRY_OUT: dict[type, Callable[[World, int, Any], None]] = {
    Formation: organisation.form_groups,
    Contacts: search.meet_in_groups,
    Round: brokerage.carry_out,
    Ties: ties.carry_out,
}


def _open_places(world: World, arm: int) -> None:
    levers = world.levers[arm]
    world.state.places[arm] = places_open(world.population.provider_places, levers.places_factor, levers.places_added)


def _book(world: World, arm: int, levers: Levers) -> None:
    ledger = world.ledger
    ledger.staff_months[arm] += np.reshape(levers.staff_months, -1)
    ledger.money[arm] += np.reshape(levers.money, -1)
    days = np.broadcast_to(levers.firm_days, (world.bases, world.rows))
    ledger.firm_days[arm] += sum_of_firms(days, world.population.incumbents)
