"""Step 5 of a round for goods: the queue of each (scope, good) takes its turns at the scope's members that sell it."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, first_fit, pick, rank_within
from clustersim.mechanisms.brokerage.listing import Items
from clustersim.spec.levers import Round
from clustersim.spec.state import INTRODUCTION
from clustersim.spec.world import World


class Sellers:
    """Members by (base, label, good) in the order of their score, and the room that they have left."""

    def __init__(self, world: World, arm: int, request: Round):
        self._world, self._arm, self._request = world, arm, request
        state = world.state.arm(arm)
        room = world.room(arm)
        self._order, self._segment, self._begin = _ranked(world, arm, request, room)
        self._free = np.where(state.member & state.active, room - state.contracted, -np.inf).reshape(-1)
        self._site = state.site.reshape(-1)
        self._good = state.good.reshape(-1)

    def _queue(self, items: Items) -> Array:
        return items.section * self._world.population.goods + items.resource

    def can_serve(self, items: Items) -> Array:
        """Step 2: whether at least one seller fits each goods item now; False for services."""
        goods = np.flatnonzero(items.is_goods)
        queue = self._queue(items)[goods]
        filled = np.flatnonzero(self._begin[1:] > self._begin[:-1])
        most = np.full(len(self._begin) - 1, -np.inf)
        if len(filled):
            most[filled] = np.maximum.reduceat(self._free[self._order], self._begin[filled])
        barred = (items.current[goods] >= 0) | (self._good[items.firm[goods]] == items.resource[goods])
        fits = np.zeros(len(items.firm), dtype=bool)
        fits[goods] = most[queue] >= items.volume[goods]
        some = goods[barred & fits[goods]]  # may fit its supplier, or itself, alone
        fits[some] = self._first(items.only(some)) >= 0
        return fits

    def count_with_room(self, items: Items) -> Array:
        """Members with room for the smallest volume listed of each item's good in its scope; 0 for services."""
        goods = np.flatnonzero(items.is_goods)
        queue = self._queue(items)[goods]
        smallest = np.full(len(self._begin) - 1, np.inf)
        np.minimum.at(smallest, queue, items.volume[goods])
        has_room = self._free[self._order] >= smallest[self._segment]
        counts = np.bincount(self._segment[has_room], minlength=len(smallest))
        with_room = np.zeros(len(items.firm), dtype=np.int64)
        with_room[goods] = counts[queue]
        return with_room

    def match(self, items: Items) -> Array:
        """Turn by turn, each item goes to the first seller that fits at that moment. Returns whether it was paired."""
        queue = self._queue(items)
        order = np.argsort(queue, kind="stable")
        turn = np.empty(len(order), dtype=np.int64)
        turn[order] = rank_within(queue[order])
        paired = np.zeros(len(order), dtype=bool)
        for now in range(int(turn.max(initial=-1)) + 1):
            waiting = np.flatnonzero(turn == now)
            paired[waiting] = self._take_turn(items.only(waiting))
        return paired

    def _take_turn(self, items: Items) -> Array:
        """Queues are disjoint, so one turn of all of them is one step; replaced pairs free their room at its end."""
        world, position = self._world, self._first(items)
        found = np.flatnonzero(position >= 0)
        seller = self._order[position[found]]
        self._free[seller] -= items.volume[found]
        trust = pick(self._request.first_trust, items.base[found])
        world.pair(self._arm * world.slots + items.slot[found], self._arm * world.firms + seller, INTRODUCTION, trust)
        replaced = found[items.current[found] >= 0]
        np.add.at(self._free, items.current[replaced], items.volume[replaced])
        return position >= 0

    def _first(self, items: Items) -> Array:
        """Position in the ranking of the first seller that fits each item, -1 if none does."""
        if self._request.score != "same_site":
            return self._search(items, None)
        found = self._search(items, True)
        missing = np.flatnonzero(found < 0)
        found[missing] = self._search(items.only(missing), False)
        return found

    def _search(self, items: Items, in_own_site: bool | None) -> Array:
        queue = self._queue(items)

        def offered(part: Array, positions: Array) -> Array:
            seller = self._order[positions]
            barred = (seller == items.current[part, None]) | (seller == items.firm[part, None])
            free = np.where(barred, -np.inf, self._free[seller])
            if in_own_site is None:
                return free
            same = self._site[seller] == self._site[items.firm[part], None]
            return np.where(same == in_own_site, free, -np.inf)

        return first_fit(self._begin[queue], self._begin[queue + 1], items.volume, offered)


def _ranked(world: World, arm: int, request: Round, room: Array) -> tuple[Array, Array, Array]:
    """Active firms by (base, label, good), then by score (q_ref, or the room given) falling, then by id.

    The ranking by size changes only when firms enter, so it is kept. Returns the firms, the number of each one's
    (base, label, good), and where each of these begins.
    """
    population, state = world.population, world.state.arm(arm)

    def ranking(score: Array) -> tuple[Array, Array, Array]:
        labels, count = world.labels(request.scope, arm)
        firm = np.flatnonzero(state.active.reshape(-1))
        segment = (firm // world.rows) * count + labels.reshape(-1)[firm]
        segment = segment * population.goods + state.good.reshape(-1)[firm]
        order = np.lexsort((-score.reshape(-1)[firm], segment))
        segments = np.arange(world.bases * count * population.goods + 1)
        return firm[order], segment[order], np.searchsorted(segment[order], segments)

    if request.score == "room":
        return ranking(room)
    name = ("ranking", request.scope, None if population.rows == population.incumbents else arm)
    order, segment, begin = world.kept(name, world.entrants, lambda: ranking(population.capacity_reference))
    return order, segment, begin
