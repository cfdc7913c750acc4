"""The pack: a folder with the briefing as Word and PDF, its figures, its tables, and what all of it was made of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from clustersim import figures
from clustersim.api.writing import LARGE
from clustersim.figures import Drawn
from clustersim.messages import current_language
from clustersim.render import office
from clustersim.render.pdf import pdf
from clustersim.render.word import word
from clustersim.render.xlsx import xlsx
from clustersim.reports.blocks import Document
from clustersim.reports.briefing import briefing, page_frame
from clustersim.reports.sources import Sources
from clustersim.reports.workbook import ResultTable, workbook
from clustersim.storage.pack_folder import Pack
from clustersim.storage.provenance import Provenance, Stamp

DOCUMENT = "brief"
LARGEST = 100_000  # rows of a table of a pack; larger ones stay where the results are


def make(sources: Sources, folder: Path) -> Pack:
    """Makes the pack in place of an older one; see `storage.pack_folder`.

    Raises:
        StorageError: it cannot be written.
    """
    pack = Pack.begin(folder)
    drawn = _drawn(sources)
    document = briefing(sources, {one: list(axes) for one, axes in drawn.items()})
    stamp = Stamp(DOCUMENT, current_language(), sources.provenances)
    _write_figures(pack, sources, drawn, document)
    frame = page_frame(sources)
    pack.write(f"{DOCUMENT}.docx", office.dated(word(document, frame, stamp, folder), sources.ended))
    pack.write(f"{DOCUMENT}.pdf", pdf(document, frame, stamp, folder))
    _write_tables(pack, sources)
    pack.finish(stamp)
    return pack


def _drawn(sources: Sources) -> dict[Provenance, Drawn]:
    """Name -> Axes of the figures of each run, attribution and study."""
    drawn: dict[Provenance, Drawn] = {}
    for run in sources.runs:
        drawn[run.provenance] = figures.of_pack(run.findings)
        for attribution in run.attributions:
            arm = attribution.findings.arm
            axes = figures.of_attribution(attribution.findings)
            drawn[attribution.provenance] = {f"{name}_{arm}": one for name, one in axes.items()}
    return drawn | {study.provenance: figures.of_study(study.findings) for study in sources.studies}


def _write_figures(pack: Pack, sources: Sources, drawn: dict[Provenance, Drawn], document: Document) -> None:
    told = {picture.name: picture.alt_text for picture in document.pictures}
    for provenance, axes in drawn.items():
        named = {sources.prefixes[provenance] + name: one for name, one in axes.items()}
        saving = figures.Saving((provenance,), ("png", "svg", "pdf"), figures.PRINT, told)
        figures.save(lambda name, content: pack.write(f"figures/{name}", content), named, saving)


def _write_tables(pack: Pack, sources: Sources) -> None:
    tables = [table for table in _tables(sources) if 0 < len(table.frame) <= LARGEST]
    for table in tables:
        pack.write(f"tables/{table.file}.csv", _csv(table.frame))
    book = xlsx(workbook(tables, sources.title, sources.code), Stamp("tables", current_language(), sources.provenances))
    pack.write("tables.xlsx", office.dated(book, sources.ended))


def _csv(frame: pd.DataFrame) -> bytes:
    """A table without its index; with a byte order mark, without which Excel on Chinese Windows misreads it."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def _tables(sources: Sources) -> Iterator[ResultTable]:
    for run in sources.runs:
        of = sources.name_of(run)
        for name, values in run.tables.items():
            yield ResultTable(name, of, values)
        for attribution in run.attributions:
            arm = f"{of}_{attribution.findings.arm}".lstrip("_")
            for name, values in attribution.findings.tables().items():
                yield ResultTable(name, arm, values)
    for study in sources.studies:
        for name, values in study.findings.tables().items():
            if name not in LARGE:
                yield ResultTable(name, sources.name_of(study), values)
