"""Step 6. How much the sellers of a good draw from one another."""

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
