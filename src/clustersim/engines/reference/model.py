"""The model of one town under one policy, month by month."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet

from clustersim import population
from clustersim.engines.arms import reserve_rows
from clustersim.engines.reference import aid, learning, market, policy, town
from clustersim.engines.reference.directory import Directory
from clustersim.engines.reference.enterprise import Enterprise
from clustersim.engines.reference.environment import Outside
from clustersim.engines.reference.institution import Institution
from clustersim.engines.reference.numbers import Numbers
from clustersim.engines.reference.parts import GoodsSlot, InRounds, Provider, ServiceNeed
from clustersim.engines.reference.records import PairEvent, Records, Spell
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.spec.levers import Levers, Project
from clustersim.spec.month import Ledger
from clustersim.spec.policy import Policy
from clustersim.spec.state import SEARCH

MONTH = (
    "environment",  # 1. demand of chains, noise of firms, scheduled events
    "needs",  # 2. needs of services open and lapse
    "endings",  # 3. pairs end, engagements take effect
    "search",  # 4. open slots look for sellers, sellers judge
    "service_search",  # 4. needs of services look for providers
    "policy",  # 5. instruments read the state; what they ask for is carried out
    "inputs",  # 6. orders, and what is at hand
    "aid",  # 6. members help members whose supply fails
    "production",  # 6. output, deliveries; capacity and productivity move on
    "learning",  # 7. from better firms; common trust
)


class ClusterModel(mesa.Model):
    """Enterprises and institutions of one town, under one policy.

    `step()` is one month. The first ones are the burn-in, in which no policy acts; `burn_in()` runs them all. Every
    number comes from the named streams of the seed (`numbers`), so that all policies of a seed meet the same luck, and
    Mesa's own `rng` and `random` are not used.

    Args:
        setting: a scenario, or its YAML file.
        policy: the name of one of the scenario's policies, or a policy.
        rng: the seed, a whole number in 0 .. 2**63 - 1.
        shocks: whether the scenario's shocks happen.

    Attributes:
        setting: the scenario. (`scenario` is Mesa's own.) seed: of its numbers.
        plan_of_policy: what the instruments do. (`policy` is step 5.) It may be replaced until it starts.
        clock: months since the start of the burn-in. month: of the scenario, 1 is the first after the burn-in.
        firms: the active enterprises by row. providers: whoever offers services, by number.
        parameters, population, directory: numbers of the scenario, what the seed fixes, who is known to sell what.
        events: those that happen. outside: demand, noise and what the events do this month.
        levers: what the instruments ask for, as of the last policy step. projects: of each project round by label.
        common_trust: by site, chain and group. deliveries: of mutual aid, this month.
        ledger: what was counted and booked this month; names as in `clustersim.spec.month.Ledger`.
        records: what was written down of the months of the scenario.
        pair_events, spells: pairs made and ended, and waiting spells that ended, from the first month on.

    A subclass may set `enterprise_class` to a subclass of `Enterprise`: all firms are of that class.

    Raises:
        InputError: the file is no scenario. ValueError: it has no such policy, or `rng` is out of range.
        TypeError: `setting` is no scenario, or `rng` no whole number.
    """

    enterprise_class: type[Enterprise] = Enterprise

    def __init__(
        self, setting: Scenario | str | Path, policy: str | Policy = NO_ALLIANCE, rng: int = 0, *, shocks: bool = True
    ):
        """The town at the start of the burn-in."""
        self.seed = town.seed_from(rng)
        super().__init__(rng=self.seed)
        self.setting = town.scenario_from(setting)
        self.plan_of_policy = town.policy_from(policy, self.setting)
        self.parameters = self.setting.parameters
        self.events = [event for event in self.setting.events if shocks or not event.shock]

        self.clock = 0
        self.levers = Levers()
        self.projects: dict[str, Project] = {}
        self.ledger = _empty_ledger()
        self.deliveries: list[aid.Delivery] = []
        self.pair_events: list[PairEvent] = []
        self.spells: list[Spell] = []

        with_plan = replace(self.setting, policies=(self.plan_of_policy,))  # it may be none of the scenario's
        incumbents, reserve = self.setting.population.firms, reserve_rows([self.setting, with_plan])
        self.numbers = Numbers(self.seed, incumbents, reserve)
        self.population = population.build(
            self.setting.population, self.parameters, self.numbers.draws, np.zeros(1, dtype=np.intp)
        )
        self.directory = Directory(self.population)
        self.firms: list[Enterprise] = []
        self.providers: list[Provider] = []
        self.common_trust: dict[str, list[float]] = {
            "site": [0.0] * self.population.sites,
            "chain": [0.0] * self.population.chains,
            "group": [],
        }
        self.outside = Outside(self)
        town.settle(self)
        self.records = Records(self)
        if self.clock == self.setting.time.burn_in:
            town.pair_known_links(self)

    # --- the month --------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """One month, in the order of `MONTH`."""
        self.begin_month()
        for process in MONTH:
            getattr(self, process)()
        self.end_month()

    def begin_month(self) -> None:
        self.clock += 1
        self.numbers.begin(self.clock)
        self.ledger = _empty_ledger()

    def environment(self) -> None:
        self.outside.step()

    def needs(self) -> None:
        self.enterprises.do("needs")

    def endings(self) -> None:
        self.enterprises.do("endings")

    def search(self) -> None:
        """All apply before anybody judges."""
        self.enterprises.do("search")
        self.enterprises.do("judge_applications", SEARCH)

    def service_search(self) -> None:
        self.enterprises.do("service_search")
        for provider in self.providers:
            provider.judge_applications()

    def policy(self) -> None:
        policy.step(self)

    def inputs(self) -> None:
        self.enterprises.set("local_orders", 0.0)
        self.enterprises.do("order_inputs")
        self.enterprises.do("receive")

    def aid(self) -> None:
        aid.step(self)

    def production(self) -> None:
        """All prepare before anybody sells: sellers of one good are rivals."""
        self.enterprises.do("prepare")
        rivals, crowding = market.rivals(self), market.crowding(self)
        for firm in self.enterprises:
            firm.produce(rivals[firm.good], crowding)

    def learning(self) -> None:
        learning.step(self)

    def end_month(self) -> None:
        """8. Measurement. At the end of the burn-in the pairs that a roster knows are made."""
        if self.month >= 1:
            self.records.write()
        if self.clock == self.setting.time.burn_in:
            town.pair_known_links(self)
        self.running = self.month < self.setting.time.horizon

    def burn_in(self) -> None:
        """The months before month 1, as far as they are not over."""
        while self.month < 0:
            self.step()

    # --- what can be watched ----------------------------------------------------------------------------------------

    @property
    def month(self) -> int:
        return self.clock - self.setting.time.burn_in

    @property
    def enterprises(self) -> AbstractAgentSet[Enterprise]:
        """Incumbents by row, then entrants in the order of entry."""
        return self.agents_by_type[self.enterprise_class]

    @property
    def institutions(self) -> AbstractAgentSet[Institution]:
        return self.agents.select(agent_type=Institution)

    @property
    def entrants(self) -> list[Enterprise]:
        return self.firms[self.population.incumbents :]

    @property
    def slots(self) -> list[GoodsSlot]:
        """All goods slots, by firm and number."""
        return [slot for firm in self.firms for slot in firm.slots]

    @property
    def pairing_rate(self) -> float:
        """Share of goods slots that are paired."""
        slots = self.slots
        return sum(not slot.is_open for slot in slots) / len(slots)

    @property
    def output(self) -> float:
        """Output of the month, 10k yuan."""
        return float(sum(firm.output for firm in self.firms))

    @property
    def members(self) -> int:
        return sum(firm.member for firm in self.firms)

    # --- what agents ask the model ----------------------------------------------------------------------------------

    def labels(self, scope: str) -> int:
        """How many labels a scope has."""
        return {"site": self.population.sites, "chain": self.population.chains, "region": 1}[scope]

    def trend_of(self, chain: int) -> float:
        """Trend of a chain's log demand a month."""
        trend = self.setting.population.chains[chain].trend
        return float(self.parameters.demand_trend if trend is None else trend)

    def common_trust_of(self, first: Enterprise, second: Enterprise) -> float:
        """The largest common trust of the labels that both carry, 0 unless both are members."""
        if not (first.member and second.member):
            return 0.0
        shared = [
            trust[getattr(first, name)]
            for name, trust in self.common_trust.items()
            if getattr(first, name) == getattr(second, name) >= 0
        ]
        return max(shared, default=0.0)

    def enter(self, good: int, site: int) -> Enterprise | None:
        """The next firm of the reserve enters, if there is one left."""
        row = len(self.firms)
        if row >= self.population.rows:
            return None
        firm = self.enterprise_class(self, row, good, site)
        self.firms.append(firm)
        return firm

    def log_pair(self, slot: GoodsSlot, supplier: Enterprise | None, channel: int) -> None:
        """A pair is made, or ends (no supplier, channel 0)."""
        seller = -1 if supplier is None else supplier.row
        self.pair_events.append(PairEvent(self.month, slot.owner.row, slot.number, seller, channel))

    def log_spell(self, need: GoodsSlot | ServiceNeed, outcome: int) -> None:
        """A need has ended. What rounds did with it is forgotten."""
        self.spells.append(self.spell(need, outcome))
        need.rounds = InRounds()

    def spell(self, need: GoodsSlot | ServiceNeed, outcome: int) -> Spell:
        """How long a need has waited until now."""
        if isinstance(need, GoodsSlot):
            service, slot, since = None, need.number, need.open_since
        else:
            service, slot, since = need.service, -1, need.since
        opened, rounds = since - self.setting.time.burn_in, need.rounds
        return Spell(need.owner.row, service, slot, opened, self.month, outcome, rounds.surveyed, rounds.introduced)

    def packed_slots(self, row: int) -> range:
        """Where a row's goods slots stand in the columns of the population."""
        begin = self.population.slot_begin
        return range(int(begin[row]), int(begin[row + 1]))


def _empty_ledger() -> dict[str, float]:
    return dict.fromkeys(Ledger.__dataclass_fields__, 0.0)
