"""Study files: from YAML to a checked `plan.Study`, all problems told at once with file, line, column and key path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from clustersim import measures as registry
from clustersim import scenario as scenarios
from clustersim.errors import InputError, Problem
from clustersim.experiment.budget import with_budget
from clustersim.experiment.calibration.posterior import POINTS_PER_PARAMETER
from clustersim.experiment.sensitivity.design import FEWEST
from clustersim.experiment.study import schema
from clustersim.experiment.study.factors import ANY_ARM, Factor, Place, matching, places, registered, uncertain
from clustersim.experiment.study.plan import VERBS, Aim, Design, Study, Verb
from clustersim.experiment.study.points import rows_of
from clustersim.scenario.arms import RESERVED
from clustersim.scenario.document import Document, KeyPath, number_text, shown
from clustersim.scenario.faults import check
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.scenario.reading import parse, read_text
from clustersim.spec.parameters import ASSUMPTION
from clustersim.spec.results import EQUAL_MONEY
from clustersim.storage.manifest import canonical

MAP_FACTORS = 2
OF_CALIBRATION = ("digits", "check_seeds", "draws")
NINETY_FIVE = 2 * 1.959964  # width of a 95% interval in standard errors
WITHOUT_EFFECT = ("members_with_pair",)  # nobody is a member in no alliance, so it has no level there
# What of a scenario is simulated. Seeds are the study's own; names, sources and observations change no number.
VARIED = ("parameters", "policies", "population", "time", "events", "budget")


def load(path: Path, verb: Verb | None = None) -> Study:
    """The study of a YAML file.

    Args:
        verb: what the user wants to do with it; None: whatever the file says.

    Raises:
        InputError: with everything that is wrong.
    """
    document = parse(read_text(path), str(path), path.parent)
    return resolve(document, verb=verb)


def resolve(document: Document, scenario: Scenario | None = None, verb: Verb | None = None) -> Study:
    """The study that a document describes.

    Args:
        scenario: the study's scenario before its changes, where it was read before; else that of the named file.
    """
    said = _verb(document, verb)
    written = check(schema.MODELS[said], document.data, document, ())
    document.refuse()
    assert written is not None
    scenario = _scenario(document, written, scenario)
    study = _Reader(document, written, scenario, said).read()
    document.refuse()
    return study


def verb_of(path: Path) -> str | None:
    """What a study file says that it is; None for a scenario."""
    given = parse(read_text(path), str(path), path.parent).data.get("study")
    return None if given is None else str(given)


def _verb(document: Document, wanted: Verb | None) -> Verb:
    given = document.data.get("study")
    if given is None:
        document.report((), "study.no_verb", allowed=", ".join(VERBS))
    elif given not in VERBS:
        document.report_unknown(("study",), "verb", given, VERBS)
    elif wanted is not None and given != wanted:
        document.report(("study",), "study.other_verb", given=given, wanted=wanted)
    document.refuse()
    verb: Verb = given  # type: ignore[assignment]  # one of them, or it was refused
    return verb


def _scenario(document: Document, written: schema.Study, scenario: Scenario | None) -> Scenario:
    """The study's scenario with its changes; what is wrong in it is told with its own file and line."""
    scenario = scenario or _read_scenario(document, document.folder / written.scenario)
    try:
        changed = scenarios.with_changes(scenario, written.changes) if written.changes else scenario
        with_budget(changed)
    except InputError as error:
        for problem in error.problems:
            key = _change_of(problem, written.changes)
            _report_as(document, ("changes", key) if key else ("scenario",), problem, key or "scenario")
        document.refuse()
        raise
    return changed


def _read_scenario(document: Document, path: Path) -> Scenario:
    try:
        text = read_text(path)
    except InputError as error:
        _report_as(document, ("scenario",), error.problems[0], f"scenario: {path}")
        document.refuse()
        raise
    try:
        return scenarios.loads(text, str(path), path.parent)
    except InputError as error:
        if any(problem.path == "study" for problem in error.problems):
            document.report(("scenario",), "study.no_scenario", given=str(path))
            document.refuse()
        raise


def _change_of(problem: Problem, changes: Mapping[str, Any]) -> str:
    """The change that a problem of the scenario comes from, "" where it comes from none."""
    if problem.key.startswith("budget.") and "budget" in changes:
        return "budget"
    path = f"{problem.path or ''}."
    return next((key for key in changes if path.startswith(f"{key}.") or f"{key}.".startswith(path)), "")


def _report_as(document: Document, path: KeyPath, problem: Problem, place: str) -> None:
    """Notes a problem of the scenario at the place in the study file that it comes from."""
    nearest = next(path[:depth] for depth in range(len(path), -1, -1) if path[:depth] in document.marks or not depth)
    line, column = document.marks.get(nearest, (None, None))
    told = place if place.split(" = ", maxsplit=1)[0].endswith(problem.path or "") else f"{place}: {problem.path}"
    document.problems.append(replace(problem, file=document.file, line=line, column=column, path=told))


class _Reader:
    """Looks up in the scenario what a study file names."""

    def __init__(self, document: Document, written: Any, scenario: Scenario, verb: Verb):
        self.document = document
        self.written = written
        self.scenario = scenario
        self.verb = verb
        self.known = places(scenario)

    def read(self) -> Study:
        aims = self._aims()
        arms = self._arms(aims)
        outcomes = self._outcomes()
        factors = self._factors()
        spans = self._spans()
        return Study(
            verb=self.verb,
            name=self.written.name,
            title=self._title(),
            scenario=self.scenario,
            factors=factors,
            design=self._design(factors),
            arms=arms,
            outcomes=outcomes,
            seeds=self.written.seeds,
            aims=aims,
            first=self._first(factors, spans),
            held=tuple(name for name, span in spans.items() if span.hold),
            document=self.document.data,
            **{name: getattr(self.written, name) for name in OF_CALIBRATION if hasattr(self.written, name)},
        )

    def _title(self) -> dict[str, str]:
        en, zh = self.written.title.en, self.written.title.zh
        return {"en": en or zh or self.written.name, "zh": zh or en or self.written.name}

    def _arms(self, aims: tuple[Aim, ...]) -> tuple[str, ...]:
        """Arms that are asked for: as named, else those of the targets, else all at their own cost."""
        own = [policy.name for policy in self.scenario.policies if policy.name != NO_ALLIANCE]
        equal = [f"{name}{EQUAL_MONEY}" for name in own] if self.scenario.budget == "both" and len(own) > 1 else []
        for number, arm in enumerate(self.written.arms or ()):
            if arm not in (*own, *equal):
                self.document.report_unknown(("arms", number), "arm", arm, [*own, *equal])
        if not own and self.verb != "calibrate":
            self.document.report(("scenario",), "study.no_arms")
        if self.written.arms is None and aims:
            asked = [self.scenario.observed[aim.place].arm for aim in aims]
            return tuple(name for name in own if name in asked)
        return tuple(self.written.arms or own)

    def _outcomes(self) -> tuple[str, ...]:
        allowed = [
            measure.name
            for measure in registry.MEASURES.values()
            if measure.name not in WITHOUT_EFFECT
            and (measure.reads == "window" or (measure.reads == "shock" and self.scenario.has_shock))
        ]
        for number, name in enumerate(self.written.outcomes or ()):
            if name not in allowed:
                self.document.report_unknown(("outcomes", number), "measure", name, allowed)
        return tuple(self.written.outcomes or ("output", "pairing_rate", "value_added"))

    def _spans(self) -> dict[str, schema.Span]:
        """The ranges as written, by name."""
        given = self.written.parameters
        if not isinstance(given, dict):
            return {}
        return {
            name: schema.Span(low=span[0], high=span[1]) if isinstance(span, list) else span
            for name, span in given.items()
        }

    def _factors(self) -> tuple[Factor, ...]:
        spans = self._spans()
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

    def _factor(self, name: str, span: schema.Span) -> Factor | None:
        found = matching(self.known, name)
        if (ANY_ARM in name and not found) or (not found and _is_registered(name)):
            names = [*self.known, *{_any_arm(path) for path in self.known if path.startswith("policies.")}]
            self.document.report_unknown(("parameters", name), "varied", name, names)
            return None
        if name.split(".", maxsplit=1)[0] not in VARIED:
            self.document.report(("parameters", name), "study.not_varied", given=name, allowed=", ".join(VARIED))
            return None
        if not self._span_is_sound(name, span, found):
            return None
        factor = self._made(name, span, found)
        return factor if self._is_allowed(factor) else None

    def _span_is_sound(self, name: str, span: schema.Span, found: tuple[Place, ...]) -> bool:
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

    def _refuse_idle_keys(self, name: str, span: schema.Span) -> None:
        """What is said of a parameter and would change nothing."""
        key = ("parameters", name)
        if span.steps is not None and span.values is not None:
            self.document.report((*key, "steps"), "study.steps_of_values")
        elif span.steps is not None and not self._is_grid:
            self.document.report((*key, "steps"), "study.steps_without_grid", method=self.written.design.method)
        for name_of_key in ("first", "hold"):
            if name_of_key in span.model_fields_set and self.verb != "calibrate":
                self.document.report((*key, name_of_key), "study.only_calibrate", given=name_of_key)

    @property
    def _is_grid(self) -> bool:
        return self.verb == "map" or getattr(self.written.design, "method", "") == "grid"

    def _made(self, name: str, span: schema.Span, found: tuple[Place, ...]) -> Factor:
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
                _report_as(self.document, key, problem, f"parameters.{factor.name} = {shown(value)}")
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

    def _design(self, factors: tuple[Factor, ...]) -> Design:
        design = self._written_design(factors)
        rows = rows_of(self.verb, design, len(factors))
        if rows > schema.MOST_POINTS and (self.verb != "map" or len(factors) == MAP_FACTORS):
            self.document.report(("design",), "study.too_many_points", given=rows, most=schema.MOST_POINTS)
        return design

    def _written_design(self, factors: tuple[Factor, ...]) -> Design:
        written = self.written.design
        if self._is_grid:
            return Design("grid", steps=self._steps(factors, written))
        if getattr(written, "steps", None) is not None:
            self.document.report(("design", "steps"), "study.steps_without_grid", method=written.method)
        size = written.size or schema.DEFAULT_SIZE[written.method]
        if written.method == "sobol" and size & (size - 1):
            below = 1 << (size.bit_length() - 1)
            self.document.report(("design", "size"), "study.power_of_two", given=size, below=below, above=2 * below)
        if self.verb == "sensitivity" and size < FEWEST[written.method]:
            self.document.report(("design", "size"), "study.too_small", given=size, least=FEWEST[written.method])
        if self.verb == "calibrate" and size < (least := POINTS_PER_PARAMETER * len(factors)):
            numbers = {"given": size, "parameters": len(factors), "least": least}
            self.document.report(("design", "size"), "study.too_few_points", **numbers)
        return Design(written.method, size)

    def _steps(self, factors: tuple[Factor, ...], written: Any) -> tuple[int, ...]:
        """Steps of a grid: a factor's own, else those of the design; a factor with levels has as many."""
        if getattr(written, "size", None) is not None:
            self.document.report(("design", "size"), "study.size_of_grid")
        spans = self._spans()
        return tuple(
            len(factor.levels) or (spans[factor.name].steps if factor.name in spans else None) or written.steps or 5
            for factor in factors
        )

    def _aims(self) -> tuple[Aim, ...]:
        found: dict[int, Aim] = {}
        for number, target in enumerate(getattr(self.written, "targets", ())):
            aim = self._aim(number, target)
            if aim is None:
                continue
            for first, other in found.items():
                if other.place == aim.place or other.name == aim.name:
                    key, given = ("observed", aim.place) if other.place == aim.place else ("name", aim.name)
                    self.document.report(("targets", number, key), "study.target_twice", given=given, first=first)
                    break
            found[number] = aim
        return tuple(found.values())

    def _aim(self, number: int, target: schema.Target) -> Aim | None:
        key = ("targets", number)
        observed = self.scenario.observed
        if target.observed >= len(observed):
            self.document.report((*key, "observed"), "study.no_observation", given=target.observed, known=len(observed))
            return None
        entry = observed[target.observed]
        if not entry.observable or entry.last > self.scenario.time.horizon:
            self.document.report((*key, "observed"), "study.not_simulated", given=target.observed, fact=entry.fact)
            return None
        value, error = target.value, target.error
        if value is None and isinstance(entry.value, tuple):
            low, high = entry.value
            value = (low + high) / 2
            error = error if error or target.tolerance else (high - low) / NINETY_FIVE
        elif value is None:
            value = entry.value  # type: ignore[assignment]
        if value is None or (error is None) == (target.tolerance is None):
            self.document.report(key, "study.target_incomplete", fact=entry.fact)
            return None
        name = target.name or f"{entry.observable}.{target.observed}"
        return Aim(target.observed, name, value, error, target.tolerance)

    def _first(self, factors: tuple[Factor, ...], spans: Mapping[str, schema.Span]) -> dict[str, float]:
        """Where a calibration begins: as written, else at the scenario's own value."""
        if self.verb != "calibrate":
            return {}
        first = {}
        for factor in factors:
            given = spans[factor.name].first if factor.name in spans else None
            value = factor.default if given is None else given
            key = ("parameters", factor.name)
            if factor.levels or isinstance(value, bool) or not isinstance(value, (int, float)):
                self.document.report(key, "study.needs_first")
                continue
            if not factor.low <= value <= factor.high:
                ends = {name: number_text(end) for name, end in (("low", factor.low), ("high", factor.high))}
                self.document.report((*key, "first"), "study.first_outside", given=number_text(value), **ends)
            elif factor.whole and not float(value).is_integer():
                self.document.report((*key, "first"), "expected.integer", given=shown(value))
            first[factor.name] = float(value)
        if first and all(name in spans and spans[name].hold for name in first):
            self.document.report(("parameters",), "study.nothing_free")
        return first


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
