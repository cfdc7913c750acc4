"""The runs that a scenario asks for, whichever engine carries them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustersim.arrays import Array
from clustersim.instruments import attraction
from clustersim.scenario.model import Scenario
from clustersim.spec.policy import Policy
from clustersim.spec.results import NO_SHOCK

LINK_TRUST = 0.5  # of pairs that a roster knows


@dataclass(frozen=True)
class Arm:
    """A policy, with or without the scenario's shocks. `twin` is the number of its no-alliance arm."""

    name: str
    policy: Policy
    shocks: bool
    twin: int


def arms_of(scenario: Scenario) -> tuple[Arm, ...]:
    """The policies; where the scenario has a shock, each of them once more without it."""
    arms = tuple(Arm(policy.name, policy, True, 0) for policy in scenario.policies)
    if not scenario.has_shock:
        return arms
    return arms + tuple(replace(arm, name=arm.name + NO_SHOCK, shocks=False, twin=len(arms)) for arm in arms)


def reserve_rows(points: Sequence[Scenario]) -> int:
    """Rows for all the entrants that any arm may ask for."""
    most = 0.0
    for scenario in points:
        labels = {"chain": len(scenario.population.chains), "region": 1}
        for policy in scenario.policies:
            asked = 0.0
            for use in policy.instruments:
                if use.instrument == "attraction":
                    last = scenario.time.horizon if use.end is None else min(use.end, scenario.time.horizon)
                    years = max(0, last - use.start + 1) / 12.0
                    asked += np.ceil(use.values.entries * years) * attraction.number_of_labels(use.values, labels)
            most = max(most, asked)
    return int(most)


def with_events(scenario: Scenario, arms: Sequence[Arm]) -> Array:
    """(arms, events): an arm without shocks meets only the events that are none."""
    return np.array([[arm.shocks or not event.shock for event in scenario.events] for arm in arms], dtype=bool)
