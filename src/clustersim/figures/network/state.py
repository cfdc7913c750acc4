"""What a panel shows, how its channels look, and how long a line may be."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from clustersim.figures import style
from clustersim.messages import text
from clustersim.spec.state import CHANNELS

POINT_COLOUR = "#404040"
POINT: dict[str, Any] = {"edgecolors": POINT_COLOUR, "linewidths": 0.6, "zorder": 3}


@dataclass(frozen=True, eq=False)
class State:
    """The firms and pairs of an arm in a month, as in `analysis.network.Network`."""

    title: str
    firms: pd.DataFrame
    pairs: pd.DataFrame


def look(channel: str) -> dict[str, Any]:
    """Colour and line of a channel, the same in all panels."""
    number = CHANNELS.index(channel)
    return {"color": style.COLOURS[number], "linestyle": style.LINES[number]}


def in_lines(items: Sequence[str], width: int) -> str:
    """Items one behind the other with commas, in lines of at most `width` Latin characters; an item stays whole."""
    separator = text("list.separator")
    lines = [""]
    for number, item in enumerate(items):
        part = item + separator * (number < len(items) - 1)
        if lines[-1] and _width(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def folded(words: str, width: int) -> str:
    """In lines of about `width` Latin characters; Chinese breaks anywhere."""
    mostly_chinese = _width(words) > 1.5 * len(words)
    return "\n".join(textwrap.wrap(words, width // 2 if mostly_chinese else width))


def _width(words: str) -> int:
    """A Chinese character is as wide as two Latin ones."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in words)
