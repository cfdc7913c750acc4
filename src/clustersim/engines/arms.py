"""The runs that a scenario asks for, whichever engine carries them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from clustersim import instruments
from clustersim.arrays import Array
from clustersim.scenario.model import Scenario
from clustersim.spec.formulas import ROUNDING
from clustersim.spec.policy import InstrumentUse, Policy
from clustersim.spec.quota import per_label
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
    """Rows for all the entrants that any arm may ask for, so many that `additional` may be anything in its range."""
    return max(
        (
            sum(_entrants(scenario, use) for use in policy.instruments if use.instrument == "attraction")
            for scenario in points
            for policy in scenario.policies
        ),
        default=0,
    )


def _entrants(scenario: Scenario, use: InstrumentUse) -> int:
    """The most that may enter: of each label the next whole number above what it is due."""
    values, population = use.values, scenario.population
    last = scenario.time.horizon if use.end is None else min(use.end, scenario.time.horizon)
    by_chain = population.chain_firms
    if values.chain:
        firms = [by_chain[values.chain]]
    else:
        firms = list(by_chain.values()) if values.scope == "chain" else [population.firms]
    share = max(values.additional, _MOST_ADDITIONAL)
    due = per_label(values.entries * share, np.array(firms)) * max(0, last - use.start + 1) / 12.0
    return int(np.ceil(due - ROUNDING).sum())


_MOST_ADDITIONAL = instruments.parameters("attraction")["additional"].plausible[1]  # type: ignore[index]


def with_events(scenario: Scenario, arms: Sequence[Arm]) -> Array:
    """(arms, events): an arm without shocks meets only the events that are none."""
    return np.array([[arm.shocks or not event.shock for event in scenario.events] for arm in arms], dtype=bool)
