"""What a study file varies: its section `parameters`, from names and ranges to factors."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from clustersim import scenario as scenarios
from clustersim.errors import InputError, Problem
from clustersim.execution.factors import ANY_ARM, Factor, Place, matching, places, registered, uncertain
from clustersim.scenario.arms import RESERVED
from clustersim.scenario.document import Document, number_text, shown
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import ASSUMPTION
from clustersim.storage.manifest import canonical
from clustersim.studies import study_schema
from clustersim.studies.problem_location import report_as
from clustersim.studies.study import Verb

MAP_FACTORS = 2
# What of a scenario is simulated. Seeds are the study's own; names, sources and observations change no number.
TABLES = ("population.roster", "population.links")  # a study is named after the content of one roster
VARIED = ("parameters", "policies", "population", "time", "events", "budget")


class Varying:
    """Looks up in the scenario what the section names; what is wrong is reported to the document."""

    def __init__(self, document: Document, written: Any, scenario: Scenario, verb: Verb):
        self.document = document
        self.written = written
        self.scenario = scenario
        self.verb = verb
        self.known = places(scenario)

    @functools.cached_property
    def spans(self) -> dict[str, study_schema.Span]:
        """The ranges as written, by name."""
        given = self.written.parameters
        if not isinstance(given, dict):
            return {}
        return {
            name: study_schema.Span(low=span[0], high=span[1]) if isinstance(span, list) else span
            for name, span in given.items()
        }

    def factors(self) -> tuple[Factor, ...]:
        spans = self.spans
        if self.written.parameters is None and self.verb != "sensitivity":
            self.document.report((), "missing", name="parameters")
            return ()
        factors = [self._factor(name, span) for name, span in spans.items()]
        if not spans:
            factors += uncertain(self.scenario, [ASSUMPTION])
        if self.verb == "map" and len(factors) != MAP_FACTORS:
            self.document.report(("parameters",), "study.two_parameters", given=len(factors))
        self._refuse_overlaps([factor for factor in factors if factor])
        return tuple(factor for factor in factors if factor)

    def _refuse_overlaps(self, factors: list[Factor]) -> None:
        owner: dict[str, str] = {}
        for factor in factors:
            for path in factor.paths:
                if path in owner:
                    key = ("parameters", factor.name)
                    self.document.report(key, "study.overlap", shared=path, other=owner[path])
                owner.setdefault(path, factor.name)

    def _factor(self, name: str, span: study_schema.Span) -> Factor | None:
        found = matching(self.known, name)
        if (ANY_ARM in name and not found) or (not found and _is_registered(name)):
            names = [*self.known, *{_any_arm(path) for path in self.known if path.startswith("policies.")}]
            self.document.report_unknown(("parameters", name), "varied", name, names)
            return None
        if name.split(".", maxsplit=1)[0] not in VARIED or name in TABLES:
            self.document.report(("parameters", name), "study.not_varied", given=name, allowed=", ".join(VARIED))
            return None
        if not self._span_is_sound(name, span, found):
            return None
        factor = self._made(name, span, found)
        return factor if self._is_allowed(factor) else None

    def _span_is_sound(self, name: str, span: study_schema.Span, found: tuple[Place, ...]) -> bool:
        """Whether what is said of the range fits together."""
        key = ("parameters", name)
        has_range = span.low is not None or span.high is not None
        before = len(self.document.problems)
        if span.values is not None and has_range:
            self.document.report(key, "study.range_or_values")
        elif (span.low is None) != (span.high is None):
            self.document.report(key, "study.both_ends")
        elif span.low is not None and span.high is not None and not span.low < span.high:
            self.document.report(key, "study.low_below_high", low=number_text(span.low), high=number_text(span.high))
        elif span.values is None and not has_range and (not found or found[0].parameter.plausible is None):
            self.document.report(key, "study.no_range", given=name)
        elif span.values is None and found and not found[0].parameter.is_numeric:
            self.document.report(key, "study.words_need_values", allowed=", ".join(found[0].parameter.choices) or "–")
        elif found and found[0].parameter.kind == "integer":
            for end in ("low", "high"):
                if not float(getattr(span, end) or 0).is_integer():
                    self.document.report((*key, end), "expected.integer", given=shown(getattr(span, end)))
        self._refuse_idle_keys(name, span)
        return len(self.document.problems) == before

    def _refuse_idle_keys(self, name: str, span: study_schema.Span) -> None:
        """What is said of a parameter and would change nothing."""
        key = ("parameters", name)
        if span.steps is not None and span.values is not None:
            self.document.report((*key, "steps"), "study.steps_of_values")
        elif span.steps is not None and not self.is_grid:
            self.document.report((*key, "steps"), "study.steps_without_grid", method=self.written.design.method)
        for name_of_key in ("first", "hold"):
            if name_of_key in span.model_fields_set and self.verb != "calibrate":
                self.document.report((*key, name_of_key), "study.only_calibrate", given=name_of_key)

    @property
    def is_grid(self) -> bool:
        return self.verb == "map" or getattr(self.written.design, "method", "") == "grid"

    def _made(self, name: str, span: study_schema.Span, found: tuple[Place, ...]) -> Factor:
        ends = None if span.low is None or span.high is None else (span.low, span.high)
        if found and span.values is None:
            return registered(name, found, ends)
        levels = tuple(canonical(span.values or []))  # as the manifest will have them: 1.0 is 1
        if found:
            base = registered(name, found, (0.0, 1.0))
            return Factor(name, base.paths, levels=levels, default=base.default, together=base.together)
        default = _value_at(self.scenario.document, name)
        low, high = ends or (0.0, 1.0)
        # A number that takes no fractions, although its ends are none: a share of 1 may well become 0.5.
        whole = not levels and low.is_integer() and high.is_integer() and bool(self._problems({name: low}))
        return Factor(name, (name,), low, high, levels, whole=whole, default=default)

    def _is_allowed(self, factor: Factor) -> bool:
        """Whether a scenario with its ends, or each of its levels, is one; and has the arms that the study looks at."""
        key, before = ("parameters", factor.name), len(self.document.problems)
        for value in factor.ends():
            for problem in self._problems(dict.fromkeys(factor.paths, value)):
                report_as(self.document, key, problem, f"parameters.{factor.name} = {shown(value)}")
        return len(self.document.problems) == before

    def _problems(self, changes: Mapping[str, Any]) -> list[Problem]:
        """What the scenario says against other values."""
        try:
            changed = scenarios.with_changes(self.scenario, changes)
        except InputError as error:
            return error.problems
        if changed.budget != self.scenario.budget and "both" in (changed.budget, self.scenario.budget):
            return [Problem("scenario.study.budget_varied")]
        names = [[policy.name for policy in one.policies] for one in (self.scenario, changed)]
        return [Problem("scenario.study.other_arms")] if names[0] != names[1] else []


def _is_registered(name: str) -> bool:
    """Whether a path leads to where only registered numbers are; else any key of a scenario may be meant."""
    parts = name.split(".")
    return parts[0] == "parameters" or (parts[0] == "policies" and len(parts) == 4 and parts[3] not in RESERVED)


def _any_arm(path: str) -> str:
    parts = path.split(".")
    return ".".join([parts[0], ANY_ARM, *parts[2:]])


def _value_at(document: Mapping[str, Any], path: str) -> Any:
    place: Any = document
    for part in path.split("."):
        if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, Mapping) and part in place:
            place = place[part]
        else:
            return None
    return place if isinstance(place, (int, float, str, bool)) else None
