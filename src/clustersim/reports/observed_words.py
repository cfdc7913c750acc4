"""Findings beside reports, in words: the rows of a table, and what each of them compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from clustersim import scenario as scenarios
from clustersim.execution.observed import Finding, Verdict
from clustersim.messages import current_language, text
from clustersim.observables import OBSERVABLES
from clustersim.reports import wording
from clustersim.scenario.model import Observation, Scenario
from clustersim.spec.state import CHANNELS

HEADER = ("fact", "reported", "mean", "range", "verdict")


@dataclass(frozen=True)
class Words:
    """Findings of a scenario in the language of the moment."""

    model: Scenario

    def header(self) -> list[str]:
        return [self._text(f"column.{name}") for name in HEADER]

    def row(self, finding: Finding) -> list[str]:
        """Fact, what was reported, the mean and the 5% and 95% of the model's sample, verdict."""
        mean = low = high = ""
        if finding.size:
            mean, low, high = (_number(value) for value in (finding.mean, finding.low, finding.high))
        between = text("table.range", low=low, high=high) if mean else ""
        entry = finding.observation
        return [entry.fact, reported(entry), mean, between, self.verdict(finding.verdict)]

    def verdict(self, verdict: Verdict) -> str:
        return self._text(f"verdict.{verdict}")

    def explained(self, finding: Finding) -> str:
        """What the report says, what of the model stands beside it, and why they cannot be compared."""
        entry = finding.observation
        parts = [self._text("report", fact=entry.fact, report=_report(entry.fact))]
        if entry.observable:
            parts.append(self._beside(finding))
        if finding.is_too_small:
            parts.append(self._text("too_small"))
        elif finding.verdict == Verdict.OUTSIDE and not finding.size:
            parts.append(self._text("none"))
        parts += [told[current_language()] for told in (entry.note, entry.not_comparable) if told]
        return self._text("space").join(parts)

    def _beside(self, finding: Finding) -> str:
        entry = finding.observation
        title = text(f"observable.{entry.observable}.title")
        sample = "pairs" if finding.each_pair else "seeds"
        return self._text(
            "beside",
            title=title,
            unit=wording.unit_name(OBSERVABLES[entry.observable].unit),
            arm=wording.arm_name(entry.arm),
            first=entry.first,
            last=entry.last,
            filters="".join(self._text("filter", filter=told) for told in self._filters(entry)),
            sample=wording.quantity(f"{finding.size:,}", sample),
        )

    def _filters(self, entry: Observation) -> Iterator[str]:
        population = self.model.population
        for name, value in entry.filters.items():
            if name == "site":
                yield population.sites[int(value)].name
            elif name == "chain":
                yield population.chains[int(value)].name
            elif name == "channel":
                yield text(f"channel.{_channel(value)}")
            elif name in ("firms", "buyers"):
                yield self._text(f"{name}.{value}")
            else:
                yield str(value)

    def counted(self, findings: Sequence[Finding]) -> str:
        """How many are inside, outside, not comparable."""
        counts: dict[str, Any] = {
            verdict.value: sum(finding.verdict == verdict for finding in findings) for verdict in Verdict
        }
        return self._text("counted", all=len(findings), **counts)

    def _text(self, key: str, **fields: Any) -> str:
        return text(f"observed.{key}", **fields)


def reported(entry: Observation) -> str:
    """The number or the interval that was reported."""
    if entry.value is None:
        return ""
    if isinstance(entry.value, tuple):
        return " – ".join(_number(end) for end in entry.value)
    return f"≥ {_number(entry.value)}" if entry.at_least else _number(entry.value)


def _report(fact: str) -> str:
    """What the evidence or the literature says, in the language of the collection."""
    told = {one.id: one.note or one.unit or str(one.value) for one in scenarios.evidence()}
    return (told | {one.id: one.finding for one in scenarios.literature()})[fact]


def _channel(code: int | str) -> str:
    return CHANNELS[int(code) - 1]


def _number(value: float) -> str:
    """Three digits that matter, thousands apart."""
    decimals = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}"
