"""Policies and events said back in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from clustersim import instruments, messages
from clustersim.scenario.document import number_text
from clustersim.scenario.events import EVENT_SIZE
from clustersim.scenario.model import NO_ALLIANCE, OWNER_KINDS, SIZE_CLASSES, Event, InstrumentUse, Policy, Who
from clustersim.scenario.phrases import Phrases, value_text
from clustersim.spec.parameters import Parameter
from clustersim.spec.quota import per_label


class PolicyWords(Phrases):
    def policies(self) -> list[str]:
        lines = [self.text("policies")]
        for policy in self.scenario.policies:
            lines.append(self._arm(policy))
            lines += [self._use(policy.name, use) for use in policy.instruments]
        return lines

    def _arm(self, policy: Policy) -> str:
        key = f"arm.{policy.name}"
        title = self.word(key) if messages.has(key) else policy.name
        members = "nobody" if policy.name == NO_ALLIANCE else "everyone" if policy.everyone else "organised"
        empty = "" if policy.instruments else self.text("no_instrument")
        source = self.source(f"policies.{policy.name}.members")
        return self.text(
            "arm",
            name=policy.name,
            title=title,
            members=self.text(f"members.{members}"),
            empty=empty,
            source=source,
        )

    def _use(self, arm: str, use: InstrumentUse) -> str:
        parameters = instruments.parameters(use.instrument)
        path = f"policies.{arm}.{use.label}"
        settings = [
            *self._window(use),
            *self._who(use.who),
            *(
                self.text(
                    "setting",
                    name=name,
                    value=value_text(getattr(use.values, name)),
                    in_all=self._in_all(use, parameters[name]),
                    source=self.source_words(source),
                )
                for name, source in self.sources(path, use.values, parameters).items()
                if self._is_told(getattr(use.values, name), parameters[name])
            ),
        ]
        told = self.listed(settings) or self.text("all_default")
        return self.text("use", label=use.label, title=self.word(f"instrument.{use.instrument}.title"), settings=told)

    def _is_told(self, value: Any, parameter: Parameter) -> bool:
        """What is off its default, and how much a policy does."""
        return bool(value != parameter.default or (value and parameter.counted and parameter.scaled))

    def _in_all(self, use: InstrumentUse, parameter: Parameter) -> str:
        """What a dose per 100 firms comes to for all firms, in a year or at all times."""
        if not parameter.counted:
            return ""
        population = self.scenario.population
        chain = getattr(use.values, "chain", "")
        total = per_label(
            getattr(use.values, parameter.name), population.chain_firms[chain] if chain else population.firms
        )
        times = 12.0 / use.values.interval if parameter.counted == "occasion" else 1.0
        return self.text(f"in_all.{parameter.counted}", total=_rounded(total * times))

    def _window(self, use: InstrumentUse) -> Iterator[str]:
        if use.end is not None:
            yield self.text("from_to", start=use.start, end=use.end)
        elif use.start > 1:
            yield self.text("from", start=use.start)

    def _who(self, who: Who) -> Iterator[str]:
        population = self.scenario.population
        filters: dict[str, Sequence[str]] = {
            "site": [population.sites[site].name for site in who.sites],
            "chain": [population.chains[chain].name for chain in who.chains],
            "tier": [str(tier) for tier in who.tiers],
            "size_class": [self.word(f"size_class.{SIZE_CLASSES[index]}") for index in who.size_classes],
            "owner": [self.word(f"owner.{OWNER_KINDS[index]}") for index in who.owners],
        }
        for kind, names in filters.items():
            if names:
                yield self.text(f"who.{kind}", names=self.listed(names))
        if who.anchors is not None:
            yield self.text("who.anchors" if who.anchors else "who.no_anchors")
        if who.firms and population.roster:
            yield self.text("who.firms", names=self.listed([population.roster.ids[firm] for firm in who.firms]))
        yield from self._share(who.share, who.drawn)

    def _share(self, share: float, drawn: str) -> Iterator[str]:
        if share < 1:
            yield self.text("who.drawn" if drawn else "who.share", share=number_text(share), name=drawn)

    def events(self) -> list[str]:
        events = [self._event(event) for event in self.scenario.events]
        return [self.text("events"), *events] if events else []

    def _event(self, event: Event) -> str:
        population = self.scenario.population
        whom = [population.chains[chain].name for chain in event.chains]
        whom += [self.text("tier", tier=tier) for tier in event.tiers]
        whom += [population.sites[site].name for site in event.sites]
        whom += [population.roster.ids[firm] for firm in event.firms] if population.roster else []
        whom += self._share(event.share, event.drawn)
        return self.text(
            "event",
            kind=self.word(f"event.{event.kind}"),
            label=event.label,
            first=event.month,
            last=min(event.month + event.months - 1, self.scenario.time.horizon),
            size=f"{EVENT_SIZE[event.kind]} {number_text(event.size)}",
            whom=self.listed(whom) or self.text("all"),
            shock=self.text("shock") if event.shock else "",
        )


def _rounded(number: float) -> str:
    """Three digits that matter, and no exponent."""
    return f"{number:,.0f}" if number >= 100.0 else f"{number:.3g}"
