"""Scheduled events from YAML: each kind has its own keys, the model's events have one form."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from clustersim.scenario.arms import Geography, as_list, drawn_name
from clustersim.scenario.document import Document, KeyPath, shown
from clustersim.scenario.faults import check
from clustersim.scenario.fields import Distinct, Month, Name, Several, Share, Strict, Text, Tier, one_or_many
from clustersim.scenario.model import Event


class EventEntry(Strict):
    """What all kinds of event share."""

    month: Month
    shock: bool | None = None
    label: Name | None = None


class Lasting(EventEntry):
    months: Month


class DemandEvent(Lasting):
    event: Literal["demand"]
    factor: float = Field(ge=0, le=1000)
    chain: one_or_many(Text) = None  # type: ignore[valid-type]


class SupplyEvent(Lasting):
    event: Literal["supply"]
    availability: Share
    site: one_or_many(Text) = None  # type: ignore[valid-type]
    chain: one_or_many(Text) = None  # type: ignore[valid-type]
    tier: one_or_many(Tier) = None  # type: ignore[valid-type]


class SearchEvent(Lasting):
    event: Literal["search"]
    factor: float = Field(ge=0, le=1000)
    site: one_or_many(Text) = None  # type: ignore[valid-type]


class Targets(Strict):
    """Firms that an event reaches: those listed, or those of sites and chains, drawn with probability `share`."""

    firms: Annotated[list[Text], Several, Distinct] | None = None
    site: one_or_many(Text) = None  # type: ignore[valid-type]
    chain: one_or_many(Text) = None  # type: ignore[valid-type]
    share: Share = 1.0
    drawn: Name | None = None


class CapacityEvent(Targets, Lasting):
    event: Literal["capacity"]
    loss: Share


class ContractEvent(Targets, Lasting):
    event: Literal["contract"]
    share_of_capacity: float = Field(ge=0, le=1000)


class FinanceEvent(Targets, EventEntry):
    event: Literal["finance"]
    gain: float = Field(ge=0, le=1000)


EVENTS: dict[str, type[EventEntry]] = {
    "demand": DemandEvent,
    "supply": SupplyEvent,
    "capacity": CapacityEvent,
    "contract": ContractEvent,
    "finance": FinanceEvent,
    "search": SearchEvent,
}
EVENT_SIZE = {
    "demand": "factor",
    "supply": "availability",
    "capacity": "loss",
    "contract": "share_of_capacity",
    "finance": "gain",
    "search": "factor",
}

SHOCKS = ("demand", "supply", "capacity")  # what counts as a shock where the author does not say


def read_events(document: Document, geography: Geography) -> tuple[Event, ...]:
    """All events. What is wrong is reported to the document."""
    written = document.data.get("events")
    if not isinstance(written, list):
        return ()
    events = [_event(entry, index, document, geography) for index, entry in enumerate(written)]
    return _labelled([event for event in events if event is not None])


def _event(entry: Any, index: int, document: Document, geography: Geography) -> Event | None:
    path: KeyPath = ("events", index)
    if not isinstance(entry, dict):
        document.report(path, "expected.mapping", given=shown(entry))
        return None
    if "event" not in entry:
        document.report(path, "missing", name="event")
        return None
    kind = entry["event"]
    if not isinstance(kind, str) or kind not in EVENTS:
        document.report_unknown((*path, "event"), "event", kind, EVENTS)
        return None
    checked: Any = check(EVENTS[kind], entry, document, path)
    return None if checked is None else _resolved(checked, path, document, geography)


def _resolved(entry: Any, path: KeyPath, document: Document, geography: Geography) -> Event:
    chains = geography.indices("chain", as_list(getattr(entry, "chain", None)), document, (*path, "chain"))
    return Event(
        kind=entry.event,
        month=entry.month,
        months=getattr(entry, "months", 1),
        size=getattr(entry, EVENT_SIZE[entry.event]),
        shock=entry.event in SHOCKS if entry.shock is None else entry.shock,
        label=entry.label or "",
        chains=chains,
        tiers=geography.tiers(as_list(getattr(entry, "tier", None)), chains, document, (*path, "tier")),
        sites=geography.indices("site", as_list(getattr(entry, "site", None)), document, (*path, "site")),
        firms=_firms(entry, path, document, geography),
        share=getattr(entry, "share", 1.0),
        drawn=drawn_name(entry, document, path) if isinstance(entry, Targets) else "",
    )


def _firms(entry: Any, path: KeyPath, document: Document, geography: Geography) -> tuple[int, ...]:
    """Indices of the firms that an event lists."""
    names = getattr(entry, "firms", None)
    if names is None:
        return ()
    if entry.site is not None or entry.chain is not None or "share" in entry.model_fields_set:
        document.report((*path, "firms"), "firms_and_filter")
    return geography.listed_firms(names, document, (*path, "firms"))


def _labelled(events: list[Event]) -> tuple[Event, ...]:
    """Events without a label take their kind's name, numbered from the second one on."""
    taken = {event.label for event in events}
    labelled = []
    for event in events:
        label, number = event.label or event.kind, 1
        while not event.label and label in taken:
            number += 1
            label = f"{event.kind}_{number}"
        taken.add(label)
        labelled.append(event if event.label else replace(event, label=label))
    return tuple(labelled)
