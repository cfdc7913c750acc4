"""Both engines on the same seeds, month beside month: do they agree, and if not, where do they part?

Everything that decides must be equal: every pairing event (who, whom, which month, which channel), every state, date,
label and count. Every quantity must agree to 1e-9, with an absolute floor near zero. The first difference is looked for
a second time, step by step, so that the step of the month in which it arises can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from clustersim.agreement.findings import Agreement, Difference
from clustersim.agreement.side_by_side import SideBySide
from clustersim.agreement.stored import compare_stored
from clustersim.execution.size import size_of
from clustersim.scenario.model import Scenario

__all__ = ["Agreement", "Difference", "compare"]

type Reporter = Callable[[int, int], None]


def compare(scenario: Scenario, seeds: Sequence[int], report: Reporter = lambda *_: None) -> Agreement:
    """Both engines from the first month of the burn-in to the end, all arms of the scenario as they stand.

    Seeds are compared a block at a time, up to the first difference.

    Args:
        seeds: different whole numbers, at least one.
        report: told the months done and the months in all.

    Raises:
        ValueError: there is no seed, or one stands twice.
    """
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds are different whole numbers, at least one, not {list(seeds)}")
    found, size = Agreement(), size_of(scenario, len(seeds), engine="reference").block
    months = scenario.time.burn_in + scenario.time.horizon
    blocks = -(-len(seeds) // size)
    for number in range(blocks):
        block = seeds[number * size : (number + 1) * size]
        found.add(_compare_block(scenario, block, partial(_tell, report, number * months, blocks * months)))
        if found.difference is not None:
            break
    return found


def _tell(report: Reporter, before: int, total: int, months: int) -> None:
    report(before + months, total)


def _compare_block(scenario: Scenario, seeds: Sequence[int], report: Callable[[int], None]) -> Agreement:
    """Some seeds, all arms side by side."""
    both = SideBySide(scenario, seeds)
    for month in range(scenario.time.burn_in + scenario.time.horizon):
        report(month)
        both.month()
        if both.agreement.difference is not None:
            both.agreement.difference = _where_it_arises(scenario, seeds, both.agreement.difference, month)
            return both.agreement
    compare_stored(both)
    report(month + 1)
    return both.agreement


def _where_it_arises(scenario: Scenario, seeds: Sequence[int], difference: Difference, months: int) -> Difference:
    """The first difference within its month: once more up to that month, and then step by step."""
    again = SideBySide(scenario, seeds)
    for _ in range(months):
        again.month(compared=False)
    again.month(by_step=True)
    return again.agreement.difference or difference
