"""Reported facts and published findings beside what the model gives: a check of plausibility, no fit.

A single reported number is *inside* where it lies between the 5% and the 95% of the model's sample: the report is one
cluster, one year. A lower bound is *inside* where the 95% is not below it. A published interval is *inside* where it
holds the mean of the sample: both are estimates of a mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from clustersim.arrays import Array
from clustersim.engines.bases import Bases
from clustersim.engines.watching import watch
from clustersim.execution.progress import OnProgress, Progress, unseen
from clustersim.execution.size import refuse_impossible
from clustersim.observables import OBSERVABLES, Observable
from clustersim.scenario.model import Observation, Scenario
from clustersim.spec.results import NO_SHOCK
from clustersim.spec.watched import Asked, Watched

FEWEST = 5  # numbers that make a sample
SEEDS = 20  # enough for the 5% and the 95% of a count
OUTER = (5.0, 95.0)  # percentiles of the sample
WATCHED_BYTES = 500_000_000  # of firm columns that one block of seeds may hold
COPIES = 3  # of them in memory, while months are put together and while observables look at them


class Verdict(StrEnum):
    INSIDE = "inside"
    OUTSIDE = "outside"
    NOT_COMPARABLE = "not_comparable"


@dataclass(frozen=True)
class Finding:
    """An observation with the model's sample beside it.

    Attributes:
        verdict: not comparable as well where the sample has fewer than five numbers. Outside where the model, asked for
            what pairs are worth, makes none at all.
        mean, low, high: of the sample, low and high its 5% and 95%; NaN without a sample.
        standard_error: of the mean, as if the numbers of the sample were independent; NaN for fewer than two.
        size: numbers in the sample that are defined. each_pair: whether they are pairs, else seeds.
    """

    observation: Observation
    verdict: Verdict
    mean: float
    low: float
    high: float
    standard_error: float
    size: int
    each_pair: bool

    @property
    def is_too_small(self) -> bool:
        """Whether the model gave too little to compare with."""
        asked = bool(self.observation.observable) and not self.observation.not_comparable
        return asked and self.verdict == Verdict.NOT_COMPARABLE


def compare_observed(
    scenario: Scenario, seeds: int = SEEDS, progress: OnProgress = unseen, first: int = 0
) -> list[Finding]:
    """Every entry of the scenario's section `observed`, in its order. Arms run at their own budget.

    Args:
        progress: called with the seeds that are done.
        first: the first seed; the others follow it.

    Raises:
        InputError: the runs need more memory than is free.
    """
    is_asked = [bool(entry.observable) and entry.last <= scenario.time.horizon for entry in scenario.observed]
    samples: list[list[Array]] = [[] for _ in scenario.observed]
    asked = [entry for entry, wanted in zip(scenario.observed, is_asked, strict=True) if wanted]
    if asked:
        ready = needed(scenario, asked)
        block = _block(ready, seeds, len(_columns(asked)))
        for start in range(0, seeds, block):
            progress(Progress(start, seeds, "evidence"))
            span = range(first + start, first + min(start + block, seeds))
            found = iter(samples_of(Bases.crossed([ready], span), asked))
            for wanted, sample in zip(is_asked, samples, strict=True):
                if wanted:
                    sample.append(next(found))
    return [
        _finding(entry, np.concatenate([np.zeros(0), *sample]), is_simulated=wanted)
        for entry, wanted, sample in zip(scenario.observed, is_asked, samples, strict=True)
    ]


def samples_of(bases: Bases, asked: Sequence[Observation]) -> list[Array]:
    """What the model gives for each entry in some runs, all from one simulation.

    Args:
        bases: of what `needed` makes of the scenario.
    """
    watched = watch(bases, _columns(asked))
    return [_sample(watched, entry) for entry in asked]


def _columns(asked: Sequence[Observation]) -> set[str]:
    return {name for entry in asked for name in OBSERVABLES[entry.observable].columns}


def needed(scenario: Scenario, asked: Sequence[Observation]) -> Scenario:
    """The scenario with the arms that are looked at, each at its own budget."""
    arms = {entry.arm for entry in asked}
    kept = tuple(policy for number, policy in enumerate(scenario.policies) if number == 0 or policy.name in arms)
    against_no_shock = any(OBSERVABLES[entry.observable].against_no_shock for entry in asked)
    events = scenario.events if against_no_shock else tuple(replace(event, shock=False) for event in scenario.events)
    return replace(scenario, policies=kept, events=events, budget="own")


def _block(scenario: Scenario, seeds: int, columns: int) -> int:
    """Seeds in a block: what the engine can hold, and what the watched columns leave room for."""
    size = refuse_impossible(scenario, seeds)
    seed = size.arms * size.rows * scenario.time.horizon * columns * 8 * COPIES
    return max(1, min(size.block, WATCHED_BYTES // max(1, seed)))


def _sample(watched: Watched, entry: Observation) -> Array:
    arm = watched.arms.index(entry.arm)
    without = f"{entry.arm}{NO_SHOCK}"
    asked = Asked(
        arm=arm,
        without_shock=watched.arms.index(without) if without in watched.arms else -1,
        first=entry.first,
        last=entry.last,
        filters=entry.filters,
    )
    return OBSERVABLES[entry.observable].function(watched, asked)


def _finding(entry: Observation, sample: Array, is_simulated: bool) -> Finding:
    sample = np.sort(sample[np.isfinite(sample)])  # pairs of several seeds come by month: the last bit must not tell
    observable: Observable | None = OBSERVABLES.get(entry.observable)
    low, high = np.percentile(sample, OUTER) if len(sample) else (np.nan, np.nan)
    mean = float(sample.mean()) if len(sample) else np.nan
    each_pair = observable is not None and observable.each_pair
    enough = len(sample) >= FEWEST or (each_pair and is_simulated and len(sample) == 0)
    return Finding(
        observation=entry,
        verdict=_verdict(entry, mean, low, high) if enough else Verdict.NOT_COMPARABLE,
        mean=mean,
        low=float(low),
        high=float(high),
        standard_error=float(sample.std(ddof=1) / np.sqrt(len(sample))) if len(sample) > 1 else np.nan,
        size=len(sample),
        each_pair=each_pair,
    )


def _verdict(entry: Observation, mean: float, low: float, high: float) -> Verdict:
    if entry.not_comparable or entry.value is None:
        return Verdict.NOT_COMPARABLE
    if isinstance(entry.value, tuple):
        low, high, inner = *entry.value, mean
    else:
        inner = entry.value
        low = -np.inf if entry.at_least else low
    return Verdict.INSIDE if low <= inner <= high else Verdict.OUTSIDE
