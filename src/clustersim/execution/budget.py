"""What the arms are planned to cost, and how `budget` brings them to the same money.

One factor per arm scales what is scalable in it (introductions, quotas, added places); staff and meetings stay. Planned
costs are linear in that factor, so it is computed, not searched for.
"""

from __future__ import annotations

from dataclasses import replace

from clustersim import instruments
from clustersim.arrays import nearest_whole
from clustersim.errors import InputError, Problem
from clustersim.scenario.model import InstrumentUse, Policy, Scenario
from clustersim.spec.plan import Frame, Plan
from clustersim.spec.results import EQUAL_MONEY


def planned(scenario: Scenario, policy: Policy) -> Plan:
    """Planned cost of a policy over the horizon, 10k yuan."""
    return sum((_planned_use(scenario, use) for use in policy.instruments), Plan())


def _planned_use(scenario: Scenario, use: InstrumentUse) -> Plan:
    horizon = scenario.time.horizon
    last = horizon if use.end is None else min(use.end, horizon)
    months = max(0, last - use.start + 1)
    places = max(1, int(nearest_whole(scenario.parameters.places_share * scenario.population.firms)))
    firms = scenario.population.firms
    reached = firms * use.who.share
    frame = Frame(months, firms, scenario.population.chain_firms, reached, places, scenario.parameters)
    plan: Plan = instruments.module(use.instrument).planned(use.values, frame)
    return plan


def with_budget(scenario: Scenario) -> Scenario:
    """The scenario whose arms are those that `budget` asks for.

    `own`: as they are. `equal`, or a sum a year: every policy arm scaled to the mean of their planned costs, or to the
    sum. `both`: as they are, and beside them scaled to their mean.

    Raises:
        InputError: an arm's staff and meetings alone cost more than the sum, or nothing in it can be scaled.
    """
    if scenario.budget == "own":
        return scenario
    arms = [policy for policy in scenario.policies if policy.instruments]
    if scenario.budget in ("equal", "both"):
        total = sum(planned(scenario, arm).at(1.0) for arm in arms) / max(1, len(arms))
    else:
        total = float(scenario.budget) * scenario.time.horizon / 12.0
    if scenario.budget != "both":
        return replace(
            scenario, policies=tuple(scaled(scenario, arm, total) if arm in arms else arm for arm in scenario.policies)
        )
    beside = [replace(scaled(scenario, arm, total), name=arm.name + EQUAL_MONEY) for arm in arms if len(arms) > 1]
    return replace(scenario, policies=(*scenario.policies, *beside))


def scaled(scenario: Scenario, policy: Policy, total: float) -> Policy:
    """A policy whose scalable parts are scaled so that it is planned to cost `total` over the horizon."""
    plan = planned(scenario, policy)
    if plan.scaled == 0.0 or total < plan.fixed:
        years = scenario.time.horizon / 12.0
        key = "budget.nothing_to_scale" if plan.scaled == 0.0 else "budget.too_small"
        fields = {"arm": policy.name, "fixed": f"{plan.fixed / years:.1f}", "total": f"{total / years:.1f}"}
        raise InputError(Problem(key, fields, path=f"policies.{policy.name}"))
    factor = (total - plan.fixed) / plan.scaled
    return replace(policy, instruments=tuple(_scaled_use(use, factor) for use in policy.instruments))


def _scaled_use(use: InstrumentUse, factor: float) -> InstrumentUse:
    changes = {
        name: getattr(use.values, name) * factor
        for name, parameter in instruments.parameters(use.instrument).items()
        if parameter.scaled
    }
    return replace(use, values=use.values.replace(**changes))
