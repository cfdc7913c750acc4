"""What agents hold: goods slots and their pairs, service needs, places for services, formal ties.

Months are absolute: 1 is the first of the burn-in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from clustersim.mechanisms.aid import is_short
from clustersim.spec.draws import label_code
from clustersim.spec.formulas import engagement_months, trust_after
from clustersim.spec.month import LAPSED, SERVED
from clustersim.spec.state import ENGAGED, IDLE, SERVICES, WANTED

if TYPE_CHECKING:
    from clustersim.engines.reference.enterprise import Enterprise
    from clustersim.engines.reference.institution import Institution


@dataclass(eq=False)
class InRounds:
    """Month of the scenario in which a need that waits was first found by a round's survey, and first introduced.

    0: not yet. Nothing depends on it: it is written down when the need ends.
    """

    surveyed: int = 0
    introduced: int = 0


@dataclass(eq=False)
class Pair:
    """A supplier that a goods slot buys from.

    Attributes:
        channel: code of `CHANNELS`. since: month in which it was made. first_trust: trust at its start.
    """

    supplier: Enterprise
    channel: int
    since: int
    first_trust: float


@dataclass(eq=False)
class GoodsSlot:
    """An input that its owner could buy locally. It is open, or paired with a supplier.

    Attributes:
        number: from 0, at its owner. good: what it buys. volume: V, 10k yuan a month.
        stock: months of its use that are laid in; no pair that is made or ends touches it.
        open_since: month in which it became open.
        ending_factor: of this month's policy, for the pair that it had when the instruments read the state.
        short_months: how long it has been short, counted while its owner's policy has mutual aid.
        order: 10k yuan ordered this month. inputs: x, share of it at hand. lack: share of it that fails.
        refill: bought beside the order for the stock, as a share of it.
        rounds: what rounds did with it since it is open.
    """

    owner: Enterprise
    number: int
    good: int
    volume: float
    stock: float
    open_since: int = 0
    pair: Pair | None = None
    ending_factor: float = 1.0
    short_months: int = 0
    order: float = 0.0
    inputs: float = 0.0
    lack: float = 0.0
    refill: float = 0.0
    rounds: InRounds = field(default_factory=InRounds)

    @property
    def is_open(self) -> bool:
        return self.pair is None

    @property
    def is_short(self) -> bool:
        """Whether at least one part in 1024 of its order fails."""
        return bool(is_short(self.lack))

    def pair_with(self, supplier: Enterprise, channel: int, first_trust: float) -> None:
        """Buy from this supplier from now on. A pair that the slot has is replaced."""
        model = self.owner.model
        self.end_pair()
        model.log_spell(self, SERVED)
        self.pair = Pair(supplier, channel, model.clock, first_trust)
        supplier.contracted += self.volume
        model.log_pair(self, supplier, channel)
        model.ledger["pairs_made"] += 1

    def end_pair(self) -> None:
        """The slot is open again, if it was paired."""
        if self.pair is None:
            return
        model = self.owner.model
        self.pair.supplier.contracted -= self.volume
        self.pair = None
        self.open_since = model.clock
        model.log_pair(self, None, 0)
        model.ledger["pairs_ended"] += 1

    def trust(self, month: int) -> float:
        """Trust of its pair in a month: each month after the first adds trust_rate * (1 - trust)."""
        assert self.pair is not None
        rate = self.owner.model.parameters.trust_rate
        return float(trust_after(self.pair.first_trust, month - self.pair.since, rate))


@dataclass(eq=False)
class ServiceNeed:
    """A firm's need of one service: idle, wanted, or engaged at a provider.

    Attributes:
        since: month in which it was opened. due: when it lapses, or its engagement takes effect.
        project: label of the project round that began the engagement, "" for an ordinary one.
        duration_factor: of this month's policy.
        rounds: what rounds did with it since it is wanted.
    """

    owner: Enterprise
    service: int
    state: int = IDLE
    since: int = 0
    due: int = 0
    provider: Provider | None = None
    project: str = ""
    duration_factor: float = 1.0
    rounds: InRounds = field(default_factory=InRounds)

    @property
    def is_open(self) -> bool:
        return self.state == WANTED

    def open(self) -> None:
        """The firm wants the service until its patience ends."""
        model = self.owner.model
        self.state, self.since = WANTED, model.clock
        self.due = model.clock + int(model.parameters.service_patience)

    def lapse(self) -> None:
        """Nobody met it in time."""
        model = self.owner.model
        model.log_spell(self, LAPSED)
        self.state = IDLE
        model.ledger["needs_lapsed"] += 1

    def engage(self, provider: Provider, project: str = "") -> None:
        """An engagement begins and holds a place of its provider until it is due."""
        model = self.owner.model
        if self.state == WANTED:  # a project may create its need: then nobody waited
            model.log_spell(self, SERVED)
            model.ledger["needs_served"] += 1
        duration = engagement_months(model.parameters.service_duration, self.duration_factor)
        self.state, self.due = ENGAGED, model.clock + int(duration)
        self.provider, self.project = provider, project
        provider.used[self.service] += 1

    def release(self) -> None:
        """The engagement is over: its place is free, the slot idle."""
        assert self.provider is not None
        self.provider.used[self.service] -= 1
        self.state, self.provider, self.project = IDLE, None, ""


@dataclass(eq=False)
class Provider:
    """What an agent offers of each service. Lists are by service.

    Attributes:
        number: among all providers; enterprises stand before institutions.
        agent: who offers. site: where. offered: at the start. places: this month. used: engagements that hold one.
        applications: needs that ask for a place this month, each behind its number, owner and service.
    """

    number: int
    agent: Enterprise | Institution
    site: int
    offered: list[int]
    places: list[int] = field(default_factory=list)
    used: list[int] = field(default_factory=lambda: [0] * len(SERVICES))
    applications: list[tuple[tuple[int, int, int], ServiceNeed]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = list(self.offered)

    def free(self, service: int) -> int:
        """Never negative: a policy that takes places away sends nobody away."""
        return max(0, self.places[service] - self.used[service])

    def judge_applications(self) -> None:
        """Take applications in the order of their numbers while there are places."""
        for _, need in sorted(self.applications, key=lambda one: one[0]):
            if self.free(need.service):
                need.engage(self)
        self.applications.clear()


@dataclass(frozen=True, eq=False)
class Tie:
    """A small firm's formal pairing with a large one or with an institution. `label`: the instrument that made it."""

    partner: Enterprise | Institution
    label: str

    @property
    def code(self) -> int:
        return label_code(self.label)
