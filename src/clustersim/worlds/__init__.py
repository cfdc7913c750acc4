"""Plausible worlds: one value for every number that nobody has measured; which ones there are, and a scenario in them.

The worlds that ship with the package are `worlds.parquet`; `docs/worlds.md` tells how they were made. Seed n is history
n div 512 of world n mod 512, so that every world has seeds of its own, and more worlds or seeds change none that is
there.
"""

from __future__ import annotations

from clustersim.worlds.ensemble import ENSEMBLE_SIZE, Ensemble, ensemble, world_of_seed
from clustersim.worlds.scenario_worlds import in_worlds

__all__ = ["ENSEMBLE_SIZE", "Ensemble", "ensemble", "in_worlds", "world_of_seed"]
