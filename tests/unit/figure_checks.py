"""What every figure must be: nothing cut, nothing tiny, no words on other words, in Chinese as in English."""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from clustersim.figures import figure_of
from clustersim.figures.style import context

SMALLEST = 7  # points


def words_of(axes: Axes | np.ndarray) -> str:
    """All words of one panel or several."""
    panels = np.ravel(np.asarray(axes, dtype=object))
    return " ".join(text.get_text() for panel in panels for text in panel.findobj(Text))


def shown(figure: Figure) -> list[Text]:
    """All words that are drawn: not the labels of ticks outside the view."""
    left_out = set()
    for panel in figure.axes:
        for axis in (panel.xaxis, panel.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)  # a shared axis has none
            left_out |= {label for place, label in ticks if not low <= place <= high}
    words = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in words if text not in left_out]


def check_words(axes: Axes | np.ndarray) -> None:
    """At print size no words are cut, tiny, or on one another; every character has a glyph."""
    figure = figure_of(axes)
    with context(), warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph is a warning
        figure.draw_without_rendering()
    page = figure.bbox
    boxes = {text: Text.get_window_extent(text) for text in shown(figure)}
    assert figure.get_figwidth() == pytest.approx(6.3)
    for text, box in boxes.items():
        assert text.get_fontsize() >= SMALLEST, text.get_text()
        assert box.x0 >= page.x0 - 1 and box.x1 <= page.x1 + 1, text.get_text()
        assert box.y0 >= page.y0 - 1 and box.y1 <= page.y1 + 1, text.get_text()
    for (one, first), (other, second) in combinations(boxes.items(), 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        tall = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert wide < 2 or tall < 2, f"{one.get_text()!r} on {other.get_text()!r}"
