"""Firms beside their twins: the same firm in the same seed without the policy, in whatever order the rows came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clustersim.arrays import Array, by_value

MEMBERSHIP = ("member_at_start", "member_ever")
NEEDED = ("arm", "seed", "firm", "output", "incumbent")


@dataclass(frozen=True, eq=False)
class FirmTwins:
    """Firms beside their twins, (n,) each, and what does not depend on how they are grouped.

    Attributes:
        labels: the frame of the arm. seed, firm: codes from 0. seeds: number of seeds.
        compared: the twin produces.
        by_change: positions of the compared firms by (seed, change); change: percent, in this order.
        by_difference: positions of the compared firms by (seed, difference, largest first); difference, before: in
            money, own output less the twin's, and the twin's, in this order.
    """

    labels: pd.DataFrame
    seed: Array
    firm: Array
    seeds: int
    compared: Array
    by_change: Array
    change: Array
    by_difference: Array
    difference: Array
    before: Array


def firm_twins(firms: pd.DataFrame, arm: str, against: str, labels: Sequence[str]) -> FirmTwins:
    """The firms of an arm beside their twins, in the seeds that both arms have.

    Args:
        firms: a row for each arm, seed and firm, of one parameter point; columns arm, seed, firm, output, incumbent and
            the labels that the firms are to be grouped by.

    Raises:
        ValueError: there is no such arm; a column is missing or has gaps; the arms share no seed, or hold different
            firms in one; a firm stands twice.
    """
    missing = [name for name in (*NEEDED, *labels) if name not in firms]
    if missing:
        raise ValueError(f"the table of firms has no column {', '.join(missing)}")
    own, twin = (_incumbents(firms, name) for name in (arm, against))
    own_seed, twin_seed = (part["seed"].to_numpy() for part in (own, twin))
    seeds = np.intersect1d(pd.unique(own_seed), pd.unique(twin_seed))
    if len(seeds) == 0:
        raise ValueError(f"{arm} and {against} share no seed with firms that are there from the start")
    rows = np.unique(own["firm"].to_numpy())
    own, own_key = _in_order(own[np.isin(own_seed, seeds)], seeds, rows)
    twin, twin_key = _in_order(twin[np.isin(twin_seed, seeds)], seeds, rows)
    if not np.array_equal(own_key, twin_key):
        raise ValueError(f"{arm} and {against} do not hold the same firms in the same seeds")
    output, before = own["output"].to_numpy(dtype=np.float64), twin["output"].to_numpy(dtype=np.float64)
    if not (np.isfinite(output).all() and np.isfinite(before).all()):
        raise ValueError("column output has gaps")
    return _sorted(own, own_key // len(rows), own_key % len(rows), len(seeds), output, before)


def _incumbents(firms: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Rows of the arm without those that firms may enter on."""
    there = (firms["arm"] == arm).to_numpy()
    if not there.any():
        raise ValueError(f"there is no arm {arm}; there are {', '.join(str(name) for name in firms['arm'].unique())}")
    chosen = firms[there]
    return chosen[_flags(chosen["incumbent"])]


def _flags(column: pd.Series) -> Array:
    """A column of yes and no as bool. Words are refused, because each of them would be true."""
    if not column.isin([0, 1]).all():
        raise ValueError(f"column {column.name} holds something else than true and false")
    return column.to_numpy(dtype=bool)


def _in_order(part: pd.DataFrame, seeds: Array, rows: Array) -> tuple[pd.DataFrame, Array]:
    """By (seed, firm), with seed code * number of rows + firm code; -1 for a firm that is not among `rows`."""
    firm = part["firm"].to_numpy()
    code = np.minimum(np.searchsorted(rows, firm), len(rows) - 1)
    key = np.where(rows[code] == firm, np.searchsorted(seeds, part["seed"].to_numpy()) * len(rows) + code, -1)
    if not (np.diff(key) > 0).all():
        order = np.argsort(key, kind="stable")
        part, key = part.iloc[order], key[order]
        if not (np.diff(key[key >= 0]) > 0).all():
            raise ValueError("a firm stands twice in a seed: estimates are of one parameter point")
    return part, key


def _sorted(labels: pd.DataFrame, seed: Array, firm: Array, seeds: int, output: Array, before: Array) -> FirmTwins:
    compared = before > 0
    valid = np.flatnonzero(compared)
    difference = output[valid] - before[valid]
    change = 100.0 * difference / before[valid]  # 100 (101 / 100 - 1) is above 1 in floating point, this is not
    by_change, by_difference = by_value(seed[valid], change), by_value(seed[valid], -difference)
    ordered = valid[by_change], change[by_change], valid[by_difference]
    money = difference[by_difference], before[valid][by_difference]
    return FirmTwins(labels, seed, firm, seeds, compared, *ordered, *money)


def groups(both: FirmTwins, dimension: str) -> tuple[Array, list[str]]:
    """Code of each firm's group, from 0, and the names of the groups; categories keep their order."""
    if dimension == "total":
        return np.zeros(len(both.seed), dtype=np.int64), ["all"]
    label = both.labels[dimension]
    if label.isna().any():
        raise ValueError(f"column {dimension} has gaps")
    if dimension in MEMBERSHIP:
        label = pd.Series(np.where(_flags(label), "yes", "no"))
    if isinstance(label.dtype, pd.CategoricalDtype):
        used = label.cat.remove_unused_categories().cat
        return used.codes.to_numpy(dtype=np.int64), [str(name) for name in used.categories]
    codes, values = pd.factorize(label, sort=True)
    return codes.astype(np.int64), [str(name) for name in values]
