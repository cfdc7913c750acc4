"""How many times slower the readable engine is than the batch engine, per firm-month, measured in turn in one run.

    uv run python benchmarks/engines.py

Both simulate a scenario as it stands: population, burn-in, horizon, records; the batch without its certificate, which
has no counterpart. A firm-month is one firm of one run in one month; the batch simulates the burn-in once for all arms,
so it has fewer of them. `full` is a batch of as many seeds as fill a block, `single` one of a single seed.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clustersim import scenario
from clustersim.engines import Engine
from clustersim.experiment.budget import with_budget
from clustersim.experiment.simulation import simulate
from clustersim.experiment.size import size_of
from clustersim.scenario.model import Scenario

ROUNDS = 3
CHAIN = {
    "schema": 1,
    "name": "chain_of_500",
    "population": {
        "firms": 500,
        "sites": {"East": 0.6, "West": 0.4},
        "chains": {"equipment": {"tiers": 3, "share": 1.0}},
        "institutions": {"university": 2, "department": 8, "bank": 2},
    },
    "policies": {"cluster_committee": {}, "chain_leader": {}},
}


@dataclass(frozen=True)
class Timed:
    """CPU seconds of some runs, and how many firm-months they are."""

    seconds: float
    firm_months: int

    @property
    def nanoseconds(self) -> float:
        return self.seconds / self.firm_months * 1e9


def timed(model: Scenario, engine: Engine, seeds: int) -> Timed:
    arms, months, firms = size_of(model, seeds).arms, model.time, model.population.firms
    begun = time.process_time()
    simulate(model, range(seeds), certified=False, engine=engine)
    seconds = time.process_time() - begun
    runs = arms * (months.burn_in + months.horizon) if engine == "reference" else months.burn_in + arms * months.horizon
    return Timed(seconds, seeds * runs * firms)


def compare(name: str, model: Scenario) -> None:
    """Three measurements in turn, three times; the medians count."""
    block = size_of(model, 10**9).block
    measured: dict[str, Callable[[], Timed]] = {
        f"batch, full ({block} seeds)": lambda: timed(model, "batch", block),
        "batch, single seed": lambda: timed(model, "batch", 1),
        "reference": lambda: timed(model, "reference", 1),
    }
    costs: dict[str, list[float]] = {label: [] for label in measured}
    for _ in range(ROUNDS):
        for label, measure in measured.items():
            costs[label].append(measure().nanoseconds)
    reference = statistics.median(costs["reference"])
    print(f"\n{name}: {model.population.firms} firms, {size_of(model, 1).arms} arms")
    for label, found in costs.items():
        middle = statistics.median(found)
        span = f"{min(found):,.0f} to {max(found):,.0f}"
        print(f"  {label:28} {middle:10,.0f} ns a firm-month ({span}); reference / this: {reference / middle:,.0f}")


def main() -> None:
    simulate(scenario.loads(json.dumps({**CHAIN, "time": {"burn_in": 0, "horizon": 12}})), [0])  # imports, caches
    root = Path(__file__).parents[1]
    compare("Xinqiao", with_budget(scenario.load(root / "scenarios" / "xinqiao.yaml")))
    compare("A chain", scenario.loads(json.dumps(CHAIN)))


if __name__ == "__main__":
    main()
