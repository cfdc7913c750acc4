"""Who buys from whom in one run: the pairs before the policy and at the end, by the channel that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from clustersim.execution.run_values import with_shock
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.results import EQUAL_MONEY

FIRM_COLUMNS = ("arm", "point", "firm", "output", "size_class", "tier", "chain", "site", "incumbent")
MOST_ARMS = 2  # beside no alliance, whose pairs a figure can hold


@dataclass(frozen=True, eq=False)
class Network:
    """One seed of a run.

    Attributes:
        seed: which one. months: of the horizon.
        chains, tiers: names of the chains, and the number of tiers of the longest.
        firms: a row for each arm and firm that is there at the end: arm, firm, size_class, tier, chain, site (places
            in the scenario's lists), incumbent.
        before: the pairs that live when the horizon begins, the same in all arms: buyer, supplier, channel.
        after: those that live at its end, with `arm`.
    """

    seed: int
    months: int
    chains: tuple[str, ...]
    tiers: int
    firms: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame

    @property
    def arms(self) -> list[str]:
        """no_alliance, and the first policies that are not run at equal money."""
        own = [arm for arm in self.firms["arm"].unique() if arm != NO_ALLIANCE and not arm.endswith(EQUAL_MONEY)]
        return [NO_ALLIANCE, *own[:MOST_ARMS]]


def living_pairs(pairs: pd.DataFrame, month: int | None = None) -> pd.DataFrame:
    """The pairs that live at the end of a month (None: of the horizon): arm, seed, buyer, supplier, channel.

    Args:
        pairs: the table, in its order.
    """
    until = pairs if month is None else pairs[pairs["month"] <= month]
    latest = until.sort_values("month", kind="stable").groupby(["arm", "seed", "buyer", "slot"], sort=False).tail(1)
    living = latest[latest["event"] != "ended"].rename(columns={"event": "channel"})
    return living[["arm", "seed", "buyer", "supplier", "channel"]].reset_index(drop=True)


def network(firms: pd.DataFrame, pairs: pd.DataFrame, chains: Sequence[tuple[str, int]], months: int) -> Network:
    """The network of one seed.

    Args:
        firms, pairs: the tables, of one seed. chains: name and number of tiers of each.
        months: of the horizon.

    Raises:
        ValueError: the tables hold several seeds, or the seed's pairs are not stored.
    """
    seeds = pairs["seed"].unique()
    if len(seeds) != 1:
        raise ValueError("pairs are of one stored seed")
    there, all_pairs = with_shock(firms), with_shock(pairs)
    there = there[there["incumbent"] | (there["output"] > 0)]
    before = living_pairs(all_pairs[all_pairs["arm"] == NO_ALLIANCE], 0)
    return Network(
        seed=int(seeds[0]),
        months=months,
        chains=tuple(name for name, _ in chains),
        tiers=max(tiers for _, tiers in chains),
        firms=there.drop(columns="output").reset_index(drop=True),
        before=before.drop(columns=["arm", "seed"]),
        after=living_pairs(all_pairs).drop(columns="seed"),
    )
