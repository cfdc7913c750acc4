"""Who gains and who loses: the effect on output in each group of enterprises, and how many firms gain and lose."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from clustersim.analysis.rows import Row
from clustersim.figures import helpers, style
from clustersim.figures.style import Look
from clustersim.messages import text
from clustersim.reports import wording

DIMENSIONS = ("total", "size_class", "tier", "site", "chain", "member_at_start")
MOST_GROUPS = 8  # of a dimension
MOST_ARMS = 4
ROW = 0.17  # inches
BELOW = 0.5  # inches, of the panels that count firms
NAME_WIDTH = 14  # characters of a line of an arm's name
GAIN, LOSE = style.COLOURS[0], style.COLOURS[4]


def gains(groups: pd.DataFrame, winners: pd.DataFrame, axes: np.ndarray | None = None) -> np.ndarray:
    """A column for each arm: above the effect on output by group of enterprises, below the firms that gain and lose.

    At most four arms are drawn, without those at equal money where there are more; of a dimension the eight groups
    with the largest output.

    Args:
        groups: `Estimates.groups`. winners: as of `analysis.attribution.firm_winners`, of the same arms.
        axes: shape (2, arms); None makes a figure.

    Returns:
        The Axes, shape (2, arms).
    """
    every = list(groups["arm"].unique())
    arms = helpers.without_equal_money(every)[:MOST_ARMS]
    output = groups[(groups["measure"] == "output") & groups["arm"].isin(arms) & (groups["seeds"] > 0)]
    lines = _lines(output)
    with style.context():
        drawn = axes if axes is not None else _panels(len(lines), len(arms))
        looks = style.looks(arms)
        for number, arm in enumerate(arms):
            own: list[Row] = list(output[output["arm"] == arm].itertuples())
            rows = {(row.dimension, row.group): row for row in own}
            _effects(drawn[0, number], lines, rows, looks[arm])
            [firms] = winners[(winners["arm"] == arm) & (winners["dimension"] == "total")].itertuples()
            _firms(drawn[1, number], firms)
        _finish(drawn, lines, output)
        names = _names(arms)
        for panel, name in zip(drawn[0, 1:], names[1:], strict=True):
            style.panel_name(panel, name)
        seeds = int(output["seeds"].max())
        note = text("figure.gains.note", intervals=style.interval_note(seeds))
        note = helpers.with_left_out(note, every, arms)
        style.heading_of_all(drawn[0, 0], text("figure.gains.title"), note, names[0])
    return drawn


type _Line = tuple[str, str, str]  # dimension, group, what stands beside it; a heading has no group


def _panels(lines: int, arms: int) -> np.ndarray:
    above = ROW * lines
    return style.panels(2, arms, above + BELOW + 2.05, ratios=(above, BELOW))


def _names(arms: list[str]) -> list[str]:
    """Of the columns, all of as many lines."""
    names = [style.arm_label(arm, NAME_WIDTH) for arm in arms]
    most = max(name.count("\n") for name in names)
    return ["\n" * (most - name.count("\n")) + name for name in names]


def _lines(output: pd.DataFrame) -> list[_Line]:
    """What stands beside the panels, from top to bottom: all enterprises, then each dimension with its groups."""
    whole = output[output["dimension"] == "total"].set_index("arm")["baseline"]
    lines: list[_Line] = []
    for dimension in DIMENSIONS:
        part = output[output["dimension"] == dimension]
        sizes = part.groupby("group", sort=False)["baseline"].max()
        if dimension == "total":
            lines.append((dimension, str(sizes.index[0]), text("dimension.total")))
        elif len(sizes) > 1:
            most = MOST_GROUPS if len(sizes) > MOST_GROUPS + 1 else len(sizes)  # one line more beats one left out
            largest = set(sizes.nlargest(most).index)
            shown = [group for group in sizes.index if group in largest]
            lines.append((dimension, "", _heading(dimension, len(sizes) - len(shown))))
            lines += [(dimension, group, _group(part, group, whole)) for group in shown]
    return lines


def _heading(dimension: str, left_out: int) -> str:
    name = text(f"figure.gains.{dimension}")
    return text("figure.gains.more", dimension=name, number=left_out) if left_out else name


def _group(part: pd.DataFrame, group: str, whole: pd.Series) -> str:
    """Its name and its share of output with no alliance; one for each arm where the arms hold other firms."""
    rows = part[part["group"] == group].set_index("arm")["baseline"]
    shares = [f"{100 * rows.get(arm, 0.0) / whole[arm]:.0f}" for arm in whole.index]
    shares = shares[:1] if len(set(shares)) == 1 else shares
    kind = "size_class" if part["dimension"].iloc[0] == "size_class" else "group"
    name = wording.named(kind, group).replace("_", " ")
    return text("figure.gains.group", group=name, share=" / ".join(shares))


def _effects(axes: Axes, lines: list[_Line], rows: dict[tuple[str, str], Row], look: Look) -> None:
    axes.axvline(0, color="black", linewidth=0.8)
    for place, (dimension, group, _) in enumerate(lines):
        if not (row := rows.get((dimension, group))):
            continue
        if math.isfinite(row.low):
            axes.plot([row.low, row.high], [place, place], color=look.colour, linewidth=1.4)
        axes.plot(row.effect, place, look.marker, color=look.colour, markerfacecolor=look.face, markersize=4)


def _firms(axes: Axes, firms: Row) -> None:
    """Bars of the firms that lose, to the left, and that gain; the difference in words below."""
    axes.axvline(0, color="black", linewidth=0.8)
    for share, colour, hatch in ((firms.gain, GAIN, None), (-firms.lose, LOSE, style.HATCHES[1])):
        axes.barh(0, share, height=0.5, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
        axes.annotate(
            f"{abs(share):.0f}%", (share, 0), xytext=(3 if share == firms.gain else -3, 0), va="center",
            textcoords="offset points", ha="left" if share == firms.gain else "right", fontsize=style.SMALL,
        )  # fmt: skip
    net = SimpleNamespace(effect=firms.net, low=firms.net_low, high=firms.net_high, effect_unit="points")
    said = text("figure.gains.net", net=wording.effect_text(net, 1).replace("（", "\n（"))
    axes.set_xlabel(said.replace(" (", "\n("), fontsize=style.SMALL, linespacing=style.LINE_SPACING)
    axes.set_xlim(-100, 100)
    axes.set_ylim(-0.5, 0.5)
    axes.tick_params(axis="both", length=0)
    axes.set_xticks([])
    axes.spines[["left", "bottom"]].set_visible(False)


def _finish(drawn: np.ndarray, lines: list[_Line], output: pd.DataFrame) -> None:
    """One scale for all arms; the groups' names beside the first."""
    ends = output[["low", "high", "effect"]].to_numpy()
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    for panel in drawn[0]:
        panel.set_xlim(low - 0.06 * (high - low), high + 0.06 * (high - low))
        panel.xaxis.set_major_locator(MaxNLocator(4))
        panel.set_xlabel(text("figure.gains.axis"), fontsize=style.SMALL)
        panel.spines["left"].set_visible(False)
        panel.tick_params(axis="y", length=0)
        for place, line in enumerate(lines):
            if not line[1]:
                panel.axhline(place - 0.5, color=style.LIGHT, linewidth=0.8, zorder=0)
    drawn[0, 0].set_ylim(len(lines) - 0.5, -0.5)
    drawn[0, 0].set_yticks(range(len(lines)), [said for *_, said in lines], fontsize=style.SMALL)
    for label, line in zip(drawn[0, 0].get_yticklabels(), lines, strict=True):
        label.set_color("black" if line[1] else style.GREY)
    drawn[1, 0].set_yticks([0], [text("figure.gains.firms")], fontsize=style.SMALL)
