"""The two sides of a brokered round: listed needs, and who could serve them, goods and services apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustersim.engines.reference.institution import Institution
from clustersim.engines.reference.parts import GoodsSlot, Provider, ServiceNeed
from clustersim.spec.state import INTRODUCTION, SERVICES

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.spec.levers import Round


@dataclass(frozen=True, eq=False)
class Item:
    """A listed need.

    Attributes:
        label: of its owner in the round's scope. resource: good, or service.
        number: goods slots before service slots. volume: V, 1 for a service.
        order, convert, support: its numbers.
    """

    owner: Enterprise
    label: int
    resource: int
    number: int
    volume: float
    need: GoodsSlot | ServiceNeed
    order: int
    convert: int
    support: int

    @property
    def queue(self) -> tuple[int, bool, int]:
        """Items of one label and resource stand in one queue."""
        return self.label, isinstance(self.need, GoodsSlot), self.resource

    @property
    def place(self) -> tuple[int, int, int]:
        """Its place among those of its class."""
        return self.order, self.owner.row, self.number


class Sellers:
    """Members by label and good, best score first, and the room that they have left."""

    def __init__(self, model: ClusterModel, request: Round):
        self._request = request
        self._free = {firm: firm.room - firm.contracted for firm in model.firms if firm.member}
        self._replaced: list[tuple[Enterprise, float]] = []
        by_room = request.score == "room"
        score = {firm: firm.room if by_room else firm.capacity_reference for firm in self._free}
        self._ranked = sorted(self._free, key=lambda firm: (-score[firm], firm.row))
        self._queues: dict[tuple[int, int], list[Enterprise]] = {}

    def of(self, item: Item) -> list[Enterprise]:
        """Members with the label that sell the good, by score falling, then by id."""
        queue = (item.label, item.resource)
        if queue not in self._queues:
            self._queues[queue] = [
                firm for firm in self._ranked if (firm.label(self._request.scope), firm.good) == queue
            ]
        return self._queues[queue]

    def able(self, queue: list[Item]) -> int:
        """How many have room for the smallest volume of a queue."""
        smallest = min(item.volume for item in queue)
        return sum(self._free[firm] >= smallest for firm in self.of(queue[0]))

    def first(self, item: Item) -> Enterprise | None:
        """The first that fits now. Nobody is introduced to itself, or to the supplier that it has."""
        assert isinstance(item.need, GoodsSlot)
        barred = {item.owner} if item.need.pair is None else {item.owner, item.need.pair.supplier}
        fits = [firm for firm in self.of(item) if firm not in barred and self._free[firm] >= item.volume]
        return _best(fits, self._request, lambda firm: firm.site == item.owner.site)

    def pair(self, slot: GoodsSlot, seller: Enterprise) -> None:
        """A pair that is replaced frees its supplier's room when the turn is over."""
        if slot.pair is not None:
            self._replaced.append((slot.pair.supplier, slot.volume))
        self._free[seller] -= slot.volume
        slot.pair_with(seller, INTRODUCTION, self._request.first_trust)

    def end_turn(self) -> None:
        for supplier, volume in self._replaced:
            if supplier in self._free:  # others take no part in the round
                self._free[supplier] += volume
        self._replaced.clear()


class Servers:
    """Whoever offers services in a label, best score first."""

    def __init__(self, model: ClusterModel, request: Round):
        self._model, self._request = model, request
        self._free_at_start = {
            (one, service): one.free(service) for one in model.providers for service in range(len(SERVICES))
        }
        self._queues: dict[tuple[int, int], list[Provider]] = {}

    def of(self, item: Item) -> list[Provider]:
        """Providers that serve the label, by score falling, then by number."""
        queue = (item.label, item.resource)
        if queue not in self._queues:
            serving = [one for one in self._model.providers if self._serves(one, item.label)]
            serving.sort(key=lambda one: (-self._score(one, item.resource), one.number))
            self._queues[queue] = serving
        return self._queues[queue]

    def _serves(self, provider: Provider, label: int) -> bool:
        """Members serve the label that they carry, institutions their site where the scope is a site, else all.

        In a project round every institution and every anchor serves, member or not.
        """
        agent, projects = provider.agent, self._request.idle_too
        if isinstance(agent, Institution):
            return projects or self._request.scope != "site" or provider.site == label
        return (projects and agent.anchor) or (agent.member and agent.label(self._request.scope) == label)

    def _score(self, provider: Provider, service: int) -> float:
        if self._request.score == "room":
            return self._free_at_start[provider, service]
        if isinstance(provider.agent, Institution):
            return provider.places[service]
        return provider.agent.capacity_reference

    def able(self, queue: list[Item]) -> int:
        """Free places for the service of a queue, whoever asks."""
        return sum(one.free(queue[0].resource) for one in self.of(queue[0]))

    def first(self, item: Item) -> Provider | None:
        """The first that has a place now. Nobody serves itself."""
        fits = [one for one in self.of(item) if one.agent is not item.owner and one.free(item.resource)]
        return _best(fits, self._request, lambda one: one.site == item.owner.site)

    def engage(self, need: ServiceNeed, provider: Provider) -> None:
        """A project is remembered by its round's label."""
        need.engage(provider, "" if self._request.project is None else self._request.label)


def _best[P: (Enterprise, Provider)](fits: list[P], request: Round, is_near: Callable[[P], bool]) -> P | None:
    """The first in the order of the score; with the score `same_site` the first at the own site, if there is one."""
    if request.score == "same_site":
        fits = [one for one in fits if is_near(one)] or fits
    return fits[0] if fits else None
