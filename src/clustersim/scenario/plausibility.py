"""What a scenario may say but its author should look at: implausible values, and things that never happen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clustersim import instruments
from clustersim.errors import Problem
from clustersim.scenario.document import number_text
from clustersim.scenario.facts import is_plausible
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter, Values

PLAUSIBLE_BURN_IN = (96, 180)  # months: the share of slots paired is steady, and nothing is wasted


def warnings(scenario: Scenario) -> list[Problem]:
    """All warnings, in the order of the file's sections."""
    return [
        *_burn_in(scenario),
        *_too_late(scenario),
        *_not_simulated(scenario),
        *_values("parameters", scenario.parameters, MODEL_PARAMETERS),
        *(
            problem
            for policy in scenario.policies
            for use in policy.instruments
            for problem in _values(
                f"policies.{policy.name}.{use.label}", use.values, instruments.parameters(use.instrument)
            )
        ),
    ]


def _values(path: str, values: Values, parameters: Mapping[str, Parameter]) -> Iterator[Problem]:
    for name, parameter in parameters.items():
        value = getattr(values, name)
        if parameter.plausible is not None and not is_plausible(parameter, value):
            yield _implausible(f"{path}.{name}", value, parameter.plausible)


def _burn_in(scenario: Scenario) -> Iterator[Problem]:
    low, high = PLAUSIBLE_BURN_IN
    if not low <= scenario.time.burn_in <= high:
        yield _implausible("time.burn_in", scenario.time.burn_in, PLAUSIBLE_BURN_IN)


def _implausible(path: str, value: float, plausible: tuple[float, float]) -> Problem:
    low, high = (number_text(bound) for bound in plausible)
    fields = {"given": number_text(value), "low": low, "high": high}
    return Problem("scenario.implausible", fields, path=path)


def _too_late(scenario: Scenario) -> Iterator[Problem]:
    """Events and instruments that begin after the last month."""
    horizon = scenario.time.horizon
    starts = {f"events.{index}.month": event.month for index, event in enumerate(scenario.events)} | {
        f"policies.{policy.name}.{use.label}.start": use.start
        for policy in scenario.policies
        for use in policy.instruments
    }
    for path, month in starts.items():
        if month > horizon:
            yield Problem("scenario.too_late", {"given": month, "horizon": horizon}, path=path)


def _not_simulated(scenario: Scenario) -> Iterator[Problem]:
    """What was observed in months that are not simulated. A shorter horizon than the author's must not be refused."""
    horizon = scenario.time.horizon
    for index, entry in enumerate(scenario.observed):
        if entry.last > horizon:
            fields = {"given": entry.last, "horizon": horizon}
            yield Problem("scenario.observed.too_late", fields, path=f"observed.{index}.months")
