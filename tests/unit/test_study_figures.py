"""Figures of studies show their tables, in both languages, with nothing cut off or overlapping."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from figure_checks import check_words, words_of
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from result_tables import ARMS

from clustersim.analysis.attribution import shapley as shares
from clustersim.analysis.mapping.cell_winners import winners
from clustersim.analysis.sensitivity import DUMMY, analyse
from clustersim.execution.budget import EQUAL_MONEY
from clustersim.figures import figure_of
from clustersim.figures.assumptions import assumption_range
from clustersim.figures.attribution import shapley
from clustersim.figures.policy_map import MapOf, policy_map
from clustersim.figures.sensitivity import IndicesOf, sensitivity
from clustersim.figures.style import COLOURS
from clustersim.messages import LANGUAGES
from clustersim.studies.designs import sensitivity_design
from spoken import told_in

COMMITTEE, LEADER, OWN = ARMS[1:]
LONG = (*ARMS[1:], ARMS[1] + EQUAL_MONEY, "a_name_that_its_author_made_rather_long", "名称很长很长的第五个政策方案名称")
HEADLINE = (("pairing_rate", "points", 1.0), ("output", "percent", 0.5), ("value_added", "percent", 0.5))
SIZE = {"sobol": 32, "morris": 16, "pawn": 200}
FACTORS = (
    *("parameters.rivalry", "parameters.reroute", "policies.*.groups.learning", "policies.*.matchmaking.interval"),
    "policies.committee_without_projects.matchmaking.introductions_per_staff",
    "policies.*.matchmaking.introductions_per_staff",
)
MANY = (*FACTORS, *(f"parameters.number_{number}" for number in range(18)))
LABELS = ("matchmaking", "services", "groups", "a_second_round_of_introductions_for_the_region")


def indices(method: str, factors: tuple[str, ...] = FACTORS, seeds: int = 8) -> tuple[pd.DataFrame, IndicesOf]:
    """Of weights 8, 4, 2, ... and of a little noise that the seeds shift."""
    plan = sensitivity_design(method, factors, SIZE[method])
    weights = np.append(8.0 * 0.5 ** np.arange(len(factors)), 0.0)
    level = plan.unit @ weights + 2 * plan.unit[:, 0] * plan.unit[:, 1]
    noise = np.random.default_rng(3).normal(0, 0.2, (len(plan.unit), seeds))
    of = IndicesOf(method, "output", COMMITTEE, len(plan.unit), seeds)
    return analyse(plan, level[:, None] + noise).table, of


def cells(
    x: list[float] | list[str], y: list[float] | list[str], arms: tuple[str, ...] = (COMMITTEE, LEADER), seeds: int = 20
) -> pd.DataFrame:
    """The first arm is best at the lower left, the second at the right, none at the top."""
    places = [(a, b) for b in range(len(y)) for a in range(len(x))]
    across, up = (side / max(1, len(values) - 1) for side, values in zip(np.array(places).T, (x, y), strict=True))
    means = np.stack(
        [3 - 2 * across - 2.5 * up, *[1 + 1.5 * across - 2.5 * up - 0.2 * n for n in range(len(arms) - 1)]], 1
    )
    noise = np.random.default_rng(2).normal(0, 1.0, (1, len(arms), seeds))
    found = winners(means[:, :, None] + noise, arms, 0.5)
    return found.assign(x=[x[a] for a, _ in places], y=[y[b] for _, b in places])


def scattered() -> pd.DataFrame:
    values = list(range(8))
    found = cells([float(v) for v in values], [float(v) for v in values])
    return found.assign(
        winner=[(COMMITTEE, LEADER)[(int(a) + int(b)) % 2] for a, b in zip(found.x, found.y, strict=True)]
    )


def map_of(arms: tuple[str, ...] = (COMMITTEE, LEADER), seeds: int = 20, **changed: object) -> MapOf:
    given = {"x": "parameters.rivalry", "y": "policies.*.groups.learning", "default_x": 0.5, "default_y": 0.2}
    return MapOf(measure="output", arms=arms, seeds=seeds, **{**given, **changed})  # type: ignore[arg-type]


def games(players: int, seeds: int = 12) -> np.ndarray:
    """(2^players, seeds): a gate of 0.4, 1, 2, .. of each, less where many are on; one of them takes away."""
    masks = np.arange(2**players)
    on = (masks[:, None] >> np.arange(players) & 1).astype(float)
    worth = np.arange(1.0, players + 1)
    worth[-1] = -1.2
    level = 0.4 + on @ worth - 0.15 * on.sum(axis=1) ** 2
    return level[:, None] + np.random.default_rng(4).normal(0, 0.3, (2**players, seeds))


def shared_out() -> tuple[pd.DataFrame, pd.DataFrame]:
    return shares.shapley(games(4), LABELS), shares.totals(games(4))


def ranges(arms: tuple[str, ...] = ARMS[1:], seeds: int = 60) -> pd.DataFrame:
    rows = []
    for place, arm in enumerate(arms):
        for measure, unit, margin in HEADLINE:
            effect = 4.0 - 1.3 * place
            half = 0.3 if seeds > 1 else np.nan
            sampled = {"effect": effect, "low": effect - half, "high": effect + half, "seeds": seeds}
            varied = {"range_low": effect - 2.5, "range_mid": effect - 0.4, "range_high": effect + 3.0, "points": 256}
            row = {"arm": arm, "measure": measure, "effect_unit": unit, "margin": margin, **sampled, **varied}
            rows.append({**row, "range_seeds": 20, "share_positive": 0.9})
    return pd.DataFrame(rows)


GRID = [round(0.1 * step, 1) for step in range(11)]
DRAWN: dict[str, Callable[[str], np.ndarray]] = {
    "sensitivity_sobol": lambda: sensitivity(*indices("sobol")),
    "sensitivity_morris": lambda: sensitivity(*indices("morris")),
    "sensitivity_pawn": lambda: sensitivity(*indices("pawn")),
    "sensitivity_many": lambda: sensitivity(*indices("morris", MANY, seeds=1)),
    "map": lambda: policy_map(cells(GRID, GRID), map_of()),
    "map_alone": lambda: policy_map(cells(GRID, GRID), map_of(), lead=False),
    "map_scattered": lambda: policy_map(scattered(), map_of(default_x=3.3, default_y=2)),
    "map_words": lambda: policy_map(
        cells(["random", "largest", "bottleneck"], ["site", "chain", "region"], seeds=1),
        map_of(seeds=1, default_x="largest", default_y="site"),
    ),
    "map_many_arms": lambda: policy_map(cells(GRID, GRID, LONG), map_of(LONG)),
    "map_one_arm": lambda: policy_map(cells(GRID, GRID, (LEADER,)), map_of((LEADER,), default_x=None)),
    "shapley": lambda: shapley(*shared_out(), COMMITTEE, "output"),
    "shapley_one": lambda: shapley(
        shares.shapley(games(1, 1), LABELS[:1]), shares.totals(games(1, 1)), LONG[3], "pairing_rate"
    ),
    "range": lambda: assumption_range(ranges()),
    "range_long": lambda: assumption_range(ranges(LONG).assign(baseline=1234.5, unit="money")),
    "range_one": lambda: assumption_range(ranges(ARMS[1:2], 1)),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", DRAWN)
def test_no_words_are_cut_tiny_or_on_one_another(kind: str, language: str) -> None:
    check_words(DRAWN[kind]())


@pytest.mark.parametrize("kind", DRAWN)
def test_every_figure_states_baseline_and_seeds(kind: str) -> None:
    words = words_of(DRAWN[kind]())
    assert "no alliance" in words.lower()
    assert "n = " in words or "one seed" in words.lower()


@pytest.mark.parametrize(("method", "main"), [("sobol", "total"), ("morris", "mu_star"), ("pawn", "median")])
def test_bars_are_the_main_index_largest_first(method: str, main: str) -> None:
    table, of = indices(method)
    axes = sensitivity(table, of)
    real = table[table["factor"] != DUMMY].sort_values(main, ascending=False)
    assert [bar.get_width() for bar in axes.patches] == pytest.approx(real[main].tolist())
    ends = {tuple(line.get_xdata()) for line in axes.lines}
    for low, high in (("low_design", "high_design"), ("low_seeds", "high_seeds")):
        assert set(zip(real[low], real[high], strict=True)) <= ends
        line = next(line for line in axes.lines if tuple(line.get_xdata()) == (real[low].iloc[0], real[high].iloc[0]))
        assert (line.get_linestyle() == "-") == (low == "low_design")
    dashed = [line for line in axes.lines if list(line.get_xdata()) == [table[main].iloc[-1]] * 2]
    assert dashed and all(line.get_linestyle() == "--" for line in dashed)
    dots = {line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"}
    assert dots == (set(real["first"]) if method == "sobol" else set())


def test_factors_below_the_dummy_are_hatched_and_the_least_are_counted() -> None:
    table, of = indices("morris", MANY)
    axes = sensitivity(table, of)
    real = table[table["factor"] != DUMMY].sort_values("mu_star", ascending=False, kind="stable")
    assert [bar.get_hatch() is not None for bar in axes.patches] == real["below_dummy"].head(15).tolist()
    assert 0 < sum(bar.get_hatch() is not None for bar in axes.patches) < 15
    assert f"And {len(MANY) - 15} more below" in words_of(axes)


def test_factors_are_named_by_their_ends_unless_two_are_the_same() -> None:
    axes = sensitivity(*indices("sobol"))
    names = [label.get_text().replace("\n", "") for label in axes.get_yticklabels()]
    assert names[:4] == ["rivalry", "reroute", "groups.learning", "matchmaking.interval"]
    assert len(set(names)) == len(FACTORS)
    assert FACTORS[4] in names


def test_the_level_of_no_alliance_has_its_own_unit() -> None:
    table, of = indices("morris")
    axes = sensitivity(table, IndicesOf("morris", "output", "no_alliance", of.rows, of.seeds))
    assert "10k yuan" in axes.get_xlabel()
    assert "against" not in words_of(axes)


@pytest.mark.parametrize("method", SIZE)
def test_where_nothing_moves_all_bars_are_empty(method: str) -> None:
    plan = sensitivity_design(method, FACTORS, SIZE[method])
    table = analyse(plan, np.ones((len(plan.unit), 4))).table
    axes = sensitivity(table, IndicesOf(method, "output", COMMITTEE, len(plan.unit), 4))
    assert [bar.get_width() for bar in axes.patches] == [0.0] * len(FACTORS)
    assert axes.get_xlim() == (0, 1)


def areas(axes: Axes) -> dict[tuple[float, ...], int]:
    """Face colour -> cells of the regions that have it."""
    found: dict[tuple[float, ...], int] = {}
    for region in axes.patches:
        if isinstance(region, PathPatch):
            face = tuple(np.round(region.get_facecolor()[:3], 3))
            found[face] = found.get(face, 0) + len(region.get_path().vertices) // 5
    return found


def test_a_region_has_the_cells_that_its_arm_wins() -> None:
    found = cells(GRID, GRID)
    winner = policy_map(found, map_of())[0]
    counted = areas(winner)
    assert sum(counted.values()) == len(found)
    for number, arm in enumerate((COMMITTEE, LEADER)):
        won = found[found["winner"] == arm]
        full = tuple(np.round(to_rgb(COLOURS[number]), 3))
        light = tuple(np.round(1 - 0.28 * (1 - np.array(to_rgb(COLOURS[number]))), 3))
        assert counted[full] == won["decided"].sum()
        assert counted[light] == (~won["decided"]).sum()
    assert {"Cluster\ncommittee", "Chain leader", "No alliance"} <= {text.get_text() for text in winner.texts}


def test_names_stand_in_their_own_regions_and_not_under_the_cross() -> None:
    found = cells(GRID, GRID)
    for cross in ((0.2, 0.4), (0.8, 0.4), (0.5, 0.9)):
        axes = told_in("zh", policy_map, found, map_of(default_x=cross[0], default_y=cross[1]))
        figure_of(axes).draw_without_rendering()
        place = axes[0].transData.transform((10 * cross[0], 10 * cross[1]))
        named = [text for text in axes[0].texts if text.get_text() in ("集群党委", "链长制", "无联盟")]
        assert len(named) == 3
        for text in named:
            assert not text.get_window_extent().contains(*place)
            x, y = (round(part) for part in text.get_position())
            [winner] = found[(found["x"] == GRID[x]) & (found["y"] == GRID[y])]["winner"]
            assert winner == {"集群党委": COMMITTEE, "链长制": LEADER, "无联盟": "no_alliance"}[text.get_text()]


def test_lines_lie_where_the_winner_changes() -> None:
    words = ["site", "chain", "region"]
    found = cells(["random", "largest"], words).assign(
        winner=[COMMITTEE, LEADER, COMMITTEE, COMMITTEE, COMMITTEE, COMMITTEE]
    )
    for axes in policy_map(found, map_of(default_x="largest", default_y="chain")):
        [lines] = [one for one in axes.collections if isinstance(one, LineCollection)]
        sides = {tuple(map(tuple, segment)) for segment in lines.get_segments()}
        assert sides == {((0.5, -0.5), (0.5, 0.5)), ((0.5, 0.5), (1.5, 0.5))}
        [cross] = [line for line in axes.lines if line.get_marker() == "+"]
        assert (cross.get_xdata()[0], cross.get_ydata()[0]) == (1.0, 1.0)
        assert [label.get_text() for label in axes.get_xticklabels()] == ["random", "largest"]


def test_scattered_regions_are_named_in_a_legend() -> None:
    axes = policy_map(scattered(), map_of())[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Cluster committee", "Chain leader"]
    assert policy_map(cells(GRID, GRID), map_of())[0].get_legend() is None


def test_an_arm_at_equal_money_has_its_own_colour_and_other_lines() -> None:
    arms = (COMMITTEE, LEADER, COMMITTEE + EQUAL_MONEY)
    found = scattered()
    found.loc[::3, "winner"] = arms[2]
    own, _, equal = policy_map(found, map_of(arms))[0].get_legend().get_patches()
    assert own.get_facecolor() == equal.get_facecolor()
    assert own.get_hatch() != equal.get_hatch()


@pytest.mark.parametrize(("default", "place"), [(0.25, 1.5), (0.1, 0.5), (0.0, 0.0), (2.0, None), (None, None)])
def test_the_cross_lies_in_proportion_between_uneven_steps(default: float | None, place: float | None) -> None:
    found = cells([0.0, 0.2, 0.3], [0.0, 1.0])
    for axes in policy_map(found, map_of(default_x=default, default_y=1)):
        crosses = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "+"]
        assert crosses == ([pytest.approx((place, 1.0))] if place is not None else [])


def test_cells_may_come_in_any_order_and_be_missing() -> None:
    found = cells(GRID, GRID)
    part = found.sample(frac=0.8, random_state=1)
    whole, some = (policy_map(frame, map_of())[0] for frame in (found.sample(frac=1, random_state=2), part))
    assert areas(whole) == areas(policy_map(found, map_of())[0])
    assert sum(areas(some).values()) == len(part)


def test_bars_of_the_shapley_values_stand_between_gate_and_whole() -> None:
    table, totals = shared_out()
    axes = shapley(table, totals, COMMITTEE, "output")
    sums = totals.set_index("total")["mean"]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([sums["gate"], *table["shapley"], sums["all"]])
    assert sum(widths[:-1]) == pytest.approx(widths[-1])
    for marker, column in (("o", "alone"), ("s", "left_out")):
        marks = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == marker]
        assert marks == table[column].tolist()
    assert [label.get_text() for label in axes.get_yticklabels()][1:3] == ["Matchmaking", "Services"]


def test_the_two_ranges_are_two_lines_of_two_kinds() -> None:
    table = ranges()
    for axes, (measure, _, margin) in zip(assumption_range(table), HEADLINE, strict=True):
        rows = table[table["measure"] == measure]
        lines = {tuple(line.get_xdata()): line for line in axes.lines if line.get_marker() == "None"}
        for place, row in enumerate(rows.itertuples()):
            seeds, points = lines[row.low, row.high], lines[row.range_low, row.range_high]
            assert seeds.get_linewidth() > 3 * points.get_linewidth()
            assert seeds.get_linestyle() == "-" != points.get_linestyle()
            assert seeds.get_ydata()[0] < place < points.get_ydata()[0]  # the axis points down
        assert axes.get_ylim()[0] > axes.get_ylim()[1]
        middles = [
            line.get_xdata()[0] for line in axes.lines if line.get_marker() == "|" and len(line.get_xdata()) == 1
        ]
        assert middles == rows["range_mid"].tolist()
        band = axes.patches[0].get_window_extent().transformed(axes.transData.inverted())
        assert (band.x0, band.x1) == pytest.approx((-margin, margin))


def test_the_two_ranges_are_named_once() -> None:
    words = [text.get_text() for axes in assumption_range(ranges()) for text in axes.texts]
    assert (words.count("seeds"), words.count("assumptions")) == (1, 1)


def test_one_seed_and_nothing_varied_leave_the_points_alone() -> None:
    bare = ranges(seeds=1).assign(range_low=np.nan, range_mid=np.nan, range_high=np.nan)
    for axes in assumption_range(bare):
        assert all(len(line.get_xdata()) == 1 for line in axes.lines[1:])
        assert "one, no interval" in axes.get_xlabel() and "not varied" in axes.get_xlabel()


def test_figures_draw_into_given_axes() -> None:
    for kind, draw in (
        (1, lambda given: sensitivity(*indices("pawn"), given[0])),
        (2, lambda given: policy_map(cells(GRID, GRID), map_of(), given)),
        (1, lambda given: policy_map(cells(GRID, GRID), map_of(), given, lead=False)),
        (1, lambda given: shapley(*shared_out(), COMMITTEE, "output", given[0])),
        (3, lambda given: assumption_range(ranges(), given)),
    ):
        given = Figure().subplots(1, kind, squeeze=False)[0]
        assert np.ravel(np.asarray(draw(given), dtype=object)).tolist() == given.tolist()
        assert all(len(axes.lines) for axes in given)
