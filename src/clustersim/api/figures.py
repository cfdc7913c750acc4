"""Saving figures with the results that they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from clustersim.execution.results_folder import manifest_of
from clustersim.storage.folder import ResultFolder
from clustersim.storage.provenance import Provenance

if TYPE_CHECKING:
    from clustersim.figures import Drawn


def save_figures(folder: ResultFolder, draw: Callable[[], Drawn], seeds: int) -> None:
    """Draws the figures of a run or study and writes them to its `figures/`, with what they were made of."""
    from clustersim import figures  # matplotlib is slow to import

    saving = figures.Saving((Provenance.of(manifest_of(folder), seeds),))
    figures.save(lambda name, content: folder.write_bytes(f"figures/{name}", content), draw(), saving)
