"""Who gains and who loses: each firm against its own twin, the same firm in the same seed without the policy.

Arms of a seed share their random numbers, but a policy changes which events happen, and with them whom chance meets.
So single firms gain and lose even where a policy does nothing on average. Shares of gainers and losers therefore hold
two things, the policy and this reshuffling. Two columns are 0 or known under reshuffling alone:

- `net`: a firm and its twin could then change places, so as many would gain as lose. In groups by membership this
  holds only as far as membership does not follow from what became of the firm.
- `surely_gain`, `surely_lose`: where the firms are the same in every seed, a firm is followed over the seeds. Its
  difference in money would then spread evenly about 0, so that with a threshold of 0 each column is about 2.5 on
  average, less with heavy tails; with a larger threshold less. A change in percent would not do: a fall ends at -100
  and a rise nowhere, so that luck alone lifts the mean of such changes above 0.

Orders won by one firm are lost by others, so that a policy which moves little still moves many firms a little: with a
threshold of 0 a firm may surely lose thousandths of a percent.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from clustersim.analysis.attribution.firm_twins import FirmTwins, firm_twins, groups
from clustersim.analysis.intervals import mean_interval, student_quantile
from clustersim.arrays import Array, rank_within
from clustersim.scenario.model import NO_ALLIANCE

DIMENSIONS = ("size_class", "tier", "site", "chain", "member_at_start", "member_ever")
IN_PARTS = ("total", "size_class")  # what a table that is read in parts is grouped by
COLUMNS = (
    *("arm", "against", "dimension", "group", "firms", "left_out", "gain", "gain_low", "gain_high"),
    *("lose", "lose_low", "lose_high", "net", "net_low", "net_high"),
    *("median_change", "change_10", "change_90", "concentration", "surely_gain", "surely_lose", "seeds"),
)
TOP = 0.1  # of the firms of a group, for `concentration`


def winners(
    firms: pd.DataFrame,
    arm: str,
    against: str = NO_ALLIANCE,
    threshold: float = 1.0,
    *,
    same_firms: bool = False,
) -> pd.DataFrame:
    """Firms that gain and lose output over the horizon under `arm`, by group.

    The change of a firm is 100 (output / its twin's output - 1), percent. Compared are the firms that are there from
    the start and whose twin produces, in the seeds that both arms have.

    Args:
        firms: see `firm_twins`; with all labels of `DIMENSIONS`, which count as they stand in `arm`, for the twin too.
        threshold: percent; a firm gains above it and loses below its negative.
        same_firms: row number `firm` is the same enterprise in every seed (a roster). Only then can firms be followed
            over the seeds.

    Returns:
        A row for the total and for each value of each of `DIMENSIONS`. The groups of membership are no and yes.

        - `firms`, `left_out`: mean number a seed of the firms compared, and of those whose twin produces nothing.
        - `gain`, `lose`: percent of the firms, mean over seeds, and `net`, gain less lose in points; with `_low` and
          `_high` (95%, Student's t over seeds; not cut at 0 and 100).
        - `median_change`, `change_10`, `change_90`: mean over seeds of the median, the 10% and the 90% quantile of the
          changes, percent. A halved output is -50 and a doubled one 100, so the outer quantiles are not mirror images.
        - `concentration`: share (0 to 1) of all rises in output, in money, that goes to the tenth of the firms whose
          output rises most in money. Where a tenth is no whole number, the last firm counts in part, so that equal
          rises of all firms give 0.1. Mean over the seeds in which some output rises, NaN where there is none.
        - `surely_gain`, `surely_lose`: percent of the firms whose output changes beyond the threshold on average: the
          95% interval over the seeds of (output - twin's output - threshold of it) is wholly above 0, or its mirror
          below; of the firms that are in the group in at least two seeds. NaN unless `same_firms`.
        - `seeds`: in which the group has a firm to compare; the means above are over these, those of `firms` and
          `left_out` over all.

    Raises:
        ValueError: there is no such arm; a column is missing or has gaps; the arms share no seed, or hold different
            firms in one; a firm stands twice; the threshold is negative.
    """
    if not threshold >= 0:
        raise ValueError(f"a threshold is at least 0 percent, not {threshold}")
    both = firm_twins(firms, arm, against, DIMENSIONS)
    rows = [
        {"arm": arm, "against": against, "dimension": dimension, **row}
        for dimension in ("total", *DIMENSIONS)
        for row in _rows(both, dimension, threshold, same_firms)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def winners_by_seed(firms: pd.DataFrame, arm: str, against: str = NO_ALLIANCE, threshold: float = 1.0) -> pd.DataFrame:
    """What `winners` takes means of, of the total and of each size class; for a table too large to be read at once.

    Args:
        firms: see `firm_twins`; label size_class. Some seeds of a run.

    Returns:
        A row for each group and seed: arm, against, dimension, group, `number` of firms compared, gain, lose, net,
        median_change, change_10, change_90, concentration. Parts are put together by `over_seeds`.
    """
    both = firm_twins(firms, arm, against, IN_PARTS[1:])
    parts = []
    for dimension in IN_PARTS:
        codes, names = groups(both, dimension)
        by_seed = _by_seed(both, codes, (len(names), both.seeds), threshold)
        columns = {measure: values.ravel() for measure, values in by_seed.items()}
        of = {"arm": arm, "against": against, "dimension": dimension, "group": np.repeat(names, both.seeds)}
        parts.append(pd.DataFrame({**of, **columns}))
    return pd.concat(parts, ignore_index=True)


def over_seeds(by_seed: pd.DataFrame) -> pd.DataFrame:
    """Rows as of `winners`, without `left_out`, `surely_gain` and `surely_lose`, from those of `winners_by_seed`."""
    names = ["arm", "against", "dimension", "group"]
    measures = by_seed.columns.drop(names)
    rows = []
    for key, part in by_seed.groupby(names, sort=False, observed=True):
        values = {measure: part[measure].to_numpy() for measure in measures}
        rows.append(dict(zip(names, key, strict=True)) | {"firms": part["number"].mean(), **_over_seeds(values)})
    told = [name for name in COLUMNS if name not in ("left_out", "surely_gain", "surely_lose")]
    return pd.DataFrame(rows, columns=told)


def _rows(both: FirmTwins, dimension: str, threshold: float, same_firms: bool) -> list[dict[str, object]]:
    codes, names = groups(both, dimension)
    shape = (len(names), both.seeds)
    cell = codes * both.seeds + both.seed
    left_out = _count(cell[~both.compared], shape)
    by_seed = _by_seed(both, codes, shape, threshold)
    surely = _surely(both, codes, len(names), threshold) if same_firms else np.full((2, len(names)), np.nan)
    return [
        {
            "group": name,
            "firms": by_seed["number"][group].mean(),
            "left_out": left_out[group].mean(),
            **_over_seeds({measure: values[group] for measure, values in by_seed.items()}),
            "surely_gain": surely[0, group],
            "surely_lose": surely[1, group],
        }
        for group, name in enumerate(names)
    ]


def _by_seed(both: FirmTwins, codes: Array, shape: tuple[int, int], threshold: float) -> dict[str, Array]:
    return _of_changes(both, codes, shape, threshold) | {"concentration": _concentration(both, codes, shape)}


def _over_seeds(by_seed: dict[str, Array]) -> dict[str, float]:
    """Means of one group over the seeds in which it has firms to compare, and the intervals of gain and lose."""
    there = by_seed["number"] > 0
    row: dict[str, float] = {"seeds": int(there.sum())}
    for measure in ("gain", "lose", "net"):
        found = mean_interval(by_seed[measure][there])
        row |= {measure: found.mean, f"{measure}_low": found.low, f"{measure}_high": found.high}
    for measure in ("median_change", "change_10", "change_90", "concentration"):
        values = by_seed[measure][there]
        row[measure] = mean_interval(values[np.isfinite(values)]).mean
    return row


def _of_changes(both: FirmTwins, codes: Array, shape: tuple[int, int], threshold: float) -> dict[str, Array]:
    """(groups, seeds) each: number of firms compared, percent that gain and lose, quantiles; NaN without any."""
    order = _by_group(codes[both.by_change])
    change, at = both.change[order], both.by_change[order]
    cell = codes[at] * shape[1] + both.seed[at]
    number = _count(cell, shape)
    some = np.where(number > 0, number, np.nan)
    quantiles = {"change_10": 0.1, "median_change": 0.5, "change_90": 0.9}
    gain, lose = (100.0 * _count(cell[beyond], shape) / some for beyond in (change > threshold, change < -threshold))
    by_level = {name: _quantile(change, number, level) for name, level in quantiles.items()}
    return {"number": number, "gain": gain, "lose": lose, "net": gain - lose, **by_level}


def _quantile(ordered: Array, number: Array, level: float) -> Array:
    """Of each cell, interpolated between neighbours; `ordered` holds the cells' sorted values one after another."""
    if len(ordered) == 0:
        return np.full(number.shape, np.nan)
    begin = (np.cumsum(number) - number.ravel()).reshape(number.shape)
    place = level * np.maximum(number - 1, 0)
    below = np.floor(place).astype(np.int64)
    low, high = (
        ordered[np.minimum(begin + step, len(ordered) - 1)] for step in (below, np.minimum(below + 1, number - 1))
    )
    return np.where(number > 0, low + (place - below) * (high - low), np.nan)


def _concentration(both: FirmTwins, codes: Array, shape: tuple[int, int]) -> Array:
    """(groups, seeds) share of all rises that goes to the tenth of the firms that rises most; NaN without rises."""
    order = _by_group(codes[both.by_difference])
    rise, at = np.maximum(both.difference[order], 0.0), both.by_difference[order]
    cell = codes[at] * shape[1] + both.seed[at]
    counted = np.clip(TOP * _count(cell, shape).ravel()[cell] - rank_within(cell), 0.0, 1.0)
    total, top = (np.bincount(cell, amount, minlength=shape[0] * shape[1]) for amount in (rise, rise * counted))
    return (top / np.where(total > 0, total, np.nan)).reshape(shape)


def _surely(both: FirmTwins, codes: Array, groups: int, threshold: float) -> Array:
    """(2, groups) percent of the firms whose output surely rises by more than the threshold, and surely falls."""
    rows = int(both.firm.max(initial=0)) + 1
    key = codes[both.by_difference] * rows + both.firm[both.by_difference]
    number = np.bincount(key, minlength=groups * rows)
    followed = (number >= 2).reshape(groups, rows).sum(axis=1)
    margin = threshold / 100.0 * both.before
    sides = [
        _surely_positive(key, beyond, number).reshape(groups, rows).sum(axis=1)
        for beyond in (both.difference - margin, -both.difference - margin)
    ]
    return 100.0 * np.array(sides) / np.where(followed > 0, followed, np.nan)


def _surely_positive(key: Array, values: Array, number: Array) -> Array:
    """Whether the 95% interval of the mean of each key's values lies above 0; not where there is only one value.

    `mean_interval` for all firms at once, which a loop over them would be too slow for.
    """
    count = np.maximum(number, 2)
    mean = np.bincount(key, values, minlength=len(number)) / count
    squares = np.bincount(key, (values - mean[key]) ** 2, minlength=len(number))
    sizes, which = np.unique(count, return_inverse=True)
    quantile = np.array([student_quantile(int(size) - 1) for size in sizes])[which]
    return (number >= 2) & (mean > quantile * np.sqrt(squares / (count - 1) / count))


def _by_group(codes: Array) -> Array:
    """Order by group that keeps the order within groups; narrow whole numbers are sorted by radix."""
    few = len(codes) == 0 or int(codes.max()) < 2**15
    return np.argsort(codes.astype(np.int16 if few else np.int64), kind="stable")


def _count(cell: Array, shape: tuple[int, int]) -> Array:
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
