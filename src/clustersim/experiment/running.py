"""From a scenario to stored runs: block after block of seeds, each certified, until there are enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from clustersim.engines import Engine, batch
from clustersim.engines.collect import collect
from clustersim.experiment.budget import with_budget
from clustersim.experiment.certificate import certify, refuse_not_finite
from clustersim.experiment.estimates import effects, headline_values
from clustersim.experiment.size import refuse_impossible
from clustersim.experiment.tables import tables_of
from clustersim.measures import headline
from clustersim.scenario.model import Precision, Scenario
from clustersim.spec.results import Block
from clustersim.storage.folder import RunFolder
from clustersim.storage.manifest import LAYOUT_VERSION, Manifest, code_version, run_id

RECORDED_SEEDS = 5  # pairing events and waiting spells are kept of the first ones
FIRST_SEEDS = 20  # of a run that adds seeds until it is precise


@dataclass(frozen=True)
class Progress:
    """Seeds done of those that are wanted so far."""

    done: int
    wanted: int


type Reporter = Callable[[Progress], None]


def simulate(scenario: Scenario, seeds: Sequence[int], certified: bool = True, engine: Engine = "batch") -> Block:
    """The runs of some seeds, all arms of the scenario as they stand (see `budget.with_budget`).

    Args:
        seeds: below 2**63, so that tables can hold them.
        certified: whether a batch is checked; see `certificate`. The reference engine has neither blocks nor branches.

    Raises:
        CertificateError: a run depends on its block or on how it was branched, or holds what is no number.
    """
    arms = batch.stacked_policies([scenario], len(seeds))
    recorded = sum(seed < RECORDED_SEEDS for seed in seeds)
    if engine == "reference":
        from clustersim.engines.reference import run  # Mesa is slow to import

        return refuse_not_finite(run.simulate(scenario, arms, seeds, recorded))
    start = batch.world_of([scenario], seeds)
    batch.burn_in(start)
    world = batch.branched(start, len(arms))
    recorder = batch.run_policies(world, scenario, arms, recorded)
    if certified:
        certify(scenario, seeds, len(seeds) - 1, world, recorder)
    return refuse_not_finite(collect(world, recorder, scenario, [arm.name for arm in arms], seeds))


def store(
    scenario: Scenario,
    root: Path,
    seeds: int | None = None,
    report: Reporter = lambda _: None,
    engine: Engine = "batch",
) -> tuple[RunFolder, int]:
    """Simulate what is not stored yet, and store it. Returns the folder and the number of seeds of the run.

    Args:
        root: the folder that holds all results.
        seeds: number of seeds, 0 .. seeds - 1; None as the scenario says.

    Raises:
        InputError: the run is impossible. StorageError: it cannot be written. CertificateError: see `simulate`.
    """
    ready = with_budget(scenario)
    wanted = first_seeds(scenario, seeds)
    size = refuse_impossible(ready, wanted, engine)
    folder = folder_of(scenario, root, engine)
    folder.create()
    if folder.read_manifest() is None:
        folder.write_manifest(Manifest.begin(identity(scenario, engine)))
    while True:
        _fill(ready, folder, wanted, size.block, report, engine)
        if scenario.precision is None or seeds is not None or wanted >= scenario.precision.cap:
            return folder, wanted
        further = seeds_wanted(folder, ready, scenario.precision, wanted)
        if further <= wanted:
            return folder, wanted
        wanted = further


def _fill(scenario: Scenario, folder: RunFolder, wanted: int, block: int, report: Reporter, engine: Engine) -> None:
    missing = folder.missing(range(wanted), block)
    done = wanted - sum(len(span) for span in missing)
    report(Progress(done, wanted))
    for span in missing:
        folder.write_block(span, tables_of(simulate(scenario, list(span), engine=engine)))
        done += len(span)
        report(Progress(done, wanted))


def identity(scenario: Scenario, engine: Engine = "batch") -> dict[str, Any]:
    """All that the numbers of a seed depend on."""
    roster = scenario.population.roster
    return {
        "scenario": scenario.document,
        "code": code_version(),
        "layout": LAYOUT_VERSION,
        "roster": "" if roster is None else roster.digest,
        "engine": engine,
    }


def folder_of(scenario: Scenario, root: Path, engine: Engine = "batch") -> RunFolder:
    return RunFolder(root, scenario.name, run_id(identity(scenario, engine)))


def first_seeds(scenario: Scenario, seeds: int | None) -> int:
    """Seeds to begin with: those that were asked for; with a wanted precision few, and then as many as it takes."""
    if seeds is not None:
        return seeds
    return scenario.seeds if scenario.precision is None else min(FIRST_SEEDS, scenario.precision.cap)


def seeds_wanted(folder: RunFolder, scenario: Scenario, precision: Precision, done: int) -> int:
    """Seeds until every headline interval is narrow enough, from the spread of those that are done, up to the cap.

    Intervals shrink with the square root of the seeds; a fifth is added, and at most four times as many run at once.
    """
    values = headline_values(folder.read("series", seeds=range(done)), parameters=scenario.parameters)
    too_wide = excess(effects(values, headline(), parameters=scenario.parameters), precision)
    if not too_wide > 1.0:
        return done
    return min(precision.cap, max(done + 1, min(4 * done, int(1.2 * done * too_wide**2) + 1)))


def excess(found: pd.DataFrame, precision: Precision) -> float:
    """Half-width of the widest headline interval over the wanted one; NaN where there is no policy."""
    found = found[found["headline"]]
    wanted = found["effect_unit"].map({"points": precision.pairing}).fillna(precision.output)
    return float(((found["high"] - found["low"]) / 2.0 / wanted).max())
