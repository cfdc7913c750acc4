"""Reported facts beside the model: a table, and what each of them compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from clustersim import scenario as scenarios
from clustersim.execution.observed import Finding, Verdict
from clustersim.messages import current_language, text
from clustersim.observables import OBSERVABLES
from clustersim.reports import wording
from clustersim.reports.blocks import Block, Line, Words, bullets, escaped, paragraph, table
from clustersim.scenario.model import Observation, Scenario
from clustersim.spec.state import CHANNELS

HEADER = ("fact", "reported", "mean", "range", "verdict")
TONES = {Verdict.INSIDE: "good", Verdict.OUTSIDE: "bad"}


def observed_facts(model: Scenario, findings: Sequence[Finding]) -> list[Block]:
    """Each fact with the model's sample, how many are inside and outside, and what is compared with what."""
    header = [_text(f"column.{name}") for name in HEADER]
    return [
        table(_text("title", name=model.name), header, map(_row, findings)),
        paragraph(_counted(findings)),
        paragraph(_text("meaning")),
        bullets(_explained(finding, model) for finding in findings),
    ]


def _text(key: str, **fields: Any) -> str:
    return text(f"observed.{key}", **fields)


def cells_of(finding: Finding) -> list[str]:
    """Fact, what was reported, the mean and the 5% and 95% of the model's sample, verdict."""
    mean = low = high = ""
    if finding.size:
        mean, low, high = (_number(value) for value in (finding.mean, finding.low, finding.high))
    between = text("table.range", low=low, high=high) if mean else ""
    entry = finding.observation
    return [entry.fact, reported(entry), mean, between, _text(f"verdict.{finding.verdict}")]


def _row(finding: Finding) -> list[str | Line]:
    *cells, verdict = cells_of(finding)
    return [*cells, (Words(verdict, tone=TONES.get(finding.verdict, "")),)]


def _counted(findings: Sequence[Finding]) -> str:
    """How many are inside, outside, not comparable."""
    counts = Counter(finding.verdict for finding in findings)
    return _text("counted", all=len(findings), **{verdict.value: counts[verdict] for verdict in Verdict})


def _explained(finding: Finding, model: Scenario) -> str:
    """What the report says, what of the model stands beside it, and why they cannot be compared."""
    entry = finding.observation
    parts = [_text("report", fact=entry.fact, report=escaped(_report(entry.fact)))]
    if entry.observable:
        parts.append(_beside(finding, model))
    if finding.is_too_small:
        parts.append(_text("too_small"))
    elif finding.verdict == Verdict.OUTSIDE and not finding.size:
        parts.append(_text("none"))
    parts += [escaped(words[current_language()]) for words in (entry.note, entry.not_comparable) if words]
    return _text("space").join(parts)


def _beside(finding: Finding, model: Scenario) -> str:
    entry = finding.observation
    sample = "pairs" if finding.each_pair else "seeds"
    return _text(
        "beside",
        title=text(f"observable.{entry.observable}.title"),
        unit=wording.unit_name(OBSERVABLES[entry.observable].unit),
        arm=wording.arm_name(entry.arm),
        first=entry.first,
        last=entry.last,
        filters="".join(_text("filter", filter=name) for name in _filters(entry, model)),
        sample=wording.quantity(f"{finding.size:,}", sample),
    )


def _filters(entry: Observation, model: Scenario) -> Iterator[str]:
    for name, value in entry.filters.items():
        if name == "site":
            yield model.population.sites[int(value)].name
        elif name == "chain":
            yield model.population.chains[int(value)].name
        elif name == "channel":
            yield text(f"channel.{CHANNELS[int(value) - 1]}")
        elif name in ("firms", "buyers"):
            yield _text(f"{name}.{value}")
        else:
            yield str(value)


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


def _number(value: float) -> str:
    """Three digits that matter, thousands apart."""
    decimals = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{decimals}f}"
