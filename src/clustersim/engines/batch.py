"""The batch engine: all runs of a block at once, vectorised over (arms, bases, firms) and (arms, slots).

A base is one (parameter point, seed). Bases share the numbers of their seed; arms share population, environment and
burn-in, which is simulated once and then branched. Which runs stand in a block changes no bit of any of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from clustersim import instruments, population
from clustersim.arrays import Array, pick
from clustersim.engines.arms import LINK_TRUST, Arm, arms_of, reserve_rows, with_events
from clustersim.engines.bases import Bases
from clustersim.mechanisms import environment, schedule
from clustersim.mechanisms.measurement import Recorder
from clustersim.scenario.model import Scenario
from clustersim.spec import logbook
from clustersim.spec.draws import Draws
from clustersim.spec.levers import Levers
from clustersim.spec.month import Environment, Log
from clustersim.spec.parameters import Values
from clustersim.spec.policy import InstrumentUse
from clustersim.spec.state import COLUMNS, NO_SLOT, OPEN, ROSTER, SERVICES, Population, State
from clustersim.spec.world import World


def world_of(bases: Bases, reserve: int | None = None) -> World:
    """The runs of a block at month 0 of the burn-in, one arm.

    Args:
        reserve: rows for entrants; None: as many as any of the points asks for. More of them change nothing.
    """
    scenario = bases.scenario
    _refuse_other_worlds(bases.points)
    parameters = stacked([point.parameters for point in bases.points], bases.point_of_base)
    rows = reserve_rows(bases.points) if reserve is None else reserve
    draws = Draws(bases.seeds, scenario.population.firms, rows, scenario.time.burn_in + scenario.time.horizon)
    people = population.build(scenario.population, parameters, draws, bases.seed_of_base)
    world = World(people, initial_state(people, parameters, 1), parameters, draws, bases.seed_of_base)
    world.burn_in = scenario.time.burn_in
    trend = [np.nan if chain.trend is None else chain.trend for chain in scenario.population.chains]
    world.chain_trend = np.where(np.isnan(trend), parameters.demand_trend, trend)
    world.environment = environment.initial(world)
    return world


def _refuse_other_worlds(points: Sequence[Scenario]) -> None:
    """Points of one world differ in numbers only.

    Raises:
        ValueError: they differ in time, population, events, or in what their policies are made of.
    """

    def made_of(point: Scenario) -> tuple[object, ...]:
        uses = [
            (policy.name, policy.everyone, use.label, use.instrument, use.start, use.end, use.who)
            for policy in point.policies
            for use in policy.instruments
        ]
        return point.time, point.population, point.events, uses

    if any(made_of(point) != made_of(points[0]) for point in points[1:]):
        raise ValueError("points that differ in more than numbers need worlds of their own")


def stacked(values: Sequence[Values], point_of_base: Array, whole: Collection[str] = ()) -> Values:
    """Values of several points as one: a number where they agree, else a column (bases, 1).

    Raises:
        ValueError: they differ in what no column can hold: words, lists, or the whole numbers in `whole`.
    """
    first = values[0].as_dict()
    together: dict[str, Any] = {}
    for name, value in first.items():
        column = [getattr(one, name) for one in values]
        same = all(one == value for one in column)
        if not same and (name in whole or not isinstance(value, (int, float))):
            raise ValueError(f"points that differ in {name} need worlds of their own")
        together[name] = value if same else np.array(column)[point_of_base][:, None]
    return Values(together)


def stacked_policies(bases: Bases) -> list[Arm]:
    """The arms of the first point, with the numbers of all points as columns."""
    arms, arms_of_points = [], [arms_of(point) for point in bases.points]
    for number, arm in enumerate(arms_of_points[0]):
        uses = tuple(
            _stacked_use([of_point[number].policy.instruments[place] for of_point in arms_of_points], bases)
            for place in range(len(arm.policy.instruments))
        )
        arms.append(replace(arm, policy=replace(arm.policy, instruments=uses)))
    return arms


def _stacked_use(uses: Sequence[InstrumentUse], bases: Bases) -> InstrumentUse:
    """Months and counts of an instrument decide what happens when, for all runs of a world alike."""
    registry = instruments.parameters(uses[0].instrument).values()
    whole = [parameter.name for parameter in registry if parameter.kind != "number"]
    return replace(uses[0], values=stacked([use.values for use in uses], bases.point_of_base, whole))


def initial_state(people: Population, parameters: Values, arms: int) -> State:
    """Month 0: all goods slots open, services idle, no trust, nobody a member."""
    sizes = {
        "firm": (people.bases, people.rows),
        "slot": (people.slots,),
        "service": (people.bases, people.rows, len(SERVICES)),
        "place": (people.bases, people.providers, len(SERVICES)),
        "site": (people.bases, people.sites),
        "chain": (people.bases, people.chains),
        "group": (people.bases, people.rows),
    }
    state = State({name: np.zeros((1, *sizes[one.axis]), dtype=one.dtype) for name, one in COLUMNS.items()})
    state.active[:, :, : people.incumbents] = True
    for name in ("chain", "tier", "site", "good", "organisation"):
        getattr(state, name)[:] = getattr(people, name)
    for name in ("group", "tie_partner", "supplier", "service_provider"):
        getattr(state, name)[:] = -1
    state.capacity[:] = people.capacity_reference
    state.productivity[:] = people.productivity_reference
    state.smoothed_demand[:] = people.weight
    state.reputation[:] = state.delivery[:] = 1.0
    state.input_rate[:] = 1.0 - parameters.friction
    state.utilisation[:] = parameters.normal_utilisation
    state.output[:] = parameters.normal_utilisation * (people.capacity_reference * people.productivity_reference)
    base_of_slot = people.slot_owner // people.rows
    state.stock[:] = pick(parameters.stock, base_of_slot)
    state.slot_good[:] = people.slot_good
    state.channel[:] = np.where(people.slot_good >= 0, OPEN, NO_SLOT)
    state.places[:] = people.provider_places
    return state.branch(arms) if arms > 1 else state


def burn_in(world: World) -> None:
    """The months before policies, and the pairs that a roster knows at their end."""
    for _ in range(world.burn_in):
        schedule.month(world)
    set_known_links(world)


def set_known_links(world: World) -> None:
    links = world.population.links
    if len(links):
        slot, row = links.T
        place = world.in_every_arm(slot, world.slots)
        supplier = world.in_every_arm(world.base_of_slot[slot] * world.rows + row, world.firms)
        world.pair(place, supplier, ROSTER, LINK_TRUST)


def branched(world: World, arms: int) -> World:
    """The same runs, once for each arm."""
    branch = World(world.population, world.state.branch(arms), world.parameters, world.draws, world.seed_of_base)
    branch.month, branch.burn_in, branch.chain_trend = world.month, world.burn_in, world.chain_trend
    branch.entrants = world.entrants
    now = world.environment
    branch.environment = Environment(now.noise, now.chain_demand, now.firm_demand, now.chain_factor, now.demand)
    return branch


def run_policies(world: World, scenario: Scenario, arms: Sequence[Arm], recorded_bases: int = 0) -> Recorder:
    """The horizon, all arms side by side."""
    recorder = Recorder(world, np.array([arm.twin for arm in arms]), scenario.time.horizon)
    world.levers = [Levers() for _ in arms]
    if recorded_bases:
        world.log = Log(recorded_bases)
        logbook.log_living(world)
    policies, meets = [arm.policy for arm in arms], with_events(scenario, arms)
    for _ in range(scenario.time.horizon):
        schedule.month(world, policies, scenario.events, meets)
        with world.clock.timed("records"):
            recorder.record(world)
    return recorder
