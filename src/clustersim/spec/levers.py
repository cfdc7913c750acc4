"""What instruments ask for. An instrument returns `Levers`; the mechanisms carry them out and book what they cost.

Shapes are those of one arm: B bases, N rows, T slots, J providers, L labels of a scope. A number may stand where a
column is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from clustersim.arrays import Array, is_column

type Scope = Literal["site", "chain", "region"]

GOODS = -1  # in a round's resources; services stand as their index


@dataclass(frozen=True, eq=False)
class Formation:
    """Standing groups: members of a label who have none are ordered by u[group] and cut into groups of `size`.

    `anew`: those who have a group leave it first, so that all are cut into new ones. New groups take the lowest numbers
    that no group has.
    """

    label: str
    scope: Scope
    who: Array  # (B, N) bool
    size: int
    anew: bool = False


@dataclass(frozen=True, eq=False)
class Contacts:
    """Open goods slots of group members meet a seller with `rate`: with `referral` any firm, else one of the group."""

    label: str
    who: Array  # (B, N) bool
    rate: Any
    referral: Any
    conversion: Any
    first_trust: Any


@dataclass(frozen=True, eq=False)
class Pull:
    """Learning: towards the 75th percentile of a scope's members, the best of the group, or the large side of a tie.

    `label`: of the instrument, for those who learn through the ties that it made.
    """

    towards: Literal["percentile", "best_of_group", "tie"]
    who: Array  # (B, N) bool
    rate: Any
    label: str
    scope: Scope = "region"
    peer_size_weight: Any = 0.0


@dataclass(frozen=True, eq=False)
class Prices:
    """10k yuan for each introduction, each goods pair made by a supported one, and each engagement begun."""

    introduction: Any = 0.0
    first_order: Any = 0.0
    engagement: Any = 0.0


@dataclass(frozen=True, eq=False)
class Project:
    """What an engagement of a project round brings.

    `success`: probability. `patents`: their mean number. `gain_factor`: on `technology_gain`, where it succeeds.
    """

    success: Any
    patents: Any
    gain_factor: Any


@dataclass(frozen=True, eq=False)
class Round:
    """A brokered round (docs/odd.md, "Brokered rounds"). `budget` counts introductions by label, (B, L) whole numbers.

    Attributes:
        label: names its random numbers and its costs.
        resources: GOODS and services that are listed.
        idle_too: a project round, which lists idle service slots as well and may use the place of any institution or
            anchor.
        order: random, largest or bottleneck first; `key_firms_first` before that.
        support, word: share of introductions that come with money for the first order, and with an authority's word.
        switch: lists paired slots with probability switch * (1 - trust) too.
        follow_up: whether a second round over the whole region spends the introductions that were left.
        project: what its engagements bring, None for ordinary ones.
    """

    label: str
    scope: Scope
    who: Array  # (B, N) bool
    resources: tuple[int, ...]
    budget: Array
    survey_share: Any = 1.0
    idle_too: bool = False
    order: Literal["random", "largest", "bottleneck"] = "random"
    key_firms_first: bool = False
    score: Literal["size", "room", "same_site"] = "size"
    support: Any = 1.0
    word: Any = 0.0
    conversion_information: Any = 1.0
    conversion_word: Any = 1.0
    conversion_supported: Any = 1.0
    switch: Any = 0.0
    first_trust: Any = 0.0
    follow_up: bool = False
    project: Project | None = None
    prices: Prices = field(default_factory=Prices)

    @property
    def labels(self) -> tuple[str, ...]:
        """Its own label, and that of its second round over the region."""
        return (self.label, f"{self.label}.region") if self.follow_up else (self.label,)


@dataclass(frozen=True, eq=False)
class Ties:
    """Formal pairings to be made this month. `quota` by label, (B, L) whole numbers.

    `owners`: whether a large member may be of any owner kind, or must be of another than the small one's.
    """

    label: str
    kind: Literal["firms", "research"]
    scope: Scope
    who: Array  # (B, N) bool
    quota: Array
    owners: Literal["any", "different"]
    mentees: int
    first_trust: Any
    price: Any


@dataclass(frozen=True, eq=False)
class Aid:
    """Deliveries to members whose supply fails, from `delay` months after the shortage began."""

    scope: Scope
    who: Array  # (B, N) bool
    share: Any
    delay: int


@dataclass(frozen=True, eq=False)
class Entries:
    """Firms to be drawn in this month, by label, (B, L) whole numbers; `site` (B,) is where they settle.

    `paid` are charged; `quota` enter, those of them that would not have come anyway.
    """

    scope: Scope
    quota: Array
    paid: Array
    site: Array
    price: Any


@dataclass(eq=False)
class Levers:
    """One instrument's request for one month, or those of a whole policy combined. Neutral by default."""

    founding: Any = 0.0  # (B, N) hazard
    firm_days: Any = 0.0  # (B, N)
    places_factor: Any = 1.0  # (B, J, services)
    places_added: Any = 0.0  # (B, J, services)
    duration_factor: Any = 1.0  # (B, N, services)
    ending_factor: Any = 1.0  # (T,)
    trust_site: Any = 0.0  # (B, L) rate of a meeting
    trust_chain: Any = 0.0
    trust_group: Any = 0.0
    staff_months: Any = 0.0  # (B,)
    money: Any = 0.0  # (B,) 10k yuan
    actions: list[Formation | Contacts | Round | Ties] = field(default_factory=list)  # carried out in this order
    entries: list[Entries] = field(default_factory=list)  # after all actions
    aid: list[Aid] = field(default_factory=list)  # in production
    pulls: list[Pull] = field(default_factory=list)  # in learning


def _at_most_one(first: Any, second: Any) -> Any:
    return np.minimum(1.0, first + second)


def _either(first: Any, second: Any) -> Any:
    return 1.0 - (1.0 - first) * (1.0 - second)


# How the requests of two instruments are joined; what is neutral is left alone.
_JOINED: dict[str, Callable[[Any, Any], Any]] = {
    "founding": _either,
    "firm_days": np.add,
    "places_factor": np.multiply,
    "places_added": np.add,
    "duration_factor": np.multiply,
    "ending_factor": np.multiply,
    "trust_site": _at_most_one,
    "trust_chain": _at_most_one,
    "trust_group": _at_most_one,
    "staff_months": np.add,
    "money": np.add,
}
_PLAIN = (np.add, np.multiply)  # which leave the one as it is where the other is neutral
_NEUTRAL = {name: getattr(Levers, name) for name in _JOINED}
_QUEUES = ("actions", "entries", "aid", "pulls")


def combine(requests: list[Levers]) -> Levers:
    """The levers of a policy: hazards as 1 - product of (1 - h), factors multiplied, the rest added or queued.

    A factor or sum that one instrument alone asks for is that instrument's own array; nobody writes to it.
    """
    total = Levers()
    for asked in requests:
        for name, joined in _JOINED.items():
            value, neutral = getattr(asked, name), _NEUTRAL[name]
            if value is not neutral and (is_column(value) or value != neutral):
                before = getattr(total, name)
                setattr(total, name, value if before is neutral and joined in _PLAIN else joined(before, value))
        for queue in _QUEUES:
            getattr(total, queue).extend(getattr(asked, queue))
    return total
