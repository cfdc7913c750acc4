"""Figures show the estimates, in both languages, with nothing cut off."""

from __future__ import annotations

import struct
from itertools import pairwise

import numpy as np
import pytest
from figure_checks import check_words, words_of
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from result_tables import ARMS, estimates_of, simulated_series

from clustersim.analysis.estimates import Estimates
from clustersim.execution.budget import EQUAL_MONEY
from clustersim.figures import additional, channels, figure_of, forest, of_run, outcomes, save, shock
from clustersim.figures.style import arm_label, looks, spread
from clustersim.messages import LANGUAGES
from spoken import told_in

LONG = (*ARMS, ARMS[1] + EQUAL_MONEY, "a_name_that_its_author_made_rather_long", "名称很长很长的第五个政策方案名称")


@pytest.fixture(scope="module")
def estimates() -> Estimates:
    return estimates_of(simulated_series())


def drawn(kind: str, estimates: Estimates) -> np.ndarray | Axes:
    if kind == "outcomes":
        return outcomes(estimates.monthly)
    if kind == "shock":
        return shock(estimates.shock)
    of_effects = {"forest": forest, "channels": channels, "additional": additional}
    return of_effects[kind](estimates.effects)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_figures_are_saved_at_print_size(estimates: Estimates, language: str) -> None:
    files: dict[str, bytes] = {}
    names = save(files.__setitem__, of_run(estimates))
    assert names == list(files)
    assert sorted(names) == sorted(
        f"{name}.{kind}" for name in ("outcomes", "forest", "channels", "additional") for kind in ("png", "svg")
    )
    width, _ = struct.unpack(">II", files["forest.png"][16:24])
    assert width == round(6.3 * 200)
    assert files["channels.svg"].lstrip().startswith(b"<?xml")


def test_the_same_estimates_give_the_same_bytes(estimates: Estimates) -> None:
    first: dict[str, bytes] = {}
    again: dict[str, bytes] = {}
    save(first.__setitem__, told_in("zh", of_run, estimates))
    save(again.__setitem__, told_in("zh", of_run, estimates))
    assert first == again


def test_without_a_policy_there_is_no_figure() -> None:
    assert save(print, of_run(estimates_of(simulated_series(["no_alliance"], seeds=2)))) == []


def test_lines_and_bands_are_the_monthly_estimates(estimates: Estimates) -> None:
    pairing = outcomes(estimates.monthly)[0]
    rows = estimates.monthly[(estimates.monthly["measure"] == "pairing_rate") & (estimates.monthly["arm"] == ARMS[1])]
    line = next(line for line in pairing.lines if len(line.get_ydata()) == len(rows))
    assert line.get_ydata() == pytest.approx(rows["effect"].to_numpy())
    band = pairing.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == pytest.approx((rows["low"].min(), rows["high"].max()))


def test_points_bars_and_margin_of_the_forest_are_the_effects(estimates: Estimates) -> None:
    for axes, measure in zip(forest(estimates.effects), ("pairing_rate", "output", "value_added"), strict=True):
        rows = estimates.effects[estimates.effects["measure"] == measure]
        points = [line.get_xdata()[0] for line in axes.lines if len(line.get_xdata()) == 1]
        bars = [tuple(line.get_xdata()) for line in axes.lines[1:] if len(line.get_xdata()) == 2]
        assert points == rows["effect"].tolist()
        assert bars == list(zip(rows["low"], rows["high"], strict=True))
        margin = axes.patches[0].get_window_extent().transformed(axes.transData.inverted())
        assert (margin.x0, margin.x1) == pytest.approx((-rows["margin"].iloc[0], rows["margin"].iloc[0]))


def test_bars_add_up_to_the_pairs(estimates: Estimates) -> None:
    levels = estimates.effects.pivot(index="arm", columns="measure", values="level").loc[list(ARMS[1:])]
    ends = dict.fromkeys(range(len(ARMS)), 0.0)
    for bar in channels(estimates.effects).patches:
        ends[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    assert ends[1] == pytest.approx(200 * levels.loc[ARMS[1], "pairing_rate"] / 100)
    assert ends[0] == pytest.approx(estimates.effects.set_index("measure").loc["pairing_rate", "baseline"].iloc[0] * 2)
    left = sum(bar.get_width() for bar in additional(estimates.effects).patches if bar.get_width() < 0)
    assert left == pytest.approx(-levels["twin_only"].sum())


@pytest.mark.parametrize("kind", ["outcomes", "forest", "channels", "additional"])
def test_every_panel_states_baseline_and_seeds(estimates: Estimates, kind: str) -> None:
    for axes in np.ravel(np.asarray(drawn(kind, estimates), dtype=object)):
        words = words_of(axes)
        assert "n = 12" in words
        assert "no alliance" in words.lower()


def test_one_seed_is_drawn_without_intervals() -> None:
    found = estimates_of(simulated_series(seeds=1))
    for kind in ("outcomes", "forest"):
        assert all("one seed, no interval" in words_of(axes) for axes in drawn(kind, found))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["outcomes", "forest", "channels", "additional", "shock"])
def test_no_words_are_cut_tiny_or_on_one_another(kind: str, language: str) -> None:
    check_words(drawn(kind, estimates_of(simulated_series(LONG, seeds=5, shock=True))))


def test_labels_of_lines_do_not_overlap() -> None:
    panel = outcomes(estimates_of(simulated_series(LONG, seeds=5)).monthly)[1]
    figure_of(np.array([panel])).draw_without_rendering()
    names = [text for text in panel.texts if text.get_position()[0] > 1]
    boxes = sorted((Text.get_window_extent(name) for name in names), key=lambda box: box.y0)  # without their lines
    assert len(boxes) == len(LONG) - 1
    assert all(below.y1 <= above.y0 + 2 for below, above in pairwise(boxes))


@pytest.mark.parametrize(
    ("positions", "spaced"),
    [([0.0, 1.0], [0.0, 1.0]), ([1.0, 1.0], [0.75, 1.25]), ([0.2, 0.0, 5.0], [0.35, -0.15, 5.0]), ([], [])],
)
def test_labels_move_as_little_as_needed(positions: list[float], spaced: list[float]) -> None:
    assert spread(positions, [0.5] * len(positions)) == pytest.approx(spaced)


def test_figures_draw_into_given_axes(estimates: Estimates) -> None:
    figure = Figure()
    given = figure.subplots(1, 3)
    assert forest(estimates.effects, given).tolist() == given.tolist()
    assert all(len(axes.lines) for axes in given)


def test_tall_labels_stand_further_apart() -> None:
    assert spread([1.0, 1.0], [0.4, 0.8]) == pytest.approx([0.7, 1.3])


def test_an_arm_at_equal_money_looks_like_the_arm_itself_but_open() -> None:
    found = looks([*ARMS[1:3], ARMS[1] + EQUAL_MONEY])
    own, other, equal = found.values()
    assert (equal.colour, equal.marker) == (own.colour, own.marker)
    assert own.colour != other.colour
    assert (own.face, equal.face) == (own.colour, "white")
    assert arm_label(ARMS[1] + EQUAL_MONEY) == "Cluster committee\nat equal money"


def test_the_figure_of_a_shock_shows_the_loss_of_each_arm() -> None:
    found = estimates_of(simulated_series(ARMS[:2], shock=True))
    files: dict[str, bytes] = {}
    assert "shock.png" in save(files.__setitem__, told_in("zh", of_run, found))
    hit = found.shock[found.shock["month"].between(7, 10)]
    assert hit["level"].to_numpy() == pytest.approx(90.0)
    lines = [line for line in shock(found.shock).lines if len(line.get_ydata()) == 24]
    assert [line.get_ydata().min() for line in lines] == pytest.approx([90.0, 90.0])
