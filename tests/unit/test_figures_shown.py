"""A figure that is the last value of a notebook's cell is shown, once, at its size."""

from __future__ import annotations

import struct

import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from result_tables import estimates_of, simulated_series

from clustersim.analysis.estimates import Estimates
from clustersim.figures import forest, outcomes, shock
from spoken import told_in

PNG = "image/png"


@pytest.fixture(scope="module")
def estimates() -> Estimates:
    return estimates_of(simulated_series(shock=True))


def shown(value: object) -> tuple[bytes | None, dict[str, int]]:
    """The picture that IPython makes of a value, with its size on the page."""
    data, metadata = DisplayFormatter().format(value)
    return data.get(PNG), metadata.get(PNG, {})


def test_all_panels_and_each_of_them_are_shown_as_the_figure(estimates: Estimates) -> None:
    for drawn in (told_in("zh", forest, estimates.effects), outcomes(estimates.monthly)):
        picture, size = shown(drawn)
        assert picture is not None
        assert size["width"] == 630
        assert struct.unpack(">II", picture[16:24]) == (2 * size["width"], 2 * size["height"])
        assert shown(drawn[1])[1] == size


def test_a_single_panel_is_shown(estimates: Estimates) -> None:
    picture, _ = shown(shock(estimates.shock))
    assert picture is not None


def test_axes_of_another_figure_are_left_to_it(estimates: Estimates) -> None:
    """Else a figure of pyplot's, which notebooks show by themselves, would stand there twice."""
    assert shown(forest(estimates.effects, Figure().subplots(1, 3))) == (None, {})


def test_what_is_computed_from_panels_is_no_figure(estimates: Estimates) -> None:
    drawn = forest(estimates.effects)
    assert shown(drawn == drawn[0]) == (None, {})
    assert shown(drawn[:0]) == (None, {})
