"""What both engines would store of the same runs: series, sums by firm and by group, events, waiting spells."""

from __future__ import annotations

import numpy as np
import pandas as pd

from clustersim.agreement.findings import FLOOR_OF_SUMS, MEASUREMENT, Agreement, Columns, Difference
from clustersim.agreement.side_by_side import SideBySide
from clustersim.engines.collect import collect
from clustersim.engines.reference.run import block_of
from clustersim.execution.tables import tables_of

KEYS: dict[str, list[str]] = {  # what identifies a row of each table
    "series": ["arm", "seed", "month"],
    "firms": ["arm", "seed", "firm"],
    "groups": ["arm", "seed", "dimension", "group"],
    "pairs": ["arm", "seed", "month", "buyer", "slot"],
    "spells": ["arm", "seed", "firm", "resource", "slot", "opened", "ended", "outcome"],
}


def compare_stored(both: SideBySide) -> None:
    """The tables of the finished horizon."""
    assert both.recorder is not None
    names, recorded = [arm.name for arm in both.arms], len(both.seeds)
    batch = tables_of(collect(both.world, both.recorder, both.scenario, names, both.bases))
    reference = tables_of(block_of(both.models, both.bases, recorded))
    for name in KEYS:
        _compare(both.agreement, name, _ordered(name, batch[name]), _ordered(name, reference[name]))


def _ordered(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Sorted by the keys of its rows; events of one slot in one month keep their order."""
    return table.astype({"arm": str}).sort_values(KEYS[name], kind="stable").reset_index(drop=True)


def _compare(agreement: Agreement, name: str, batch: pd.DataFrame, reference: pd.DataFrame) -> None:
    if len(batch) != len(reference) or set(batch) != set(reference):
        ours, theirs = (f"{len(one)} rows of {', '.join(map(str, one.columns))}" for one in (batch, reference))
        agreement.report(Difference(None, None, None, MEASUREMENT, name, -1, "", ours, theirs))
        return
    for column in map(str, batch.columns):
        found = Columns(column, batch[column].to_numpy(), reference[column].to_numpy(), floor=FLOOR_OF_SUMS)
        entry = agreement.count(found)
        if entry is not None:
            agreement.report(_difference(name, found, entry, batch.iloc[entry]))


def _difference(table: str, columns: Columns, entry: int, row: pd.Series) -> Difference:
    place = [str(row[key]) for key in KEYS[table] if key not in ("arm", "seed", "month", "firm", "buyer")]
    return Difference(
        arm=str(row["arm"]),
        seed=int(row["seed"]),
        month=next((int(row[key]) for key in ("month", "ended") if key in row), None),
        step=MEASUREMENT,
        column=f"{table}: {columns.name}",
        firm=int(row.get("firm", row.get("buyer", -1))),
        slot=", ".join(place),
        batch=str(columns.batch[entry]),
        reference=str(columns.reference[entry]),
        others=int(np.sum(~columns.same)) - 1,
    )
