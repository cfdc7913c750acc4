"""Policies as compositions of instruments, and scheduled events: what a scenario says and the mechanisms carry out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from clustersim.spec.parameters import Values


@dataclass(frozen=True)
class Who:
    """Whom an instrument reaches. Empty tuples do not filter; indices are those of the scenario's lists.

    `share`: firms with u[who] < share, one number a firm and label. `drawn` names the numbers in place of the label, so
    that instruments and events with the same name reach the same firms.
    """

    sites: tuple[int, ...] = ()
    chains: tuple[int, ...] = ()
    tiers: tuple[int, ...] = ()
    size_classes: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    anchors: bool | None = None
    firms: tuple[int, ...] = ()
    share: float = 1.0
    drawn: str = ""


@dataclass(frozen=True)
class InstrumentUse:
    """An instrument in a policy, under a label of its own. Active in months start <= month <= end (None: for ever)."""

    label: str
    instrument: str
    values: Values
    start: int = 1
    end: int | None = None
    who: Who = field(default_factory=Who)


@dataclass(frozen=True)
class Policy:
    """An arm: instruments in order. `everyone`: all firms are members from the policy's first month."""

    name: str
    instruments: tuple[InstrumentUse, ...] = ()
    everyone: bool = False

    @property
    def start(self) -> int | None:
        """First month in which the policy does anything, None for a policy that does nothing."""
        starts = [use.start for use in self.instruments] + ([1] if self.everyone else [])
        return min(starts) if starts else None


type EventKind = Literal["demand", "supply", "capacity", "contract", "finance", "search"]
EVENTS_OF_FIRMS: tuple[EventKind, ...] = ("capacity", "contract", "finance")  # that concern some firms and others not


@dataclass(frozen=True)
class Event:
    """Something scheduled, from `month` on for `months` (finance: once, at `month`).

    Attributes:
        kind: demand (`size` multiplies demand of the `chains`), supply (`size` is the availability of outside supply of
            the goods of `chains` and `tiers` for firms at `sites`), capacity (`size` is the share of capacity lost by
            `firms`, or by those of `sites` and `chains`, drawn with probability `share`), contract (adds `size` times
            q_ref to the outside demand of the same), finance (q times 1 + `size` for the same), search (`size`
            multiplies own search of goods at `sites`).
        shock: whether the arms are also run without it, to measure resilience.
        label: names its random numbers, where `drawn` does not.
    """

    kind: EventKind
    month: int
    months: int
    size: float
    shock: bool
    label: str
    chains: tuple[int, ...] = ()
    tiers: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()
    firms: tuple[int, ...] = ()
    share: float = 1.0
    drawn: str = ""
