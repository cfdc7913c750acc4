"""Figures as files: PNG, SVG and PDF that record what they show and which results they were made from."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clustersim.figures import style
from clustersim.messages import current_language
from clustersim.storage.provenance import Provenance, Stamp

type Format = Literal["png", "svg", "pdf"]
type Plot = Axes | np.ndarray  # one panel, or several of one figure
type Drawn = Mapping[str, Plot]

SCREEN, PRINT = 200, 300  # dots an inch of a PNG


@dataclass(frozen=True)
class Saving:
    """How figures are saved.

    Attributes:
        sources: of their numbers; none: files without a stamp.
        formats, dpi: which files; dots an inch of a PNG.
        alt: name of a figure -> alternative text.
    """

    sources: tuple[Provenance, ...] = ()
    formats: Sequence[Format] = ("png", "svg")
    dpi: int = SCREEN
    alt: Mapping[str, str] = field(default_factory=dict)


def save(write: Callable[[str, bytes], object], drawn: Drawn, saving: Saving | None = None) -> list[str]:
    """Every figure in every format. The same results give the same bytes.

    Args:
        write: called with the name of a file and its content.
        drawn: name -> Axes of a figure, one or several.

    Returns:
        The names of the files.
    """
    saving = saving or Saving()
    names = []
    for name, axes in drawn.items():
        figure = figure_of(axes)
        _lay_out(figure)
        for kind in saving.formats:
            names.append(f"{name}.{kind}")
            write(names[-1], _rendered(figure, kind, name, saving))
    return names


def _lay_out(figure: Figure) -> None:
    """Once for all formats: working out where everything has room takes longer than drawing it."""
    with style.context():
        figure.draw_without_rendering()
    figure.set_layout_engine("none")


def figure_of(axes: Plot) -> Figure:
    """The figure that one panel, or several, belong to."""
    figure = np.ravel(np.asarray(axes, dtype=object))[0].get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def _rendered(figure: Figure, kind: Format, name: str, saving: Saving) -> bytes:
    target = io.BytesIO()
    with style.context():
        figure.savefig(target, format=kind, dpi=saving.dpi, metadata=_metadata(kind, name, saving))
    return target.getvalue()


# The key of each format that holds the stamp, and that of the words; and what would differ each time.
_STAMP = {"png": "Source", "svg": "Source", "pdf": "Keywords"}
_TOLD = {"png": "Description", "svg": "Description", "pdf": "Subject"}
_UNDATED = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


def _metadata(kind: Format, name: str, saving: Saving) -> dict[str, str | None]:
    metadata: dict[str, str | None] = dict(_UNDATED[kind])
    if saving.sources:
        metadata[_STAMP[kind]] = Stamp(name, current_language(), saving.sources).text()
    if name in saving.alt:
        metadata[_TOLD[kind]] = saving.alt[name]
    return metadata
