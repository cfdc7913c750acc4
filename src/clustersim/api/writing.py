"""What is written beside the blocks of a run or study: tables, report.md, figures, the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from clustersim.execution import job_blocks
from clustersim.execution.results_folder import manifest_of
from clustersim.render.markdown import markdown
from clustersim.reports.blocks import Document
from clustersim.storage.folder import ResultFolder, StudyFolder
from clustersim.storage.provenance import Provenance

if TYPE_CHECKING:
    from clustersim.figures import Drawn

LARGE = ("results", "points")  # tables of single runs or points: Parquet in place of CSV


def file_names(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of a study by the names of their files."""
    return {f"{name}.{'parquet' if name in LARGE else 'csv'}": table for name, table in tables.items()}


def write_study(
    folder: StudyFolder, tables: Mapping[str, pd.DataFrame], report: Document, draw: Callable[[], Drawn], seeds: int
) -> None:
    """Tables, report.md, figures and the manifest of a study or attribution.

    Args:
        tables: by the names of their files.
    """
    for name, table in tables.items():
        folder.write_table(name, table)
    folder.write_text("report.md", markdown(report))
    save_figures(folder, draw, seeds)
    job_blocks.finish(folder, seeds)


def save_figures(folder: ResultFolder, draw: Callable[[], Drawn], seeds: int) -> None:
    """Draws the figures of a run or study and writes them to its `figures/`, with what they were made of."""
    from clustersim import figures  # matplotlib is slow to import

    saving = figures.Saving((Provenance.of(manifest_of(folder), seeds),))
    figures.save(lambda name, content: folder.write_bytes(f"figures/{name}", content), draw(), saving)
