"""A simulated block as tables: what is stored of each run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from clustersim.spec.results import Block


def tables_of(block: Block) -> dict[str, pd.DataFrame]:
    """`series` (a row for each arm, seed and month), `groups`, `firms`, `pairs` and `spells` of a block."""
    return {
        "series": series_table(block),
        "groups": _groups(block),
        "firms": _firms(block),
        "pairs": pd.DataFrame(block.pairs),
        "spells": pd.DataFrame(block.spells),
    }


def _index(block: Block, length: int, name: str, labels: Any) -> dict[str, Any]:
    """Columns arm, point, seed and one more for arrays (arms, bases, length), flattened."""
    arms, bases = len(block.arms), len(block.seeds)
    return {
        "arm": pd.Categorical.from_codes(np.repeat(np.arange(arms), bases * length), pd.Index(block.arms)),
        "point": np.tile(np.repeat(block.points, length), arms).astype(np.int32),
        "seed": np.tile(np.repeat(block.seeds, length), arms).astype(np.int64),
        name: np.tile(labels, arms * bases),
    }


def series_table(block: Block) -> pd.DataFrame:
    """A row for each arm, point, seed and month, in that order."""
    months = next(iter(block.series.values())).shape[2]
    index = _index(block, months, "month", np.arange(1, months + 1, dtype=np.int16))
    return pd.DataFrame(index | {name: column.reshape(-1) for name, column in block.series.items()})


def _groups(block: Block) -> pd.DataFrame:
    table = block.groups
    index = _index(block, len(table.group), "group", np.array(table.group, dtype=object))
    index["dimension"] = np.tile(np.array(table.dimension, dtype=object), len(block.arms) * len(block.seeds))
    own = {name: column.reshape(-1) for name, column in table.values.items()}
    twin = {f"{name}_twin": column.reshape(-1) for name, column in table.twins.items()}
    return pd.DataFrame(index | own | twin)


def _firms(block: Block) -> pd.DataFrame:
    rows = next(iter(block.firms.values())).shape[2]
    index = _index(block, rows, "firm", np.arange(rows, dtype=np.int32))
    return pd.DataFrame(index | {name: column.reshape(-1) for name, column in block.firms.items()})
