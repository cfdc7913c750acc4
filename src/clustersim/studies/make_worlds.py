"""Makes the worlds that ship with the package; see docs/worlds.md.

    python -m clustersim.studies.make_worlds scenarios/ensemble/worlds.yaml --out results/worlds

Every draw is simulated in every setting. What is simulated is stored block by block, in a folder named after the code
and the settings that it belongs to, and not simulated again. The worlds that are kept are simulated once more: what
they are compared with published findings by is not the luck that chose them.
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
from clustersim.storage.manifest import ID_LENGTH, digest
from clustersim.studies.designs import sobol_sequence
from clustersim.worlds.ensemble import ENSEMBLE_SIZE, MANIFEST, TABLE, TARGET, Ensemble
from clustersim.worlds.priors import quantiles, uncertain_numbers
from clustersim.worlds.scenario_worlds import in_worlds

BLOCK = 64  # worlds that are simulated side by side
ENOUGH = 200.0  # effective number of worlds
MOST_DOUBLINGS = 4
FIRST_SEED = 10**6  # not those of any run, so that no world is chosen for the luck that runs meet
FRESH_SEED = FIRST_SEED // 2
AGAIN = 256  # worlds that are simulated on a second seed, which tells the variance of a seed
EDGE = 1e-9  # of the unit cube


@dataclass(frozen=True)
class Setting:
    """A town and what is looked at in it: the targets at some places of the list."""

    scenario: Scenario
    entries: tuple[Observation, ...]
    places: tuple[int, ...]


def read_targets(path: Path) -> tuple[list[WorldTarget], int]:
    """The targets of a file, and how many draws to begin with."""
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


def settings_of(targets: Sequence[WorldTarget]) -> list[Setting]:
    """One for each scenario file, no longer than what is looked at in it."""
    found = []
    for file in dict.fromkeys(target.scenario for target in targets):
        places = tuple(place for place, target in enumerate(targets) if target.scenario == file)
        whole = scenarios.load(file)
        entries = tuple(whole.observed[targets[place].observed] for place in places)
        time_ = replace(whole.time, horizon=max(12, *(entry.last for entry in entries)))
        found.append(Setting(needed(replace(whole, time=time_), entries), entries, places))
    return found


def fitted_settings(targets: Sequence[WorldTarget]) -> list[Setting]:
    """Those in which a target is fitted."""
    return [one for one in settings_of(targets) if any(targets[place].is_fit for place in one.places)]


def simulated(unit: Array, settings: Sequence[Setting], targets: int, first_seed: int, folder: Path) -> Array:
    """What the model gives for each target in each world, (worlds, targets), one seed each; NaN in other settings.

    Args:
        unit: (worlds, parameters), quantiles of the prior. folder: of blocks that are simulated already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    among = Ensemble(values_of(unit), {}, {})
    table = np.full((len(unit), targets), np.nan)
    for setting in settings:
        for start in range(0, len(unit), BLOCK):
            worlds = range(start, min(start + BLOCK, len(unit)))
            file = folder / f"{setting.scenario.name}-{start:06d}.f8"
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
    settings, sizes = fitted_settings(targets), list[float]()
    while True:
        unit = sobol_sequence(draws, len(uncertain_numbers()))
        table = simulated(unit, settings, len(targets), FIRST_SEED, out / "draws")
        again = simulated(unit[:AGAIN], settings, len(targets), 2 * FIRST_SEED, out / "again")
        variance = np.mean((again - table[:AGAIN]) ** 2, axis=0) / 2.0  # NaN of what no fitted setting has
        weights = normalised(log_likelihood(table, variance, targets))
        sizes.append(effective_size(weights))
        click.echo(f"{draws} draws: effective number of worlds {sizes[-1]:.1f}", err=True)
        if sizes[-1] >= ENOUGH or len(sizes) == MOST_DOUBLINGS:
            return Weighted(unit, table, weights, variance, tuple(sizes))
        draws *= 2


def _blocks(targets: Sequence[WorldTarget], out: Path) -> Path:
    """The folder of blocks of this code, these numbers and these settings: those of others are never read."""
    settings = [(one.scenario.document, one.scenario.time.horizon, one.places) for one in settings_of(targets)]
    observed = [target.observed for target in targets]
    told = {"code": code_version(), "numbers": list(uncertain_numbers()), "settings": settings, "observed": observed}
    return out / digest(told)[:ID_LENGTH]


@click.command(help=__doc__)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("results/worlds"))
@click.option("--draws", type=int, default=0)
def main(file: Path, out: Path, draws: int) -> None:
    targets, wanted = read_targets(file)
    blocks = _blocks(targets, out)
    found = weighted(targets, draws or wanted, blocks)
    generator = np.random.Generator(np.random.Philox(2))
    chosen = systematic(found.weights, ENSEMBLE_SIZE, generator)
    unit = found.unit[chosen]
    order = balanced_order(scores(np.clip(unit, EDGE, 1.0 - EDGE)))
    chosen, unit = chosen[order], unit[order]
    gave = simulated(unit, settings_of(targets), len(targets), FRESH_SEED, blocks / "kept")
    columns = values_of(unit) | {TARGET + target.name: gave[:, place] for place, target in enumerate(targets)}
    table = pa.table({name: pa.array(column.astype(np.float32)) for name, column in columns.items()})
    pq.write_table(table, out / TABLE, compression="zstd")
    manifest = {
        "code": code_version(),
        "draws": len(found.unit),
        "effective_size": found.sizes,
        "distinct": len(np.unique(chosen)),
        "seed_variance": [float(one) if np.isfinite(one) else None for one in found.seed_variance],
        "targets": [{**asdict(target), "scenario": Path(target.scenario).name} for target in targets],
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    np.savez_compressed(out / "draws.npz", unit=found.unit, table=found.table, weights=found.weights)


if __name__ == "__main__":
    main()
