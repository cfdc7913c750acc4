"""Step 5. Brokered rounds: needs are surveyed, the most urgent are introduced, and what converts is matched in turns.

The rule stands in docs/odd.md, "Brokered rounds": `listing` holds its steps 1 to 3, `goods` and `services` the
matching of step 5, this file the order of events.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from clustersim.arrays import Array, pick, positions
from clustersim.mechanisms.brokerage.goods import Sellers
from clustersim.mechanisms.brokerage.listing import Items, introduced, listed, urgencies
from clustersim.mechanisms.brokerage.services import Servers
from clustersim.spec import logbook
from clustersim.spec.draws import chance
from clustersim.spec.levers import Round
from clustersim.spec.month import INTRODUCED, SURVEYED
from clustersim.spec.state import WANTED
from clustersim.spec.world import World


def carry_out(world: World, arm: int, request: Round) -> None:
    """One round on the state that the last one left, and its second round over the region where it asks for one."""
    if not np.any(request.budget > 0):
        return
    spent = _round(world, arm, request)
    if request.follow_up:
        left = (request.budget - spent).sum(axis=1, keepdims=True)
        second = dataclasses.replace(request, label=request.labels[-1], scope="region", budget=left, follow_up=False)
        _round(world, arm, second)


def _round(world: World, arm: int, request: Round) -> Array:
    """Returns the introductions made by label, (bases, labels)."""
    sellers, servers = Sellers(world, arm, request), Servers(world, arm, request)
    items = listed(world, arm, request)
    _log(world, SURVEYED, arm, request, items)
    urgency = urgencies(world, request, items, lambda: _places_with_room(items, sellers, servers))
    fits = sellers.can_serve(items) | servers.can_serve(items)
    items, words = introduced(world, arm, request, items, fits, urgency)
    _log(world, INTRODUCED, arm, request, items)
    supported = chance(words[2], pick(request.support, items.base))
    vouched = chance(words[2], pick(request.support + request.word, items.base))  # supported ones among them
    probability = np.where(
        supported,
        pick(request.conversion_supported, items.base),
        np.where(vouched, pick(request.conversion_word, items.base), pick(request.conversion_information, items.base)),
    )
    kept = positions(chance(words[1], probability))
    paired = np.zeros(len(items.firm), dtype=bool)
    paired[kept] = _match(items.only(kept), sellers, servers)
    _book(world, arm, request, items, paired, supported)
    return np.bincount(items.section, minlength=request.budget.size).reshape(request.budget.shape)


def _log(world: World, event: int, arm: int, request: Round, items: Items) -> None:
    """Of needs that wait, of runs that have introductions to make: neither slots that may be switched, nor needs that a
    project would create, wait."""
    if world.log is None:
        return
    logged = (request.budget.sum(axis=1) > 0) & (np.arange(world.bases) < world.log.bases)
    some = positions(logged[items.base])
    firm, slot, service = items.firm[some], items.slot[some], items.resource[some] - world.population.goods
    wanted = world.arm(arm).service_state.reshape(world.firms, -1)[firm, np.where(slot >= 0, 0, service)] == WANTED
    waits = positions(np.where(slot >= 0, items.current[some] < 0, wanted))
    logbook.log_round(world, event, arm, firm[waits], service[waits], slot[waits])


def _places_with_room(items: Items, sellers: Sellers, servers: Servers) -> Array:
    """Members with room for the smallest volume listed of each item's resource; free places for services."""
    return np.where(items.is_goods, sellers.count_with_room(items), servers.free_places(items))


def _match(items: Items, sellers: Sellers, servers: Servers) -> Array:
    goods = positions(items.is_goods)
    services = positions(~items.is_goods)
    paired = np.zeros(len(items.firm), dtype=bool)
    paired[goods] = sellers.match(items.only(goods))
    paired[services] = servers.match(items.only(services))
    return paired


def _book(world: World, arm: int, request: Round, items: Items, paired: Array, supported: Array) -> None:
    ledger, prices = world.ledger, request.prices
    goods = paired & items.is_goods

    def count(which: Array) -> Array:
        return np.bincount(items.base[which], minlength=world.bases)

    introductions = count(np.ones(len(paired), dtype=bool))
    first_orders = count(goods & supported)
    engagements = count(paired & ~items.is_goods)
    ledger.introductions[arm] += introductions
    ledger.first_orders[arm] += first_orders
    ledger.introduced_pairs[arm] += count(goods)
    ledger.replaced_pairs[arm] += count(goods & (items.current >= 0))
    if request.project is not None:
        ledger.projects[arm] += engagements
    for number, price in (
        (introductions, prices.introduction),
        (first_orders, prices.first_order),
        (engagements, prices.engagement),
    ):
        ledger.money[arm] += number * np.reshape(price, -1)
