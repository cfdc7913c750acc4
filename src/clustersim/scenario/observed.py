"""The section `observed`: facts and findings to compare with the model, with every name checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clustersim.observables import FILTERS, OBSERVABLES, Observable
from clustersim.scenario.arms import Geography
from clustersim.scenario.document import Document, KeyPath
from clustersim.scenario.facts import evidence, literature
from clustersim.scenario.model import Event, Observation, Policy
from clustersim.scenario.schema import Observed, Scenario, Title
from clustersim.spec.policy import EVENTS_OF_FIRMS
from clustersim.spec.state import CHANNELS


def read_observed(
    document: Document,
    written: Scenario,
    policies: Sequence[Policy],
    events: Sequence[Event],
    geography: Geography,
) -> tuple[Observation, ...]:
    """All entries. What is wrong is reported to the document."""
    reader = _Reader(
        document,
        {policy.name: policy for policy in policies},
        geography,
        shocks={event.kind for event in events if event.shock},
    )
    return tuple(reader.read(entry, ("observed", index)) for index, entry in enumerate(written.observed))


@dataclass(frozen=True)
class _Reader:
    document: Document
    policies: dict[str, Policy]
    geography: Geography
    shocks: set[str]

    @cached_property
    def values(self) -> dict[str, Any]:
        """What may be compared with the model, with the value if it has one."""
        return {fact.id: fact.value for fact in evidence()} | {entry.id: None for entry in literature()}

    def read(self, entry: Observed, path: KeyPath) -> Observation:
        if entry.fact not in self.values:
            self.document.report_unknown((*path, "fact"), "fact", entry.fact, self.values)
        if entry.observable is None and entry.not_comparable is None:
            self.document.report(path, "observed.with_nothing")
        first, last = entry.months or (0, 0)
        return Observation(
            fact=entry.fact,
            value=self._value(entry, path),
            observable=entry.observable or "",
            arm=entry.arm or "",
            first=first,
            last=last,
            filters=self._asked(entry, path) if entry.observable else {},
            note=_texts(entry.note),
            not_comparable=_texts(entry.not_comparable),
            at_least=entry.at_least,
        )

    def _value(self, entry: Observed, path: KeyPath) -> float | tuple[float, float] | None:
        """What the author says, else the number of the fact. A comparison needs one."""
        given: Any = entry.value
        if isinstance(given, list):
            low, high = given
            if low > high:
                self.document.report((*path, "value"), "observed.band", low=f"{low:g}", high=f"{high:g}")
            if entry.at_least:
                self.document.report((*path, "at_least"), "observed.bound_of_band")
            return low, high
        told: Any = self.values.get(entry.fact) if given is None else given
        if isinstance(told, (int, float)):
            return float(told)
        if entry.fact in self.values and entry.not_comparable is None:
            self.document.report(path, "observed.no_value", fact=entry.fact)
        return None

    def _asked(self, entry: Observed, path: KeyPath) -> dict[str, int | str]:
        """The filters of a known observable, checked with its arm and months."""
        observable = OBSERVABLES.get(entry.observable or "")
        if observable is None:
            self.document.report_unknown((*path, "observable"), "observable", entry.observable, OBSERVABLES)
            return {}
        for name in ("arm", "months", *observable.needs):
            if getattr(entry, name) is None:
                self.document.report(path, "missing", name=name)
        if entry.months and entry.months[0] > entry.months[1]:
            self.document.report((*path, "months"), "ends_before_start", start=entry.months[0], end=entry.months[1])
        needed = self.shocks if observable.of_all else self.shocks.intersection(EVENTS_OF_FIRMS)
        if observable.against_no_shock and not needed:
            self.document.report((*path, "observable"), "observed.no_shock", observable=observable.name)
        self._check_arm(entry, path)
        return self._filters(entry, observable, path)

    def _check_arm(self, entry: Observed, path: KeyPath) -> None:
        if entry.arm is None:
            return
        if entry.arm not in self.policies:
            self.document.report_unknown((*path, "arm"), "arm", entry.arm, self.policies)
        elif entry.label is not None:
            labels = [use.label for use in self.policies[entry.arm].instruments]
            if entry.label not in labels:
                self.document.report_unknown((*path, "label"), "label", entry.label, labels)

    def _filters(self, entry: Observed, observable: Observable, path: KeyPath) -> dict[str, int | str]:
        filters: dict[str, int | str] = {}
        for name in FILTERS:
            given: Any = getattr(entry, name)
            if given is None:
                continue
            if name not in observable.takes:
                allowed = ", ".join(observable.takes) or "–"
                self.document.report((*path, name), "observed.not_taken", filter=name, allowed=allowed)
            elif name in ("site", "chain"):
                found = self.geography.indices(name, [given], self.document, (*path, name))
                filters[name] = found[0] if found else 0
            else:
                filters[name] = CHANNELS.index(given) + 1 if name == "channel" else given
        return filters


def _texts(title: Title | None) -> dict[str, str]:
    """Texts by language; the one given stands for the other."""
    if title is None:
        return {}
    en, zh = title.en, title.zh
    return {"en": en or zh or "", "zh": zh or en or ""}
