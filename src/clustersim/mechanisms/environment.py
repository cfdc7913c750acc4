"""Step 1. Demand of chains, noise of firms, scheduled events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clustersim.arrays import Array
from clustersim.spec.draws import chance, laplace, normal
from clustersim.spec.month import Environment
from clustersim.spec.policy import Event
from clustersim.spec.world import World

STATIONARY_TERMS = 128  # innovations behind the noise at month 0; .95**256 of its variance is left out


def autoregressive(before: Any, persistence: Any, spread: Any, innovation: Any) -> Any:
    """persistence * before + spread * innovation, the innovation of mean 0 and standard deviation 1."""
    return persistence * before + spread * innovation


def stationary_variance(persistence: Any, spread: Any) -> Any:
    """Variance of the AR(1) process: spread^2 / (1 - persistence^2)."""
    return spread * spread / (1.0 - persistence * persistence)


def noise_factor(noise: Any, variance: Any) -> Any:
    """exp(n - var n / 2)."""
    return np.exp(noise - variance / 2.0)


def chain_level(log_demand: Any, trend: Any, months: Any) -> Any:
    """M = exp(m + trend * months), the months since the trend began."""
    return np.exp(log_demand + trend * months)


def initial(world: World) -> Environment:
    """Month 0: M = 1, and firm noise from its stationary law as the sum of its last innovations."""
    parameters = world.parameters
    noise = np.zeros((world.bases, world.rows))
    for term in range(STATIONARY_TERMS):
        innovation = laplace(world.firm_words("environment.noise_start", month=term))
        noise = autoregressive(noise, parameters.noise_persistence, parameters.noise_spread, innovation)
    chains = np.zeros((world.bases, world.population.chains))
    return Environment(noise, chains, np.zeros(noise.shape), chains[None], np.zeros((1, *noise.shape)))


def step(world: World, events: Sequence[Event] = (), with_events: Array | None = None) -> None:
    """Move chain demand and firm noise on by a month, and let scheduled events act.

    Args:
        events: of the scenario.
        with_events: (arms, events) bool, which arms meet which event; None for all.
    """
    parameters, environment = world.parameters, world.environment
    environment.noise = autoregressive(
        environment.noise,
        parameters.noise_persistence,
        parameters.noise_spread,
        laplace(world.firm_words("environment.noise")),
    )
    environment.chain_demand = autoregressive(
        environment.chain_demand,
        parameters.demand_persistence,
        parameters.demand_spread,
        _chain_innovations(world),
    )
    environment.firm_demand, environment.chain_factor = _demand(world)
    _act(world, events, np.ones((world.arms, len(events)), dtype=bool) if with_events is None else with_events)
    world.spread_demand()


def _chain_innovations(world: World) -> Array:
    chains = world.population.chains
    base = np.repeat(np.arange(world.bases), chains)
    first, second, *_ = world.details("environment.chain_demand", base, np.tile(np.arange(chains), world.bases))
    return normal(first, second).reshape(world.bases, chains)


def _demand(world: World) -> tuple[Array, Array]:
    """weight * exp(n - var n / 2) of each firm, (bases, rows), and M of each chain, (1, bases, chains)."""
    parameters, environment, population = world.parameters, world.environment, world.population
    months = max(0, world.month - world.burn_in)  # the trend starts where policies can
    variance = stationary_variance(parameters.noise_persistence, parameters.noise_spread)
    chain_factor = chain_level(environment.chain_demand, world.chain_trend, months)
    return population.weight * noise_factor(environment.noise, variance), chain_factor[None]


def _act(world: World, events: Sequence[Event], with_events: Array) -> None:
    environment, month = world.environment, world.month - world.burn_in
    environment.availability = environment.search_factor = 1.0
    environment.contract = environment.loss = 0.0
    for number, event in enumerate(events):
        length = 1 if event.kind == "finance" else event.months
        if event.month <= month < event.month + length and with_events[:, number].any():
            _EFFECTS[event.kind](world, event, with_events[:, number])


def concerned(world: World, event: Event) -> Array:
    """Firms that a capacity, contract or finance event concerns, (arms, bases, rows): listed, or by site and chain."""
    state = world.state
    chosen = state.active.copy()
    if event.firms:
        listed = np.zeros(world.rows, dtype=bool)
        listed[list(event.firms)] = True
        chosen &= listed
    if event.sites:
        chosen &= np.isin(state.site, event.sites)
    if event.chains:
        chosen &= np.isin(state.chain, event.chains)
    if event.share < 1.0:
        stream = f"drawn.{event.drawn}" if event.drawn else f"{event.label}.share"
        chosen &= chance(world.firm_words(stream, month=0), event.share)
    return chosen


def _demand_event(world: World, event: Event, arms: Array) -> None:
    chains = np.arange(world.population.chains)
    hit = np.isin(chains, event.chains) if event.chains else np.ones(len(chains), dtype=bool)
    factor = np.where(arms[:, None] & hit, event.size, 1.0)
    world.environment.chain_factor = world.environment.chain_factor * factor[:, None]


def _supply_event(world: World, event: Event, arms: Array) -> None:
    population = world.population
    hit = np.ones(population.goods, dtype=bool)
    if event.chains:
        hit &= np.isin(population.good_chain, event.chains)
    if event.tiers:
        hit &= np.isin(population.good_tier, event.tiers)
    there = np.ones(population.sites, dtype=bool)
    if event.sites:
        there = np.isin(np.arange(population.sites), event.sites)
    factor = np.where(arms[:, None, None] & there[:, None] & hit, event.size, 1.0)
    world.environment.availability = world.environment.availability * factor


def _capacity_event(world: World, event: Event, arms: Array) -> None:
    lost = np.where(concerned(world, event) & arms[:, None, None], event.size, 0.0)
    world.environment.loss = 1.0 - (1.0 - world.environment.loss) * (1.0 - lost)


def _contract_event(world: World, event: Event, arms: Array) -> None:
    orders = event.size * world.population.capacity_reference
    world.environment.contract = world.environment.contract + np.where(
        concerned(world, event) & arms[:, None, None], orders, 0.0
    )


def _finance_event(world: World, event: Event, arms: Array) -> None:
    reached = concerned(world, event) & arms[:, None, None]
    np.multiply(world.state.capacity, 1.0 + event.size, out=world.state.capacity, where=reached)


def _search_event(world: World, event: Event, arms: Array) -> None:
    hit = np.ones(world.population.sites, dtype=bool)
    if event.sites:
        hit = np.isin(np.arange(world.population.sites), event.sites)
    factor = np.where(arms[:, None] & hit, event.size, 1.0)
    world.environment.search_factor = world.environment.search_factor * factor


_EFFECTS = {
    "demand": _demand_event,
    "supply": _supply_event,
    "capacity": _capacity_event,
    "contract": _contract_event,
    "finance": _finance_event,
    "search": _search_event,
}
