"""Step 6. Orders and inputs, production and deliveries, and what follows for capacity and productivity.

`receive` comes before mutual aid, `produce` after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, group_sum, is_column, pick, positions
from clustersim.spec.month import Flows
from clustersim.spec.state import OPEN, TALENT, WANTED
from clustersim.spec.world import World

ORDER_LIMIT = 1.25  # a buyer orders at most so much of a slot's volume
STOCK_REFILL = 0.1  # months of stock that a paired slot lays in, in a month without use
LEAST_INPUT_RATE = 0.05  # without it a dense network can lock at zero
LEAST_OUTSIDE_SHARE = 0.02  # of outside orders that survive rerouting
LARGEST_BURDEN = 0.5
SMOOTHING_MONTHS = 6.0


# --- formulas: they work on a number and on an array alike -------------------------------------------------------


def order(volume: Any, utilisation: Any) -> Any:
    """V * min(1.25, u of the buyer last month), 10k yuan."""
    return volume * np.minimum(ORDER_LIMIT, utilisation)


def paired_input(delivery: Any, specificity: Any, outside: Any) -> Any:
    """x = f + (1 - s) (1 - f) ext: the buyer tops up outside as far as the good is not specific."""
    return delivery + (1.0 - specificity) * (1.0 - delivery) * outside


def use_of_stock(stock: Any, inputs: Any) -> Any:
    """min(stock, 1 - x), never negative."""
    return np.maximum(0.0, np.minimum(stock, 1.0 - inputs))


def next_stock(stock: Any, use: Any, full: Any) -> Any:
    """The stock less its use; in a month without use 0.1 more, up to `full`."""
    return np.where(use > 0.0, stock - use, np.maximum(stock, np.minimum(full, stock + STOCK_REFILL)))


def input_rate(mean: Any, least: Any, choke: Any) -> Any:
    """e = max(0.05, (1 - r) mean x + r min x); r is how much a missing input chokes output."""
    return np.maximum(LEAST_INPUT_RATE, (1.0 - choke) * mean + choke * least)


def burden(firm_days: Any, burden_day: Any) -> Any:
    """Share of a month's output that meetings cost, at most 0.5."""
    return np.minimum(LARGEST_BURDEN, burden_day * firm_days)


def working_share(burden: Any, vacancy: Any) -> Any:
    """(1 - burden) (1 - vacancy): share of a month that meetings and an open talent need leave."""
    return (1.0 - burden) * (1.0 - vacancy)


def potential_output(full_output: Any, inputs: Any, working: Any, loss: Any) -> Any:
    """P = q A (e / e0) (1 - burden) (1 - vacancy) (1 - loss). `inputs` is e / e0."""
    return full_output * inputs * working * (1.0 - loss)


def service_level(productivity: Any, input_rate: Any, working: Any, normal: Any) -> Any:
    """g = A e (1 - burden) (1 - vacancy) / (A_ref e0). `normal` is A_ref e0."""
    return productivity * input_rate * working / normal


def reputation_after(reputation: Any, service: Any, speed: Any) -> Any:
    """G + sigma (g - G): a passing shortage does not lose customers at once."""
    return reputation + speed * (service - reputation)


def attractiveness(reputation: Any, elasticity: Any, relative_capacity: Any, capacity_pull: Any) -> Any:
    """z = G^elasticity * (q / q_ref)^kappa, through logarithms."""
    return np.exp(elasticity * np.log(reputation) + capacity_pull * np.log(relative_capacity))


def rivals(pulled: Any, weight: Any, rivalry: Any) -> Any:
    """zbar^rivalry, zbar = sum of weight * z over a good's active sellers / their weight; 1 where nobody sells it.

    Args:
        pulled: sum of weight * z. weight: that of the good's incumbents, or of its active sellers if it has none.
    """
    sold = np.asarray(weight) > 0.0
    mean = np.where(sold, pulled / np.where(sold, weight, 1.0), 1.0)
    return np.exp(rivalry * np.log(mean))


def smoothed_after(smoothed: Any, demand: Any) -> Any:
    """Dbar + (D - Dbar) / 6."""
    return smoothed + (demand - smoothed) / SMOOTHING_MONTHS


def outside_demand(level: Any, attraction: Any, rivalled: Any, rerouted: Any) -> Any:
    """D = level * z / zbar^rivalry - reroute * L, at least 2% of the first term. `rivalled` is zbar^rivalry."""
    first = level * attraction / rivalled
    return np.maximum(LEAST_OUTSIDE_SHARE * first, first - rerouted)


def delivered_share(potential: Any, local: Any, outside: Any, priority: Any) -> Any:
    """f = pi min(1, P / L) + (1 - pi) min(1, P / (D + L)), 1 where nothing is ordered locally."""
    asked = np.where(local > 0.0, local, 1.0)
    everything = np.where(local > 0.0, outside + local, 1.0)
    share = priority * np.minimum(1.0, potential / asked) + (1.0 - priority) * np.minimum(1.0, potential / everything)
    return np.where(local > 0.0, share, 1.0)


def capacity_after(capacity: Any, utilisation: Any, normal: Any, adjustment: Any) -> Any:
    """q exp(gamma (u - u*))."""
    return capacity * np.exp(adjustment * (utilisation - normal))


def productivity_after(productivity: Any, reference: Any, reversion: Any) -> Any:
    """A (A_ref / A)^delta, through logarithms."""
    return productivity * np.exp(reversion * np.log(reference / productivity))


# --- the step over all runs ---------------------------------------------------------------------------------------


def receive(world: World) -> None:
    """Orders, local orders L of every supplier, and the share x of every slot's order that is at hand."""
    flat, parameters, shape = world.flat, world.parameters, world.state.channel.shape
    pair = positions(flat.channel > OPEN)
    seller = world.supplier_of(pair)
    orders = order(world.population.slot_volume, flat.utilisation[world.buyer].reshape(shape))
    local_orders = group_sum(seller, orders.reshape(-1)[pair], world.arms * world.firms)
    inputs = np.empty(shape)
    inputs[:] = _outside_supply(world)
    at_hand = inputs.reshape(-1)
    delivered = paired_input(flat.delivery[seller], world.by_slot(parameters.specificity, pair), at_hand[pair])
    stock = flat.stock[pair]
    use = use_of_stock(stock, delivered)
    at_hand[pair] = delivered + use
    flat.stock[pair] = next_stock(stock, use, world.by_slot(parameters.stock, pair))
    world.flows = Flows(
        pair, world.buyer[pair], seller, orders, inputs, local_orders.reshape(world.state.capacity.shape)
    )


def _outside_supply(world: World) -> Any:
    """ext = (1 - friction) * availability of each slot's good: a number, (slots,) or (arms, slots)."""
    level = 1.0 - pick(world.parameters.friction, world.base_of_slot)
    availability = world.environment.availability
    if not is_column(availability):
        return level
    return level * availability[np.arange(world.arms)[:, None], np.maximum(world.state.slot_good, 0)]


def produce(world: World) -> None:
    """From inputs to output and deliveries; then capacity and productivity of the next month."""
    parameters, state, flows, environment = world.parameters, world.state, world.flows, world.environment
    state.input_rate[:] = _input_rate(world)
    normal, working = world.normal_input_rate, _working_share(world)
    full = state.capacity * state.productivity
    potential = potential_output(full, state.input_rate / normal, working, environment.loss)
    usual = world.population.productivity_reference * normal
    service = service_level(state.productivity, state.input_rate, working, usual)
    state.reputation[:] = reputation_after(state.reputation, service, parameters.reputation_speed)
    demand = _outside_demand(world)
    output = np.minimum(potential, demand + flows.local_orders)
    flows.full_output, flows.output, flows.potential, flows.outside_demand = full, output, potential, demand
    _deliver(world)
    np.divide(output, full, out=state.utilisation)
    state.smoothed_demand[:] = smoothed_after(state.smoothed_demand, demand)
    state.capacity[:] = capacity_after(
        state.capacity, state.utilisation, parameters.normal_utilisation, parameters.capacity_adjustment
    )
    state.productivity[:] = productivity_after(
        state.productivity, world.population.productivity_reference, parameters.productivity_reversion
    )


def _input_rate(world: World) -> Array:
    at_hand, shape = world.flows.inputs.reshape(-1), world.state.capacity.shape
    total = group_sum(world.buyer, at_hand, world.arms * world.firms).reshape(shape)
    least = np.full(world.arms * world.firms, np.inf)
    np.minimum.at(least, world.buyer, at_hand)
    return input_rate(total / world.slots_of_firm, least.reshape(shape), world.parameters.choke)


def _working_share(world: World) -> Any:
    """(1 - burden) (1 - vacancy where a talent need is open)."""
    parameters = world.parameters
    vacancy = parameters.vacancy_loss * (world.state.service_state[..., TALENT] == WANTED)
    if not any(np.any(levers.firm_days) for levers in world.levers):
        return working_share(0.0, vacancy)
    lost = np.zeros(vacancy.shape)
    for arm, levers in enumerate(world.levers):
        lost[arm] = burden(levers.firm_days, parameters.burden_day)
    return working_share(lost, vacancy)


def _deliver(world: World) -> None:
    """f of every firm; few have local orders."""
    flows, flat = world.flows, world.flat
    seller = positions(flows.local_orders)
    flat.delivery[:] = 1.0
    flat.delivery[seller] = delivered_share(
        flows.potential.reshape(-1)[seller],
        flows.local_orders.reshape(-1)[seller],
        flows.outside_demand.reshape(-1)[seller],
        world.by_firm(world.parameters.pair_priority, seller),
    )


def _outside_demand(world: World) -> Array:
    """Outside orders D of every firm; nothing for reserve rows before they enter."""
    parameters, state, population, environment = world.parameters, world.state, world.population, world.environment
    attraction = attractiveness(
        state.reputation,
        parameters.elasticity,
        state.capacity / population.capacity_reference,
        parameters.capacity_pull,
    )
    rerouted = parameters.reroute * world.flows.local_orders
    demand = outside_demand(environment.demand, attraction, _rivals(world, attraction), rerouted) + environment.contract
    return demand if population.rows == population.incumbents else np.where(state.active, demand, 0.0)


def _rivals(world: World, attraction: Array) -> Array:
    """zbar^rivalry of each firm's good: attraction of its active sellers by weight, over its incumbents' weight."""
    market, weight, known = world.kept("markets", lambda: _markets(world))
    pulled = group_sum(market, (weight * attraction).reshape(-1), len(known))
    runs = world.arms * world.bases
    rivalry = np.broadcast_to(world.parameters.rivalry, (world.arms, world.bases, 1)).reshape(runs, 1)
    by_market = rivals(pulled.reshape(runs, -1), known.reshape(runs, -1), rivalry)
    return by_market.reshape(-1)[market].reshape(attraction.shape)


def _markets(world: World) -> tuple[Array, Array, Array]:
    """The market of every run firm, the weight of active firms, and the weight of a market's incumbents, or of its
    active sellers if it has none."""
    population, state = world.population, world.state
    markets = world.arms * world.bases * population.goods
    market = np.arange(world.arms * world.firms) // world.rows * population.goods + np.maximum(world.flat.good, 0)
    weight = np.where(state.active, population.weight, 0.0)
    incumbent = weight.copy()
    incumbent[..., population.incumbents :] = 0.0
    known = group_sum(market, incumbent.reshape(-1), markets)
    return market, weight, np.where(known > 0.0, known, group_sum(market, weight.reshape(-1), markets))
