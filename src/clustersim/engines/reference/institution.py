"""Institutions: schools, universities, departments, banks and funds, which offer places for services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from clustersim.engines.reference.parts import Provider

if TYPE_CHECKING:
    from clustersim.engines.reference.model import ClusterModel


class Institution(mesa.Agent):
    """It acts only when it is asked: engagements hold its places.

    Attributes:
        index: from 0, in the order of the scenario. kind, name: as the scenario says.
        provider: what it offers.
    """

    model: ClusterModel

    def __init__(self, model: ClusterModel, index: int):
        super().__init__(model)
        entry = model.setting.population.institutions[index]
        self.index = index
        self.kind = entry.kind
        self.name = entry.name
        self.provider: Provider

    def __repr__(self) -> str:
        return f"Institution({self.index}: {self.name})"

    @property
    def engagements(self) -> int:
        """Engagements that hold a place now."""
        return sum(self.provider.used)
