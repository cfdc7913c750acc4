"""The pack: a folder with the briefing as Word and PDF, its figures, its tables, and what all of it was made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from clustersim import figures
from clustersim.brief.blocks import Document
from clustersim.brief.compose import compose
from clustersim.brief.pdf import pdf
from clustersim.brief.pictures import Drawing, drawings
from clustersim.brief.sheets import Sheet, csv, workbook
from clustersim.brief.sources import Sources
from clustersim.brief.word import word
from clustersim.messages import text
from clustersim.storage import atomic
from clustersim.storage.manifest import code_version
from clustersim.storage.provenance import Stamp

INDEX = "pack.json"
FORMAT = "clustersim pack 1"
DOCUMENT = "brief"
LARGEST = 100_000  # rows of a table of a pack; larger ones stay where the results are


@dataclass
class Pack:
    """Files that have been written into a folder. `files`: name -> sha256."""

    path: Path
    files: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, content: bytes) -> None:
        atomic.write_bytes(self.path / name, content)
        self.files[name] = hashlib.sha256(content).hexdigest()

    def count(self, folder: str, ending: str) -> int:
        return sum(name.startswith(f"{folder}/") and name.endswith(ending) for name in self.files)


def make(sources: Sources, language: str, folder: Path) -> Pack:
    """Makes the pack in place of an older one. What an older one had and this one has not is removed.

    Raises:
        StorageError: it cannot be written.
    """
    old = _listed(folder)
    pack = Pack(folder)
    drawn = drawings(sources, language)
    _write_figures(pack, drawn, language)
    document = compose(sources, drawn, language)
    _write_documents(pack, document, Stamp(DOCUMENT, language, sources.provenances))
    _write_tables(pack, sources, language)
    _write_index(pack, Stamp(DOCUMENT, language, sources.provenances))
    for name in old - pack.files.keys():
        (folder / name).unlink(missing_ok=True)
    return pack


def _write_figures(pack: Pack, drawn: Sequence[Drawing], language: str) -> None:
    for one in drawn:
        saving = figures.Saving(
            language, (one.provenance,), ("png", "svg", "pdf"), figures.PRINT, {one.picture.name: one.picture.told}
        )
        figures.save(lambda name, content: pack.write(f"figures/{name}", content), {one.picture.name: one.axes}, saving)


def _write_documents(pack: Pack, document: Document, stamp: Stamp) -> None:
    pack.write(f"{DOCUMENT}.docx", word(document, stamp, pack.path))
    pack.write(f"{DOCUMENT}.pdf", pdf(document, stamp, pack.path))


def _write_tables(pack: Pack, sources: Sources, language: str) -> None:
    tables = [table for table in _tables(sources) if 0 < len(table.frame) <= LARGEST]
    for table in tables:
        pack.write(f"tables/{table.file}.csv", csv(table.frame))
    intro = text("brief.sheet.intro", language, title=sources.title, version=code_version())
    pack.write("tables.xlsx", workbook(tables, intro, Stamp("tables", language, sources.provenances)))


def _tables(sources: Sources) -> Iterator[Sheet]:
    for run in sources.runs:
        of = sources.name_of(run)
        for name, frame in run.tables.items():
            yield Sheet(name, of, frame)
        for attribution in run.attributions:
            arm = f"{of}_{attribution.findings.arm}".lstrip("_")
            for name, frame in attribution.findings.tables().items():
                yield Sheet(PurePosixPath(name).stem, arm, frame)
    for study in sources.studies:
        for name, frame in study.findings.tables().items():
            if name.endswith(".csv"):  # what a study has as Parquet are its single runs
                yield Sheet(PurePosixPath(name).stem, sources.name_of(study), frame)


def _write_index(pack: Pack, stamp: Stamp) -> None:
    """Last of all: a pack with an index is whole."""
    content = {"format": FORMAT, "stamp": json.loads(stamp.text()), "files": pack.files}
    atomic.write_bytes(pack.path / INDEX, f"{json.dumps(content, indent=2)}\n".encode())


def _listed(folder: Path) -> set[str]:
    """The files of the pack that is there; none where its index cannot be read."""
    try:
        content = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return set(content["files"]) if isinstance(content, dict) and content.get("format") == FORMAT else set()
