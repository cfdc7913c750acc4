"""Enterprises. Their methods stand in the order of a month and are named like the mechanisms of the model.

Formulas and their sources stand in `clustersim.mechanisms` and `clustersim.spec.formulas`; docs/odd.md tells the month
in the same order. Months are absolute here: `model.clock` is 1 in the first month of the burn-in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np

from clustersim.engines.reference.asked import at
from clustersim.engines.reference.parts import GoodsSlot, Pair, Provider, ServiceNeed, Tie
from clustersim.mechanisms import endings, production, search
from clustersim.spec.draws import chance, whole
from clustersim.spec.formulas import room
from clustersim.spec.state import (
    ENGAGED,
    FINANCE,
    IDLE,
    LARGE,
    PERMIT,
    SEARCH,
    SERVICES,
    TALENT,
    TECHNOLOGY,
    WANTED,
)

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.spec.levers import Scope


@dataclass(frozen=True, eq=False)
class Application:
    """A goods slot that asks a seller to take its orders; the lowest `order` (number, owner, slot) is judged first."""

    order: tuple[int, int, int]
    slot: GoodsSlot
    first_trust: float


class Enterprise(mesa.Agent):
    """A firm that produces one good, buys others, and needs services.

    Attributes:
        row: its number; the first ones are there from the start, the others enter.
        good, chain, tier, site, size_class, owner_kind, anchor: see docs/odd.md; indices of the scenario's lists.
        capacity_reference, productivity_reference: q_ref (10k yuan a month) and A_ref. weight: w q_ref A_ref.
        capacity, productivity, reputation, smoothed_demand, input_rate, utilisation, delivery: q, A, G, Dbar, e, u, f.
        contracted: sum of the volumes of the pairs that it supplies, 10k yuan a month.
        organisation, member, joined: has a party organisation; is a member; was one when the policy started.
        group: its standing group, -1 none. tie: its formal pairing, if it is the small side of one.
        slots: its goods slots. service_needs: one for each service. provider: what it offers of services, if it does.
        local_orders, full_output, potential, outside_demand: L, q A, P, D of this month, 10k yuan.
        output: y of the last month in which it produced; before that what is normal for it.
        output_factor, attractiveness: h and z of this month.
        applications: goods slots that ask for its orders, until it has judged them.
    """

    model: ClusterModel

    def __init__(self, model: ClusterModel, row: int, good: int, site: int):
        super().__init__(model)
        people = model.population
        self.row, self.good, self.site = row, good, site
        self.chain, self.tier = int(people.good_chain[good]), int(people.good_tier[good])
        self.size_class, self.owner_kind = int(people.size_class[0, row]), int(people.owner_kind[0, row])
        self.anchor, self.organisation = bool(people.anchor[0, row]), bool(people.organisation[0, row])
        self.capacity_reference = float(people.capacity_reference[0, row])
        self.productivity_reference = float(people.productivity_reference[0, row])
        self.weight = float(people.weight[0, row])

        self.capacity, self.productivity = self.capacity_reference, self.productivity_reference
        self.smoothed_demand = self.weight
        self.reputation = self.delivery = 1.0
        self.input_rate = 1.0 - model.parameters.friction
        self.utilisation: float = model.parameters.normal_utilisation
        self.output = self.utilisation * self.full_output_reference
        self.contracted = 0.0

        self.member = self.joined = False
        self.group = -1
        self.tie: Tie | None = None
        self.slots: list[GoodsSlot] = []
        self.service_needs = [ServiceNeed(self, service) for service in range(len(SERVICES))]
        self.provider: Provider | None = None
        self.applications: list[Application] = []
        self.local_orders = self.full_output = self.potential = self.outside_demand = 0.0
        self.output_factor = self.attractiveness = 1.0

    def __repr__(self) -> str:
        return f"Enterprise({self.row}: good {self.good}, site {self.site})"

    @property
    def is_incumbent(self) -> bool:
        return self.row < self.model.population.incumbents

    @property
    def full_output_reference(self) -> float:
        """q_ref A_ref, 10k yuan a month."""
        return self.capacity_reference * self.productivity_reference

    @property
    def is_large_side(self) -> bool:
        """May be the large side of a tie."""
        return self.anchor or self.size_class == LARGE

    @property
    def pairs(self) -> list[tuple[GoodsSlot, Pair]]:
        """The pairs in which it buys."""
        return [(slot, slot.pair) for slot in self.slots if slot.pair is not None]

    @property
    def open_slots(self) -> list[GoodsSlot]:
        return [slot for slot in self.slots if slot.is_open]

    def label(self, scope: Scope) -> int:
        """The label that it carries in a scope: its site, its chain, or the one label of the region."""
        return {"site": self.site, "chain": self.chain, "region": 0}[scope]

    # --- what it can take on (matching rule) ------------------------------------------------------------------------

    @property
    def room(self) -> float:
        """Room for local orders, 10k yuan a month, a multiple of 1/1024."""
        return float(
            room(
                self.capacity * self.productivity,
                self.model.outside.loss[self.row],
                self.smoothed_demand,
                self.model.parameters.displacement,
            )
        )

    def fits(self, volume: float) -> bool:
        """Whether it has room for an order of this volume beside those that it has."""
        return self.contracted + volume <= self.room

    # --- 2 needs ----------------------------------------------------------------------------------------------------

    def needs(self) -> None:
        """A wanted service lapses when patience ends; an idle one opens with its hazard. Not both in one month."""
        for need in self.service_needs:
            number = self.model.numbers.of_service("needs.opening", self.row, need.service)
            if need.state == WANTED and need.due == self.model.clock:
                need.lapse()
            elif need.state == IDLE and chance(number, self.model.parameters.service_opening):
                need.open()

    # --- 3 endings --------------------------------------------------------------------------------------------------

    def endings(self) -> None:
        """Pairs may end from their second month on; engagements that are due take effect."""
        for slot, pair in self.pairs:
            if pair.since < self.model.clock and self._ends(slot, pair):
                slot.end_pair()
        for need in self.service_needs:
            if need.state == ENGAGED and need.due == self.model.clock:
                self._take_effect(need)

    def _ends(self, slot: GoodsSlot, pair: Pair) -> bool:
        parameters = self.model.parameters
        probability = endings.ending_probability(
            parameters.ending,
            slot.ending_factor,
            parameters.shield,
            slot.trust(self.model.clock - 1),  # trust grows after this test
            parameters.bad_end,
            pair.supplier.delivery,
        )
        number = self.model.numbers.of_slot("endings.pair", self.row, slot.number)
        return bool(chance(number, probability))

    def _take_effect(self, need: ServiceNeed) -> None:
        """Technology (if it succeeds) and talent raise productivity, finance and permits raise capacity."""
        parameters = self.model.parameters
        success, patents, factor = parameters.technology_success, parameters.engagement_patents, 1.0
        if need.project:
            project = self.model.projects[need.project]
            success, patents, factor = project.success, project.patents, project.gain_factor
        elif need.service != TECHNOLOGY:
            patents = 0.0
        luck, invention, *_ = self.model.numbers.details_of_service("endings.engagement", self.row, need.service)
        if need.service == TECHNOLOGY and chance(luck, success):
            self.productivity *= 1.0 + parameters.technology_gain * factor
        elif need.service == TALENT:
            self.productivity *= 1.0 + parameters.talent_gain
        elif need.service == FINANCE:
            self.capacity *= 1.0 + parameters.finance_gain
        elif need.service == PERMIT:
            self.capacity *= 1.0 + parameters.permit_gain
        self.model.ledger["patents"] += float(endings.poisson(np.array([invention]), np.array([patents]))[0])
        need.release()

    # --- 4 own search -----------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Each open goods slot that looks around this month applies to one seller."""
        model, parameters = self.model, self.model.parameters
        rate = parameters.search * model.outside.search_factor[self.site]
        for slot in self.open_slots:
            if not chance(model.numbers.of_slot("search.goods", self.row, slot.number), rate):
                continue
            numbers = model.numbers.details_of_slot("search.goods.details", self.row, slot.number)
            local, place, convert, priority = numbers
            site = self.site if chance(local, parameters.local) else None
            known = model.directory.sellers(slot.good, site)
            seller = self.redirected(slot, "search.goods.entrants", site, len(known))
            if seller is None and known:
                seller = model.firms[model.directory.pick(known, place)]
            self.apply(slot, seller, parameters.conversion, (convert, priority))

    def redirected(self, slot: GoodsSlot, stream: str, site: int | None, known: int) -> Enterprise | None:
        """One of the m entrants beside n known sellers, each alike, with probability m / (n + m)."""
        entrants = [one for one in self.model.entrants if one.good == slot.good and site in (None, one.site)]
        if not entrants:
            return None
        redirect, entrant, *_ = self.model.numbers.details_of_slot(stream, self.row, slot.number)
        if not chance(redirect, len(entrants) / (known + len(entrants))):
            return None
        return entrants[int(whole(entrant, len(entrants)))]

    def apply(
        self,
        slot: GoodsSlot,
        seller: Enterprise | None,
        conversion: float,
        numbers: tuple[int, int],
        first_trust: float = 0.0,
    ) -> None:
        """A contact that converts becomes an application. A contact with oneself ends.

        Args:
            numbers: whether it converts, and when it is judged.
        """
        if seller is None or seller is self:
            return
        convert, priority = numbers
        common = self.model.common_trust_of(self, seller)
        gain = self.model.parameters.trust_gain
        if chance(convert, search.conversion_probability(conversion, gain, common)):
            seller.applications.append(Application((priority, self.row, slot.number), slot, first_trust))

    def judge_applications(self, channel: int = SEARCH) -> None:
        """Take, in the order of their numbers, each application that fits at that moment; skip the others."""
        for application in sorted(self.applications, key=lambda one: one.order):
            if self.fits(application.slot.volume):
                application.slot.pair_with(self, channel, application.first_trust)
        self.applications.clear()

    def service_search(self) -> None:
        """Each wanted service applies to one provider; every contact converts. Nobody serves itself."""
        model, parameters = self.model, self.model.parameters
        for need in self.service_needs:
            number = model.numbers.of_service("search.services", self.row, need.service)
            if need.state != WANTED or not chance(number, parameters.service_search):
                continue
            numbers = model.numbers.details_of_service("search.services.details", self.row, need.service)
            local, place, _, priority = numbers
            site = self.site if chance(local, parameters.local) else None
            known = model.directory.servers(need.service, site)
            provider = model.providers[model.directory.pick(known, place)] if known else None
            if provider is not None and provider.agent is not self:
                provider.applications.append(((priority, self.row, need.service), need))

    # --- 5 policy (what a firm does itself; the rest stands in policy.py) -------------------------------------------

    def join(self, everyone: bool) -> None:
        """Firms with an organisation are members. Membership never ends."""
        self.member = self.member or self.organisation or everyone

    def found(self, hazard: float) -> None:
        """Found a party organisation with this hazard; the firm joins from the next month on."""
        number = self.model.numbers.of_firm("organisation.founding", self.row)
        self.organisation = self.organisation or bool(chance(number, hazard))

    # --- 6 production -----------------------------------------------------------------------------------------------

    def order_inputs(self) -> None:
        """Order from suppliers what last month's output asks for; open slots order as much outside."""
        share = float(production.order_share(self.output, self.full_output_reference))
        for slot in self.slots:
            slot.order = slot.volume * share
            if slot.pair is not None:
                slot.pair.supplier.local_orders += slot.order

    def receive(self) -> None:
        """Share x of each order that is at hand: from the supplier as last month, from outside, and from stock."""
        parameters, outside = self.model.parameters, self.model.outside
        for slot in self.slots:
            if slot.pair is None:
                due = 1.0 - parameters.friction
                arrives = outside.supply(slot)
            else:
                delivery = slot.pair.supplier.delivery
                due = 1.0
                arrives = float(production.paired_input(delivery, parameters.specificity, outside.supply(slot)))
            short = max(0.0, due - arrives)
            use = min(slot.stock, short)
            slot.inputs, slot.lack = arrives + use, short - use
            left, available = slot.stock - use, outside.available(slot)
            slot.refill = float(production.refill(left, use, short, parameters.stock, available))
            slot.stock = left + slot.refill

    def prepare(self) -> None:
        """What it can make this month, and how attractive it is to outside customers."""
        parameters = self.model.parameters
        inputs = [slot.inputs for slot in self.slots]
        self.input_rate = float(production.input_rate(added(inputs) / len(inputs), min(inputs), parameters.choke))
        vacancy = parameters.vacancy_loss * (self.service_needs[TALENT].state == WANTED)
        burden = production.burden(at(self.model.levers.firm_days, self.row), parameters.burden_day)
        working = production.working_share(burden, vacancy)
        self.output_factor = float(production.output_factor(self.input_rate, parameters.input_elasticity, working))
        self.full_output = self.capacity * self.productivity
        loss = self.model.outside.loss[self.row]
        self.potential = float(production.potential_output(self.full_output, loss))
        service = production.service_level(self.productivity, self.productivity_reference)
        self.reputation = float(production.reputation_after(self.reputation, service, parameters.reputation_speed))
        self.attractiveness = float(
            production.attractiveness(
                self.reputation,
                parameters.elasticity,
                self.capacity / self.capacity_reference,
                parameters.capacity_pull,
            )
        )

    def produce(self, rivals: float, crowding: float) -> None:
        """Meet outside and local orders as far as inputs and potential go; then capacity and productivity move on.

        Args:
            rivals: zbar^rivalry of its good.
            crowding: (Q / Q_ref)^(-crowding) of the place.
        """
        parameters, outside = self.model.parameters, self.model.outside
        rerouted = parameters.reroute * self.local_orders
        level = outside.demand(self)
        demand = float(production.outside_demand(level, self.attractiveness, rivals, crowding, rerouted))
        self.outside_demand = demand + outside.contract[self.row]
        asked = self.outside_demand + self.local_orders
        self.output = float(production.output(self.output_factor, self.potential, asked))
        self.delivery = float(production.delivered_share(self.output, self.local_orders, self.outside_demand))
        self.utilisation = self.output / self.full_output
        self.smoothed_demand = production.smoothed_after(self.smoothed_demand, self.outside_demand)
        self.capacity = float(
            production.capacity_after(
                self.capacity, self.utilisation, parameters.normal_utilisation, parameters.capacity_adjustment
            )
        )
        self.productivity = float(
            production.productivity_after(
                self.productivity, self.productivity_reference, parameters.productivity_reversion
            )
        )


def added(values: list[float]) -> float:
    """Sum from the first to the last. Python's own `sum` corrects for rounding, and would differ in the last bit."""
    total = 0.0
    for value in values:
        total += value
    return total
