"""Figures beside the results that they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clustersim.experiment.work.stored import manifest_of
from clustersim.messages import default_language
from clustersim.storage.folder import ResultFolder
from clustersim.storage.provenance import Provenance

if TYPE_CHECKING:
    from clustersim.figures import Drawn


def save_figures(folder: ResultFolder, draw: Callable[[str], Drawn], seeds: int, language: str | None) -> None:
    """Draws the figures of a run or study and writes them to its `figures/`, with what they were made of.

    Args:
        draw: language -> figures.
    """
    from clustersim import figures  # matplotlib is slow to import

    language = language or default_language()
    saving = figures.Saving(language, (Provenance.of(manifest_of(folder), seeds),))
    figures.save(lambda name, content: folder.write_bytes(f"figures/{name}", content), draw(language), saving)
