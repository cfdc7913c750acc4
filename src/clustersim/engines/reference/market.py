"""Step 6. How much the sellers of a good draw from one another, and all firms of the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.engines.reference.enterprise import added
from clustersim.mechanisms import production

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel


def rivals(model: ClusterModel) -> list[float]:
    """zbar^rivalry of each good: attractiveness of all its sellers by weight, over the weight of its incumbents (of all
    its sellers, where it has none)."""
    found = []
    for good in range(model.population.goods):
        sellers = [firm for firm in model.firms if firm.good == good]
        known = [firm for firm in sellers if firm.is_incumbent] or sellers
        pulled = added([firm.weight * firm.attractiveness for firm in sellers])
        weight = added([firm.weight for firm in known])
        found.append(float(production.rivals(pulled, weight, model.parameters.rivalry)))
    return found


def crowding(model: ClusterModel) -> float:
    """(Q / Q_ref)^(-crowding), Q the capacity of all firms, Q_ref that of incumbents at the start of the burn-in."""
    capacity = added([firm.capacity for firm in model.firms])
    reference = added([firm.capacity_reference for firm in model.firms if firm.is_incumbent])
    return float(production.crowd(capacity, reference, model.parameters.crowding))
