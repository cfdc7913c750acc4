"""A scenario in plausible worlds: its numbers that nobody has measured take the values of each world.

What the author of the scenario writes holds in all worlds. Where a preset says what an instrument achieves, its value
is the most likely one. Doses never move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from clustersim import instruments
from clustersim.arrays import Array
from clustersim.scenario.model import Scenario
from clustersim.spec.parameters import MODEL_PARAMETERS, Parameter
from clustersim.spec.policy import InstrumentUse, Policy
from clustersim.spec.results import EQUAL_MONEY
from clustersim.worlds.ensemble import Ensemble, ensemble
from clustersim.worlds.priors import pert, uncertain_numbers

type Columns = dict[str, Array]  # name -> a value for each of the 512 worlds


def in_worlds(scenario: Scenario, worlds: Sequence[int], among: Ensemble | None = None) -> list[Scenario]:
    """The scenario in each of some worlds, its arms and doses as they are.

    Args:
        scenario: with the arms that its budget asks for (see `execution.budget`): doses are scaled once, not by world.
        among: which worlds there are, None: those that ship with the package.
    """
    among = among or ensemble()
    of_model = columns_of_model(scenario, among)
    of_arms = [
        [columns_of_use(scenario, policy, use, among) for use in policy.instruments] for policy in scenario.policies
    ]
    return [
        replace(
            scenario,
            parameters=scenario.parameters.replace(**_at(of_model, MODEL_PARAMETERS, world)),
            policies=tuple(
                _policy(policy, columns, world) for policy, columns in zip(scenario.policies, of_arms, strict=True)
            ),
        )
        for world in worlds
    ]


def _policy(policy: Policy, columns: Sequence[Columns], world: int) -> Policy:
    uses = tuple(
        replace(use, values=use.values.replace(**_at(its, instruments.parameters(use.instrument), world)))
        if its
        else use
        for use, its in zip(policy.instruments, columns, strict=True)
    )
    return replace(policy, instruments=uses)


def _at(columns: Columns, parameters: Mapping[str, Parameter], world: int) -> dict[str, Any]:
    """Values of a world, whole where the parameter is."""
    found = {name: float(column[world]) for name, column in columns.items()}
    return {name: round(value) if parameters[name].kind == "integer" else value for name, value in found.items()}


def columns_of_model(scenario: Scenario, among: Ensemble) -> Columns:
    """The model's numbers that differ between worlds."""
    varied = MODEL_PARAMETERS.keys() & uncertain_numbers().keys()
    return {name: among.values[name] for name in varied if name not in scenario.written}


def columns_of_use(scenario: Scenario, policy: Policy, use: InstrumentUse, among: Ensemble) -> Columns:
    """What an instrument achieves, where that differs between worlds. A number that is 0 is a part that the policy does
    not have."""
    arm = policy.name.removesuffix(EQUAL_MONEY)
    found: Columns = {}
    for name, parameter in instruments.parameters(use.instrument).items():
        key, value = f"{use.instrument}.{name}", getattr(use.values, name)
        if key in uncertain_numbers() and value != 0 and not _is_written(scenario, arm, use.label, name):
            is_default = value == parameter.default
            found[name] = among.values[key] if is_default else _about(among.ranks[key], value, parameter)
    return found


def _is_written(scenario: Scenario, arm: str, label: str, name: str) -> bool:
    """Whether the author wrote the number, and did not leave it to the preset."""
    place: Any = scenario.document.get("policies")
    for key in (arm, label, name):
        place = place.get(key) if isinstance(place, Mapping) else None
    return place is not None


def _about(rank: Array, likely: float, parameter: Parameter) -> Array:
    """The plausible range, with another most likely value than the default."""
    low, high = parameter.plausible or (likely, likely)
    return pert(min(low, likely), likely, max(high, likely), rank)
