"""What a firm-month costs in the batch engine and in the compiled month, in turn, in one run.

    uv run python -m benchmarks.compiled.timing

Nanoseconds of CPU time for a firm of one run in one month: a year after a burn-in of two, one arm, without records and
without compiling. Both draw their own words, by the same calls; the part of it that NumPy's drawing takes in the
compiled month is told apart.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from clustersim.scenario.model import Scenario
from clustersim.spec.policy import Policy

from .runs import Runs, from_world, month, month_of_bases, words_of
from .scenes import POLICIES, batch_month, branch_of, chain_of, policy_of, start_of

BURN_IN, MONTHS, ROUNDS = 24, 12, 5
ROWS = 33_000
SIZES = ((28, 4), (28, 20), *((firms, round(ROWS / firms)) for firms in (28, 500, 4_955)))  # firms, seeds


def batch_nanoseconds(model: Scenario, seeds: Sequence[int], policy: Policy, months: int = MONTHS) -> float:
    """Of a firm-month of `schedule.month`, after the scenario's burn-in."""
    world = start_of(model, seeds)
    for _ in range(model.time.burn_in):
        batch_month(world, None)
    branch = branch_of(world)
    return _timed(lambda: batch_month(branch, policy), months, branch.bases * branch.rows)


def compiled_nanoseconds(
    model: Scenario, seeds: Sequence[int], policy: Policy, months: int = MONTHS, step: Callable[[Runs], None] = month
) -> float:
    """Of a firm-month of the compiled month, after the scenario's burn-in.

    Args:
        step: what is timed: the month, or a part of it.
    """
    runs = from_world(start_of(model, seeds), policy, months)
    for _ in range(model.time.burn_in):
        month(runs)
    return _timed(lambda: step(runs), months, len(runs.memory.firm))


def draw(runs: Runs) -> None:
    """The words of the next month, and nothing else."""
    runs.month += 1
    words_of(runs)


def _timed(step: Callable[[], object], months: int, firms: int) -> float:
    begun = time.process_time()
    for _ in range(months):
        step()
    return (time.process_time() - begun) / (months * firms) * 1e9


def compile_now() -> float:
    """Compiles the month. Returns how many seconds that took."""
    begun = time.process_time()
    runs = from_world(start_of(chain_of(28, 0, 12), [0]))
    month_of_bases(runs.memory, words_of(runs))
    return time.process_time() - begun


def compare(firms: int, seeds: int, name: str) -> tuple[float, float, float]:
    """Medians of the batch engine, the compiled month, and its drawing of words."""
    model = chain_of(firms, BURN_IN, MONTHS)
    policy = policy_of(model, name)
    found = [
        (
            batch_nanoseconds(model, range(seeds), policy),
            compiled_nanoseconds(model, range(seeds), policy),
            compiled_nanoseconds(model, range(seeds), policy, step=draw),
        )
        for _ in range(ROUNDS)
    ]
    batch, compiled, drawing = (statistics.median(column) for column in zip(*found, strict=True))
    return batch, compiled, drawing


def main() -> None:
    print(f"compiled in {compile_now():.0f} seconds\n")
    print("| firms | seeds | policy | batch | compiled | of it words | batch / compiled |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: |")
    for firms, seeds in SIZES:
        for name in POLICIES:
            batch, compiled, drawing = compare(firms, seeds, name)
            ratio = batch / compiled
            print(f"| {firms} | {seeds} | {name} | {batch:,.0f} | {compiled:,.0f} | {drawing:,.0f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
