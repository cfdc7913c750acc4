"""Makes the worlds that ship with the package; see docs/worlds.md.

    python -m clustersim.studies.make_worlds scenarios/ensemble/worlds.yaml --out results/worlds

Every draw is simulated in every setting. What is simulated is stored block by block and not simulated again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from clustersim import scenario as scenarios
from clustersim.analysis.worlds.posterior import (
    WorldTarget,
    balanced_order,
    log_likelihood,
    normalised,
    scores,
    systematic,
)
from clustersim.analysis.worlds.quantiles import effective_size
from clustersim.arrays import Array
from clustersim.engines.bases import Bases
from clustersim.execution.observed import needed, samples_of
from clustersim.scenario.model import Observation, Scenario
from clustersim.storage import atomic
from clustersim.storage.code_version import code_version
from clustersim.studies.designs import sobol_sequence
from clustersim.worlds.ensemble import ENSEMBLE_SIZE, MANIFEST, TABLE, TARGET, Ensemble
from clustersim.worlds.priors import quantiles, uncertain_numbers
from clustersim.worlds.scenario_worlds import in_worlds

BLOCK = 64  # worlds that are simulated side by side
ENOUGH = 200.0  # effective number of worlds
MOST_DOUBLINGS = 4
FIRST_SEED = 10**6  # not those of any run, so that no world is chosen for the luck that runs meet
AGAIN = 256  # worlds that are simulated on a second seed, which tells the variance of a seed
EDGE = 1e-9  # of the unit cube


@dataclass(frozen=True)
class Setting:
    """A town and what is looked at in it: the targets at some places of the list."""

    scenario: Scenario
    entries: tuple[Observation, ...]
    places: tuple[int, ...]


def read_targets(path: Path) -> tuple[list[WorldTarget], int]:
    """The targets of a file, and how many draws the first round has."""
    data = scenarios.read(path).data
    targets = [
        WorldTarget(
            **{key: value for key, value in entry.items() if key not in ("scenario", "use")},
            scenario=str((path.parent / entry["scenario"]).resolve()),
            is_fit=entry["use"] == "fit",
        )
        for entry in data["targets"]
    ]
    return targets, data["draws"]


def settings_of(targets: Sequence[WorldTarget], *, fit: bool) -> list[Setting]:
    """One for each scenario file, no longer than what is looked at in it.

    Args:
        fit: those that have a target that is fitted, else those that have none.
    """
    fitted = {target.scenario for target in targets if target.is_fit}
    found = []
    for file in dict.fromkeys(target.scenario for target in targets if (target.scenario in fitted) == fit):
        places = tuple(place for place, target in enumerate(targets) if target.scenario == file)
        whole = scenarios.load(file)
        entries = tuple(whole.observed[targets[place].observed] for place in places)
        time_ = replace(whole.time, horizon=max(12, *(entry.last for entry in entries)))
        found.append(Setting(needed(replace(whole, time=time_), entries), entries, places))
    return found


def simulated(unit: Array, settings: Sequence[Setting], first_seed: int, folder: Path) -> Array:
    """What the model gives for each target in each world, (worlds, targets), one seed each.

    Args:
        unit: (worlds, parameters), quantiles of the prior. folder: of blocks that are simulated already.
    """
    among = Ensemble(values_of(unit), {}, {})
    table = np.full((len(unit), 1 + max(place for one in settings for place in one.places)), np.nan)
    for setting in settings:
        for start in range(0, len(unit), BLOCK):
            worlds = range(start, min(start + BLOCK, len(unit)))
            file = folder / f"{setting.scenario.name}-{start:06d}.npy"
            if not file.exists():
                seeds = [first_seed + world for world in worlds]
                bases = Bases.paired(in_worlds(setting.scenario, worlds, among), seeds)
                atomic.write_bytes(file, np.array(samples_of(bases, setting.entries)).T.tobytes())
            block = np.frombuffer(file.read_bytes()).reshape(len(worlds), len(setting.places))
            table[worlds.start : worlds.stop, list(setting.places)] = block
        click.echo(f"{time.strftime('%H:%M:%S')} {setting.scenario.name}: {len(unit)} worlds", err=True)
    return table


def values_of(unit: Array) -> dict[str, Array]:
    """Number -> its values at quantiles of its prior."""
    return {
        name: quantiles(parameter, np.clip(unit[:, place], EDGE, 1.0 - EDGE))
        for place, (name, parameter) in enumerate(uncertain_numbers().items())
    }


@dataclass(frozen=True, eq=False)
class Weighted:
    """Draws of the prior with what was simulated of each.

    Attributes:
        unit: (worlds, parameters), quantiles of the prior. table: (worlds, targets). weights: (worlds,), of sum 1.
        seed_variance: (targets,), of one world over its seeds. sizes: effective number of worlds after each doubling.
    """

    unit: Array
    table: Array
    weights: Array
    seed_variance: Array
    sizes: tuple[float, ...]


def weighted(targets: Sequence[WorldTarget], draws: int, out: Path) -> Weighted:
    """Draws of the prior, twice as many until enough of them count."""
    settings, sizes = settings_of(targets, fit=True), list[float]()
    while True:
        unit = sobol_sequence(draws, len(uncertain_numbers()))
        table = simulated(unit, settings, FIRST_SEED, _folder(out, "draws"))
        again = simulated(unit[:AGAIN], settings, 2 * FIRST_SEED, _folder(out, "again"))
        variance = np.nanmean((again - table[:AGAIN]) ** 2, axis=0) / 2.0
        weights = normalised(log_likelihood(table, variance, targets))
        sizes.append(effective_size(weights))
        click.echo(f"{draws} draws: effective number of worlds {sizes[-1]:.1f}", err=True)
        if sizes[-1] >= ENOUGH or len(sizes) == MOST_DOUBLINGS:
            return Weighted(unit, table, weights, variance, tuple(sizes))
        draws *= 2


def _folder(out: Path, name: str) -> Path:
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@click.command(help=__doc__)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/worlds"))
@click.option("--draws", type=int, default=0)
def main(file: Path, out: Path, draws: int) -> None:
    targets, wanted = read_targets(file)
    start = time.process_time()
    found = weighted(targets, draws or wanted, out)
    generator = np.random.Generator(np.random.Philox(2))
    chosen = systematic(found.weights, ENSEMBLE_SIZE, generator)
    unit = found.unit[chosen]
    order = balanced_order(scores(np.clip(unit, EDGE, 1.0 - EDGE)))
    chosen, unit = chosen[order], unit[order]
    held_out = simulated(unit, settings_of(targets, fit=False), FIRST_SEED // 2, _folder(out, "held-out"))
    gave = np.full((len(chosen), len(targets)), np.nan)
    for part in (found.table[chosen], held_out):
        gave[:, : part.shape[1]] = np.where(np.isnan(part), gave[:, : part.shape[1]], part)
    columns = values_of(unit) | {TARGET + target.name: gave[:, place] for place, target in enumerate(targets)}
    table = pa.table({name: pa.array(column.astype(np.float32)) for name, column in columns.items()})
    pq.write_table(table, out / TABLE, compression="zstd")
    manifest = {
        "code": code_version(),
        "draws": len(found.unit),
        "effective_size": found.sizes,
        "distinct": len(np.unique(chosen)),
        "seed_variance": found.seed_variance.tolist(),
        "targets": [{**asdict(target), "scenario": Path(target.scenario).name} for target in targets],
        "cpu_seconds": round(time.process_time() - start),
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    np.savez_compressed(out / "draws.npz", unit=found.unit, table=found.table, weights=found.weights)


if __name__ == "__main__":
    main()
