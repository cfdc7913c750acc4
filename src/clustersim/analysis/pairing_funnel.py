"""The pairing funnel: how many needs were open, surveyed, introduced, paired, and are still paired at the end.

A need is a waiting spell: of the table `spells`, which is stored of the first seeds only.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from clustersim.analysis.intervals import mean_interval
from clustersim.execution.run_values import RUN, with_shock
from clustersim.spec.state import CHANNELS, INTRODUCTION

GOODS, SERVICES = "goods", "services"
BY_INTRODUCTION = "_by_introduction"
STAGES = ("open", "surveyed", "introduced", "paired", "lasting")
OF_GOODS = (*STAGES, "paired_by_introduction", "lasting_by_introduction")
OF_SERVICES = ("open", "surveyed", "introduced", "paired")  # nobody keeps a service
PLACE = [*RUN, "firm", "slot"]


def funnel(spells: pd.DataFrame, pairs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Needs by arm and stage: the mean number a run, with its 95% interval over seeds.

    Stages of goods: `open` at some time of the horizon; found by a round's survey (`surveyed`); `introduced`; `paired`;
    still in that pair at the end (`lasting`); of the last two, also those whose pair came about by an introduction. Of
    services, which are not told apart, the first four; a service is `paired` once a provider serves it. A pair that
    replaced another met no open need and is left out.

    Args:
        spells, pairs: the tables, of the same arms and seeds.
        arms: in the order in which they are told.

    Returns:
        arm, resource (`goods`, `services`), stage, mean, low, high, share (of the open ones, 0 to 1), seeds.
    """
    needs = needs_of(spells, pairs)
    seeds = sorted(needs["seed"].unique())
    runs = pd.MultiIndex.from_product([arms, seeds], names=RUN)
    rows: list[dict[str, object]] = []
    for resource, stages in ((GOODS, OF_GOODS), (SERVICES, OF_SERVICES)):
        counts = needs[needs["resource"] == resource].groupby(RUN)[list(stages)].sum().reindex(runs, fill_value=0)
        rows += [row for arm in arms for row in _stages(arm, resource, counts.loc[[arm]])]
    return pd.DataFrame(rows)


def _stages(arm: str, resource: str, counts: pd.DataFrame) -> list[dict[str, object]]:
    opened = counts["open"].mean()
    rows = []
    for stage in counts:
        found = mean_interval(counts[stage].to_numpy(dtype=float))
        share = found.mean / opened if opened else float("nan")
        numbers = {"mean": found.mean, "low": found.low, "high": found.high, "share": share, "seeds": found.seeds}
        rows.append({"arm": arm, "resource": resource, "stage": stage, **numbers})
    return rows


def needs_of(spells: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """A row for each need: arm, seed, resource (`goods`, `services`), and whether it came to each stage."""
    needs = with_shock(spells)
    goods = needs[needs["resource"] == GOODS]
    goods = _with_pairs(goods, with_shock(pairs))
    services = needs[needs["resource"] != GOODS].assign(resource=SERVICES, by_introduction=False, lasting=False)
    both = pd.concat([goods, services], ignore_index=True)
    both = both.assign(
        open=True,
        surveyed=both["surveyed"] > 0,
        introduced=both["introduced"] > 0,
        paired=both["outcome"] == "served",
    )
    for stage in ("paired", "lasting"):
        both[f"{stage}{BY_INTRODUCTION}"] = both[stage] & both["by_introduction"]
    return both[[*RUN, "resource", *OF_GOODS]]


def _with_pairs(goods: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Needs of goods with `by_introduction` and `lasting` of the pair that ended them.

    The needs of a slot and its pairs come in the same order: each pair that is made ends a need.
    """
    goods = goods.assign(number=_numbered(goods[goods["outcome"] == "served"], "ended"))
    of_pair = ["by_introduction", "lasting"]
    found = goods.merge(_pairs_made(pairs), on=[*PLACE, "number"], how="left", validate="many_to_one")
    found[of_pair] = found[of_pair].eq(True)
    replaced = found["by_introduction"] & (found["introduced"] == 0)
    return found[~replaced]


def _pairs_made(pairs: pd.DataFrame) -> pd.DataFrame:
    """Pairs made in the horizon: whether by an introduction, and whether nothing ended them."""
    events = pairs[pairs["month"] >= 1].rename(columns={"buyer": "firm"}).sort_values("month", kind="stable")
    events = events.assign(
        by_introduction=events["event"] == CHANNELS[INTRODUCTION - 1],
        lasting=events.groupby(PLACE)["event"].shift(-1).isna(),
    )
    made = events[events["event"] != "ended"]
    return made.assign(number=_numbered(made, "month"))[[*PLACE, "number", "by_introduction", "lasting"]]


def _numbered(rows: pd.DataFrame, month: str) -> pd.Series:
    """0, 1, ... within each slot by month."""
    return rows.sort_values(month, kind="stable").groupby(PLACE).cumcount()
