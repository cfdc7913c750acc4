"""What the check and the timing simulate: a chain of firms at two sites, and both engines' runs of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from clustersim import scenario
from clustersim.engines import batch
from clustersim.mechanisms import schedule
from clustersim.scenario.model import Scenario
from clustersim.spec.levers import Levers
from clustersim.spec.policy import Policy
from clustersim.spec.world import World

POLICIES = ("no_alliance", "cluster_committee")


def chain_of(firms: int, burn_in: int, horizon: int) -> Scenario:
    return scenario.loads(
        json.dumps(
            {
                "schema": 1,
                "name": f"chain_of_{firms}",
                "time": {"burn_in": burn_in, "horizon": horizon},
                "population": {
                    "firms": firms,
                    "sites": {"East": 0.6, "West": 0.4},
                    "chains": {"equipment": {"tiers": 3, "share": 1.0}},
                    "institutions": {"university": 2, "department": 8, "bank": 2},
                },
                "policies": {"cluster_committee": {}},
            }
        )
    )


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
