"""Study files: from YAML to a checked `plan.Study`, all problems told at once with file, line, column and key path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clustersim import measures as registry
from clustersim import scenario as scenarios
from clustersim.analysis.calibration.posterior import POINTS_PER_PARAMETER
from clustersim.analysis.sensitivity.design import FEWEST
from clustersim.errors import InputError, Problem
from clustersim.execution.budget import with_budget
from clustersim.execution.factors import Factor
from clustersim.scenario.document import Document
from clustersim.scenario.faults import check
from clustersim.scenario.model import NO_ALLIANCE, Scenario
from clustersim.scenario.reading import read_text
from clustersim.spec.results import EQUAL_MONEY
from clustersim.studies import study_schema
from clustersim.studies.aims import aims_of, first_of
from clustersim.studies.factor_parsing import MAP_FACTORS, Varying
from clustersim.studies.points import rows_of
from clustersim.studies.problem_location import report_as
from clustersim.studies.study import VERBS, Aim, Design, Study, Verb

OF_CALIBRATION = ("digits", "check_seeds", "draws")
WITHOUT_EFFECT = ("members_with_pair",)  # nobody is a member in no alliance, so it has no level there


def load(path: Path, verb: Verb | None = None) -> Study:
    """The study of a YAML file.

    Args:
        verb: what the user wants to do with it; None: whatever the file says.

    Raises:
        InputError: with everything that is wrong.
    """
    return resolve(scenarios.read(path), verb=verb)


def resolve(document: Document, scenario: Scenario | None = None, verb: Verb | None = None) -> Study:
    """The study that a document describes.

    Args:
        scenario: the study's scenario before its changes, where it was read before; else that of the named file.
    """
    said = _verb(document, verb)
    written = check(study_schema.MODELS[said], document.data, document, ())
    document.refuse()
    assert written is not None
    scenario = _scenario(document, written, scenario)
    study = _Reader(document, written, scenario, said).read()
    document.refuse()
    return study


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


def _scenario(document: Document, written: study_schema.Study, scenario: Scenario | None) -> Scenario:
    """The study's scenario with its changes; what is wrong in it is told with its own file and line."""
    scenario = scenario or _read_scenario(document, document.folder / written.scenario)
    try:
        changed = scenarios.with_changes(scenario, written.changes) if written.changes else scenario
        with_budget(changed)
    except InputError as error:
        for problem in error.problems:
            key = _change_of(problem, written.changes)
            report_as(document, ("changes", key) if key else ("scenario",), problem, key or "scenario")
        document.refuse()
        raise
    return changed


def _read_scenario(document: Document, path: Path) -> Scenario:
    try:
        text = read_text(path)
    except InputError as error:
        report_as(document, ("scenario",), error.problems[0], f"scenario: {path}")
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


class _Reader:
    """Looks up in the scenario what a study file names."""

    def __init__(self, document: Document, written: Any, scenario: Scenario, verb: Verb):
        self.document = document
        self.written = written
        self.scenario = scenario
        self.verb = verb
        self.varying = Varying(document, written, scenario, verb)

    def read(self) -> Study:
        aims = aims_of(self.document, self.written, self.scenario)
        arms = self._arms(aims)
        outcomes = self._outcomes()
        factors = self.varying.factors()
        spans = self.varying.spans
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
            first=first_of(self.document, factors, spans) if self.verb == "calibrate" else {},
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
            and (measure.better or self.verb != "map")  # or no arm could be the best
            and (measure.reads == "window" or (measure.reads == "shock" and self.scenario.has_shock))
        ]
        for number, name in enumerate(self.written.outcomes or ()):
            if name not in allowed:
                self.document.report_unknown(("outcomes", number), "measure", name, allowed)
        return tuple(self.written.outcomes or ("output", "pairing_rate", "value_added"))

    def _design(self, factors: tuple[Factor, ...]) -> Design:
        design = self._written_design(factors)
        rows = rows_of(self.verb, design, len(factors))
        if rows > study_schema.MOST_POINTS and (self.verb != "map" or len(factors) == MAP_FACTORS):
            self.document.report(("design",), "study.too_many_points", given=rows, most=study_schema.MOST_POINTS)
        return design

    def _written_design(self, factors: tuple[Factor, ...]) -> Design:
        written = self.written.design
        if self.varying.is_grid:
            return Design("grid", steps=self._steps(factors, written))
        if getattr(written, "steps", None) is not None:
            self.document.report(("design", "steps"), "study.steps_without_grid", method=written.method)
        size = written.size or study_schema.DEFAULT_SIZE[written.method]
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
        spans = self.varying.spans
        return tuple(
            len(factor.levels) or (spans[factor.name].steps if factor.name in spans else None) or written.steps or 5
            for factor in factors
        )
