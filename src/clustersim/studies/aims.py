"""What a calibration aims at, and where it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clustersim.execution.factors import Factor
from clustersim.scenario.document import Document, number_text, shown
from clustersim.scenario.model import Scenario
from clustersim.studies import study_schema
from clustersim.studies.study import Aim

NINETY_FIVE = 2 * 1.959964  # width of a 95% interval in standard errors


def aims_of(document: Document, written: Any, scenario: Scenario) -> tuple[Aim, ...]:
    """The targets of a calibration; none of another study."""
    found: dict[int, Aim] = {}
    for number, target in enumerate(getattr(written, "targets", ())):
        aim = _aim(document, scenario, number, target)
        if aim is None:
            continue
        for first, other in found.items():
            if other.place == aim.place or other.name == aim.name:
                key, given = ("observed", aim.place) if other.place == aim.place else ("name", aim.name)
                document.report(("targets", number, key), "study.target_twice", given=given, first=first)
                break
        found[number] = aim
    return tuple(found.values())


def _aim(document: Document, scenario: Scenario, number: int, target: study_schema.Target) -> Aim | None:
    key = ("targets", number)
    observed = scenario.observed
    if target.observed >= len(observed):
        document.report((*key, "observed"), "study.no_observation", given=target.observed, known=len(observed))
        return None
    entry = observed[target.observed]
    if not entry.observable or entry.last > scenario.time.horizon:
        document.report((*key, "observed"), "study.not_simulated", given=target.observed, fact=entry.fact)
        return None
    if entry.not_comparable:
        reason = next(iter(entry.not_comparable.values()))
        fields = {"given": target.observed, "fact": entry.fact, "reason": reason}
        document.report((*key, "observed"), "study.not_comparable", **fields)
        return None
    value, error = target.value, target.error
    if value is None and isinstance(entry.value, tuple):
        low, high = entry.value
        value = (low + high) / 2
        error = error if error or target.tolerance else (high - low) / NINETY_FIVE
    elif value is None:
        value = entry.value  # type: ignore[assignment]
    if value is None or (error is None) == (target.tolerance is None):
        document.report(key, "study.target_incomplete", fact=entry.fact)
        return None
    name = target.name or f"{entry.observable}.{target.observed}"
    return Aim(target.observed, name, value, error, target.tolerance)


def first_of(
    document: Document, factors: tuple[Factor, ...], spans: Mapping[str, study_schema.Span]
) -> dict[str, float]:
    """Where a calibration begins: as written, else at the scenario's own value."""
    first = {}
    for factor in factors:
        given = spans[factor.name].first if factor.name in spans else None
        value = factor.default if given is None else given
        key = ("parameters", factor.name)
        if factor.levels or isinstance(value, bool) or not isinstance(value, (int, float)):
            document.report(key, "study.needs_first")
            continue
        if not factor.low <= value <= factor.high:
            ends = {name: number_text(end) for name, end in (("low", factor.low), ("high", factor.high))}
            document.report((*key, "first"), "study.first_outside", given=number_text(value), **ends)
        elif factor.whole and not float(value).is_integer():
            document.report((*key, "first"), "expected.integer", given=shown(value))
        first[factor.name] = float(value)
    if first and all(name in spans and spans[name].hold for name in first):
        document.report(("parameters",), "study.nothing_free")
    return first
