"""Step 5 of a round for goods: the queue of each (scope, good) takes its turns at the scope's members that sell it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from clustersim.arrays import Array, first_fit, pick, positions, rank_within
from clustersim.mechanisms.brokerage.listing import Items
from clustersim.spec.levers import Round
from clustersim.spec.state import INTRODUCTION
from clustersim.spec.world import World


@dataclass(frozen=True, eq=False)
class Ranking:
    """Active firms by (base, label, good), then by score (q_ref, or room) falling, then by id.

    Attributes:
        firm: (n,) base firms. segment: (n,) number of each one's (base, label, good).
        begin: (segments + 1,) where each of these begins.
    """

    firm: Array
    segment: Array
    begin: Array


class Sellers:
    """Members by (base, label, good) in the order of their score, and the room that they have left.

    Nothing is looked up before a goods item asks.
    """

    def __init__(self, world: World, arm: int, request: Round):
        self._world, self._arm, self._request = world, arm, request
        self._site = world.arm(arm).site.reshape(-1)
        self._good = world.arm(arm).good.reshape(-1)

    @functools.cached_property
    def _room(self) -> Array:
        return self._world.room(self._arm)

    @functools.cached_property
    def _free(self) -> Array:
        """Room that members have left, (firms,); -inf where a firm is none."""
        state = self._world.arm(self._arm)
        member = positions(state.member & state.active)
        free = np.full(self._world.firms, -np.inf)
        free[member] = self._room.reshape(-1)[member] - state.contracted.reshape(-1)[member]
        return free

    @functools.cached_property
    def _ranking(self) -> Ranking:
        """By size, which changes only when firms enter, so that it is kept; or by room."""
        world, population, request = self._world, self._world.population, self._request
        if request.score == "room":
            return _ranked(world, self._arm, request, self._room)
        whose = "all arms" if population.rows == population.incumbents else f"arm {self._arm}"
        kept: Ranking = world.kept(
            f"ranking by {request.scope}, {whose}",
            lambda: _ranked(world, self._arm, request, population.capacity_reference),
        )
        return kept

    def _queue(self, items: Items) -> Array:
        return items.section * self._world.population.goods + items.resource

    def can_serve(self, items: Items) -> Array:
        """Step 2: whether at least one seller fits each goods item now; False for services."""
        fits = np.zeros(len(items.firm), dtype=bool)
        goods = positions(items.is_goods)
        if len(goods) == 0:
            return fits
        queue = self._queue(items)[goods]
        begin = self._ranking.begin
        filled = positions(begin[1:] > begin[:-1])
        most = np.full(len(begin) - 1, -np.inf)
        most[filled] = np.maximum.reduceat(self._free[self._ranking.firm], begin[filled])
        fits[goods] = most[queue] >= items.volume[goods]
        barred = (items.current[goods] >= 0) | (self._good[items.firm[goods]] == items.resource[goods])
        some = goods[barred & fits[goods]]  # its supplier, or itself, may be the only one
        fits[some] = self._first(items.only(some)) >= 0
        return fits

    def count_with_room(self, items: Items) -> Array:
        """Members with room for the smallest volume listed of each item's good in its scope; 0 for services."""
        with_room = np.zeros(len(items.firm), dtype=np.intp)
        goods = positions(items.is_goods)
        if len(goods) == 0:
            return with_room
        queue, ranking = self._queue(items)[goods], self._ranking
        smallest = np.full(len(ranking.begin) - 1, np.inf)
        np.minimum.at(smallest, queue, items.volume[goods])
        has_room = self._free[ranking.firm] >= smallest[ranking.segment]
        with_room[goods] = np.bincount(ranking.segment[has_room], minlength=len(smallest))[queue]
        return with_room

    def match(self, items: Items) -> Array:
        """Turn by turn, each item goes to the first seller that fits at that moment. Returns whether it was paired."""
        queue = self._queue(items)
        order = np.argsort(queue, kind="stable")
        turn = np.empty(len(order), dtype=np.intp)
        turn[order] = rank_within(queue[order])
        paired = np.zeros(len(order), dtype=bool)
        for now in range(int(turn.max(initial=-1)) + 1):
            waiting = positions(turn == now)
            paired[waiting] = self._take_turn(items.only(waiting))
        return paired

    def _take_turn(self, items: Items) -> Array:
        """Queues are disjoint, so one turn of all of them is one step; replaced pairs free their room at its end."""
        world, position = self._world, self._first(items)
        found = positions(position >= 0)
        seller = self._ranking.firm[position[found]]
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
        missing = positions(found < 0)
        found[missing] = self._search(items.only(missing), False)
        return found

    def _search(self, items: Items, in_own_site: bool | None) -> Array:
        if len(items.firm) == 0:
            return np.zeros(0, dtype=np.intp)
        queue, ranking = self._queue(items), self._ranking

        def offered(part: Array, places: Array) -> Array:
            seller = ranking.firm[places]
            barred = (seller == items.current[part, None]) | (seller == items.firm[part, None])
            free = np.where(barred, -np.inf, self._free[seller])
            if in_own_site is None:
                return free
            same = self._site[seller] == self._site[items.firm[part], None]
            return np.where(same == in_own_site, free, -np.inf)

        return first_fit(ranking.begin[queue], ranking.begin[queue + 1], items.volume, offered)


def _ranked(world: World, arm: int, request: Round, score: Array) -> Ranking:
    population, state = world.population, world.arm(arm)
    labels, count = world.labels(request.scope, arm)
    firm = positions(state.active.reshape(-1))
    segment = (firm // world.rows) * count + labels.reshape(-1)[firm]
    segment = segment * population.goods + state.good.reshape(-1)[firm]
    order = np.lexsort((-score.reshape(-1)[firm], segment))
    firm, segment = firm[order], segment[order]
    return Ranking(firm, segment, np.searchsorted(segment, np.arange(world.bases * count * population.goods + 1)))
