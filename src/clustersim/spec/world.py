"""A batch of runs in memory: population, state, parameters and numbers, and the few primitives that make and end pairs.

Only the primitives here write the columns of a pair or an engagement, so volumes and places always add up from both
sides. Which pairs are made is for the mechanisms to say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.arrays import Array, pick
from clustersim.spec.draws import Draws
from clustersim.spec.formulas import engagement_months, normal_input_rate, room, trust_after
from clustersim.spec.levers import Levers, Project, Round, Scope
from clustersim.spec.month import LAPSED, SERVED, Environment, Flows, Ledger, Log
from clustersim.spec.parameters import Values
from clustersim.spec.state import (
    DETAIL_STRIDE,
    ENGAGED,
    IDLE,
    OPEN,
    SERVICES,
    SLOT_STRIDE,
    WANTED,
    Population,
    State,
)
from clustersim.spec.timing import OFF
from clustersim.spec.view import View


class World:
    """Runs of one block: arms x bases, a base being one (parameter point, seed).

    Args:
        population: seed-owned columns.
        state: run-owned columns.
        parameters: numbers, or columns (bases, 1) where points differ.
        draws: numbers of the seeds.
        seed_of_base: (bases,) index into the seeds.

    Attributes:
        month: absolute month, 1 the first of the burn-in.
        burn_in: months before month 1 of the scenario.
        levers: of each arm this month; places, duration and ending factors hold until the next policy step.
        clock: measures the steps of the months; it stands still unless somebody sets another one.
    """

    def __init__(self, population: Population, state: State, parameters: Values, draws: Draws, seed_of_base: Array):
        self.population = population
        self.state = state
        self.parameters = parameters
        self.draws = draws
        self.seed_of_base = seed_of_base
        self.month = 0
        self.burn_in = 0
        self.arms = state.active.shape[0]
        self.bases = population.bases
        self.rows = population.rows
        self.levers = [Levers() for _ in range(self.arms)]
        self.ledger = Ledger.empty(self.arms, self.bases)
        self.log: Log | None = None
        self.clock = OFF
        self.project_kinds: list[list[tuple[str, Project]]] = [[] for _ in range(self.arms)]
        self.entrants_version = [0] * self.arms
        self.provider_orders: dict[tuple[object, ...], Any] = {}
        base = np.arange(self.bases, dtype=np.int64)
        self.base_of_slot = population.slot_owner // self.rows
        self.row_of_slot = population.slot_owner - self.base_of_slot * self.rows
        firm = self.row_of_slot * SLOT_STRIDE + population.slot_number
        self._slot_word = seed_of_base[self.base_of_slot] * (self.rows * SLOT_STRIDE) + firm
        self.slot_detail = self.row_of_slot * DETAIL_STRIDE + population.slot_number
        self.distinct_bases = not np.array_equal(seed_of_base, base)
        self.trust_in_use = False
        self.chain_trend: Any = np.zeros(population.chains)
        self.environment: Environment
        self.flows: Flows

    def view(self, arm: int) -> View:
        """What the instruments of an arm see."""
        month = self.month - self.burn_in
        return View(
            month, self.population, self.state.arm(arm), self.parameters, lambda name: self.firm_words(name, month=0)
        )

    def spread_demand(self) -> None:
        """Give every firm the demand of the chain that it has: the chains of entrants differ by arm."""
        population, now = self.population, self.environment
        chain = self.state.chain if population.rows > population.incumbents else population.chain[None]
        now.demand = now.firm_demand * np.take_along_axis(now.chain_factor, np.maximum(chain, 0), axis=2)

    # --- numbers -----------------------------------------------------------------------------------------------

    def slot_words(self, stream: str) -> Array:
        """One word for each packed goods slot this month, (slots,)."""
        return self.draws.words(stream, self.month, SLOT_STRIDE).reshape(-1)[self._slot_word]

    def service_words(self, stream: str) -> Array:
        """One word for each service slot this month, (bases, rows, services)."""
        words = self.firm_words(stream, len(SERVICES))
        return words.reshape(self.bases, self.rows, len(SERVICES))

    def firm_words(self, stream: str, per_firm: int = 1, month: int | None = None) -> Array:
        """Words for each firm, (bases, rows * per_firm)."""
        words = self.draws.words(stream, self.month if month is None else month, per_firm)
        return words[self.seed_of_base] if self.distinct_bases else words

    def details(self, stream: str, base: Array, ids: Array) -> Array:
        """Four words for each id of a base, (4, n)."""
        return self.draws.details(stream, self.month, self.seed_of_base[base], ids)

    # --- labels ------------------------------------------------------------------------------------------------

    def labels(self, scope: Scope, arm: int) -> tuple[Array, int]:
        """Label of each firm in a scope, (bases, rows), and how many labels there are."""
        if scope == "site":
            return self.state.site[arm], self.population.sites
        if scope == "chain":
            return self.state.chain[arm], self.population.chains
        return np.zeros((self.bases, self.rows), dtype=np.int32), 1

    def common_trust(self, arm: Array, first: Array, second: Array) -> Any:
        """Largest common trust of the labels that both base firms carry, 0 unless both are members; (n,) each."""
        if not self.trust_in_use:
            return 0.0
        state, base = self.state, first // self.rows
        flat = (arm * self.bases * self.rows + first, arm * self.bases * self.rows + second)
        member = state.member.reshape(-1)
        trust = np.zeros(len(first))
        for label, common in (
            (state.site, state.trust_site),
            (state.chain, state.trust_chain),
            (state.group, state.trust_group),
        ):
            mine, other = (label.reshape(-1)[index] for index in flat)
            shared = (mine == other) & (mine >= 0)
            trust = np.maximum(trust, np.where(shared, common[arm, base, np.where(shared, mine, 0)], 0.0))
        return np.where(member[flat[0]] & member[flat[1]], trust, 0.0)

    # --- room --------------------------------------------------------------------------------------------------

    @property
    def normal_input_rate(self) -> Any:
        """e0; see the formula."""
        return normal_input_rate(self.parameters.friction)

    def room(self, arm: int) -> Array:
        """Room of every firm of an arm, (bases, rows), in multiples of 1/1024."""
        state = self.state.arm(arm)
        loss = self.loss_of_arm(arm)
        return room(
            state.capacity * state.productivity * state.input_rate,
            self.normal_input_rate,
            loss,
            state.smoothed_demand,
            self.parameters.displacement,
        )

    def room_at(self, arm: Array, firm: Array) -> Array:
        """Room of base firms of arms, (n,)."""
        state, base = self.state, firm // self.rows
        flat = arm * self.bases * self.rows + firm
        loss = self.environment.loss
        return room(
            state.capacity.reshape(-1)[flat]
            * state.productivity.reshape(-1)[flat]
            * state.input_rate.reshape(-1)[flat],
            pick(self.normal_input_rate, base),
            loss if np.ndim(loss) == 0 else loss.reshape(-1)[flat],
            state.smoothed_demand.reshape(-1)[flat],
            pick(self.parameters.displacement, base),
        )

    def loss_of_arm(self, arm: int) -> Any:
        loss = self.environment.loss
        return loss if np.ndim(loss) == 0 else loss[arm]

    def trust(self, arm: Array, slot: Array) -> Array:
        """Trust of paired slots after this month's growth, (n,)."""
        flat = arm * self.population.slots + slot
        months = np.maximum(0, self.month - self.state.since.reshape(-1)[flat].astype(np.int64))
        rate = pick(self.parameters.trust_rate, self.base_of_slot[slot])
        return trust_after(self.state.first_trust.reshape(-1)[flat], months, rate)

    # --- pairs and engagements ---------------------------------------------------------------------------------

    def pair(self, arm: Array, slot: Array, supplier: Array, channel: int, first_trust: Any) -> None:
        """Pair goods slots with suppliers (base firms), (n,) each; no slot twice. A paired slot is replaced."""
        self.unpair(arm, slot)
        state, flat = self.state, arm * self.population.slots + slot
        base = self.base_of_slot[slot]
        self._log_pairs(arm, slot, supplier, channel)
        self._log_spells(arm, self.population.slot_owner[slot], -1, state.since.reshape(-1)[flat], SERVED)
        state.supplier.reshape(-1)[flat] = supplier - base * self.rows
        state.channel.reshape(-1)[flat] = channel
        state.since.reshape(-1)[flat] = self.month
        state.first_trust.reshape(-1)[flat] = first_trust
        state.stock.reshape(-1)[flat] = pick(self.parameters.stock, base)
        firm = arm * (self.bases * self.rows) + supplier
        contracted = state.contracted.reshape(-1)
        np.add.at(contracted, firm, self.population.slot_volume[slot])
        np.add.at(self.ledger.pairs_made, (arm, base), 1)

    def unpair(self, arm: Array, slot: Array) -> None:
        """End the pairs of those of these slots that are paired."""
        flat = arm * self.population.slots + slot
        paired = self.state.channel.reshape(-1)[flat] > OPEN
        if not paired.any():
            return
        arm, slot, flat = arm[paired], slot[paired], flat[paired]
        base = self.base_of_slot[slot]
        supplier = self.state.supplier.reshape(-1)[flat] + base * self.rows
        contracted = self.state.contracted.reshape(-1)
        np.subtract.at(contracted, arm * (self.bases * self.rows) + supplier, self.population.slot_volume[slot])
        self._log_pairs(arm, slot, np.full(len(slot), -1), OPEN)
        self.state.supplier.reshape(-1)[flat] = -1
        self.state.channel.reshape(-1)[flat] = OPEN
        self.state.since.reshape(-1)[flat] = self.month
        np.add.at(self.ledger.pairs_ended, (arm, base), 1)

    def engage(self, arm: Array, firm: Array, service: Array, provider: Array, project: int) -> None:
        """Begin engagements of base firms' service slots with providers, (n,) each."""
        state, base = self.state, firm // self.rows
        row = firm - base * self.rows
        place = (arm, base, row, service)
        factor = self._duration_factor(arm, base, row, service)
        duration = engagement_months(pick(self.parameters.service_duration, base), factor)
        waited = state.service_state[place] == WANTED  # a project may create its need: then nobody waited
        since = state.service_since[place]
        self._log_spells(arm[waited], firm[waited], service[waited], since[waited], SERVED)
        state.service_state[place] = ENGAGED
        state.service_due[place] = self.month + duration
        state.service_provider[place] = provider
        state.service_project[place] = project
        np.add.at(state.used, (arm, base, provider, service), 1)
        np.add.at(self.ledger.needs_served, (arm[waited], base[waited]), 1)

    def release(self, arm: Array, firm: Array, service: Array) -> None:
        """End engagements: the place is free, the slot idle."""
        state, base = self.state, firm // self.rows
        place = (arm, base, firm - base * self.rows, service)
        np.subtract.at(state.used, (arm, base, state.service_provider[place], service), 1)
        state.service_state[place] = IDLE
        state.service_provider[place] = -1

    def lapse(self, arm: Array, firm: Array, service: Array) -> None:
        """Open service needs that nobody met in time become idle."""
        base = firm // self.rows
        place = (arm, base, firm - base * self.rows, service)
        self._log_spells(arm, firm, service, self.state.service_since[place], LAPSED)
        self.state.service_state[place] = IDLE
        np.add.at(self.ledger.needs_lapsed, (arm, base), 1)

    def know_projects(self, arm: int) -> None:
        """Number the project rounds that are asked for, before any is carried out: the same in every block of seeds."""
        kinds = self.project_kinds[arm]
        for action in self.levers[arm].actions:
            if isinstance(action, Round) and action.project:
                kinds.extend((label, action.project) for label in action.labels if not self.project_code(arm, label))

    def project_code(self, arm: int, label: str) -> int:
        """Number under which engagements remember their project round, 0 for a round without projects."""
        known = [name for name, _ in self.project_kinds[arm]]
        return known.index(label) + 1 if label in known else 0

    def _duration_factor(self, arm: Array, base: Array, row: Array, service: Array) -> Array:
        factor = np.ones(len(arm))
        for number, levers in enumerate(self.levers):
            if np.ndim(levers.duration_factor):
                mine = arm == number
                factor[mine] = levers.duration_factor[base[mine], row[mine], service[mine]]
        return factor

    # --- records -----------------------------------------------------------------------------------------------

    def _log_pairs(self, arm: Array, slot: Array, supplier: Array, code: int) -> None:
        if self.log is not None:
            kept = self.base_of_slot[slot] < self.log.bases
            self.log.pairs.append(_columns(kept, month=self.month, arm=arm, slot=slot, supplier=supplier, code=code))

    def _log_spells(self, arm: Array, firm: Array, resource: Any, since: Array, outcome: int) -> None:
        if self.log is not None:
            kept = firm // self.rows < self.log.bases
            self.log.spells.append(
                _columns(kept, month=self.month, arm=arm, firm=firm, resource=resource, since=since, outcome=outcome)
            )


def _columns(kept: Array, **columns: Any) -> dict[str, Array]:
    return {name: np.broadcast_to(column, kept.shape)[kept].astype(np.int64) for name, column in columns.items()}
