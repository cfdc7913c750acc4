"""The pairing funnel: needs counted by hand, in a run, and as they are drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from figure_checks import check_words, words_of
from matplotlib.colors import to_rgb

import clustersim as cs
from clustersim.analysis.intervals import mean_interval
from clustersim.analysis.pairing_funnel import OF_GOODS, OF_SERVICES, STAGES, funnel
from clustersim.execution.budget import EQUAL_MONEY
from clustersim.figures import funnel as drawn_funnel
from clustersim.figures.style import looks
from clustersim.messages import LANGUAGES
from clustersim.studies.run_findings import RunFindings

pytestmark = pytest.mark.usefixtures("unrendered")

ROOT = Path(__file__).parents[2]
ARMS = ["no_alliance", "policy"]

# arm, seed, firm, resource, slot, opened, ended, outcome, surveyed, introduced
SPELLS = [
    ("no_alliance", 0, 1, "goods", 0, -5, 3, "served", 0, 0),  # and still paired
    ("no_alliance", 0, 1, "goods", 1, 2, 12, "waiting", 0, 0),
    ("no_alliance", 0, 2, "permit", -1, 4, 6, "lapsed", 0, 0),
    ("policy", 0, 1, "goods", 0, -5, 3, "served", 2, 2),  # by introduction, until month 7
    ("policy", 0, 1, "goods", 0, 7, 7, "served", 0, 0),  # the same month again, by search
    ("policy", 0, 1, "goods", 0, 9, 9, "served", 0, 0),  # replaced by an introduction: no need
    ("policy", 0, 1, "goods", 1, 0, 8, "served", 4, 4),  # introduced in vain, then its own search
    ("policy", 0, 2, "goods", 0, 1, 5, "served", 5, 5),  # by introduction, and still paired
    ("policy", 0, 2, "permit", -1, 4, 6, "served", 5, 6),
    ("policy", 0, 2, "permit", -1, 8, 9, "lapsed", 8, 0),
    ("policy", 1, 1, "goods", 0, 1, 12, "waiting", 3, 0),
    ("no_alliance", 1, 1, "goods", 0, 1, 12, "waiting", 0, 0),
]
# arm, seed, month, buyer, slot, supplier, event
PAIRS = [
    ("no_alliance", 0, 3, 1, 0, 5, "search"),
    ("policy", 0, 0, 3, 0, 5, "search"),  # before the horizon
    ("policy", 0, 3, 1, 0, 5, "introduction"),
    ("policy", 0, 4, 3, 0, -1, "ended"),
    ("policy", 0, 5, 2, 0, 6, "introduction"),
    ("policy", 0, 7, 1, 0, -1, "ended"),
    ("policy", 0, 7, 1, 0, 6, "search"),
    ("policy", 0, 8, 1, 1, 6, "search"),
    ("policy", 0, 9, 1, 0, -1, "ended"),
    ("policy", 0, 9, 1, 0, 7, "introduction"),
]


@pytest.fixture(name="table", scope="module")
def _table() -> pd.DataFrame:
    columns = ["arm", "seed", "firm", "resource", "slot", "opened", "ended", "outcome", "surveyed", "introduced"]
    spells = pd.DataFrame(SPELLS, columns=columns)
    pairs = pd.DataFrame(PAIRS, columns=["arm", "seed", "month", "buyer", "slot", "supplier", "event"])
    return funnel(spells, pairs, ARMS)


@pytest.fixture(name="run", scope="module")
def _run(tmp_path_factory: pytest.TempPathFactory) -> RunFindings:
    town = cs.load(ROOT / "scenarios" / "xinqiao.yaml", {"time.burn_in": 24, "time.horizon": 24})
    return town.run(seeds=3, out=tmp_path_factory.mktemp("run"), assumptions=0).findings


def means(table: pd.DataFrame, arm: str, resource: str = "goods") -> dict[str, float]:
    rows = table[(table["arm"] == arm) & (table["resource"] == resource)]
    return dict(zip(rows["stage"], rows["mean"], strict=True))


def test_needs_of_goods_counted_by_hand(table: pd.DataFrame) -> None:
    """Sums over two seeds, halved."""
    alone = {"open": 3, "surveyed": 0, "introduced": 0, "paired": 1, "lasting": 1}
    policy = {"open": 5, "surveyed": 4, "introduced": 3, "paired": 4, "lasting": 2}
    split = {"paired_by_introduction": 2, "lasting_by_introduction": 1}
    assert means(table, "no_alliance") == {name: alone.get(name, 0) / 2 for name in OF_GOODS}
    assert means(table, "policy") == {name: number / 2 for name, number in {**policy, **split}.items()}


def test_needs_of_services_counted_by_hand(table: pd.DataFrame) -> None:
    assert means(table, "no_alliance", "services") == dict(zip(OF_SERVICES, (0.5, 0, 0, 0), strict=True))
    assert means(table, "policy", "services") == dict(zip(OF_SERVICES, (1, 1, 0.5, 0.5), strict=True))


def test_intervals_and_shares_are_over_seeds(table: pd.DataFrame) -> None:
    rows = table[(table["arm"] == "policy") & (table["resource"] == "goods")].set_index("stage")
    by_hand = mean_interval(np.array([3.0, 1.0]))  # surveyed
    assert tuple(rows.loc["surveyed", ["low", "high"]]) == (by_hand.low, by_hand.high)
    assert rows.loc["surveyed", "share"] == 4 / 5
    assert set(rows["seeds"]) == {2}


def test_the_needs_of_a_run_are_nested(run: RunFindings) -> None:
    table = run.funnel
    assert list(table["arm"].unique()) == ["no_alliance", *run.estimates.effects["arm"].unique()]
    for arm in table["arm"].unique():
        for resource in ("goods", "services"):
            counts = means(table, arm, resource)
            assert counts["open"] >= counts["surveyed"] >= counts["introduced"]
            assert counts["open"] >= counts["paired"] > 0
            assert (counts["introduced"] > 0) == (arm != "no_alliance")
    goods = means(table, "cluster_committee")
    assert goods["introduced"] >= goods["paired_by_introduction"] >= goods["lasting_by_introduction"] > 0
    assert goods["paired"] >= goods["lasting"]
    assert means(table, "no_alliance")["paired_by_introduction"] == 0


def test_lasting_needs_are_living_pairs(run: RunFindings) -> None:
    """Pairs of the last month are those that lasted, those that replaced another, and those from before."""
    living = run.table("series").query("month == 24 and seed < 3").groupby("arm")["paired_slots"].mean()
    before = run.table("pairs").query("month == 0").groupby("arm", observed=True).size() / 3
    for arm in ("no_alliance", "cluster_committee"):
        lasting = means(run.funnel, arm)["lasting"]
        assert living[arm] - before[arm] <= lasting <= living[arm]


# --- as it is drawn -------------------------------------------------------------------------------------------------


def many(arms: list[str], seeds: int = 5, size: float = 1.0) -> pd.DataFrame:
    """A funnel of several arms with numbers of many digits."""
    numbers = dict(zip(OF_GOODS, (14_841.5, 11_056, 9_634, 12_712, 3_254, 1_318, 603), strict=True))
    rows = [
        {"arm": arm, "resource": "goods", "stage": stage, "mean": number * size, "share": number / numbers["open"]}
        for arm in arms
        for stage, number in numbers.items()
    ]
    table = pd.DataFrame(rows).assign(seeds=seeds)
    apart = 0.04 * table["mean"] if seeds > 1 else float("nan")
    return table.assign(low=table["mean"] - apart, high=table["mean"] + apart)


LONG = ["no_alliance", "cluster_committee", "chain_leader", "hybrid", "a_name_that_its_author_made_rather_long"]
LONG += ["名称很长很长的第五个政策方案名称", "another", "the_seventh"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("arms", [LONG, LONG[:3], [*LONG[:3], *(f"{arm}{EQUAL_MONEY}" for arm in LONG[1:3])]])
def test_words_stay_apart(arms: list[str], language: str) -> None:
    panels = drawn_funnel(many(arms))
    check_words(panels)
    assert len(panels) == len(arms)


def test_arms_at_equal_money_give_way(run: RunFindings) -> None:
    panels = drawn_funnel(run.funnel)
    check_words(panels)
    assert len(panels) == 4  # of seven
    assert "at equal money are left out" in figure_words(panels)
    assert "left out" not in figure_words(drawn_funnel(many(LONG[:5])))


def figure_words(panels: np.ndarray) -> str:
    figure = panels[0].get_figure()
    return f"{words_of(panels)} {figure.get_suptitle()} {figure.legends[0].get_title().get_text()}"


def test_baseline_and_seeds_are_said(table: pd.DataFrame) -> None:
    said = figure_words(drawn_funnel(table))
    assert "Baseline: no alliance" in said
    assert "the first 2." in said
    assert "one seed, no interval" in figure_words(drawn_funnel(many(LONG[:3], seeds=1)))


def test_bars_and_labels_are_the_table(table: pd.DataFrame) -> None:
    alone, policy = drawn_funnel(table)
    counts = means(table, "policy")
    ends = dict.fromkeys(range(len(STAGES)), 0.0)
    for bar in policy.patches:
        ends[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    assert list(ends.values()) == [counts[stage] for stage in STAGES]
    full = [bar for bar in policy.patches if to_rgb(bar.get_facecolor()) == to_rgb(looks(["policy"])["policy"].colour)]
    assert [bar.get_width() for bar in full[-2:]] == [
        counts["paired_by_introduction"],
        counts["lasting_by_introduction"],
    ]
    labels = [label.get_text() for label in policy.texts]
    assert labels == ["2.50", "2.00 (80%)", "1.50 (60%)", "2.00 (80%), 1.00 introduced", "1.00 (40%), 0.50 introduced"]
    beside = {float(line.get_xdata()[0]) for line in policy.lines if line.get_xdata()[0] == line.get_xdata()[1]}
    assert beside == {means(table, "no_alliance")[stage] for stage in ("open", "paired", "lasting")}
    assert len(alone.texts) == len(STAGES)
