"""Step 5. Brokered rounds: needs are surveyed, the most urgent introduced, what converts is matched in turns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from clustersim.arrays import nearest_whole
from clustersim.engines.reference.asked import reaches
from clustersim.engines.reference.parts import GoodsSlot
from clustersim.engines.reference.sides import Item, Sellers, Servers
from clustersim.spec.draws import chance
from clustersim.spec.levers import GOODS, Round
from clustersim.spec.state import IDLE, SLOT_STRIDE, WANTED

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.model import ClusterModel


def carry_out(model: ClusterModel, request: Round) -> None:
    """One round on the state that the last one left, and its second round over the region where it asks for one."""
    budget = int(request.budget[0].sum())
    if budget <= 0:
        return
    made = BrokeredRound(model, request).carry_out()
    if request.follow_up:
        left = np.array([[budget - made]])
        again = replace(request, label=request.labels[-1], scope="region", budget=left, follow_up=False)
        BrokeredRound(model, again).carry_out()


class BrokeredRound:
    """One round of one label of a policy. The steps are those of docs/odd.md, "Brokered rounds"."""

    def __init__(self, model: ClusterModel, request: Round):
        self.model = model
        self.request = request
        self.sellers = Sellers(model, request)
        self.servers = Servers(model, request)

    def carry_out(self) -> int:
        """Returns how many introductions were made."""
        listed = list(self.listed())
        for item in self.waiting(listed):
            item.need.rounds.surveyed = item.need.rounds.surveyed or self.model.month
        class_of = self.classes(listed)  # counts all that are listed, not only what fits
        fitting = [item for item in listed if self.side(item).first(item) is not None]
        introduced = self.introduced(fitting, class_of)
        for item in self.waiting(introduced):
            item.need.rounds.introduced = item.need.rounds.introduced or self.model.month
        self.match([item for item in introduced if self.converts(item)])
        self.model.ledger["introductions"] += len(introduced)
        self.model.ledger["money"] += len(introduced) * self.request.prices.introduction
        return len(introduced)

    def side(self, item: Item) -> Sellers | Servers:
        """Those who could serve it."""
        return self.sellers if isinstance(item.need, GoodsSlot) else self.servers

    def waiting(self, items: list[Item]) -> list[Item]:
        """Those whose needs are written down as found or introduced: a round without introductions to make finds none,
        and neither slots that may be switched nor needs that a project would create wait."""
        return [item for item in items if item.need.is_open] if self.request.budget[0].sum() > 0 else []

    # --- 1: what is listed ------------------------------------------------------------------------------------------

    def listed(self) -> Iterator[Item]:
        """Needs of reached members that the survey finds, by owner and slot."""
        for firm in self.model.firms:
            if reaches(self.request, firm):
                if GOODS in self.request.resources:
                    yield from self._goods_of(firm)
                yield from self._services_of(firm)

    def _goods_of(self, firm: Enterprise) -> Iterator[Item]:
        name, numbers = self.request.label, self.model.numbers
        label = firm.label(self.request.scope)
        for slot in firm.slots:
            found = chance(numbers.of_slot(f"{name}.survey", firm.row, slot.number), self.request.survey_share)
            if found and (slot.is_open or self._would_switch(slot)):
                order, convert, support, _ = numbers.details_of_slot(f"{name}.details", firm.row, slot.number)
                yield Item(firm, label, slot.good, slot.number, slot.volume, slot, order, convert, support)

    def _would_switch(self, slot: GoodsSlot) -> bool:
        trust = slot.trust(self.model.clock)
        number = self.model.numbers.of_slot(f"{self.request.label}.switch", slot.owner.row, slot.number)
        return bool(chance(number, self.request.switch * (1.0 - trust)))

    def _services_of(self, firm: Enterprise) -> Iterator[Item]:
        """Wanted services; in a project round idle ones too, since a project creates its need."""
        name, numbers = self.request.label, self.model.numbers
        label = firm.label(self.request.scope)
        states = (WANTED, IDLE) if self.request.idle_too else (WANTED,)
        for need in firm.service_needs:
            if need.service not in self.request.resources or need.state not in states:
                continue
            survey = numbers.of_service(f"{name}.survey_services", firm.row, need.service)
            if chance(survey, self.request.survey_share):
                order, convert, support, _ = numbers.details_of_service(f"{name}.details", firm.row, need.service)
                number = SLOT_STRIDE + need.service
                yield Item(firm, label, need.service, number, 1.0, need, order, convert, support)

    # --- 2 and 3: who is introduced ---------------------------------------------------------------------------------

    def classes(self, listed: list[Item]) -> dict[Item, float]:
        """Class of each item, counted on all that are listed; the lowest comes first."""
        if self.request.order == "random":
            return dict.fromkeys(listed, 0.0)
        if self.request.order == "largest":
            return {item: -item.volume for item in listed}
        queues: dict[object, list[Item]] = defaultdict(list)
        for item in listed:
            queues[item.queue].append(item)
        scarcity = {queue: len(items) / (1.0 + self.side(items[0]).able(items)) for queue, items in queues.items()}
        return {item: -scarcity[item.queue] for item in listed}

    def introduced(self, fitting: list[Item], class_of: dict[Item, float]) -> list[Item]:
        """In each label by class and number, as many as the budget allows."""
        first = self.key_firms() if self.request.key_firms_first else set(self.model.firms)
        in_order = sorted(fitting, key=lambda item: (item.label, item.owner not in first, class_of[item], *item.place))
        taken: Counter[int] = Counter()
        introduced = []
        for item in in_order:
            if taken[item.label] < self.request.budget[0, item.label]:
                taken[item.label] += 1
                introduced.append(item)
        return introduced

    def key_firms(self) -> set[Enterprise]:
        """Anchors, and the largest members of each label."""
        key = {firm for firm in self.model.firms if firm.anchor}
        for label in range(self.model.labels(self.request.scope)):
            members = [one for one in self.model.firms if one.member and one.label(self.request.scope) == label]
            members.sort(key=lambda firm: (-firm.capacity_reference, firm.row))
            key.update(members[: int(nearest_whole(self.model.parameters.key_share * len(members)))])
        return key

    # --- 4: what converts -------------------------------------------------------------------------------------------

    def is_supported(self, item: Item) -> bool:
        return bool(chance(item.support, self.request.support))

    def converts(self, item: Item) -> bool:
        """It depends on owner and scope, never on the provider."""
        return bool(chance(item.convert, self._conversion(item)))

    def _conversion(self, item: Item) -> float:
        """A subsidy of the first order, an authority's word, or information alone."""
        request = self.request
        if self.is_supported(item):
            conversion = request.conversion_supported
        elif chance(item.support, request.support + request.word):
            conversion = request.conversion_word
        else:
            conversion = request.conversion_information
        return float(conversion)

    # --- 5: who gets whom -------------------------------------------------------------------------------------------

    def match(self, items: list[Item]) -> None:
        """In the order (turn, label) each goes to the first provider that fits at that moment."""
        rank: Counter[object] = Counter()
        turns: dict[int, list[Item]] = defaultdict(list)
        for item in items:
            turns[rank[item.queue]].append(item)
            rank[item.queue] += 1
        for turn in sorted(turns):
            for item in sorted(turns[turn], key=lambda one: one.label):
                self._place(item)
            self.sellers.end_turn()

    def _place(self, item: Item) -> None:
        if isinstance(item.need, GoodsSlot):
            seller = self.sellers.first(item)
            if seller is not None:
                self.model.ledger["introduced_pairs"] += 1
                self.model.ledger["replaced_pairs"] += not item.need.is_open
                self.sellers.pair(item.need, seller)
                if self.is_supported(item):
                    self.model.ledger["first_orders"] += 1
                    self.model.ledger["money"] += self.request.prices.first_order
        else:
            provider = self.servers.first(item)
            if provider is not None:
                self.servers.engage(item.need, provider)
                self.model.ledger["money"] += self.request.prices.engagement
                if self.request.project is not None:
                    self.model.ledger["projects"] += 1
