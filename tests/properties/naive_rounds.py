"""Brokered rounds, one introduction at a time."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from naive_town import IDLE, INTRODUCTION, OPEN_NEED, SLOTS_DRAWN, Firm, Need, Provider, Slot, Town, at

from clustersim.spec.levers import GOODS, Round

type Resource = tuple[str, int]


@dataclass(eq=False)
class Item:
    """A listed need. `current`: the supplier of a slot that may be switched."""

    firm: Firm
    label: int
    number: int
    resource: Resource
    volume: float
    slot: Slot | None = None
    need: Need | None = None
    current: int = -1

    @property
    def queue(self) -> tuple[int, Resource]:
        return self.label, self.resource


class BrokeredRound:
    def __init__(self, town: Town, request: Round, label: str, scope: str, budget: list[int]):
        self.town, self.request, self.name, self.scope, self.budget = town, request, label, scope, budget
        self.room = {firm.row: town.room(firm) for firm in town.active()}
        self.free_at_start = {
            (one.number, service): one.free(service) for one in town.providers for service in range(4)
        }

    def carry_out(self) -> int:
        """Returns how many introductions were made."""
        everything = self._listed()
        self._note("surveyed", everything)
        classes = self._classes(everything)
        keys = self._key_firms() if self.request.key_firms_first else set()
        some = [item for item in everything if any(self._fits(item, one) for one in self._candidates(item))]
        some.sort(
            key=lambda item: (
                item.label,
                bool(keys) and item.firm.row not in keys,
                classes[item.queue, item.volume],
                self._numbers(item)[0],
                item.firm.row,
                item.number,
            )
        )
        taken: Counter[int] = Counter()
        introduced = []
        for item in some:
            if taken[item.label] < self.budget[item.label]:
                taken[item.label] += 1
                introduced.append(item)
        self._note("introduced", introduced)
        self._match([item for item in introduced if self._converts(item)])
        self._book("introductions", len(introduced), self.request.prices.introduction)
        return len(introduced)

    def _note(self, event: str, items: list[Item]) -> None:
        """Needs that wait, by owner and number, if the round has introductions to make."""
        waiting = [item for item in items if (item.slot.is_open if item.slot else self._is_wanted(item))]
        if sum(self.budget) > 0:
            self.town.in_rounds[event] |= {(item.firm.row, item.number) for item in waiting}

    def _is_wanted(self, item: Item) -> bool:
        assert item.need is not None
        return item.need.service_state == OPEN_NEED

    # --- 1: listed ---------------------------------------------------------------------------------------------------

    def _listed(self) -> list[Item]:
        return [
            item
            for firm in self.town.active()
            if self.town.who(self.request, firm)
            for item in (*self._goods(firm), *self._services(firm))
        ]

    def _goods(self, firm: Firm) -> list[Item]:
        town, request = self.town, self.request
        items: list[Item] = []
        if GOODS not in request.resources:
            return items
        for slot in firm.slots:
            surveyed = town.numbers.slot(f"{self.name}.survey", town.seed, slot) < at(request.survey_share, town.base)
            would = slot.is_open
            if slot.is_paired:
                trust = town.trust_of(slot, town.month - slot.since)
                switch = at(request.switch, town.base) * (1.0 - trust)
                would = town.numbers.slot(f"{self.name}.switch", town.seed, slot) < switch
            if surveyed and would:
                label, good = town.label(firm, self.scope), ("good", slot.slot_good)
                current = slot.supplier if slot.is_paired else -1
                items.append(Item(firm, label, slot.number, good, slot.volume, slot=slot, current=current))
        return items

    def _services(self, firm: Firm) -> list[Item]:
        town, request = self.town, self.request
        items = []
        for need in firm.needs:
            word = town.numbers.service(f"{self.name}.survey_services", town.seed, firm.row, need.service)
            would = need.service_state == OPEN_NEED or (request.idle_too and need.service_state == IDLE)
            if need.service in request.resources and word < at(request.survey_share, town.base) and would:
                label, service = town.label(firm, self.scope), ("service", need.service)
                items.append(Item(firm, label, SLOTS_DRAWN + need.service, service, 1.0, need=need))
        return items

    # --- 2: who fits -------------------------------------------------------------------------------------------------

    def _providers(self, label: int, resource: Resource) -> list[Any]:
        """Providers of a resource in a scope, whoever asks."""
        town, (kind, number) = self.town, resource
        if kind == "good":
            members = [firm for firm in town.active() if firm.member and town.label(firm, self.scope) == label]
            return [firm for firm in members if firm.good == number]
        return [one for one in town.providers if one.places[number] > 0 and self._serves(one, label)]

    def _serves(self, provider: Provider, label: int) -> bool:
        town = self.town
        if provider.firm < 0:
            return self.request.idle_too or self.scope != "site" or provider.site == label
        firm = town.firms[provider.firm]
        return (self.request.idle_too and firm.anchor) or (firm.member and town.label(firm, self.scope) == label)

    def _candidates(self, item: Item) -> list[Any]:
        providers = self._providers(item.label, item.resource)
        if item.slot is not None:
            return [one for one in providers if one.row not in (item.current, item.firm.row)]
        return [one for one in providers if one.firm != item.firm.row]

    def _fits(self, item: Item, provider: Any) -> bool:
        if item.slot is not None:
            return bool(provider.contracted + item.volume <= self.room[provider.row])
        return bool(provider.used[item.resource[1]] + 1 <= provider.places[item.resource[1]])

    # --- 3: introduced -----------------------------------------------------------------------------------------------

    def _classes(self, items: list[Item]) -> dict[Any, float]:
        """Of each (queue, volume), counted after 1."""
        listed = Counter(item.queue for item in items)
        smallest: dict[Any, float] = defaultdict(lambda: math.inf)
        for item in items:
            smallest[item.queue] = min(smallest[item.queue], item.volume)
        classes = {}
        for item in items:
            with_room = self._with_room(item.queue, smallest[item.queue])
            classes[item.queue, item.volume] = {
                "random": 0.0,
                "largest": -item.volume,
                "bottleneck": -listed[item.queue] / (1.0 + with_room),
            }[self.request.order]
        return classes

    def _with_room(self, queue: tuple[int, Resource], volume: float) -> int:
        label, resource = queue
        providers = self._providers(label, resource)
        if resource[0] == "service":
            return sum(one.free(resource[1]) for one in providers)
        return sum(one.contracted + volume <= self.room[one.row] for one in providers)

    def _key_firms(self) -> set[int]:
        town = self.town
        keys = {firm.row for firm in town.firms if firm.anchor}
        for label in range(town.labels(self.scope)):
            members = [firm for firm in town.active() if firm.member and town.label(firm, self.scope) == label]
            members.sort(key=lambda firm: (-firm.capacity_reference, firm.row))
            keys |= {firm.row for firm in members[: math.floor(town.key_share * len(members) + 0.5)]}
        return keys

    def _numbers(self, item: Item) -> tuple[float, ...]:
        number = item.firm.row * (SLOTS_DRAWN + 4) + item.number
        return self.town.numbers.detail(f"{self.name}.details", self.town.seed, number)

    # --- 4: conversion -----------------------------------------------------------------------------------------------

    def _supported(self, item: Item) -> bool:
        return self._numbers(item)[2] < at(self.request.support, self.town.base)

    def _converts(self, item: Item) -> bool:
        request = self.request
        probability = request.conversion_supported if self._supported(item) else request.conversion_information
        return self._numbers(item)[1] < at(probability, self.town.base)

    # --- 5: turns ----------------------------------------------------------------------------------------------------

    def _match(self, items: list[Item]) -> None:
        rank: Counter[Any] = Counter()
        turns: dict[int, list[Item]] = defaultdict(list)
        for item in items:
            turns[rank[item.queue]].append(item)
            rank[item.queue] += 1
        for turn in sorted(turns):
            replaced: list[tuple[int, float]] = []
            for item in sorted(turns[turn], key=lambda one: one.label):
                self._place(item, replaced)
            for supplier, volume in replaced:  # a replaced pair frees its supplier's room at the end of the turn
                self.town.firms[supplier].contracted -= volume

    def _place(self, item: Item, replaced: list[tuple[int, float]]) -> None:
        fitting = [one for one in self._candidates(item) if self._fits(item, one)]
        if not fitting:
            return
        best = min(fitting, key=lambda one: self._score(item, one))
        if item.need is not None:
            project = self.name if self.request.project is not None else ""
            self.town.engage(item.firm, item.need, best, project)
            self._book("projects" if project else "", 1, self.request.prices.engagement)
            return
        assert item.slot is not None
        if item.current >= 0:
            self.town.firms[item.current].contracted += item.volume  # until the turn ends
            replaced.append((item.current, item.volume))
        self.town.pair(item.slot, best, INTRODUCTION, at(self.request.first_trust, self.town.base))
        if self._supported(item):
            self._book("first_orders", 1, self.request.prices.first_order)

    def _score(self, item: Item, provider: Any) -> tuple[float, ...]:
        """Lowest first: (score descending, id)."""
        if item.slot is not None:
            size, room, number = provider.capacity_reference, self.room[provider.row], provider.row
        else:
            service, number = item.resource[1], provider.number
            firm = provider.firm
            size = self.town.firms[firm].capacity_reference if firm >= 0 else provider.places[service]
            room = self.free_at_start[provider.number, service]
        if self.request.score == "room":
            return (-room, number)
        if self.request.score == "same_site":
            return (provider.site != item.firm.site, -size, number)
        return (-size, number)

    def _book(self, name: str, number: int, price: Any) -> None:
        if name:
            self.town.ledger[name] += number
        self.town.ledger["money"] += number * at(price, self.town.base)


def brokered_round(town: Town, request: Round) -> None:
    budget = request.budget[town.base].tolist()
    spent = BrokeredRound(town, request, request.label, request.scope, budget).carry_out()
    if request.follow_up:
        left = sum(budget) - spent
        BrokeredRound(town, request, f"{request.label}.region", "region", [left]).carry_out()
