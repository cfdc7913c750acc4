"""Time to an answer: seconds of one core until the 95% interval of an effect is narrow enough, here and in plain Mesa.

    uv run python benchmarks/answer.py

The question: what does the cluster committee change in Xinqiao's output over the horizon, in percent of no alliance, to
within 0.5 points on either side? Asked in two ways:

- this package: both arms on the same seeds, which share firms, burn-in and numbers, in one full batch;
- the reference engine as users of Mesa would run it: each arm with seeds of its own, every run from month 0.

Two factors make the difference. *Pairing*: how many seeds it takes. A paired sample is one of differences within seeds,
an unpaired one of the ratio of two means (its variance by the delta method); both spreads are those of a full batch,
for the engines agree, and that they do is checked on the runs that are timed. *Speed*: CPU seconds for one seed of both
arms; that the batch simulates the burn-in once for both counts as speed.

Seeds draw firms too, which is most of what independent seeds differ by; so the same is asked once more with firms that
are drawn once for all seeds (`population.fixed`). All is measured in one run, in turn. Seconds to the answer are seeds
needed x seconds a seed, and so extrapolated where they are many. The batch goes without its certificate, for Mesa has
none; what it takes with it, at just the seeds that are needed, is measured and told below the table.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from clustersim import scenario
from clustersim.analysis.intervals import seeds_needed
from clustersim.arrays import Array
from clustersim.engines.reference import ClusterModel
from clustersim.execution.simulation import simulate
from clustersim.execution.size import size_of
from clustersim.scenario.model import NO_ALLIANCE, Scenario

ARM = "cluster_committee"
HALF_WIDTH = 0.5  # percent of no alliance
ROUNDS = 3
AGREE = 1e-9  # relative


@dataclass(frozen=True)
class Spread:
    """Standard deviation of the effect in one seed, percent: of seeds that both arms share, and of separate ones."""

    effect: float
    paired: float
    independent: float

    @classmethod
    def of(cls, arm: Array, twin: Array) -> Spread:
        """From the outputs of the same seeds in both arms, (seeds,) each."""
        effect = 100.0 * (arm / twin - 1.0)
        ratio = float(arm.mean() / twin.mean())
        relative = (float(one.std(ddof=1) / one.mean()) for one in (arm, twin))
        return cls(float(effect.mean()), float(effect.std(ddof=1)), 100.0 * ratio * math.hypot(*relative))


def question() -> Scenario:
    """Xinqiao with no alliance and the committee alone, at its own budget."""
    model = scenario.load(Path(__file__).parents[1] / "scenarios" / "xinqiao.yaml")
    policies = tuple(policy for policy in model.policies if policy.name in (NO_ALLIANCE, ARM))
    return replace(model, policies=policies, budget="own")


def cpu_seconds[Found](what: Callable[[], Found]) -> tuple[float, Found]:
    begun = time.process_time()
    found = what()
    return time.process_time() - begun, found


def batch(model: Scenario, seeds: int) -> Array:
    """Output over the horizon of both arms, (2, seeds), 10k yuan."""
    total: Array = simulate(model, range(seeds), certified=False).series["output"].sum(axis=2)
    return total


def mesa_run(model: Scenario, policy: str, seed: int) -> float:
    """The same of one run, from month 0 of the burn-in."""
    run = ClusterModel(model, policy, seed)
    while run.running:
        run.step()
    return float(np.sum(run.records.series["output"]))


def measure(model: Scenario, block: int) -> tuple[float, float, Array]:
    """CPU seconds for one seed of both arms, batch and Mesa (medians over rounds, in turn), and the batch's outputs."""
    batches, singles = [], []
    outputs = batch(model, block)  # imports and caches are not timed
    mesa_run(model, NO_ALLIANCE, 0)
    for turn in range(ROUNDS):
        seconds, outputs = cpu_seconds(partial(batch, model, block))
        batches.append(seconds / block)
        both = 0.0
        for arm, policy in enumerate((NO_ALLIANCE, ARM)):
            seed = 2 * turn + arm
            seconds, found = cpu_seconds(partial(mesa_run, model, policy, seed))
            assert math.isclose(found, outputs[arm, seed], rel_tol=AGREE), "the engines differ"
            both += seconds
        singles.append(both)
    return statistics.median(batches), statistics.median(singles), outputs


def with_certificate(model: Scenario, seeds: int) -> float:
    """CPU seconds of a batch of just so many seeds, as `run` makes it."""
    return statistics.median(cpu_seconds(lambda: simulate(model, range(seeds)))[0] for _ in range(ROUNDS))


def ask(title: str, model: Scenario) -> None:
    """Measure, and print the table of a question."""
    block = size_of(model, 10**9).block
    of_batch, of_mesa, outputs = measure(model, block)
    spread = Spread.of(outputs[1], outputs[0])
    paired, independent = (seeds_needed(one, HALF_WIDTH) for one in (spread.paired, spread.independent))
    whole = with_certificate(model, int(paired))
    pairing, speed = independent / paired, of_mesa / of_batch
    print(f"\n{title}: {ARM}, output {spread.effect:+.2f}%, wanted to {HALF_WIDTH} points on either side")
    print(f"Standard deviation of one seed: {spread.paired:.2f} points paired, {spread.independent:.2f} independent")
    print(f"  {'':28} {'seeds':>8} {'CPU s a seed':>14} {'CPU s to answer':>18}")
    rows = [
        (f"batch of {block}, paired", paired, of_batch),
        ("batch, independent", independent, of_batch),
        ("Mesa, paired", paired, of_mesa),
        ("Mesa, independent", independent, of_mesa),
    ]
    for label, seeds, each in rows:
        print(f"  {label:28} {seeds:8,.0f} {each:14.4f} {seeds * each:18,.2f}")
    print(f"  pairing {pairing:,.1f} x speed {speed:,.0f} = {pairing * speed:,.0f}")
    print(f"  {paired:.0f} paired seeds in one small batch with its certificate: {whole:.2f} CPU s;")
    print(f"  Mesa with independent seeds / this: {independent * of_mesa / whole:,.0f}")


def main() -> None:
    model = question()
    ask("Firms drawn anew in each seed", model)
    ask("Firms drawn once", replace(model, population=replace(model.population, fixed=True)))


if __name__ == "__main__":
    main()
