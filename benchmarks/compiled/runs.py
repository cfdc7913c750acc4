"""Runs in memory and their month: the words of the month are drawn by NumPy, the rest is one compiled call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.policy import Policy
from clustersim.spec.state import SERVICES, SLOT_STRIDE
from clustersim.spec.world import World

from .draws import WORD_RANGE, compiled
from .layout import Memory, Today, memory_of
from .policy import policy as policy_step
from .production import aid, inputs, learn, produce
from .rules import Streams, plan_of
from .search import goods, services

NO_WORDS = np.zeros((0, 0), dtype=np.uint32)


@dataclass(eq=False)
class Runs:
    """Runs of one arm. `world` lends its draws, and nothing else after the copy."""

    world: World
    month: int
    burn_in: int
    horizon: int
    memory: Memory
    streams: Streams


def from_world(world: World, policy: Policy | None = None, horizon: int = 60) -> Runs:
    """Copies a world of one arm, in its burn-in or at its end.

    Args:
        policy: what the months after the burn-in follow; None for no alliance.
        horizon: months after the burn-in that may be simulated.

    Raises:
        NotImplementedError: the world or the policy holds what the loops do not know.
    """
    _refuse_others(world)
    plan = plan_of(policy, world.parameters, horizon, world.population.sites)
    memory = memory_of(world, plan.rules, plan.rounds, plan.calendar)
    return Runs(world, world.month, world.burn_in, horizon, memory, plan.streams)


def _refuse_others(world: World) -> None:
    """Raises:
    NotImplementedError: what the loops do not know.
    """
    parameters = world.parameters.as_dict().values()
    for is_wrong, what in (
        (world.arms != 1, "worlds of several arms"),
        (world.month > world.burn_in, "worlds whose policies have begun"),
        (world.population.rows != world.population.incumbents, "reserve rows"),
        (any(isinstance(value, np.ndarray) for value in parameters), "columns of parameters"),
        (len(world.draws.seeds) != world.bases, "several points"),
        (len(world.population.links) and world.month < world.burn_in, "known links before the end of the burn-in"),
        (np.any(world.environment.loss) or np.any(world.environment.availability != 1.0), "events"),
    ):
        if is_wrong:
            raise NotImplementedError(f"the compiled month does not know {what}")


def month(runs: Runs) -> None:
    """One month of all runs."""
    simulate(runs, draw(runs))


def simulate(runs: Runs, today: Today) -> None:
    """The month whose words are drawn."""
    runs.memory.ledger.view(np.float64)[:] = 0.0
    month_of_bases(runs.memory, today)


def draw(runs: Runs) -> Today:
    """The words of the next month, those of a policy only where one of its rules asks for them.

    A survey that finds everything asks for none. Words are copied where those of the seeds do not stand side by side,
    as with few firms, of which many months are drawn at once.

    Raises:
        ValueError: the month is behind the horizon.
    """
    if runs.month >= runs.burn_in + runs.horizon:
        raise ValueError(f"the runs were made for {runs.horizon} months after the burn-in")
    runs.month += 1
    rules, rounds, streams, now = runs.memory.rules, runs.memory.rounds, runs.streams, max(0, runs.month - runs.burn_in)
    asked = runs.memory.calendar[now]

    def words(stream: str, a_firm: int = 1, wanted: bool = True) -> Array:
        return np.ascontiguousarray(runs.world.draws.words(stream, runs.month, a_firm)) if wanted else NO_WORDS

    surveyed = (asked["budget"] > 0) & (rounds["survey"] < WORD_RANGE)
    goods_too = surveyed & rounds["lists_goods"]
    return Today(
        month=runs.month,
        now=now,
        noise=words("environment.noise"),
        opening=words("needs.opening", len(SERVICES)),
        ending=words("endings.pair", SLOT_STRIDE),
        search=words("search.goods", SLOT_STRIDE),
        service_search=words("search.services", len(SERVICES)),
        founding=words("organisation.founding", 1, now > 0 and rules["founds"]),
        tie_order=words(streams.tie_order, 1, asked["tie_quota"] > 0),
        group_order=words(streams.group_order, 1, asked["forms_groups"]),
        contact=words(streams.contact, SLOT_STRIDE, asked["groups_meet"]),
        surveys=tuple(map(words, streams.surveys, [SLOT_STRIDE] * len(goods_too), goods_too)),
        service_surveys=tuple(map(words, streams.service_surveys, [len(SERVICES)] * len(surveyed), surveyed)),
    )


@compiled
def month_of_bases(memory, today):
    """All steps of a base, then of the next one: its records stay in the cache as far as it holds them."""
    acts = memory.rules.acts and today.now > 0
    for base in range(len(memory.base)):
        services(memory, today, base)
        goods(memory, today, base)
        if acts:
            policy_step(memory, today, base)
        pairs = inputs(memory, base)
        if memory.rules.aids and acts:
            aid(memory, base)
        produce(memory, today, base)
        learn(memory, today.now, base, pairs)
