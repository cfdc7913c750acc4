"""Figures of a briefing show their tables, in both languages, with nothing cut off or overlapping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from figure_checks import check_words, words_of
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from result_tables import ARMS, SHARES, estimates_of, groups_of, simulated_series

from clustersim.analysis.estimates import group_effects
from clustersim.analysis.swings import swings
from clustersim.execution.budget import EQUAL_MONEY
from clustersim.figures import TornadoOf, cost, gains, shock, style, tornado, waiting
from clustersim.messages import LANGUAGES
from clustersim.render import layout
from clustersim.scenario.model import NO_ALLIANCE
from clustersim.spec.parameters import defaults
from clustersim.studies.designs import latin_hypercube
from spoken import told_in

COMMITTEE, LEADER, OWN = ARMS[1:]
FOUR = (*ARMS, LEADER + EQUAL_MONEY)
SEVEN = (*ARMS, *(arm + EQUAL_MONEY for arm in ARMS[1:]), "名称很长很长的第五个政策方案名称")
LONG = (*ARMS, COMMITTEE + EQUAL_MONEY, "a_name_that_its_author_made_rather_long", "名称很长很长的第五个政策方案名称")
RESOURCES = ("goods", "technology", "talent", "finance", "permit")
MANY = {("site", f"A_park_with_a_name_{number:02d}"): (number + 1) / 78 for number in range(12)}
KEYS = [f"parameters.number_{number}" for number in range(20)]


def curves(arms: Sequence[str] = ARMS, resources: Sequence[str] = RESOURCES, seeds: int = 5) -> pd.DataFrame:
    month = np.arange(25)
    frames = []
    for resource in resources:
        for number, arm in enumerate(arms):
            level = (60 + 5 * number) * (1 - 0.9**month)
            half = 8.0 if seeds > 1 else np.nan
            rows = {"resource": resource, "arm": arm, "month": month, "level": level}
            frames.append(pd.DataFrame({**rows, "low": level - half, "high": level + half, "seeds": seeds, "needs": 9}))
    return pd.concat(frames, ignore_index=True)


def costs(
    points: dict[str, tuple[float, float]], spread: float = 0.05, seeds: int = 60
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Effects and ratios: arm -> (public cost, net additional slot-months)."""
    effects, ratios = [], []
    for arm, values in points.items():
        for measure, value in zip(("public_cost", "net_additional"), values, strict=True):
            half = spread * abs(value) if seeds > 1 else np.nan
            row = {"arm": arm, "measure": measure, "effect": value, "low": value - half, "high": value + half}
            effects.append({**row, "seeds": seeds})
        price = 12 * values[0] / values[1] if values[1] > 0 else np.nan
        ratio = {"ratio": price, "low": 0.9 * price, "high": 1.2 * price, "seeds": seeds}
        ratios.append({"arm": arm, "measure": "cost_per_pair_year", **ratio})
    return pd.DataFrame(effects), pd.DataFrame(ratios)


APART = {COMMITTEE: (500.0, 360.0), LEADER: (1000.0, 580.0), OWN: (1450.0, 850.0)}
TOGETHER = {arm: (1000.0 + 2 * place, 580.0 + place) for place, arm in enumerate(SEVEN[1:])}
ODD = {COMMITTEE: (0.0, 120.0), LEADER: (800.0, -240.0), OWN: (0.0, 0.0)}


def gained(
    arms: Sequence[str] = ARMS, shares: dict[tuple[str, str], float] = SHARES, seeds: int = 12
) -> tuple[pd.DataFrame, pd.DataFrame]:
    groups = group_effects(groups_of(simulated_series(arms, seeds=seeds), shares), parameters=defaults())
    rows = []
    for place, arm in enumerate(arms[1:]):
        gain, lose = 60.0 - 10 * place, 20.0 + 12 * place
        half = 1.5 if seeds > 1 else np.nan
        net = {"net": gain - lose, "net_low": gain - lose - half, "net_high": gain - lose + half}
        rows.append({"arm": arm, "dimension": "total", "group": "all", "gain": gain, "lose": lose, **net})
    return groups, pd.DataFrame(rows)


def swung(points: int = 64, seeds: int = 2, words: str = "Share of orders") -> tuple[pd.DataFrame, TornadoOf]:
    unit = latin_hypercube(points, len(KEYS))
    effects = 4 - 6 * unit[:, 3] + np.random.default_rng(1).normal(0, 0.5, points)
    names = {key: (words, key.removeprefix("parameters.")) for key in KEYS}
    return swings(KEYS, unit, effects), TornadoOf("output", COMMITTEE, seeds, names)


LONG_WORDS = "How far outside orders are won from enterprises of the same good: 0 from elsewhere, 1 from each other"
DRAWN: dict[str, Callable[[str], Axes | np.ndarray]] = {
    "waiting": lambda: waiting(curves()),
    "waiting_long": lambda: waiting(curves(LONG)),
    "waiting_seven": lambda: waiting(curves(SEVEN)),
    "waiting_four": lambda: waiting(curves(FOUR, RESOURCES[:4])),
    "waiting_one": lambda: waiting(curves(ARMS[:2], RESOURCES[:1], seeds=1)),
    "cost": lambda: cost(*costs(APART)),
    "cost_together": lambda: cost(*costs(TOGETHER)),
    "cost_odd": lambda: cost(*costs(ODD)),
    "cost_free": lambda: cost(*costs({COMMITTEE: (0.0, 120.0)})),
    "cost_one": lambda: cost(*costs(APART, seeds=1)),
    "gains": lambda: gains(*gained()),
    "gains_long": lambda: gains(*gained(LONG)),
    "gains_seven": lambda: gains(*gained(SEVEN, SHARES | MANY)),
    "gains_one": lambda: gains(*gained(ARMS[:2], seeds=1)),
    "tornado": lambda: tornado(*swung()),
    "tornado_long": lambda: tornado(*swung(words=LONG_WORDS)),
    "tornado_chinese": lambda: tornado(*swung(words="外部订单取自同类货物的本地企业" * 4)),
    "tornado_no_words": lambda: tornado(*swung(words="")),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DRAWN)
def test_no_words_are_cut_tiny_or_on_one_another(kind: str, language: str) -> None:
    check_words(DRAWN[kind]())


@pytest.mark.parametrize("kind", DRAWN)
def test_every_figure_states_baseline_interval_and_seeds(kind: str) -> None:
    words = words_of(DRAWN[kind]())
    assert "no alliance" in words.lower()
    assert "n = " in words or "one seed" in words
    assert "interval" in words


def lines_of(axes: Axes, length: int) -> list[Any]:
    return [line for line in axes.lines if len(line.get_xdata()) == length]


def test_curves_and_bands_are_the_table() -> None:
    table = curves()
    table["level"] += table["resource"].map({name: place for place, name in enumerate(RESOURCES)})
    for axes, resource in zip(waiting(table), RESOURCES, strict=True):
        rows = table[table["resource"] == resource]
        drawn = {line.get_color(): line.get_ydata() for line in axes.lines}
        assert len(drawn) == len(ARMS)
        grey = rows[rows["arm"] == NO_ALLIANCE]
        assert drawn["#595959"] == pytest.approx(grey["level"].to_numpy())
        band = axes.collections[0].get_paths()[0].vertices
        assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((grey["low"].min(), grey["high"].max()))
        assert axes.get_ylim() == (0, 100)


def test_equal_money_is_left_out_beyond_four_arms_and_said_so() -> None:
    for arms, lines in ((FOUR, 5), (SEVEN, 5)):
        panels = waiting(curves(arms))
        assert [len(axes.lines) for axes in panels] == [lines] * len(RESOURCES)
        assert ("Arms at equal money are left out" in words_of(panels)) == (arms is SEVEN)


def test_points_and_crosses_of_the_cost_are_the_effects() -> None:
    axes = cost(*costs(APART))
    points = [(line.get_xdata()[0], line.get_ydata()[0]) for line in lines_of(axes, 1)]
    assert points[:3] == [(money, pytest.approx(months / 12)) for money, months in APART.values()]
    bars = [(tuple(line.get_xdata()), tuple(line.get_ydata())) for line in axes.lines if line.get_linewidth() == 1.2]
    money, months = APART[LEADER]
    assert ((0.95 * money, 1.05 * money), pytest.approx((months / 12,) * 2)) in bars
    assert ((money,) * 2, pytest.approx((0.95 * months / 12, 1.05 * months / 12))) in bars
    assert "20.7 (18.6 to 24.8)" in words_of(axes)


def test_lines_of_equal_cost_have_their_cost_beside_them() -> None:
    axes = cost(*costs(APART))
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    slopes = [line.get_xdata()[1] / line.get_ydata()[1] for line in axes.lines if line.get_linestyle() == "--"]
    assert slopes == pytest.approx([10.0, 20.0, 50.0])
    assert {"10", "20", "50"} <= {text.get_text() for text in axes.texts}
    ends = [line.get_xydata()[1] for line in axes.lines if line.get_linestyle() == "--"]
    assert all(x == pytest.approx(right) or y == pytest.approx(top) for x, y in ends)


def test_arms_without_cost_or_with_fewer_pairs_lie_within_the_panel() -> None:
    for points in (ODD, {COMMITTEE: (0.0, 120.0)}, {LEADER: (800.0, -240.0)}, {OWN: (0.0, 0.0)}):
        axes = cost(*costs(points))
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        for money, months in points.values():
            assert left <= money <= right and bottom <= months / 12 <= top
        dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
        assert bool(dashed) == (points is ODD)  # nothing paid, or nothing added: no price
    assert cost(*costs({COMMITTEE: (0.0, 120.0)})).get_xlim()[1] == 1.0


def test_long_words_of_a_parameter_are_cut_to_two_lines() -> None:
    for words, language in ((LONG_WORDS, "en"), ("外部订单取自同类货物的本地企业" * 4, "zh")):
        label = told_in(language, tornado, *swung(words=words)).get_yticklabels()[0].get_text()
        first, second, key = label.split("\n")
        assert words.startswith(first) and second.endswith(" …") and key == "number_3"


def test_points_of_the_groups_are_the_effects_on_output() -> None:
    groups, winners = gained()
    drawn = gains(groups, winners)
    assert drawn.shape == (2, 3)
    labels = [label.get_text() for label in drawn[0, 0].get_yticklabels()]
    assert labels == [
        *("All enterprises", "Size", "small (40)", "large (60)"),
        *("Member in the first month", "member (50)", "other (50)"),
    ]
    output = groups[groups["measure"] == "output"]
    for axes, arm in zip(drawn[0], ARMS[1:], strict=True):
        points = {round(line.get_ydata()[0]): line.get_xdata()[0] for line in axes.lines if line.get_marker() in "os^"}
        assert list(points.values()) == output.loc[output["arm"] == arm, "effect"].tolist()
        assert list(points) == [0, 2, 3, 5, 6]  # headings have none


def test_firms_that_gain_and_lose_are_the_winners() -> None:
    groups, winners = gained()
    for axes, row in zip(gains(groups, winners)[1], winners.to_dict("records"), strict=True):
        assert [bar.get_width() for bar in axes.patches] == [row["gain"], -row["lose"]]
        assert f"net {row['net']:+.1f}" in axes.get_xlabel()


def test_of_many_groups_the_largest_are_drawn_and_the_others_counted() -> None:
    drawn = gains(*gained(ARMS[:3], SHARES | MANY))
    labels = [label.get_text() for label in drawn[0, 0].get_yticklabels()]
    assert "Site (4 smaller left out)" in labels
    assert [label for label in labels if "park" in label] == [
        f"A park with a name {number:02d} ({round(100 * (number + 1) / 78)})" for number in range(4, 12)
    ]


def test_members_of_each_arm_have_their_own_share() -> None:
    groups, winners = gained(ARMS[:3])
    there = (groups["arm"] == LEADER) & (groups["group"] == "member")
    groups.loc[there, "baseline"] *= 0.5
    labels = [label.get_text() for label in gains(groups, winners)[0, 0].get_yticklabels()]
    assert "member (50 / 25)" in labels


def test_bars_of_a_tornado_run_from_the_mean_to_the_ends() -> None:
    table, of = swung()
    axes = tornado(table, of)
    shown = table.head(6)  # one is beyond chance: so many beside it show what noise does
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert ends == pytest.approx(shown[["low", "high"]].to_numpy().ravel())
    assert [bar.get_hatch() is None for bar in axes.patches] == np.repeat(shown["beyond_chance"], 2).tolist()
    assert shown["beyond_chance"].tolist() == [True] + [False] * 5
    assert axes.get_yticklabels()[0].get_text() == "Share of orders\nnumber_3"
    assert "And 14 more" in words_of(axes)


def test_a_tornado_shows_all_that_is_beyond_chance_up_to_twelve() -> None:
    table, of = swung()
    for place, shown in ((7, 8), (15, 12)):
        beyond = table.assign(beyond_chance=np.arange(len(table)) == place)
        assert len(tornado(beyond, of).patches) == 2 * shown


def test_the_shock_begins_half_a_year_before_it() -> None:
    found = estimates_of(simulated_series(ARMS[:2], months=40, shock=True)).shock
    later = found.assign(month=found["month"] + 20)
    early = pd.concat([later[later["month"] == 21].assign(month=month) for month in range(1, 21)])
    axes = shock(pd.concat([early, later]))
    assert {int(line.get_xdata()[0]) for line in axes.lines if len(line.get_xdata()) > 2} == {21}  # hit in month 27


def test_figures_draw_into_given_axes() -> None:
    for shape, draw in (
        ((1, 5), lambda given: waiting(curves(), given[0])),
        ((1, 1), lambda given: cost(*costs(APART), given[0, 0])),
        ((2, 3), lambda given: gains(*gained(), given)),
        ((1, 1), lambda given: tornado(*swung(), given[0, 0])),
    ):
        given = Figure().subplots(*shape, squeeze=False)
        found = np.ravel(np.asarray(draw(given), dtype=object)).tolist()
        assert found == given.ravel().tolist()
        assert all(len(axes.lines) for axes in found)


def test_figures_are_as_wide_as_the_text_of_a_page() -> None:
    assert abs(style.WIDTH * 25.4 - layout.WIDTH) < 0.1
