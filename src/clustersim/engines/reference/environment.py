"""Step 1. What comes from outside: demand of chains, noise of firms, scheduled events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.mechanisms.environment import (
    STATIONARY_TERMS,
    autoregressive,
    chain_level,
    noise_factor,
    stationary_variance,
)
from clustersim.spec.draws import chance, laplace, normal

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.model import ClusterModel
    from clustersim.engines.reference.parts import GoodsSlot
    from clustersim.spec.policy import Event


class Outside:
    """The world around the cluster, the same under every policy.

    Attributes:
        noise: n of each row. Rows that may enter later have theirs from the start.
        log_demand: m of each chain, log M without its trend. chain_factor: M, times the demand events that meet it.
        loss: share of capacity lost; contract: added orders, 10k yuan a month; both by row.
        availability: of outside supply, by the buyer's site and good. search_factor: by site.
    """

    def __init__(self, model: ClusterModel):
        people = model.population
        self._model = model
        self.noise = [self._stationary_noise(row) for row in range(people.rows)]
        self.log_demand = [0.0] * people.chains
        self._before_events()

    def _stationary_noise(self, row: int) -> float:
        """Noise at month 0, as the sum of the innovations before it."""
        parameters, noise = self._model.parameters, 0.0
        for term in range(STATIONARY_TERMS):
            innovation = laplace(self._model.numbers.of_firm("environment.noise_start", row, month=term))
            noise = autoregressive(noise, parameters.noise_persistence, parameters.noise_spread, innovation)
        return float(noise)

    def step(self) -> None:
        """Noise and demand move on by a month, and scheduled events act."""
        model = self._model
        parameters, numbers = model.parameters, model.numbers
        for row, noise in enumerate(self.noise):
            innovation = laplace(numbers.of_firm("environment.noise", row))
            self.noise[row] = float(
                autoregressive(noise, parameters.noise_persistence, parameters.noise_spread, innovation)
            )
        for chain, log_demand in enumerate(self.log_demand):
            first, second, *_ = numbers.details_of("environment.chain_demand", chain)
            innovation = normal(first, second)
            self.log_demand[chain] = float(
                autoregressive(log_demand, parameters.demand_persistence, parameters.demand_spread, innovation)
            )
        self._before_events()
        for event in model.events:
            months = 1 if event.kind == "finance" else event.months
            if event.month <= model.month < event.month + months:
                self._act(event)

    def demand(self, firm: Enterprise) -> float:
        """weight * M * exp(n - var n / 2): outside orders of an average month at this level, 10k yuan."""
        parameters = self._model.parameters
        variance = stationary_variance(parameters.noise_persistence, parameters.noise_spread)
        own = firm.weight * noise_factor(self.noise[firm.row], variance)
        return float(own * self.chain_factor[firm.chain])

    def available(self, slot: GoodsSlot) -> float:
        """Share of the slot's good that its owner can buy outside."""
        return self.availability[slot.owner.site][slot.good]

    def supply(self, slot: GoodsSlot) -> float:
        """ext = (1 - friction) * availability: share of an order that can be had outside in time."""
        return float((1.0 - self._model.parameters.friction) * self.available(slot))

    # --- scheduled events -------------------------------------------------------------------------------------------

    def _before_events(self) -> None:
        """M of each chain by its own demand and trend; no event acts yet."""
        model, people = self._model, self._model.population
        months = max(0, model.month)  # the trend starts where policies can
        self.chain_factor = [
            float(chain_level(demand, model.trend_of(chain), months)) for chain, demand in enumerate(self.log_demand)
        ]
        self.loss = [0.0] * people.rows
        self.contract = [0.0] * people.rows
        self.availability = [[1.0] * people.goods for _ in range(people.sites)]
        self.search_factor = [1.0] * people.sites

    def _act(self, event: Event) -> None:
        match event.kind:
            case "demand":
                for chain in event.chains or range(len(self.chain_factor)):
                    self.chain_factor[chain] *= event.size
            case "supply":
                for site in event.sites or range(len(self.availability)):
                    for good in self._goods_met(event):
                        self.availability[site][good] *= event.size
            case "search":
                for site in event.sites or range(len(self.search_factor)):
                    self.search_factor[site] *= event.size
            case _:
                for firm in self._firms_met(event):
                    self._meet(event, firm)

    def _meet(self, event: Event, firm: Enterprise) -> None:
        match event.kind:
            case "capacity":
                self.loss[firm.row] = 1.0 - (1.0 - self.loss[firm.row]) * (1.0 - event.size)
            case "contract":
                self.contract[firm.row] += event.size * firm.capacity_reference
            case "finance":
                firm.capacity *= 1.0 + event.size

    def _goods_met(self, event: Event) -> list[int]:
        people = self._model.population
        return [
            good
            for good in range(people.goods)
            if (not event.chains or people.good_chain[good] in event.chains)
            and (not event.tiers or people.good_tier[good] in event.tiers)
        ]

    def _firms_met(self, event: Event) -> list[Enterprise]:
        """Firms that a capacity, contract or finance event concerns: listed, or by place, and by a number each."""
        return [
            firm
            for firm in self._model.enterprises
            if (not event.firms or firm.row in event.firms)
            and (not event.sites or firm.site in event.sites)
            and (not event.chains or firm.chain in event.chains)
            and self._is_drawn(event, firm)
        ]

    def _is_drawn(self, event: Event, firm: Enterprise) -> bool:
        stream = f"drawn.{event.drawn}" if event.drawn else f"{event.label}.share"
        number = self._model.numbers.of_firm(stream, firm.row, month=0)
        return event.share >= 1.0 or bool(chance(number, event.share))
