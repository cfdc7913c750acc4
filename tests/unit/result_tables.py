"""Stored results as a run leaves them, made up: every column of `series` and `groups`, from a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from clustersim.analysis.estimates import Estimates, estimate
from clustersim.instruments import parameters
from clustersim.scenario.model import NO_ALLIANCE, InstrumentUse, Policy, PopulationPlan, Scenario, Time
from clustersim.spec.parameters import defaults

SUMS = (
    *("slots", "paired_slots", "slot_volume", "paired_volume", "enterprises", "enterprises_paired", "members"),
    *("members_paired", "output", "value_added", "local_sales", "outside_sales", "local_orders", "full_output"),
    *("entrant_output", "entries", "patents", "bought_local", "bought_outside", "lost_outside_unpaired"),
    *("additional", "deadweight", "twin_only", "channel_search", "channel_introduction", "channel_contact"),
    *("channel_tie", "channel_roster", "introductions", "staff_months", "firm_days", "money", "needs_served"),
    *("needs_lapsed", "pairs_made", "pairs_ended", "first_orders", "organisations", "productivity", "capacity"),
    *("projects", "capped_slots", "entries_paid"),
)
GROUP_SUMS = ("slots", "paired_slots", "output", "value_added", "additional", "deadweight", "twin_only")
ARMS = (NO_ALLIANCE, "cluster_committee", "chain_leader", "committee_without_projects")


def run_rows(arm: str, seed: int, months: int, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The series of one run; a column is the same in all months or given month by month, 0 where not given."""
    frame = pd.DataFrame({"arm": arm, "seed": seed, "month": np.arange(1, months + 1)})
    return frame.assign(**{name: np.asarray(columns.get(name, 0.0), dtype=float) for name in SUMS})


def simulated_series(
    arms: Sequence[str] = ARMS, seeds: int = 12, months: int = 24, *, shock: bool = False, noise: float = 1.0
) -> pd.DataFrame:
    """Arms that add 2, 1, 1/2, ... points of pairing and 1, 1/2, ... % of output; seeds differ far more."""
    random = np.random.default_rng(5)
    bases = random.normal(0, 1, seeds)
    frames = []
    for number, arm in enumerate(arms):
        size = 0.0 if arm == NO_ALLIANCE else 2.0**-number
        for seed in range(seeds):
            draw = noise * random.normal(0, 0.2, months) * (arm != NO_ALLIANCE)
            drawn = size * (1 + draw)
            frames.append(run_rows(arm, seed, months, _columns(arm, bases[seed], drawn, 0.1 if shock else 0.0)))
            if shock:
                columns = _columns(arm, bases[seed], drawn, 0.0)
                frames.append(run_rows(f"{arm} (no shock)", seed, months, columns))
    return pd.concat(frames, ignore_index=True)


def _columns(arm: str, base: float, size: np.ndarray, loss: float) -> dict[str, float | np.ndarray]:
    months = np.arange(len(size))
    shock = np.where((months >= 6) & (months < 10), 1 - loss, 1.0)
    output = 1000 * np.exp(0.1 * base) * (1 + 0.02 * size) * shock
    paired = 60 + 5 * base + 8 * size
    columns = {
        **{"slots": 200.0, "slot_volume": 400.0, "enterprises": 100.0, "needs_lapsed": 4.0},
        **{"paired_slots": paired, "paired_volume": 2.2 * paired, "enterprises_paired": 40 + 5 * size},
        **{"output": output, "value_added": 0.6 * output, "full_output": output / 0.75},
        **{"local_sales": 0.15 * output, "outside_sales": 0.85 * output, "local_orders": 0.16 * output},
        **{"bought_local": 0.15 * output, "bought_outside": 0.25 * output, "needs_served": 5 + size},
        **{"additional": 10 * size, "twin_only": 2 * size, "deadweight": paired - 10 * size},
        **{"channel_search": paired - 8 * size, "channel_introduction": 6 * size, "channel_tie": 2 * size},
    }
    if arm == NO_ALLIANCE:
        return columns
    policy = {"members": 50.0, "members_paired": 30.0, "staff_months": 2.0, "firm_days": 9.0, "money": 4.0}
    return {**columns, **policy, "introductions": 6.0}


def groups_of(series: pd.DataFrame, shares: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """Groups that are shares of the whole: (dimension, group) -> share."""
    series = series[~series["arm"].str.endswith("(no shock)")]
    last = series[series["month"] > series["month"].max() - 12]
    sums = series.groupby(["arm", "seed"], sort=False)[list(GROUP_SUMS)].sum()
    sums[["slots", "paired_slots"]] = last.groupby(["arm", "seed"], sort=False)[["slots", "paired_slots"]].sum()
    twin = sums.loc[NO_ALLIANCE].add_suffix("_twin")
    both = sums.join(twin, on="seed").reset_index()
    parts = []
    for (dimension, group), share in shares.items():
        numbers = both.drop(columns=["arm", "seed"]) * share
        parts.append(both[["arm", "seed"]].assign(dimension=dimension, group=group).join(numbers))
    return pd.concat(parts, ignore_index=True)


SHARES = {
    ("total", "all"): 1.0,
    ("size_class", "small"): 0.4,
    ("size_class", "large"): 0.6,
    ("member_at_start", "member"): 0.5,
    ("member_at_start", "other"): 0.5,
}


def spells_of(arms: Sequence[str], seeds: int = 2) -> pd.DataFrame:
    """Two needs of goods in each run: one is served after `seed` months, one still waits at month 24."""
    rows = [
        {"arm": arm, "seed": seed, "resource": "goods", "opened": 1, "ended": ended, "outcome": outcome}
        for arm in arms
        for seed in range(seeds)
        for ended, outcome in ((1 + seed, "served"), (24, "waiting"))
    ]
    return pd.DataFrame(rows)


def estimates_of(series: pd.DataFrame, spells: pd.DataFrame | None = None) -> Estimates:
    return estimate(series, groups_of(series, SHARES), parameters=defaults(), spells=spells)


def scenario(arms: Sequence[str] = ARMS) -> Scenario:
    use = InstrumentUse("matchmaking", "matchmaking", defaults(parameters("matchmaking")))
    policies = tuple(Policy(arm, () if arm == NO_ALLIANCE else (use,)) for arm in arms)
    title = {"en": "A cluster", "zh": "某集群"}
    population = PopulationPlan(firms=100, sites=(), chains=(), institutions=())
    return Scenario("cluster", title, Time(120, 24), population, policies, defaults())
