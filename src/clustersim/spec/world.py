"""A batch of runs in memory: population, state, parameters and numbers, and the few primitives that make and end pairs.

Only the primitives here write the columns of a pair or an engagement, so volumes and places always add up from both
sides. Which pairs are made is for the mechanisms to say.

Places in columns are single numbers, since one index costs a fraction of two. A *run* is arm * bases + base, a *run
firm* arm * firms + base firm, a *run slot* arm * slots + packed slot, and a *need* run firm * services + service.
`flat` holds the state's columns in these shapes: writing there writes the state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from clustersim.arrays import Array, cells, is_column, positions, split
from clustersim.spec import logbook
from clustersim.spec.draws import Draws
from clustersim.spec.formulas import engagement_months, room, trust_after
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
        firms, slots: of one arm. buyer: (arms * slots,) run firm that owns each run slot.
        base_of_slot: (slots,). slot_detail: (slots,) id of a slot's details. slots_of_firm: (bases, rows) how many.
        provider_of_firm: (firms,) number of each base firm among the providers of services, -1 none.
        entrants: firms that have entered so far, in all runs.
        month: absolute month, 1 the first of the burn-in.
        burn_in: months before month 1 of the scenario.
        levers: of each arm this month; places, duration and ending factors hold until the next policy step.
        clock: measures the steps of the months; it stands still unless somebody sets another one.
    """

    def __init__(self, population: Population, state: State, parameters: Values, draws: Draws, seed_of_base: Array):
        self.population = population
        self._state = state
        self.flat = State({name: column.reshape(-1, copy=False) for name, column in state.columns().items()})
        self._of_arm = [state.arm(arm) for arm in range(state.active.shape[0])]
        self.parameters = parameters
        self.draws = draws
        self.seed_of_base = seed_of_base
        self.month = 0
        self.burn_in = 0
        self.arms = state.active.shape[0]
        self.bases = population.bases
        self.rows = population.rows
        self.firms = self.bases * self.rows
        self.slots = population.slots
        self.levers = [Levers() for _ in range(self.arms)]
        self.ledger = Ledger.empty(self.arms, self.bases)
        self.log: Log | None = None
        self.clock = OFF
        self.project_kinds: list[list[tuple[str, Project]]] = [[] for _ in range(self.arms)]
        self.entrants = 0
        self._kept: dict[str, tuple[int, Any]] = {}
        self._label_words: dict[tuple[str, int], Array] = {}
        self.buyer = (np.arange(self.arms)[:, None] * self.firms + population.slot_owner).reshape(-1)
        self.base_of_slot = population.slot_owner // self.rows
        row = self.row_of_slot
        self.slot_detail = row * DETAIL_STRIDE + population.slot_number
        self._slot_word = seed_of_base[self.base_of_slot] * (self.rows * SLOT_STRIDE)
        self._slot_word += row * SLOT_STRIDE + population.slot_number
        self.slots_of_firm = np.diff(population.slot_begin).reshape(self.bases, self.rows).astype(np.float64)
        self.provider_of_firm = np.full(self.firms, -1)
        base, provider = np.nonzero(population.provider_firm >= 0)
        self.provider_of_firm[base * self.rows + population.provider_firm[base, provider]] = provider
        self.distinct_bases = not np.array_equal(seed_of_base, np.arange(self.bases))
        self.trust_in_use = False
        self.chain_trend: Any = np.zeros(population.chains)
        self.environment: Environment
        self.flows: Flows

    @property
    def state(self) -> State:
        """The run-owned columns, whose memory `flat` and `arm` share."""
        return self._state

    @property
    def row_of_slot(self) -> Array:
        """Row of the firm that owns each packed slot, (slots,)."""
        return self.population.slot_owner - self.base_of_slot * self.rows

    def arm(self, arm: int) -> State:
        """The columns of one arm, without the axis of arms: writing there writes the state."""
        return self._of_arm[arm]

    def view(self, arm: int) -> View:
        """What the instruments of an arm see."""
        month = self.month - self.burn_in
        return View(
            month,
            self.population,
            self.arm(arm),
            self.parameters,
            lambda name: self.firm_words(name, month=0),
            self.label_words,
        )

    def availability(self) -> Any:
        """Share of each slot's good that can be bought outside: 1, or (arms, slots) where an event acts."""
        availability = self.environment.availability
        if not is_column(availability):
            return availability
        arm = np.arange(self.arms)[:, None]
        site = self.flat.site[self.buyer].reshape(self.state.slot_good.shape)
        return availability[arm, site, np.maximum(self.state.slot_good, 0)]

    def in_every_arm(self, places: Array, size: int) -> Array:
        """The same places of one arm in every arm, (arms * n,); an arm's part of the column has `size` entries."""
        return (np.arange(self.arms)[:, None] * size + places).reshape(-1)

    def spread_demand(self) -> None:
        """Give every firm the demand of the chain that it has: the chains of entrants differ by arm."""
        population, now = self.population, self.environment
        chain = self.state.chain if population.rows > population.incumbents else population.chain[None]
        now.demand = now.firm_demand * cells(now.chain_factor, np.maximum(chain, 0))

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` returned since the last firm entered.

        It may depend on what changes with an entry alone: who is active, with which good, site, chain and slots.
        """
        if name not in self._kept or self._kept[name][0] != self.entrants:
            self._kept[name] = (self.entrants, make())
        return self._kept[name][1]

    # --- parameters ----------------------------------------------------------------------------------------------

    def by_slot(self, value: Any, place: Array) -> Any:
        """A parameter at run slots: the number itself, or the entry of its column (bases, 1)."""
        return value if not is_column(value) else value[self.base_of_slot[self.slot_of(place)], 0]

    def by_firm(self, value: Any, firm: Array) -> Any:
        """A parameter at base firms or run firms."""
        return value if not is_column(value) else value[self.base_of(firm), 0]

    def slot_of(self, place: Array) -> Array:
        """Packed slots of run slots."""
        return split(place, self.slots)[1]

    def base_of(self, firm: Array) -> Array:
        """Bases of base firms or run firms."""
        return split(firm // self.rows, self.bases)[1]

    # --- numbers -----------------------------------------------------------------------------------------------

    def slot_words(self, stream: str) -> Array:
        """One word for each packed goods slot this month, (slots,)."""
        words = self.draws.words(stream, self.month, SLOT_STRIDE, self.entrants > 0)
        return words.reshape(-1)[self._slot_word]

    def service_words(self, stream: str) -> Array:
        """One word for each service slot this month, (bases, rows, services)."""
        words = self.draws.words(stream, self.month, len(SERVICES), self.entrants > 0)
        return self._of_bases(words).reshape(self.bases, self.rows, len(SERVICES))

    def firm_words(self, stream: str, month: int | None = None) -> Array:
        """One word for each firm, (bases, rows)."""
        return self._of_bases(self.draws.words(stream, self.month if month is None else month))

    def label_words(self, stream: str, labels: int) -> Array:
        """One word for each label, the same in all months, (bases, labels)."""
        found = self._label_words.get((stream, labels))  # arms may use a label with different scopes
        if found is None:
            base = np.repeat(np.arange(self.bases), labels)
            ids = np.tile(np.arange(labels), self.bases)
            found = self.draws.details(stream, 0, self.seed_of_base[base], ids)[0].reshape(self.bases, labels)
            self._label_words[stream, labels] = found
        return found

    def _of_bases(self, words: Array) -> Array:
        return words[self.seed_of_base] if self.distinct_bases else words

    def details(self, stream: str, base: Array, ids: Array) -> Array:
        """Four words for each id of a base, (4, n)."""
        return self.draws.details(stream, self.month, self.seed_of_base[base], ids)

    def slot_details(self, stream: str, slot: Array) -> Array:
        """Four words for each of these packed goods slots, (4, n)."""
        return self.details(stream, self.base_of_slot[slot], self.slot_detail[slot])

    # --- labels ------------------------------------------------------------------------------------------------

    def labels(self, scope: Scope, arm: int) -> tuple[Array, int]:
        """Label of each firm in a scope, (bases, rows), and how many labels there are."""
        if scope == "site":
            return self.state.site[arm], self.population.sites
        if scope == "chain":
            return self.state.chain[arm], self.population.chains
        return np.zeros((self.bases, self.rows), dtype=np.int32), 1

    def common_trust(self, first: Array, second: Array) -> Any:
        """Largest common trust of the labels that both run firms carry, 0 unless both are members; (n,) each."""
        if not self.trust_in_use:
            return 0.0
        state, flat, run = self.state, self.flat, first // self.rows
        trust = np.zeros(len(first))
        for label, common in (
            (flat.site, state.trust_site),
            (flat.chain, state.trust_chain),
            (flat.group, state.trust_group),
        ):
            mine = label[first]
            shared = (mine == label[second]) & (mine >= 0)
            known = common.reshape(-1)[run * common.shape[2] + np.where(shared, mine, 0)]
            trust = np.maximum(trust, np.where(shared, known, 0.0))
        return np.where(flat.member[first] & flat.member[second], trust, 0.0)

    # --- room --------------------------------------------------------------------------------------------------

    def room(self, arm: int) -> Array:
        """Room of every firm of an arm, (bases, rows), in multiples of 1/1024."""
        state, loss = self.arm(arm), self.environment.loss
        return room(
            state.capacity * state.productivity,
            loss if not is_column(loss) else loss[arm],
            state.smoothed_demand,
            self.parameters.displacement,
        )

    def free_room(self, firm: Array) -> Array:
        """Room of run firms less the volumes that they have contracted, (n,)."""
        flat, loss = self.flat, self.environment.loss
        offered = room(
            flat.capacity[firm] * flat.productivity[firm],
            loss if not is_column(loss) else loss.reshape(-1)[firm],
            flat.smoothed_demand[firm],
            self.by_firm(self.parameters.displacement, firm),
        )
        return offered - flat.contracted[firm]

    def trust(self, place: Array) -> Array:
        """Trust of paired run slots after this month's growth, (n,)."""
        months = np.maximum(0, self.month - self.flat.since[place].astype(np.int64))
        return trust_after(self.flat.first_trust[place], months, self.by_slot(self.parameters.trust_rate, place))

    # --- pairs and engagements ---------------------------------------------------------------------------------

    def supplier_of(self, place: Array) -> Array:
        """Run firms that supply these paired run slots, (n,)."""
        return self.buyer[place] // self.rows * self.rows + self.flat.supplier[place]

    def pair(self, place: Array, supplier: Array, channel: int, first_trust: Any) -> None:
        """Pair run slots with suppliers (run firms), (n,) each; no slot twice. A paired slot is replaced."""
        if len(place) == 0:
            return
        self.unpair(place)
        flat, run = self.flat, supplier // self.rows
        logbook.log_pairs(self, place, supplier, channel)
        logbook.log_spells(self, self.buyer[place], -1, flat.since[place], SERVED, self.slot_of(place))
        flat.supplier[place] = supplier - run * self.rows
        flat.channel[place] = channel
        flat.since[place] = self.month
        flat.first_trust[place] = first_trust
        np.add.at(flat.contracted, supplier, self.population.slot_volume[self.slot_of(place)])
        self.count(self.ledger.pairs_made, run)

    def unpair(self, place: Array) -> None:
        """End the pairs of those of these run slots that are paired."""
        flat = self.flat
        place = place[flat.channel[place] > OPEN]
        if len(place) == 0:
            return
        supplier = self.supplier_of(place)
        np.subtract.at(flat.contracted, supplier, self.population.slot_volume[self.slot_of(place)])
        logbook.log_pairs(self, place, np.full(len(place), -1), OPEN)
        flat.supplier[place] = -1
        flat.channel[place] = OPEN
        flat.since[place] = self.month
        self.count(self.ledger.pairs_ended, supplier // self.rows)

    def engage(self, need: Array, provider: Array, project: int) -> None:
        """Begin engagements of needs with providers, (n,) each."""
        if len(need) == 0:
            return
        flat = self.flat
        factor = self._duration_factor(need)
        duration = engagement_months(self.by_firm(self.parameters.service_duration, need // len(SERVICES)), factor)
        waited = need[flat.service_state[need] == WANTED]  # a project may create its need: then nobody waited
        logbook.log_spells(self, *split(waited, len(SERVICES)), flat.service_since[waited], SERVED)
        flat.service_state[need] = ENGAGED
        flat.service_due[need] = self.month + duration
        flat.service_provider[need] = provider
        flat.service_project[need] = project
        np.add.at(flat.used, self.seat(need, provider), 1)
        self.count(self.ledger.needs_served, waited // (self.rows * len(SERVICES)))

    def release(self, need: Array) -> None:
        """End engagements: the place is free, the slot idle."""
        flat = self.flat
        np.subtract.at(flat.used, self.seat(need, flat.service_provider[need]), 1)
        flat.service_state[need] = IDLE
        flat.service_provider[need] = -1

    def lapse(self, need: Array) -> None:
        """Open service needs that nobody met in time become idle."""
        flat = self.flat
        logbook.log_spells(self, *split(need, len(SERVICES)), flat.service_since[need], LAPSED)
        flat.service_state[need] = IDLE
        self.count(self.ledger.needs_lapsed, need // (self.rows * len(SERVICES)))

    def count(self, column: Array, run: Array) -> None:
        """Add 1 to a column of the ledger for each of these runs."""
        column += np.bincount(run, minlength=column.size).reshape(column.shape)

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

    def seat(self, need: Array, provider: Array) -> Array:
        """Places of providers' services in the columns by place."""
        firm, service = split(need, len(SERVICES))
        return (firm // self.rows * self.population.providers + provider) * len(SERVICES) + service

    def _duration_factor(self, need: Array) -> Array:
        factor = np.ones(len(need))
        needs = self.firms * len(SERVICES)
        for number, levers in enumerate(self.levers):
            if is_column(levers.duration_factor):
                mine = positions(need // needs == number)
                factor[mine] = levers.duration_factor.reshape(-1)[need[mine] - number * needs]
        return factor

    # --- records -----------------------------------------------------------------------------------------------
