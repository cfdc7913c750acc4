"""Step 5 of a round for services: institutions, and members that have places, in the order (turn, scope)."""

from __future__ import annotations

import numpy as np

from clustersim.arrays import Array, group_sum, positions, rank_within
from clustersim.mechanisms.brokerage.listing import Items
from clustersim.spec.levers import Round
from clustersim.spec.state import SERVICES
from clustersim.spec.world import World

ANY_LABEL = -2  # an institution outside the scope site serves every label


class Servers:
    """Providers of services, by score, and the places that they have left."""

    def __init__(self, world: World, arm: int, request: Round):
        self._world, self._arm, self._request = world, arm, request
        state, population = world.arm(arm), world.population
        self._labels = world.labels(request.scope, arm)[1]
        self._free = np.maximum(state.places - state.used, 0)  # (bases, providers, services)
        self._label = _provider_labels(world, arm, request)
        self._rank = self._ranking(state.places)
        self._firm = population.provider_firm
        self._site = state.site.reshape(-1)

    def _ranking(self, places: Array) -> Array:
        """Order of providers for each base and service: largest first, (bases, services, providers)."""
        world, firm = self._world, self._world.population.provider_firm
        if self._request.score == "room":
            score = self._free.astype(float)
        else:
            size = np.take_along_axis(world.population.capacity_reference, np.maximum(firm, 0), axis=1)
            score = np.where((firm >= 0)[..., None], size[..., None], places)
        return np.argsort(-score, axis=1, kind="stable").transpose(0, 2, 1)

    def _service(self, items: Items) -> Array:
        return items.resource - self._world.population.goods

    def _allowed(self, items: Items) -> Array:
        """Whether each provider, in the order of its score, may serve each item, (n, providers)."""
        base, ranking = items.base, self._rank[items.base, self._service(items)]
        label = items.section - base * self._labels
        provider_label = np.take_along_axis(self._label[base], ranking, axis=1)
        own = np.take_along_axis(self._firm[base], ranking, axis=1) == (items.firm - base * self._world.rows)[:, None]
        return ((provider_label == label[:, None]) | (provider_label == ANY_LABEL)) & ~own

    def _free_by_score(self, items: Items) -> Array:
        service = self._service(items)
        return self._free[items.base[:, None], self._rank[items.base, service], service[:, None]]

    def can_serve(self, items: Items) -> Array:
        """Step 2: whether a provider of the scope has a place for each service item now; False for goods."""
        asks = positions(~items.is_goods)
        asked = items.only(asks)
        fits = np.zeros(len(items.firm), dtype=bool)
        fits[asks] = self._asked(asked, self._free > 0) > self._own(asked, self._free > 0)
        return fits

    def free_places(self, items: Items) -> Array:
        """Free places for each service item's need in its scope, whoever asks; 0 for goods."""
        asks = positions(~items.is_goods)
        places = np.zeros(len(items.firm), dtype=np.intp)
        places[asks] = self._asked(items.only(asks), self._free)
        return places

    def _asked(self, items: Items, column: Array) -> Array:
        """Sum of a (bases, providers, services) column over the providers of each item's label."""
        labelled = positions(self._label >= 0)
        base = labelled // self._label.shape[1]
        section = base * self._labels + self._label.reshape(-1)[labelled]
        number = len(self._label) * self._labels
        services = column.shape[2]
        key = section[:, None] * services + np.arange(services)
        total = group_sum(key.reshape(-1), column.reshape(-1, services)[labelled].reshape(-1), number * services)
        everywhere = np.where((self._label == ANY_LABEL)[..., None], column, 0).sum(axis=1)
        by_section = total.reshape(-1, self._labels, services) + everywhere[:, None]
        return by_section.reshape(-1, services)[items.section, self._service(items)]

    def _own(self, items: Items, column: Array) -> Array:
        """The owner's own part of what `_asked` counts for it: nobody serves itself."""
        provider = self._world.provider_of_firm[items.firm]
        counted = (provider >= 0) & (self._label[items.base, provider] != -1)
        return np.where(counted, column[items.base, provider, self._service(items)], 0)

    def match(self, items: Items) -> Array:
        """Each item takes the first provider with a place, in the order (turn, scope). Returns whether it got one.

        All waiting items name their first choice at once. Choices stand up to the first item, in that order, that finds
        its provider full: whatever stands behind it might have to give way to it. So every pass fills a provider.
        """
        served = np.zeros(len(items.firm), dtype=bool)
        waiting = self._in_turn(items)
        while len(waiting):
            asked = items.only(waiting)
            open_to = self._allowed(asked) & (self._free_by_score(asked) > 0)
            some = open_to.any(axis=1)
            waiting, asked, open_to = waiting[some], asked.only(some), open_to[some]
            if len(waiting) == 0:
                break
            choice = self._first(asked, open_to)
            provider = self._rank[asked.base, self._service(asked), choice]
            settled = self._settled(asked, provider)
            self._engage(asked.only(settled), provider[settled])
            served[waiting[settled]] = True
            waiting = waiting[~settled]
        return served

    def _first(self, items: Items, open_to: Array) -> Array:
        """Place in the ranking of the first provider open to each item; by the score same site, in its own site first.

        Args:
            open_to: (n, providers) in the order of the ranking, at least one for each item.
        """
        if self._request.score == "same_site":
            ranking = self._rank[items.base, self._service(items)]
            site = np.take_along_axis(self._world.population.provider_site[items.base], ranking, axis=1)
            near = open_to & (site == self._site[items.firm][:, None])
            open_to = np.where(near.any(axis=1, keepdims=True), near, open_to)
        return open_to.argmax(axis=1)

    def _in_turn(self, items: Items) -> Array:
        """Positions in the order (base, service, turn, scope)."""
        service = self._service(items)
        queue = items.section * self._free.shape[2] + service
        order = np.argsort(queue, kind="stable")
        turn = np.empty(len(order), dtype=np.intp)
        turn[order] = rank_within(queue[order])
        return np.lexsort((items.section, turn, service, items.base))

    def _settled(self, asked: Items, provider: Array) -> Array:
        """Choices that stand: those before the first one, of its base and service, that finds no place left."""
        service = self._service(asked)
        market = asked.base * self._free.shape[2] + service
        seat = market * self._free.shape[1] + provider
        order = np.argsort(seat, kind="stable")
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = rank_within(seat[order])
        full = rank >= self._free[asked.base, provider, service]
        position = np.arange(len(order))
        first_full = np.full(int(market.max()) + 1, len(order))
        np.minimum.at(first_full, market[full], position[full])
        return position < first_full[market]

    def _engage(self, items: Items, provider: Array) -> None:
        service = self._service(items)
        np.subtract.at(self._free, (items.base, provider, service), 1)
        code = self._world.project_code(self._arm, self._request.label)
        need = (self._arm * self._world.firms + items.firm) * len(SERVICES) + service
        self._world.engage(need, provider, code)


def _provider_labels(world: World, arm: int, request: Round) -> Array:
    """Label that each provider serves, (bases, providers): ANY_LABEL for all, -1 for none.

    An enterprise serves the label that it carries, if it is a member; in a project round it may serve any, and need not
    be a member. An institution serves its site in the scope site, else all.
    """
    population, state = world.population, world.arm(arm)
    firm = np.maximum(population.provider_firm, 0)
    labels, _ = world.labels(request.scope, arm)
    member = np.take_along_axis(state.member & state.active, firm, axis=1)
    of_firm = np.where(member, np.take_along_axis(labels, firm, axis=1), -1)
    of_institution = np.where(request.scope == "site", population.provider_site, ANY_LABEL)
    if request.idle_too:
        anchor = np.take_along_axis(population.anchor, firm, axis=1)
        return np.where((population.provider_firm < 0) | anchor, ANY_LABEL, of_firm)
    return np.where(population.provider_firm >= 0, of_firm, of_institution)
