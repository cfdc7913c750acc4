"""Step 6. Orders and inputs, production and deliveries, and what follows for capacity and productivity.

`receive` comes before mutual aid, `produce` after it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import GRAIN, Array, group_sum, is_column, pick, positions
from clustersim.spec.formulas import missing, needed_input
from clustersim.spec.month import Flows
from clustersim.spec.state import OPEN, TALENT, WANTED
from clustersim.spec.world import World

ORDER_LIMIT = 1.25  # a buyer orders at most so much of a slot's volume
STOCK_REFILL = 0.1  # months of stock that a slot lays in, in a month without a shortage
SHORT_GRAINS = 51  # of 1024: up to about 5% missing is no shortage, and stock may be laid in
LEAST_INPUT_RATE = 0.05  # without it a dense network can lock at zero
LEAST_OUTSIDE_SHARE = 0.02  # of outside orders that survive rerouting
LARGEST_BURDEN = 0.5
SMOOTHING_MONTHS = 6.0


# --- formulas: they work on a number and on an array alike -------------------------------------------------------


def order_share(output: Any, normal_output: Any) -> Any:
    """min(1.25, y of last month / (q_ref A_ref)): what a firm orders of its slots' volumes."""
    return np.minimum(ORDER_LIMIT, output / normal_output)


def paired_input(delivery: Any, specificity: Any, outside: Any) -> Any:
    """x = f + (1 - s) (1 - f) ext: the buyer tops up outside as far as the good is not specific."""
    return delivery + (1.0 - specificity) * (1.0 - delivery) * outside


def use_of_stock(stock: Any, short: Any) -> Any:
    """min(stock, short), in months of use."""
    return np.minimum(stock, short)


def refill(stock: Any, use: Any, short: Any, full: Any, availability: Any) -> Any:
    """What a slot lays in, in months of use: up to 0.1, as far as it can be bought and the stock holds it.

    Nothing while stock is used, nor in a shortage: with an empty stock the use is 0 however much is missing.

    Args:
        stock: after the use. full: the largest stock. availability: share of the good that can be bought outside.
    """
    calm = (use == 0.0) & (np.floor(GRAIN * short) <= SHORT_GRAINS)
    return np.where(calm, np.maximum(0.0, np.minimum(full - stock, STOCK_REFILL * availability)), 0.0)


def input_rate(mean: Any, least: Any, choke: Any) -> Any:
    """e = max(0.05, (1 - r) mean x + r min x), at most 1; r is how much a missing input chokes output."""
    return np.minimum(1.0, np.maximum(LEAST_INPUT_RATE, (1.0 - choke) * mean + choke * least))


def burden(firm_days: Any, burden_day: Any) -> Any:
    """Share of a month's output that meetings cost, at most 0.5."""
    return np.minimum(LARGEST_BURDEN, burden_day * firm_days)


def working_share(burden: Any, vacancy: Any) -> Any:
    """(1 - burden) (1 - vacancy): share of a month that meetings and an open talent need leave."""
    return (1.0 - burden) * (1.0 - vacancy)


def output_factor(input_rate: Any, elasticity: Any, working: Any) -> Any:
    """h = e^elasticity (1 - burden) (1 - vacancy), never above 1; the power through logarithms."""
    return np.exp(elasticity * np.log(input_rate)) * working


def potential_output(full_output: Any, loss: Any) -> Any:
    """P = q A (1 - loss): what capacity allows, inputs apart."""
    return full_output * (1.0 - loss)


def output(factor: Any, potential: Any, orders: Any) -> Any:
    """y = h min(P, D + L): what is missing in inputs is missing in output, whether capacity has slack or not."""
    return factor * np.minimum(potential, orders)


def service_level(productivity: Any, reference: Any) -> Any:
    """g = A / A_ref: missing inputs limit output; outside customers do not hold them against a firm."""
    return productivity / reference


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


def crowd(capacity: Any, reference: Any, crowding: Any) -> Any:
    """(Q / Q_ref)^(-crowding), through logarithms: what all firms together use up, whatever they sell.

    Args:
        capacity: Q, sum of q of the active firms of a run. reference: Q_ref, sum of q_ref of its incumbents.
    """
    return np.exp(-crowding * np.log(capacity / reference))


def outside_demand(level: Any, attraction: Any, rivalled: Any, crowded: Any, rerouted: Any) -> Any:
    """D = level * z / zbar^rivalry * crowd - reroute * L, at least 2% of the first term.

    Args:
        rivalled: zbar^rivalry. crowded: (Q / Q_ref)^(-crowding).
    """
    first = level * attraction / rivalled * crowded
    return np.maximum(LEAST_OUTSIDE_SHARE * first, first - rerouted)


def delivered_share(output: Any, local: Any, outside: Any) -> Any:
    """f = min(1, y / (D + L)), 1 where nothing is ordered locally: all customers are rationed alike."""
    return np.where(local > 0.0, np.minimum(1.0, output / np.where(local > 0.0, outside + local, 1.0)), 1.0)


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
    share = _order_share(world)
    orders = world.population.slot_volume * share.reshape(-1)[world.buyer].reshape(shape)
    local_orders = group_sum(seller, orders.reshape(-1)[pair], world.arms * world.firms)
    inputs, availability = np.empty(shape), world.availability()
    inputs[:] = (1.0 - pick(parameters.friction, world.base_of_slot)) * availability
    world.flows = Flows(
        pair, world.buyer[pair], seller, orders, inputs, local_orders.reshape(world.state.capacity.shape)
    )
    world.flows.capped_slots = np.where(share >= ORDER_LIMIT, world.slots_of_firm, 0.0).sum(axis=2)
    delivered = paired_input(
        flat.delivery[seller], world.by_slot(parameters.specificity, pair), inputs.reshape(-1)[pair]
    )
    _use_stocks(world, pair, delivered, availability)


def _order_share(world: World) -> Array:
    """What each firm orders of its slots' volumes, (arms, bases, rows)."""
    population = world.population
    normal = world.kept("normal output", lambda: population.capacity_reference * population.productivity_reference)
    share: Array = order_share(world.state.output, normal)
    return share


def _use_stocks(world: World, pair: Array, delivered: Array, availability: Any) -> None:
    """Stocks fill up what is missing, and are laid in again.

    While everything can be bought outside, an open slot misses nothing, and only one whose stock is not full has
    anything to do.

    Args:
        delivered: x0 of the pairs.
    """
    flat, flows = world.flat, world.flows
    waiting = flat.channel == OPEN
    if not is_column(availability):
        full = pick(world.parameters.stock, world.base_of_slot)
        waiting &= (world.state.stock < full).reshape(-1)
    waiting = positions(waiting)
    friction = world.by_slot(world.parameters.friction, waiting)
    bought = flows.inputs.reshape(-1)[waiting]
    parts = (
        _draw_on_stock(world, pair, needed_input(True, 0.0), delivered, availability),
        _draw_on_stock(world, waiting, needed_input(False, friction), bought, availability),
    )
    flows.refilled, flows.refill = (np.concatenate(columns) for columns in zip(*parts, strict=True))


def _draw_on_stock(world: World, place: Array, needed: Any, inputs: Array, availability: Any) -> tuple[Array, Array]:
    """x and stock of some run slots. Returns those whose stock is laid in, and what they buy for it, 10k yuan.

    Args:
        needed: n. inputs: x0.
    """
    flat, flows, stock = world.flat, world.flows, world.flat.stock[place]
    short = missing(needed, inputs)
    use = use_of_stock(stock, short)
    flows.inputs.reshape(-1)[place] = inputs + use
    stock -= use
    flat.stock[place] = stock
    idle = positions(use == 0.0)
    place = place[idle]
    offered = availability.reshape(-1)[place] if is_column(availability) else availability
    laid_in = refill(stock[idle], 0.0, short[idle], world.by_slot(world.parameters.stock, place), offered)
    flat.stock[place] += laid_in
    some = positions(laid_in)
    return place[some], laid_in[some] * flows.orders.reshape(-1)[place[some]]


def produce(world: World) -> None:
    """From inputs to output and deliveries; then capacity and productivity of the next month."""
    parameters, state, flows, environment = world.parameters, world.state, world.flows, world.environment
    state.input_rate[:] = _input_rate(world)
    factor = output_factor(state.input_rate, parameters.input_elasticity, _working_share(world))
    full = state.capacity * state.productivity
    service = service_level(state.productivity, world.population.productivity_reference)
    state.reputation[:] = reputation_after(state.reputation, service, parameters.reputation_speed)
    demand = _outside_demand(world)
    made = output(factor, potential_output(full, environment.loss), demand + flows.local_orders)
    flows.full_output, flows.output, flows.outside_demand = full, made, demand
    state.output[:] = made
    _deliver(world)
    np.divide(made, full, out=state.utilisation)
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
        flows.output.reshape(-1)[seller],
        flows.local_orders.reshape(-1)[seller],
        flows.outside_demand.reshape(-1)[seller],
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
    rivalled, crowded = _rivals(world, attraction), _crowd(world)
    demand = outside_demand(environment.demand, attraction, rivalled, crowded, rerouted) + environment.contract
    return demand if population.rows == population.incumbents else np.where(state.active, demand, 0.0)


def _crowd(world: World) -> Array:
    """(Q / Q_ref)^(-crowding) of each run, (arms, bases, 1). Capacities are added up in the order of ids."""
    runs = world.arms * world.bases
    run = world.kept("runs", lambda: np.arange(world.arms * world.firms) // world.rows)
    capacity = world.state.capacity
    if world.rows > world.population.incumbents:
        capacity = np.where(world.state.active, capacity, 0.0)
    total = group_sum(run, capacity.reshape(-1), runs).reshape(world.arms, world.bases, 1)
    reference = world.kept("capacity at the start", lambda: _capacity_at_start(world))
    crowded: Array = crowd(total, reference, world.parameters.crowding)
    return crowded


def _capacity_at_start(world: World) -> Array:
    """Sum of q_ref of the incumbents, (bases, 1)."""
    population = world.population
    incumbents = population.capacity_reference[:, : population.incumbents]
    base = np.repeat(np.arange(world.bases), population.incumbents)
    return group_sum(base, incumbents.reshape(-1), world.bases)[:, None]


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
