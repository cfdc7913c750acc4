"""What a firm-month costs in the batch engine and in the compiled month, in turn, in one run.

    uv run python -m benchmarks.compiled.timing

Nanoseconds of CPU time for a firm of one run in one month: a year after a burn-in of two, one arm, without records and
without compiling. Both draw their own words, by the same calls; `words` is what that takes in the compiled month, and
`loops` the rest of it, with some 15 microseconds a month in which numba takes its arguments. `without words` leaves
these words out on both sides.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from clustersim.scenario.model import Scenario
from clustersim.spec.policy import Policy

from .runs import draw, from_world, month, simulate
from .scenes import POLICIES, batch_month, branch_of, chain_of, policy_of, start_of

BURN_IN, MONTHS, ROUNDS = 24, 12, 5
ROWS = 33_000
SIZES = ((28, 4), (28, 20), *((firms, round(ROWS / firms)) for firms in (28, 500, 4_955)))  # firms, seeds


@dataclass(frozen=True)
class Cost:
    """Nanoseconds of CPU time for a firm-month, in all and for NumPy's drawing of words."""

    total: float
    words: float

    @property
    def loops(self) -> float:
        return self.total - self.words


def batch_nanoseconds(model: Scenario, seeds: Sequence[int], policy: Policy, months: int = MONTHS) -> float:
    """Of a firm-month of `schedule.month`, after the scenario's burn-in."""
    start = start_of(model, seeds)
    for _ in range(model.time.burn_in):
        batch_month(start, None)
    world = branch_of(start)
    begun = time.process_time()
    for _ in range(months):
        batch_month(world, policy)
    return (time.process_time() - begun) / (months * world.bases * world.rows) * 1e9


def compiled_nanoseconds(model: Scenario, seeds: Sequence[int], policy: Policy, months: int = MONTHS) -> Cost:
    """Of a firm-month of the compiled month, after the scenario's burn-in."""
    runs = from_world(start_of(model, seeds), policy, months)
    for _ in range(model.time.burn_in):
        month(runs)
    drawing = looping = 0.0
    for _ in range(months):
        begun = time.process_time()
        today = draw(runs)
        drawn = time.process_time()
        simulate(runs, today)
        drawing, looping = drawing + drawn - begun, looping + time.process_time() - drawn
    nanoseconds = 1e9 / (months * len(runs.memory.firm))
    return Cost((drawing + looping) * nanoseconds, drawing * nanoseconds)


def compile_now() -> float:
    """Compiles the month. Returns how many seconds that took."""
    begun = time.process_time()
    month(from_world(start_of(chain_of(28, 0, 12), [0])))
    return time.process_time() - begun


def compare(firms: int, seeds: int, name: str) -> tuple[float, Cost]:
    """Medians of the batch engine and of the compiled month, measured in turn."""
    model = chain_of(firms, BURN_IN, MONTHS)
    policy = policy_of(model, name)
    batch, compiled = [], []
    for _ in range(ROUNDS):
        batch.append(batch_nanoseconds(model, range(seeds), policy))
        compiled.append(compiled_nanoseconds(model, range(seeds), policy))
    compiled.sort(key=lambda cost: cost.total)
    return statistics.median(batch), compiled[ROUNDS // 2]


def main() -> None:
    print(f"compiled in {compile_now():.0f} seconds\n")
    print("| firms | seeds | policy | batch | compiled | words | loops | batch / compiled | without words |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for firms, seeds in SIZES:
        for name in POLICIES:
            batch, cost = compare(firms, seeds, name)
            costs = f"{batch:,.0f} | {cost.total:,.0f} | {cost.words:,.0f} | {cost.loops:,.0f}"
            ratios = f"{batch / cost.total:.1f} | {(batch - cost.words) / cost.loops:.1f}"
            print(f"| {firms} | {seeds} | {name} | {costs} | {ratios} |", flush=True)


if __name__ == "__main__":
    main()
