"""Both engines on the same seeds, month by month: do they agree, and if not, where do they first differ?

Everything that decides must be equal: every pairing event (who, whom, which month, which channel), every state, date,
label and count. Every quantity must agree to 1e-9, with an absolute floor near zero. The first difference is looked for
a second time, step by step, so that the step of the month in which it arises can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clustersim.agreement.findings import Agreement, Difference
from clustersim.agreement.side_by_side import SideBySide
from clustersim.agreement.stored import compare_stored
from clustersim.engines.bases import Bases
from clustersim.execution.progress import OnProgress, Progress, unseen
from clustersim.execution.simulation import bases_of
from clustersim.execution.size import size_of
from clustersim.scenario.model import Scenario

__all__ = ["Agreement", "Difference", "compare"]


def compare(scenario: Scenario, seeds: Sequence[int], progress: OnProgress = unseen) -> Agreement:
    """Both engines from the first month of the burn-in to the end, all arms of the scenario.

    Seeds are compared a block at a time, up to the first difference.

    Args:
        seeds: different whole numbers, at least one.
        progress: called with the months that are done.

    Raises:
        ValueError: no seed is given, or one is given twice.
    """
    if not seeds or len(set(seeds)) < len(seeds):
        raise ValueError(f"seeds are different whole numbers, at least one, not {list(seeds)}")
    found, size = Agreement(), size_of(scenario, len(seeds), engine="reference").block
    months = scenario.time.burn_in + scenario.time.horizon
    blocks = -(-len(seeds) // size)
    for number in range(blocks):

        def month_done(month: int, before: int = number * months) -> None:
            progress(Progress(before + month, blocks * months, "agreement"))

        found.add(_compare_block(bases_of(scenario, seeds[number * size : (number + 1) * size]), month_done))
        if found.difference is not None:
            break
    return found


def _compare_block(bases: Bases, month_done: Callable[[int], None]) -> Agreement:
    """Some seeds, all arms side by side."""
    both = SideBySide(bases)
    for month in range(bases.scenario.time.burn_in + bases.scenario.time.horizon):
        month_done(month)
        both.month()
        if both.agreement.difference is not None:
            both.agreement.difference = _where_it_arises(bases, both.agreement.difference, month)
            return both.agreement
    compare_stored(both)
    month_done(month + 1)
    return both.agreement


def _where_it_arises(bases: Bases, difference: Difference, months: int) -> Difference:
    """The first difference within its month: simulated again up to that month, and then step by step."""
    again = SideBySide(bases)
    for _ in range(months):
        again.month(compared=False)
    again.month(by_step=True)
    return again.agreement.difference or difference
