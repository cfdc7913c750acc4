"""The worlds that ship with the package: a table with a row for each world and a column for each uncertain number."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from clustersim.arrays import Array

ENSEMBLE_SIZE = 512
TABLE, MANIFEST = "worlds.parquet", "worlds.json"


def world_of_seed(seed: int) -> int:
    """The world whose history a seed is."""
    return seed % ENSEMBLE_SIZE


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Worlds.

    Attributes:
        values: number -> (worlds,), see `priors.uncertain_numbers`.
        targets: name -> (worlds,), what the model gave in each world where something is published.
        manifest: how they were made.
    """

    values: dict[str, Array]
    targets: dict[str, Array]
    manifest: dict[str, Any]

    @functools.cached_property
    def ranks(self) -> dict[str, Array]:
        """Number -> (512,): the place of each world in the order of its values, in (0, 1)."""
        return {
            name: (np.argsort(np.argsort(column, kind="stable")) + 0.5) / len(column)
            for name, column in self.values.items()
        }


TARGET = "target: "  # before the name of a column of targets


@functools.cache
def ensemble() -> Ensemble:
    """The shipped worlds."""
    import pyarrow.parquet as pq

    folder = Path(__file__).parent
    table = pq.read_table(folder / TABLE)
    columns = {name: table.column(name).to_numpy().astype(np.float64) for name in table.column_names}
    return Ensemble(
        values={name: column for name, column in columns.items() if not name.startswith(TARGET)},
        targets={name.removeprefix(TARGET): one for name, one in columns.items() if name.startswith(TARGET)},
        manifest=json.loads((folder / MANIFEST).read_text(encoding="utf-8")),
    )
