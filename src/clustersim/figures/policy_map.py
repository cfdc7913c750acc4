"""Which policy has the best mean effect over two parameters, where that changes, and by how much it leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.transforms import ScaledTranslation
from scipy import ndimage

from clustersim.execution.factors import Factor
from clustersim.figures import style
from clustersim.measures import MEASURES
from clustersim.messages import text
from clustersim.reports import wording
from clustersim.reports.factor_words import short_names
from clustersim.scenario.model import NO_ALLIANCE

MOST_TICKS = 6
TINT = 0.72  # how far an undecided cell's colour is moved towards white
IN_ONE_PIECE = 0.7  # share of an arm's cells in its largest piece, from which on its name can stand there
LETTER, LINE = 4.3, 10.5  # points: mean width of a letter (half of a Chinese character) and height of a line
BELOW_AXIS = 36  # points, from the axis to the legend below its label
# A square around 0, closed; what the pen does at each corner.
CORNERS = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5), (-0.5, -0.5)])
STROKES = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
CROSS = 9  # points
NOTHING_COLOUR = "#b0b0b0"

type Value = float | str | bool


@dataclass(frozen=True)
class MapOf:
    """What a map is of.

    Attributes:
        measure: in which the policies are compared.
        arms: policy arms in the order of the study, without no_alliance.
        x, y: key paths of the two parameters.
        default_x, default_y: their values in the scenario; None where it has none or several.
        seeds: at each cell.
    """

    measure: str
    arms: tuple[str, ...]
    x: str
    y: str
    default_x: Value | None
    default_y: Value | None
    seeds: int


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells by their places: columns x, rows y; each cell is one wide and high, its place its middle.

    Attributes:
        x, y: values along the axes, numbers in rising order, words as they come.
        winner: (y, x) names, "" where a cell is missing. decided: (y, x). lead: (y, x), NaN where missing.
    """

    x: list[Value]
    y: list[Value]
    winner: np.ndarray
    decided: np.ndarray
    lead: np.ndarray


@dataclass(frozen=True)
class Fill:
    colour: tuple[float, float, float]
    hatch: str

    def face(self, decided: bool) -> tuple[float, float, float]:
        if decided:
            return self.colour
        red, green, blue = (part + TINT * (1 - part) for part in self.colour)
        return red, green, blue

    def lines(self, decided: bool) -> Any:
        """Colour of the hatch: white on the full colour, the colour itself on the lighter one."""
        return "white" if decided else self.colour


def policy_map(
    cells: pd.DataFrame,
    of: MapOf,
    axes: Sequence[Axes] | None = None,
    *,
    lead: bool = True,
) -> np.ndarray:
    """The best policy of each cell, and its lead over the second best.

    Args:
        cells: a row for each cell: `x`, `y` (numbers or words), `winner` (an arm or no_alliance), `decided`, and
            `lead`, in the unit of the measure's effects. Cells may be missing.
        of: what the map is of.
        axes: one for each panel; None makes a figure.
        lead: whether to draw the second panel.

    Returns:
        The Axes, shape (2,), or (1,) without the second panel.
    """
    grid = _grid(cells)
    with style.context():
        drawn = np.array(axes) if axes is not None else style.panels(1, 1 + lead, 3.9 if lead else 4.6)[0]
        _winners(drawn[0], grid, of)
        if lead:
            _lead(drawn[1], grid, of)
        _headings(drawn, grid, of)
        for panel in drawn:
            _flips(panel, grid)
            _cross(panel, grid, of)
            _scales(panel, grid, of)
        drawn[0].set_ylabel(_axis(of)[1])
    return drawn


def _grid(cells: pd.DataFrame) -> Grid:
    x, y = _values(cells["x"]), _values(cells["y"])
    shape = (len(y), len(x))
    winner, decided, lead = np.full(shape, "", dtype=object), np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    for cell in cells.itertuples():
        at = y.index(_plain(cell.y)), x.index(_plain(cell.x))
        winner[at], decided[at], lead[at] = str(cell.winner), bool(cell.decided), cell.lead
    return Grid(x, y, winner, decided, lead)


def _values(column: Iterable[Any]) -> list[Value]:
    found = list(dict.fromkeys(_plain(value) for value in column))
    return sorted(found) if _are_numbers(found) else found


def _plain(value: Any) -> Value:
    """Of NumPy's kinds the plain one; numbers as float, so that 1 and 1.0 are one value."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    return value if isinstance(value, str) else float(value)


def _are_numbers(values: Iterable[Value]) -> bool:
    return all(isinstance(value, float) for value in values)


def _winners(axes: Axes, grid: Grid, of: MapOf) -> None:
    fills = _fills(of.arms)
    free = _free(axes, grid, _scenario(grid, of))
    unnamed = []
    for arm in [NO_ALLIANCE, *of.arms]:
        won = grid.winner == arm
        if not won.any():
            continue
        for decided in (True, False):
            _region(axes, won & (grid.decided == decided), fills[arm], decided)
        place = _room(axes, won, free, _name(arm))
        if place is None:
            unnamed.append(arm)
        else:
            axes.text(
                *place, _name(arm), ha="center", va="center", fontsize=8, linespacing=1.15,
                bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "alpha": 0.85, "linewidth": 0}, zorder=4,
            )  # fmt: skip
    _legend(axes, unnamed, fills)


def _fills(arms: Sequence[str]) -> dict[str, Fill]:
    """The arms' colours of all figures, with a hatch each; at equal money with lines across."""
    looks = style.looks(arms)
    hatch_of = dict(zip(style.COLOURS, style.HATCHES, strict=True))
    fills = {
        arm: Fill(to_rgb(look.colour), hatch_of[look.colour] + ("---" if look.equal else ""))
        for arm, look in looks.items()
    }
    return {NO_ALLIANCE: Fill(to_rgb(NOTHING_COLOUR), ""), **fills}


def _name(arm: str) -> str:
    return style.arm_label(arm, 14)


def _region(axes: Axes, cells: np.ndarray, fill: Fill, decided: bool) -> None:
    """All cells of an arm as one shape, so that its hatch runs through."""
    if not cells.any():
        return
    middles = np.argwhere(cells)[:, None, ::-1]  # (cells, 1, 2): x and y
    shape = Path((middles + CORNERS).reshape(-1, 2), np.tile(STROKES, len(middles)))
    lines = fill.lines(decided)
    with mpl.rc_context({"hatch.color": lines}):
        axes.add_patch(
            PathPatch(
                shape, facecolor=fill.face(decided), edgecolor=lines, hatch=fill.hatch or None, linewidth=0,
                antialiased=False,
            )
        )  # fmt: skip


def _free(axes: Axes, grid: Grid, cross: tuple[float, float] | None) -> np.ndarray:
    """Cells in which a name may stand: not under the cross."""
    free = np.ones(grid.winner.shape, dtype=bool)
    if cross is not None:
        width, height = _cell(axes, free.shape)
        rows, columns = np.indices(free.shape)
        near_x = np.abs(columns - cross[0]) * width < CROSS / 2 + width / 2
        free[near_x & (np.abs(rows - cross[1]) * height < CROSS / 2 + height / 2)] = False
    return free


def _cell(axes: Axes, shape: tuple[int, ...]) -> tuple[float, float]:
    """About how wide and high a cell is, in points; the layout has not been made yet."""
    box, dots = axes.get_window_extent(), axes.figure.dpi / 72  # a point
    return float(box.width) / dots / shape[1], float(box.height) / dots / shape[0]


def _room(axes: Axes, won: np.ndarray, free: np.ndarray, name: str) -> tuple[float, float] | None:
    """Where an arm's name has room in its largest piece; None where it has none, or the pieces are scattered."""
    pieces, _ = ndimage.label(won)
    sizes = np.bincount(pieces.ravel())[1:]
    if sizes.max() < IN_ONE_PIECE * sizes.sum():
        return None
    piece = (pieces == int(sizes.argmax()) + 1) & free
    width, height = _cell(axes, won.shape)
    lines = name.split("\n")
    tall = _cells_needed(LINE * len(lines), height)
    wide = _cells_needed(LETTER * max(_letters(line) for line in lines), width)
    if tall > won.shape[0] or wide > won.shape[1]:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(piece, (tall, wide)).all(axis=(2, 3))
    if not windows.any():
        return None
    # Of the places with room, the one that lies deepest inside: windows are padded, for the edge of the map is an edge.
    depth = ndimage.distance_transform_cdt(np.pad(windows, 1))[1:-1, 1:-1]
    deepest = np.argwhere(depth == depth.max())
    y, x = deepest[np.abs(deepest - deepest.mean(axis=0)).sum(axis=1).argmin()]
    return float(x + (wide - 1) / 2), float(y + (tall - 1) / 2)


def _cells_needed(points: float, cell: float) -> int:
    return max(1, int(np.ceil(points / cell)))


def _letters(line: str) -> int:
    """Width in letters; a Chinese character counts as two."""
    return sum(1 if ord(character) < 0x2E80 else 2 for character in line)


def _legend(axes: Axes, arms: Sequence[str], fills: dict[str, Fill]) -> None:
    """The names that have no room on the map."""
    if not arms:
        return
    figure = axes.get_figure(root=True)
    assert figure is not None
    handles = [
        Patch(
            facecolor=fills[arm].colour, edgecolor="white", hatch=fills[arm].hatch or None, linewidth=0,
            label=wording.arm_name(arm),
        )
        for arm in arms
    ]  # fmt: skip
    below = axes.transAxes + ScaledTranslation(0, -BELOW_AXIS / 72, figure.dpi_scale_trans)
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=below,
        handlelength=2.5,
        handleheight=1.4,
        borderpad=0,
        borderaxespad=0,
    )


def _lead(axes: Axes, grid: Grid, of: MapOf) -> None:
    """From 0 to the largest lead on one scale of a single colour, the darker the more."""
    most = float(np.nanmax(grid.lead, initial=0.0)) if np.isfinite(grid.lead).any() else 0.0
    colours = mpl.colormaps["Blues"].with_extremes(bad="white")
    edges = [np.arange(count + 1) - 0.5 for count in (len(grid.x), len(grid.y))]
    mesh = axes.pcolormesh(*edges, np.ma.masked_invalid(grid.lead), cmap=colours, vmin=0.0, vmax=most or 1.0)
    figure = axes.get_figure(root=False)
    assert figure is not None
    bar = figure.colorbar(mesh, ax=axes, shrink=0.9, pad=0.03, aspect=25)
    bar.outline.set_visible(False)
    unit = wording.unit_name(MEASURES[of.measure].effect_unit)
    bar.set_label(text("figure.study.map.lead_axis", unit=unit), fontsize=style.SMALL)


def _headings(drawn: np.ndarray, grid: Grid, of: MapOf) -> None:
    """Titles at one height: what the map is of at the left, its marks at the right or below."""
    whole, marks = _notes(grid, of)
    if len(drawn) == 1:
        style.heading(drawn[0], text("figure.study.map.title"), "\n".join([*whole, *marks]))
        return
    lines = max(len(whole), len(marks))
    for axes, title, note in zip(drawn, ("title", "lead"), (whole, marks), strict=True):
        padded = "\n".join([*note, *[""] * (lines - len(note))])
        style.heading(axes, text(f"figure.study.map.{title}"), padded)


def _notes(grid: Grid, of: MapOf) -> tuple[list[str], list[str]]:
    """What was compared, with how many seeds; what lines and cross are."""

    def said(key: str, **fields: object) -> str:
        return text(f"figure.study.map.{key}", **fields)

    whole = [said("measure", measure=wording.measure_title(of.measure))]
    whole.append(said("seeds" if of.seeds > 1 else "seed", seeds=of.seeds))
    if of.seeds > 1 and not grid.decided[grid.winner != ""].all():
        whole.append(said("light"))
    marks = [said("flips")] if _edges(grid) else []
    marks += [said("cross")] if _scenario(grid, of) is not None else []
    return whole, marks


def _edges(grid: Grid) -> list[list[tuple[float, float]]]:
    """Sides between two neighbouring cells with different winners."""
    here = grid.winner
    found = []
    for y, x in np.argwhere((here[:, 1:] != here[:, :-1]) & (here[:, 1:] != "") & (here[:, :-1] != "")):
        found.append([(x + 0.5, y - 0.5), (x + 0.5, y + 0.5)])
    for y, x in np.argwhere((here[1:] != here[:-1]) & (here[1:] != "") & (here[:-1] != "")):
        found.append([(x - 0.5, y + 0.5), (x + 0.5, y + 0.5)])
    return found


def _flips(axes: Axes, grid: Grid) -> None:
    lines = LineCollection(_edges(grid), colors="black", linewidths=1.2, capstyle="projecting", zorder=3)
    axes.add_collection(lines, autolim=False)


def _scenario(grid: Grid, of: MapOf) -> tuple[float, float] | None:
    """The place of the scenario's own values; None where they are not known or lie off the map."""
    x, y = _place(of.default_x, grid.x), _place(of.default_y, grid.y)
    return None if x is None or y is None else (x, y)


def _place(value: Value | None, values: list[Value]) -> float | None:
    """Between the places of two numbers in proportion; at a word's own place."""
    if value is None:
        return None
    value = _plain(value)
    if value in values:
        return float(values.index(value))
    if not (isinstance(value, float) and _are_numbers(values) and values[0] < value < values[-1]):  # type: ignore[operator]
        return None
    return float(np.interp(value, np.asarray(values, dtype=float), np.arange(len(values))))


def _cross(axes: Axes, grid: Grid, of: MapOf) -> None:
    place = _scenario(grid, of)
    if place is not None:
        outline = [withStroke(linewidth=3.2, foreground="white")]
        axes.plot(*place, "+", color="black", markersize=CROSS, markeredgewidth=1.6, path_effects=outline, zorder=5)


def _scales(axes: Axes, grid: Grid, of: MapOf) -> None:
    for axis, values in ((axes.xaxis, grid.x), (axes.yaxis, grid.y)):
        numbers = _are_numbers(values)
        step = int(np.ceil((len(values) - 1) / (MOST_TICKS - 1))) if numbers and len(values) > MOST_TICKS else 1
        ticks = range(0, len(values), step)
        axis.set_ticks(list(ticks), labels=[_shown(values[tick]) for tick in ticks])
    axes.set_xlim(-0.5, len(grid.x) - 0.5)
    axes.set_ylim(-0.5, len(grid.y) - 0.5)
    axes.set_xlabel(_axis(of)[0])


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else value.replace("_", " ")


def _axis(of: MapOf) -> list[str]:
    """Names of the two axes with the scenario's values."""
    short = short_names([Factor(path, (path,)) for path in (of.x, of.y)])
    defaults = (of.default_x, of.default_y)
    return [
        name if default is None else text("figure.study.map.axis", name=name, value=_shown(_plain(default)))
        for name, default in zip((short[of.x], short[of.y]), defaults, strict=True)
    ]
