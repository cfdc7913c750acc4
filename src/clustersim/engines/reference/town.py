"""How a town begins: its firms, institutions and known pairs, and what a model is made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from clustersim import scenario
from clustersim.engines.arms import LINK_TRUST
from clustersim.engines.reference.institution import Institution
from clustersim.engines.reference.parts import GoodsSlot, Provider
from clustersim.scenario.model import Scenario
from clustersim.spec.policy import Policy
from clustersim.spec.state import ROSTER

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel


def settle(model: ClusterModel) -> None:
    """Incumbents with their goods slots, institutions, and what either offers of services."""
    people = model.population
    for row in range(people.incumbents):
        firm = model.enterprise_class(model, row, int(people.good[0, row]), int(people.site[0, row]))
        for number, packed in enumerate(model.packed_slots(row)):
            good, volume = int(people.slot_good[packed]), float(people.slot_volume[packed])
            firm.slots.append(GoodsSlot(firm, number, good, volume, model.parameters.stock))
        model.firms.append(firm)
    institutions = [Institution(model, index) for index in range(people.institutions)]
    for number in range(people.providers):
        index, row = int(people.provider_institution[number]), int(people.provider_firm[0, number])
        agent = model.firms[row] if index < 0 else institutions[index]
        offered = people.provider_places[0, number].tolist()
        agent.provider = Provider(number, agent, int(people.provider_site[0, number]), offered)
        model.providers.append(agent.provider)


def pair_known_links(model: ClusterModel) -> None:
    """Pairs that a roster knows are made whether they fit or not, and replace what the burn-in put there."""
    people = model.population
    for packed, supplier in people.links.tolist():
        owner, number = int(people.slot_owner[packed]), int(people.slot_number[packed])
        model.firms[owner].slots[number].pair_with(model.firms[supplier], ROSTER, LINK_TRUST)


# --- what a model is made from --------------------------------------------------------------------------------------


def scenario_from(setting: Scenario | str | Path) -> Scenario:
    """A scenario, or the one in a YAML file.

    Raises:
        TypeError: it is neither. InputError: the file is no scenario.
    """
    if isinstance(setting, Scenario):
        return setting
    if isinstance(setting, (str, Path)):
        return scenario.load(Path(setting))
    raise TypeError(f"setting is a scenario, or the path of its file, not {type(setting).__name__}")


def seed_from(rng: object) -> int:
    """A seed.

    Raises:
        TypeError: it is no whole number. ValueError: it is out of range.
    """
    wrong = f"rng is the seed, a whole number in 0 .. 2**63 - 1, not {rng!r}"
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)):
        raise TypeError(wrong)
    if not 0 <= rng < 2**63:
        raise ValueError(wrong)
    return int(rng)


def policy_from(policy: str | Policy, setting: Scenario) -> Policy:
    """A policy, or the scenario's one of that name.

    Raises:
        ValueError: the scenario has none of that name.
    """
    if isinstance(policy, Policy):
        return policy
    known = {one.name: one for one in setting.policies}
    if policy not in known:
        raise ValueError(f"the scenario has no policy {policy!r}; it has {', '.join(known)}")
    return known[policy]
