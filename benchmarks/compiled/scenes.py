"""What the check and the timing simulate, and how the batch engine runs it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from clustersim import scenario
from clustersim.engines import batch
from clustersim.mechanisms import schedule
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import Levers
from clustersim.spec.policy import Policy
from clustersim.spec.world import World

POLICIES = ("no_alliance", "cluster_committee")


INSTITUTIONS = {"university": 2, "department": 8, "bank": 2}

# Policies that do more than the preset, so that rules which seldom act do: full places, large groups, scarce aid.
VARIANTS: dict[str, dict[str, Any]] = {
    "much of everything": {
        "matchmaking": {"interval": 1, "introductions": 60, "support": 0.9},
        "annual_meeting": {"interval": 2, "introductions": 80},
        "fusion_projects": {"projects": 100},
        "school_pairing": {"ties": 60, "mentees": 6, "catch_up": 0.03},
        "services": {"places_added": 7.5, "places_factor": 1.3, "duration_factor": 0.5},
        "groups": {"interval": 1, "contact": 0.6, "referral": 0.2, "size": 7, "trust_rate": 0.4, "duration": 20},
        "organisation_building": {"phase_months": 8, "phase_share": 0.6},
    },
    "scarce aid": {"members": "all", "mutual_aid": {"delay": 0, "share": 0.1}},
}
OF_VARIANTS = {"displacement": 0.9, "stock": 0.0, "engagement_patents": 0.4, "trust_gain": 3.0, "demand_trend": 0.01}


def chain_of(firms: int, burn_in: int, horizon: int) -> Scenario:
    """One chain at two sites, as in `benchmarks/performance.py`."""
    population = {
        "firms": firms,
        "sites": {"East": 0.6, "West": 0.4},
        "chains": {"equipment": {"tiers": 3, "share": 1.0}},
        "institutions": INSTITUTIONS,
    }
    return _scenario({"cluster_committee": {}}, population, burn_in, horizon)


def variants_of(firms: int, burn_in: int, horizon: int) -> Scenario:
    """Three chains at three sites, with parameters that make rules meet, and the variants of the policy."""
    population = {
        "firms": firms,
        "sites": {"East": 0.5, "West": 0.3, "South": 0.2},
        "chains": {
            "equipment": {"tiers": 3, "share": 0.5},
            "food": {"tiers": 2, "share": 0.3},
            "textiles": {"tiers": 4, "share": 0.2},
        },
        "institutions": INSTITUTIONS,
    }
    policies = {name: {"preset": "cluster_committee", **changes} for name, changes in VARIANTS.items()}
    return _scenario(policies, population, burn_in, horizon, OF_VARIANTS)


def _scenario(
    policies: dict[str, Any],
    population: dict[str, Any],
    burn_in: int,
    horizon: int,
    parameters: dict[str, float] | None = None,
) -> Scenario:
    content = {
        "schema": 1,
        "name": "yardstick",
        "time": {"burn_in": burn_in, "horizon": horizon},
        "population": population,
        "policies": policies,
        "parameters": parameters or {},
    }
    return scenario.loads(json.dumps(content))


def policy_of(model: Scenario, name: str) -> Policy:
    return next(policy for policy in model.policies if policy.name == name)


def start_of(model: Scenario, seeds: Sequence[int]) -> World:
    """Month 0, one arm."""
    return batch.world_of([model], seeds)


def branch_of(world: World) -> World:
    """The end of the burn-in of one arm, ready for its policy."""
    branch = batch.branched(world, 1)
    branch.levers = [Levers()]
    return branch


def batch_month(world: World, policy: Policy | None) -> None:
    schedule.month(world, [] if policy is None else [policy])
