"""Both engines on the same seeds, month beside month: do they agree, and if not, where do they part?

Everything that decides must be equal: every pairing event (who, whom, which month, which channel), every state, date,
label and count. Every quantity must agree to 1e-9, with an absolute floor near zero. The first difference is looked for
a second time, step by step, so that the step of the month in which it arises can be named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clustersim.experiment.twin.findings import Agreement, Difference
from clustersim.experiment.twin.side_by_side import SideBySide
from clustersim.experiment.twin.stored import compare_stored
from clustersim.scenario.model import Scenario

__all__ = ["Agreement", "Difference", "compare"]

type Reporter = Callable[[int, int], None]


def compare(scenario: Scenario, seeds: Sequence[int], report: Reporter = lambda *_: None) -> Agreement:
    """Both engines from the first month of the burn-in to the end, all arms of the scenario as they stand.

    Args:
        report: told the months done and the months in all.
    """
    both, months = SideBySide(scenario, seeds), scenario.time.burn_in + scenario.time.horizon
    for done in range(months):
        report(done, months)
        both.month()
        if both.agreement.difference is not None:
            both.agreement.difference = _where_it_arises(scenario, seeds, both.agreement.difference, done)
            return both.agreement
    compare_stored(both)
    report(months, months)
    return both.agreement


def _where_it_arises(scenario: Scenario, seeds: Sequence[int], difference: Difference, months: int) -> Difference:
    """The first difference within its month: once more up to that month, and then step by step."""
    again = SideBySide(scenario, seeds)
    for _ in range(months):
        again.month(compared=False)
    again.month(by_step=True)
    return again.agreement.difference or difference
