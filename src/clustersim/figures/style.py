"""One restrained style for all figures: print size, colours that survive grey print, Chinese without system
fonts."""

from __future__ import annotations

import functools
import io
import math
import textwrap
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from clustersim import messages
from clustersim.reports import wording
from clustersim.spec.results import EQUAL_MONEY

WIDTH = 6.3  # inches: the text width of an A4 page, as in `render.layout`, which stands above this room
SHOWN = 100  # pixels an inch of a figure in a notebook
SMALL = 7.5
NAME_LINE = 11.0  # points, a line of the name of a panel or of a note above several
LINE_SPACING = 1.3  # Chinese characters fill their line
GREY = "#595959"
LIGHT = "#ececec"

# Okabe & Ito (2008); with a marker, a line style and a hatch each, so that grey print can tell them apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", (0, (3, 1, 1, 1)), (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (3, 3)))
EQUAL_LINE = (0, (1, 1))
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oooo")


@functools.cache
def font_file() -> Path:
    """The Chinese font that comes as a package."""
    with resources.as_file(resources.files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf") as file:
        return file


@functools.cache
def font_family() -> str:
    """Registers the Chinese font and gives its name."""
    font_manager.fontManager.addfont(font_file())
    return font_manager.FontProperties(fname=font_file()).get_name()


def context() -> AbstractContextManager[None]:
    """The settings under which figures are drawn and saved."""
    return mpl.rc_context(
        {
            "font.family": [font_family(), "DejaVu Sans"],
            "font.size": 8.5,
            "axes.titlesize": 9.5,
            "axes.labelsize": 8.5,
            "xtick.labelsize": 8,
            "ytick.labelsize": 8.5,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.6,
            "axes.axisbelow": True,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "lines.linewidth": 1.4,
            "lines.markersize": 5,
            "hatch.linewidth": 0.5,
            "hatch.color": "white",
            "text.hinting": "none",  # else letters of a PDF stand unevenly
            "legend.frameon": False,
            "legend.fontsize": SMALL,
            "svg.hashsalt": "clustersim",
            "svg.fonttype": "path",
        }
    )


class Panel(Axes):
    """Axes that a notebook shows as their figure; for figures made without pyplot it has no way of its own."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        figure = self.get_figure()
        assert isinstance(figure, Figure)
        target = io.BytesIO()
        with context():
            figure.savefig(target, format="png", dpi=2 * SHOWN)  # sharp on dense screens, too
        width, height = (round(inches * SHOWN) for inches in figure.get_size_inches())
        return target.getvalue(), {"width": width, "height": height}


class Panels(np.ndarray):
    """Panels of one figure, which a notebook shows."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        first = next(self.flat, None)
        return first._repr_png_() if isinstance(first, Panel) else None


def panels(rows: int, columns: int, height: float, ratios: Sequence[float] | None = None) -> Panels:
    """New Axes of a figure of print width, shape (rows, columns); panels in a row share their y axis.

    Args:
        height: of the figure, in inches.
        ratios: of the rows' heights.
    """
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.09, hspace=0.04)
    figure = Figure(figsize=(WIDTH, height), layout=layout)
    kind = {"axes_class": Panel}
    drawn = figure.subplots(rows, columns, squeeze=False, sharey="row", height_ratios=ratios, subplot_kw=kind)
    return drawn.view(Panels)


def panel(height: float) -> Axes:
    """New Axes of a figure of print width with a single panel; `height` of the figure in inches."""
    drawn: Axes = panels(1, 1, height)[0, 0]
    return drawn


def heading(axes: Axes, title: str, note: str) -> None:
    """A title at the left and a smaller note below it."""
    lines = note.count("\n") + 1
    axes.set_title(title, loc="left", pad=7 + 10 * lines)
    axes.annotate(
        note, (0, 1), xytext=(0, 5), xycoords="axes fraction", textcoords="offset points",
        fontsize=SMALL, color=GREY, va="baseline", linespacing=LINE_SPACING,
    )  # fmt: skip


def heading_of_all(axes: Axes, title: str, note: str, name: str = "") -> None:
    """A title and a note from the left edge of the figure on, above the first or only panel and its own name."""
    name_high = 10 + NAME_LINE * (name.count("\n") + 1) if name else 7.0
    note_high = NAME_LINE * (note.count("\n") + 1)
    axes.set_title(" ", loc="left", pad=name_high + note_high + 2)  # room in the layout, whatever the title's width
    for said, up, look in (
        (note, name_high, {"fontsize": SMALL, "color": GREY, "linespacing": LINE_SPACING}),
        (title, name_high + note_high + 2, {"fontsize": mpl.rcParams["axes.titlesize"]}),
    ):
        words = axes.annotate(
            said, (0.01, 1), xytext=(0, up), xycoords=("figure fraction", "axes fraction"),
            textcoords="offset points", va="baseline", **look,
        )  # fmt: skip
        words.set_in_layout(False)
    panel_name(axes, name)


def panel_name(axes: Axes, name: str) -> None:
    """The name of one panel of several, directly above it."""
    axes.annotate(
        name, (0, 1), xytext=(0, 5), xycoords="axes fraction", textcoords="offset points", va="baseline",
        linespacing=LINE_SPACING,
    )  # fmt: skip


def interval_note(seeds: int) -> str:
    """What the bands and bars of a figure are, or that one seed has none."""
    return messages.text("figure.intervals" if seeds > 1 else "figure.no_intervals", seeds=seeds)


def arm_label(name: str, width: int = 18) -> str:
    """Name of an arm in lines of at most `width` characters; what it says of its budget stands in a line of its own."""
    own = name.removesuffix(EQUAL_MONEY)
    label = wording.arm_name(own)
    lines = _folded(label.replace("_", " ") if label == own else label, width)
    return "\n".join([*lines, *([messages.text("figure.equal_money")] if own != name else [])])


def _folded(label: str, width: int) -> list[str]:
    """Lines of at most `width` letters. Chinese, which has no spaces to break at, in lines of about the same length: a
    character counts as one and a half letters."""
    if label.isascii():
        return textwrap.wrap(label, width)
    lines = math.ceil(1.5 * len(label) / width)
    return textwrap.wrap(label, math.ceil(len(label) / lines))


@dataclass(frozen=True)
class Look:
    """How an arm is drawn. At equal money it has the colour of the arm itself, an open marker and a dotted line."""

    colour: str
    marker: str
    line: Any
    equal: bool

    @property
    def face(self) -> str:
        return "white" if self.equal else self.colour


def looks(arms: Sequence[str]) -> dict[str, Look]:
    """Arm -> its look, the same in all figures of a run."""
    found = {}
    own = list(dict.fromkeys(arm.removesuffix(EQUAL_MONEY) for arm in arms))
    for arm in arms:
        equal = arm.endswith(EQUAL_MONEY)
        which = own.index(arm.removesuffix(EQUAL_MONEY)) % len(COLOURS)
        found[arm] = Look(COLOURS[which], MARKERS[which], EQUAL_LINE if equal else LINES[which], equal)
    return found


def spread(positions: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Positions of labels of the given heights, moved as little as needed for none to overlap; order kept."""
    wanted, tall = np.asarray(positions, dtype=float), np.asarray(heights, dtype=float)
    order = np.argsort(wanted, kind="stable")
    tall = tall[order]
    steps = np.cumsum(tall) - tall / 2
    # Positions less their steps must not fall: neighbours that do are pooled (isotonic regression).
    pools: list[list[float]] = []
    for value in wanted[order] - steps:
        pools.append([float(value)])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    level = [float(np.mean(pool)) for pool in pools for _ in pool]
    moved = np.empty(len(wanted))
    moved[order] = np.asarray(level) + steps
    return [float(position) for position in moved]
